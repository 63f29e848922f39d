function ConvertTo-MigrationBatch {
    # A batch of the library as Exchange shows one (see New-BatchTemplate).
    [OutputType('ImapMigration.MigrationBatch')]
    param(
        [Parameter(Mandatory, ValueFromPipeline)] $View
    )

    begin {
        if ($null -eq $script:BatchTemplate) { $script:BatchTemplate = New-BatchTemplate }
        $template, $epoch, $labels, $endpoints = $script:BatchTemplate, $script:Epoch, $script:EnumLabels, $script:EndpointLabels
    }

    process {
        foreach ($word in $View.Status, $View.State, $View.DataConsistencyScore) {
            if ($null -ne $word -and $null -eq $labels[$word]) { $null = New-EnumLabel $word }
        }
        foreach ($name in $View.SourceEndpoint, $View.TargetEndpoint) {
            if ($name -and $null -eq $endpoints[$name]) { $null = New-EndpointLabel $name }
        }
        $batch = $template.psobject.Copy()
        $batch.Identity = New-IdentityLabel $View.Identity $View.BatchGuid
        $batch.BatchGuid = $batch.Identity.Guid
        $batch.Status = $labels[$View.Status]
        $batch.State = $labels[$View.State]
        if ($null -ne $View.DataConsistencyScore) { $batch.DataConsistencyScore = $labels[$View.DataConsistencyScore] }
        $batch.TotalCount = [int]$View.TotalCount
        $batch.ActiveCount = [int]$View.ActiveCount
        $batch.StoppedCount = [int]$View.StoppedCount
        $batch.SyncedCount = [int]$View.SyncedCount
        $batch.FinalizedCount = [int]$View.FinalizedCount
        $batch.FailedCount = [int]$View.FailedCount
        $batch.PendingCount = [int]$View.PendingCount
        # Lists of their own: a copy shares the template's.
        $warnings = @(foreach ($warning in $View.ValidationWarnings) { ConvertTo-ValidationWarning $warning })
        $batch.ValidationWarningCount = $warnings.Count
        $batch.ValidationWarnings = $warnings
        $batch.Message = $View.Message
        $zone = $null
        if ($View.TimeZone -and $View.TimeZone -ne 'UTC') { $zone = Find-TimeZone $View.TimeZone }
        foreach ($time in @('CreationDateTime', $View.CreationUnixMs), @('StartDateTime', $View.StartUnixMs), @('InitialSyncDateTime', $View.InitialSyncUnixMs),
            @('LastSyncedDateTime', $View.LastSyncedUnixMs), @('FinalizedDateTime', $View.FinalizedUnixMs), @('ExpirationDateTime', $View.ExpirationUnixMs),
            @('StartAfter', $View.StartAfterUnixMs), @('CompleteAfter', $View.CompleteAfterUnixMs)) {
            if ($null -eq $time[1]) { continue }
            $instant = $epoch.AddMilliseconds($time[1])
            $batch."$($time[0])UTC" = $instant
            if ($null -ne $zone) { $instant = [TimeZoneInfo]::ConvertTimeFromUtc($instant, $zone) }
            $batch.($time[0]) = $instant
        }
        if ($null -ne $View.InitialSyncDurationMs) { $batch.InitialSyncDuration = [timespan]::FromMilliseconds($View.InitialSyncDurationMs) }
        $batch.SubmittedByUser = $batch.OwnerId = $View.SubmittedByUser
        $batch.NotificationEmails = @($View.NotificationEmails)
        $batch.ExcludedFolders = @($View.ExcludeFolders)
        $batch.Reports = @()
        if ($View.Reports) { $batch.Reports = @($View.Reports | ConvertTo-ReportEntry) }
        $batch.AllowIncrementalSyncs = [bool]$View.AllowIncrementalSyncs
        if ($null -ne $View.ReportIntervalMs) { $batch.ReportInterval = [timespan]::FromMilliseconds($View.ReportIntervalMs) }
        if ($View.SourceEndpoint) { $batch.SourceEndpoint = $endpoints[$View.SourceEndpoint] }
        if ($View.TargetEndpoint) { $batch.TargetEndpoint = $endpoints[$View.TargetEndpoint] }
        $batch.IncludedFolders = @($View.IncludeFolders)
        $batch.TimeZone = $View.TimeZone
        $batch.TotalItemCount = [long]$View.TotalItems
        $batch.SyncedItemCount = [long]$View.SyncedItems
        $batch.SkippedItemCount = [long]$View.SkippedItems
        $batch.BytesTransferred = New-ByteSize $View.BytesTransferred
        $batch
    }
}
