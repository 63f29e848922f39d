function Read-UserStatistics {
    # Writes the statistics of several users with one call of the library. What the cmdlet asked for goes along; long reports and lists
    # of skipped items come in pages, as ConvertFrom-Json of 5.1 reads 2 MB at most. A user that is not there is an error of its own.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseSingularNouns', '', Justification = 'named after Get-MigrationUserStatistics')]
    param($Cmdlet, $Identities, $Report, $SkippedItems, $Limit)

    $page = 1000
    $shared = @{ IncludeReport = $Report; IncludeSkippedItems = $SkippedItems; LimitReportTo = $page; LimitSkippedItemsTo = [math]::Min($Limit, $page) }
    $answer = Invoke-Native $Cmdlet 'user_statistics_list' ($shared + @{ Identities = $Identities })
    if ($null -eq $answer) { return }
    $found = {
        foreach ($result in $answer.Results) {
            if ($result.Error) { $Cmdlet.WriteError((New-NativeErrorRecord $result.Error)); continue }
            $view = $result.Statistics
            if ($view.psobject.Properties['NextReport']) { Read-StatisticsPage $Cmdlet $view 'Report' ([int]::MaxValue) $page }
            if ($view.psobject.Properties['NextSkippedItems']) { Read-StatisticsPage $Cmdlet $view 'SkippedItems' $Limit $page }
            $view
        }
    }
    & $found | ConvertTo-MigrationUser -Statistics $true
}
