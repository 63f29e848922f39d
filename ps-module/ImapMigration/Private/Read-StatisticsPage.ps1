function Read-StatisticsPage($Cmdlet, $View, $List, $Most, $Page) {
    # Completes the report or the skipped items of a user's statistics, of which the reply had the first page.
    $items = [Collections.Generic.List[object]]::new(@($View.$List))
    $next = $View.psobject.Properties["Next$List"]
    while ($next -and $items.Count -lt $Most) {
        # The other list is there already.
        $request = @{
            Identity = $View.Guid; IncludeReport = $List -eq 'Report'; IncludeSkippedItems = $List -eq 'SkippedItems'
            LimitReportTo = $Page; LimitSkippedItemsTo = [math]::Min($Most - $items.Count, $Page); "${List}After" = $next.Value
        }
        $more = Invoke-Native $Cmdlet 'user_statistics' $request
        if ($null -eq $more) { break }
        $items.AddRange(@($more.$List))
        $next = $more.psobject.Properties["Next$List"]
    }
    $View.$List = $items
}
