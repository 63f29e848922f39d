function Find-Limit($Cmdlet, $View) {
    # The smallest of the limits that hold for a batch's initial syncs, as a sentence; nothing where there is none.
    $limits = [ordered]@{}
    foreach ($name in @($View.SourceEndpoint, $View.TargetEndpoint) | Select-Object -Unique) {
        $answer = Invoke-Native $Cmdlet 'endpoint_list' @{ Identity = $name }
        if ($null -ne $answer) { foreach ($endpoint in $answer.Endpoints) { $limits["MaxConcurrentMigrations of endpoint ""$name"""] = $endpoint.MaxConcurrentMigrations } }
    }
    $config = Invoke-Native $Cmdlet 'config_get'
    if ($null -ne $config) { $limits['MaxConcurrentMigrations of Get-MigrationConfig'] = $config.MaxConcurrentMigrations }
    $least, $of = $null, $null
    foreach ($name in $limits.Keys) {
        if ("$($limits[$name])" -eq 'Unlimited' -or ($null -ne $least -and $least -le $limits[$name])) { continue }
        $least, $of = $limits[$name], $name
    }
    if ($null -ne $least) { "Up to $least users are synced at once: $of." }
}
