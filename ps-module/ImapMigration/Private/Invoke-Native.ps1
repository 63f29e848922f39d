function Invoke-Native($Cmdlet, $Function, $Request = @{}, $Activity = 'ImapMigration') {
    # The one way into the library: request to bytes, call, reply to object. What takes longer than a moment is waited for. An
    # error becomes a non-terminating error of the calling cmdlet, and nothing is returned.
    $script:Failure = $null
    $answer = $native = $null
    # PowerShell makes a string of a row where a parameter wants one, and an error of the library may repeat it.
    foreach ($name in $Request.Keys) {
        if ($name -like '*After' -or $Request[$name] -isnot [string] -or -not (Test-Row $Request[$name])) { continue }
        $script:Failure = New-UsageError "The value of -$name looks like a row or a line of a CSV file. Pass one word or name."
        break
    }
    $watch = $null
    if ($DebugPreference -ne 'SilentlyContinue') { $watch = [Diagnostics.Stopwatch]::StartNew() }
    try {
        if ($null -eq $script:Failure) { $native = Get-Native }
        if ($native) { $engine = Get-Engine $native }
        if ($null -eq $script:Failure) { $answer = Invoke-NativeFunction $native $engine $Function $Request }
        if ($null -ne $answer -and $answer.psobject.Properties['OperationId']) {
            $answer = Wait-Operation $native $engine $answer.OperationId $Activity
        }
    } catch {
        $script:Failure = New-CaughtErrorRecord $_
    }
    if ($watch) {
        # Names alone: values may be secrets.
        $end = 'returned'
        if ($null -ne $script:Failure) { $end = "failed with $("$($script:Failure.FullyQualifiedErrorId)".Split(',')[0])" }
        $Cmdlet.WriteDebug("imapmig_$Function($(@($Request.Keys | Sort-Object) -join ', ')) $end after $($watch.ElapsedMilliseconds) ms; library $script:NativePath, state directory $(Get-StateDirectory)")
    }
    if ($null -eq $script:Failure) { return $answer }
    $Cmdlet.WriteError($script:Failure)
}
