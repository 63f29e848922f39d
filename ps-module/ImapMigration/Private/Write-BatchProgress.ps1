function Write-BatchProgress {
    # One look at a batch as a progress bar: users, items, amount, rate and time left, with the batch's message below. The meter
    # remembers the first look, from which the rate follows.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Activity,
        [Parameter(Mandatory)] [psobject] $View,
        [Parameter()] [Collections.IDictionary] $Meter = @{}
    )

    $users = $View.SyncedCount + $View.FailedCount + $View.StoppedCount
    $items = $View.SyncedItems + $View.SkippedItems
    $status = '{0}: {1:N0} of {2:N0} users, {3:N0} of {4:N0} items, {5:N1} MB' -f $View.Status, $users, $View.TotalCount, $items, $View.TotalItems, ($View.BytesTransferred / 1MB)
    if (-not $Meter.Contains('Watch')) {
        $Meter.Watch = [Diagnostics.Stopwatch]::StartNew()
        $Meter.Items = $items
        $Meter.Bytes = $View.BytesTransferred
    }
    $bar = @{ Activity = $Activity; PercentComplete = 0 }
    $seconds = $Meter.Watch.Elapsed.TotalSeconds
    if ($seconds -ge 1 -and $View.BytesTransferred -gt $Meter.Bytes) { $status += ' ({0:N1} MB/s)' -f (($View.BytesTransferred - $Meter.Bytes) / 1MB / $seconds) }
    if ($seconds -ge 1 -and $items -gt $Meter.Items) { $bar.SecondsRemaining = [int][math]::Min(([long]$View.TotalItems - $items) * $seconds / ($items - $Meter.Items), [int]::MaxValue) }
    if ($View.TotalItems) { $bar.PercentComplete = [math]::Min(100, [math]::Floor($items * 100 / $View.TotalItems)) }
    if ($View.Message) { $bar.CurrentOperation = "$($View.Message)" }
    Write-Progress @bar -Status $status
}
