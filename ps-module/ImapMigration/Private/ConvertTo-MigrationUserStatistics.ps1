function ConvertTo-MigrationUserStatistics {
    # A user's numbers as Exchange shows them: its properties, in its order, then ours.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseSingularNouns', '', Justification = 'named after Get-MigrationUserStatistics')]
    [CmdletBinding()]
    [OutputType('ImapMigration.MigrationUserStatistics')]
    param(
        [Parameter(Mandatory, ValueFromPipeline)] [psobject] $View
    )

    process {
        $statistics = Get-UserProperty $View
        $statistics.Insert(0, 'PSTypeName', 'ImapMigration.MigrationUserStatistics')
        $entries = @($View.Report | ConvertTo-ReportEntry)
        $report = $null
        if ($entries) { $report = New-Label ($entries -join [Environment]::NewLine) @{ Entries = $entries } }
        $more = [ordered]@{
            MigrationType                    = New-EnumLabel 'IMAP'
            TotalItemsInSourceMailboxCount   = [long]$View.TotalItemsInSourceMailboxCount
            EstimatedTotalTransferSize       = New-ByteSize $View.EstimatedTotalTransferBytes
            EstimatedTotalTransferCount      = [long]$View.TotalItemsInSourceMailboxCount
            BytesTransferred                 = New-ByteSize $View.BytesTransferred
            AverageBytesTransferredPerHour   = New-ByteSize $View.AverageBytesTransferredPerHour
            CurrentBytesTransferredPerMinute = New-ByteSize $View.CurrentBytesTransferredPerMinute
            TotalQueuedDuration              = ConvertFrom-Duration $View.QueuedMs
            TotalInProgressDuration          = ConvertFrom-Duration $View.InProgressMs
            TotalSyncedDuration              = ConvertFrom-Duration $View.SyncedMs
            TotalStalledDuration             = [timespan]::Zero
            PercentageComplete               = [int]$View.PercentageComplete
            Error                            = $View.Error
            SkippedItems                     = @($View.SkippedItems | ConvertTo-SkippedItem)
            Report                           = $report
            DiagnosticInfo                   = $null
            AdoptedItemCount                 = [long]$View.AdoptedItemCount
            VerifiedItemCount                = [long]$View.VerifiedItemCount
            TargetPath                       = $View.TargetPath
        }
        # By index: the method Add would take the notes off the labels.
        foreach ($entry in $more.GetEnumerator()) { $statistics[$entry.Key] = $entry.Value }
        [pscustomobject]$statistics
    }
}
