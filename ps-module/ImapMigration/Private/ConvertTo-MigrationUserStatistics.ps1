function ConvertTo-MigrationUserStatistics {
    # A user's numbers as Exchange shows them: its properties, in its order, then ours.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseSingularNouns', '', Justification = 'named after Get-MigrationUserStatistics')]
    [OutputType('ImapMigration.MigrationUserStatistics')]
    param(
        [Parameter(Mandatory, ValueFromPipeline)] $View
    )

    process {
        $known = $View.psobject.Properties
        $statistics = Get-UserProperty $View
        $statistics.Insert(0, 'PSTypeName', 'ImapMigration.MigrationUserStatistics')
        $report = $null
        if ($View.Report) {
            $entries = @($View.Report | ConvertTo-ReportEntry)
            $report = New-Label ($entries -join [Environment]::NewLine) @{ Entries = $entries }
        }
        $skipped = @()
        if ($View.SkippedItems) { $skipped = @($View.SkippedItems | ConvertTo-SkippedItem) }
        $average, $current = $View.AverageBytesTransferredPerHour, $View.CurrentBytesTransferredPerMinute
        if ($null -ne $average) { $average = New-ByteSize $average }
        if ($null -ne $current) { $current = New-ByteSize $current }
        # By index: the method Add would take the notes off the labels.
        $statistics['MigrationType'] = New-EnumLabel 'IMAP'
        $statistics['TotalItemsInSourceMailboxCount'] = [long]$View.TotalItemsInSourceMailboxCount
        $statistics['EstimatedTotalTransferSize'] = New-ByteSize $View.EstimatedTotalTransferBytes
        $statistics['EstimatedTotalTransferCount'] = [long]$View.TotalItemsInSourceMailboxCount
        $statistics['BytesTransferred'] = New-ByteSize $View.BytesTransferred
        $statistics['AverageBytesTransferredPerHour'] = $average
        $statistics['CurrentBytesTransferredPerMinute'] = $current
        $statistics['TotalQueuedDuration'] = [timespan]::FromMilliseconds($View.QueuedMs)
        $statistics['TotalInProgressDuration'] = [timespan]::FromMilliseconds($View.InProgressMs)
        $statistics['TotalSyncedDuration'] = [timespan]::FromMilliseconds($View.SyncedMs)
        $statistics['TotalStalledDuration'] = [timespan]::Zero
        $statistics['PercentageComplete'] = [int]$View.PercentageComplete
        foreach ($name in 'LastFailure', 'LastUpdated', 'InitialSeedingCompleted') {
            $statistics["${name}Time"] = $null
            if ($known["${name}UnixMs"]) { $statistics["${name}Time"] = ConvertFrom-UnixTime $known["${name}UnixMs"].Value }
        }
        $statistics['Error'] = $View.Error
        $statistics['ErrorTime'] = $null
        if ($known['ErrorUnixMs']) { $statistics['ErrorTime'] = ConvertFrom-UnixTime $known['ErrorUnixMs'].Value }
        foreach ($name in 'ErrorCode', 'ErrorType', 'ErrorSide', 'ErrorHash', 'ErrorHelpUrl') {
            $statistics[$name] = $null
            if ($known[$name]) { $statistics[$name] = $known[$name].Value }
        }
        $statistics['SkippedItems'] = $skipped
        $statistics['Report'] = $report
        $statistics['DiagnosticInfo'] = $null
        $statistics['AdoptedItemCount'] = [long]$View.AdoptedItemCount
        $statistics['VerifiedItemCount'] = [long]$View.VerifiedItemCount
        $statistics['ComparedItemCount'] = [long]$View.ComparedItemCount
        $statistics['NotVerifiedItemCount'] = [long]$View.NotVerifiedItemCount
        $statistics['TargetPath'] = $View.TargetPath
        [pscustomobject]$statistics
    }
}
