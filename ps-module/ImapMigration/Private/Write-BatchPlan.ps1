function Write-BatchPlan($Cmdlet, $Identity) {
    # Says for -Verbose how a batch stands, what the worker does with it next, and how many of its users are synced at once.
    if ($VerbosePreference -eq 'SilentlyContinue') { return }
    $answer = Invoke-Native $Cmdlet 'batch_list' @{ Identity = $Identity }
    # The batch may be gone by now.
    if ($null -eq $answer -or -not @($answer.Batches)) { return }
    $view = @($answer.Batches)[0]
    $next = switch ($view.Status) {
        'Stopped' { 'Nothing is done with it before Start-MigrationBatch.' }
        'Created' { 'Nothing is done with it before Start-MigrationBatch.' }
        'Stopping' { 'Users at work finish the messages that are on their way, and no other user begins.' }
        'Completing' { 'Each user gets a final sync, and then the batch is completed.' }
        'Completed' { 'It is not synced any more.' }
        'CompletedWithErrors' { 'It is not synced any more.' }
        'Removing' { 'The worker removes it with its users; migrated mail stays at the target.' }
        default { 'The worker syncs its users as soon as their turn comes.' }
    }
    if ($null -ne $view.StartAfterUnixMs -and 'Starting', 'Waiting' -contains $view.Status) {
        $next = "The worker begins at $((ConvertFrom-UnixTime $view.StartAfterUnixMs).ToString('u', [Globalization.CultureInfo]::InvariantCulture)), unless that has passed (-StartAfter)."
    }
    Write-Decision "Migration batch ""$($view.Identity)"" is $($view.Status), with $($view.TotalCount) users from ""$($view.SourceEndpoint)"" to ""$($view.TargetEndpoint)"". $next"
    if ('Starting', 'Waiting', 'Syncing', 'Synced', 'SyncedWithErrors', 'IncrementalSyncing', 'Completing' -notcontains $view.Status) { return }
    if ($null -ne $view.CompleteAfterUnixMs) {
        Write-Decision "A user that is in step gets its final sync from $((ConvertFrom-UnixTime $view.CompleteAfterUnixMs).ToString('u', [Globalization.CultureInfo]::InvariantCulture)) on (-CompleteAfter)."
    } elseif (-not $view.AllowIncrementalSyncs) {
        Write-Decision 'The batch stops after the initial sync of its users (-AllowIncrementalSyncs $false).'
    }
    $limit = Find-Limit $Cmdlet $view
    if ($limit) { Write-Decision $limit }
}
