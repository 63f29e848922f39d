function Write-UserProgress {
    # The users of a batch that are copied at this moment, as bars below the batch's: five at most. Shown holds the bars of the look
    # before, by user, so that a user keeps its line and a finished one's line goes away.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [string] $Batch,
        [Parameter(Mandatory)] [AllowEmptyCollection()] [Collections.IDictionary] $Shown
    )

    $active = @{}
    foreach ($status in 'Syncing', 'IncrementalSyncing') {
        $answer = Invoke-Native $Cmdlet 'user_list' @{ BatchId = $Batch; Status = $status; ResultSize = 5 }
        if ($null -eq $answer) { return }
        foreach ($user in $answer.Users) { if ($active.Count -lt 5) { $active[$user.Guid] = $user } }
    }
    foreach ($guid in @($Shown.Keys)) {
        if ($active.ContainsKey($guid)) { continue }
        Write-Progress -Id $Shown[$guid] -Activity 'user' -Completed
        $Shown.Remove($guid)
    }
    foreach ($guid in $active.Keys) {
        $view = Invoke-Native $Cmdlet 'user_statistics' @{ Identity = $guid }
        if ($null -eq $view) { continue }
        if (-not $Shown.Contains($guid)) { $Shown[$guid] = 1..5 | Where-Object { $Shown.Values -notcontains $_ } | Select-Object -First 1 }
        $status = '{0:N0} of {1:N0} items, {2:N1} of {3:N1} MB' -f ($view.SyncedItemCount + $view.SkippedItemCount), $view.TotalItemsInSourceMailboxCount,
        ($view.BytesTransferred / 1MB), ($view.EstimatedTotalTransferBytes / 1MB)
        if ($view.Waiting) { $status = "$($view.Waiting)" }
        Write-Progress -Id $Shown[$guid] -ParentId 0 -Activity "$($view.Identity)" -Status $status -PercentComplete ([math]::Min(100, [int]$view.PercentageComplete))
    }
}
