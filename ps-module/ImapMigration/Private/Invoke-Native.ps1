function Invoke-Native($Cmdlet, $Function, $Request = @{}, $Activity = 'ImapMigration') {
    # The one way into the library: request to bytes, call, reply to object. What takes longer than a moment is waited for. An
    # error in the reply becomes a non-terminating error of the calling cmdlet, and nothing is returned.
    try {
        $native = Get-Native
        $engine = Get-Engine $native
        $answer = Invoke-NativeFunction $native $engine $Function $Request
        if ($null -ne $answer -and $answer.psobject.Properties['OperationId']) {
            $answer = Wait-Operation $native $engine $answer.OperationId $Activity
        }
    } catch {
        $Cmdlet.WriteError((New-NativeErrorRecord $_))
        return
    }
    $answer
}
