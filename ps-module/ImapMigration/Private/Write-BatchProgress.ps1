function Write-BatchProgress {
    # One look at a batch as a progress bar: percent, users, items.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Activity,
        [Parameter(Mandatory)] [psobject] $View
    )

    $users = $View.SyncedCount + $View.FailedCount + $View.StoppedCount
    $items = $View.SyncedItems + $View.SkippedItems
    $status = '{0}: {1:N0} of {2:N0} users, {3:N0} of {4:N0} items' -f $View.Status, $users, $View.TotalCount, $items, $View.TotalItems
    $percent = 0
    if ($View.TotalItems) { $percent = [math]::Min(100, [math]::Floor($items * 100 / $View.TotalItems)) }
    Write-Progress -Activity $Activity -Status $status -PercentComplete $percent
}
