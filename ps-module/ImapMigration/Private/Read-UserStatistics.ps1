function Read-UserStatistics {
    # Writes the statistics of several users with one call of the library. What the cmdlet asked for goes along; long reports and lists
    # of skipped items come in pages, as ConvertFrom-Json of 5.1 reads 2 MB at most. A user that is not there is an error of its own.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseSingularNouns', '', Justification = 'named after Get-MigrationUserStatistics')]
    param($Cmdlet, $Identities, $Report, $SkippedItems, $Limit)

    $page = 1000
    $shared = @{ IncludeReport = $Report; IncludeSkippedItems = $SkippedItems; LimitReportTo = $page; LimitSkippedItemsTo = [math]::Min($Limit, $page) }
    $answer = Invoke-Native $Cmdlet 'user_statistics_list' ($shared + @{ Identities = $Identities })
    if ($null -eq $answer) { return }
    foreach ($result in $answer.Results) {
        if ($result.Error) {
            $Cmdlet.WriteError((New-NativeErrorRecord $result.Error))
            continue
        }
        $view = $result.Statistics
        foreach ($list in @{ Items = 'Report'; Next = 'NextReport'; After = 'ReportAfter'; Most = [int]::MaxValue },
            @{ Items = 'SkippedItems'; Next = 'NextSkippedItems'; After = 'SkippedItemsAfter'; Most = $Limit }) {
            $next = $view.psobject.Properties[$list.Next]
            if (-not $next) { continue }
            $items = [Collections.Generic.List[object]]::new(@($view.($list.Items)))
            while ($next -and $items.Count -lt $list.Most) {
                # The other list is there already.
                $request = @{
                    Identity = $view.Guid; IncludeReport = $list.Items -eq 'Report'; IncludeSkippedItems = $list.Items -eq 'SkippedItems'
                    LimitReportTo = $page; LimitSkippedItemsTo = [math]::Min($list.Most - $items.Count, $page)
                }
                $request[$list.After] = $next.Value
                $more = Invoke-Native $Cmdlet 'user_statistics' $request
                if ($null -eq $more) { break }
                $items.AddRange(@($more.($list.Items)))
                $next = $more.psobject.Properties[$list.Next]
            }
            $view.($list.Items) = $items
        }
        ConvertTo-MigrationUserStatistics $view
    }
}
