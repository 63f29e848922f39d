function Read-Confirmation($Cmdlet, $Identity, $IncludeFindings) {
    # A batch's last confirmation, if wanted with all its findings, which come in pages.
    $request = @{ Identity = $Identity; IncludeFindings = [bool]$IncludeFindings; LimitFindingsTo = 1000 }
    $first = $null
    $findings = [Collections.Generic.List[object]]::new()
    while ($true) {
        $answer = Invoke-Native $Cmdlet 'batch_confirmation' $request
        if ($null -eq $answer) { return }
        $view = $answer.Confirmations[0]
        if ($null -eq $first) { $first = $view }
        foreach ($finding in $view.Findings) { $findings.Add($finding) }
        $next = $view.psobject.Properties['NextFindings']
        if (-not $next -or -not $next.Value) { break }
        $request.FindingsAfter = $next.Value
    }
    $first.Findings = $findings.ToArray()
    $first
}
