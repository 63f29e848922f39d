function Invoke-Native($Cmdlet, $Function, $Request = @{}, $Activity = 'ImapMigration') {
    # The one way into the library: request to bytes, call, reply to object. What takes longer than a moment is waited for. An
    # error becomes a non-terminating error of the calling cmdlet, and nothing is returned.
    $script:Failure = $null
    $answer = $null
    try {
        $native = Get-Native
        if ($native) { $engine = Get-Engine $native }
        if ($null -eq $script:Failure) { $answer = Invoke-NativeFunction $native $engine $Function $Request }
        if ($null -ne $answer -and $answer.psobject.Properties['OperationId']) {
            $answer = Wait-Operation $native $engine $answer.OperationId $Activity
        }
    } catch {
        $script:Failure = New-CaughtErrorRecord $_
    }
    if ($null -eq $script:Failure) { return $answer }
    $Cmdlet.WriteError($script:Failure)
}
