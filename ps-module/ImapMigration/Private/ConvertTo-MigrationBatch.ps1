function ConvertTo-MigrationBatch {
    # A batch of the library as Exchange shows one: its properties, in its order, then ours.
    [OutputType('ImapMigration.MigrationBatch')]
    param(
        [Parameter(Mandatory, ValueFromPipeline)] $View
    )

    process {
        $zone = Find-TimeZone $View.TimeZone
        $foreign = $null -ne $zone -and $zone.Id -ne 'UTC'
        $utc = @{}
        $local = @{}
        foreach ($name in 'Creation', 'Start', 'InitialSync', 'LastSynced', 'Finalized', 'StartAfter', 'CompleteAfter') {
            $instant = $View."${name}UnixMs"
            if ($null -ne $instant) { $instant = $script:Epoch.AddMilliseconds($instant) }
            $utc[$name] = $local[$name] = $instant
            if ($null -ne $instant -and $foreign) { $local[$name] = [TimeZoneInfo]::ConvertTimeFromUtc($instant, $zone) }
        }
        $warnings = @(foreach ($warning in $View.ValidationWarnings) {
            $notes = [ordered]@{ RowIndex = $warning.RowIndex; EmailAddress = $warning.EmailAddress; Message = $warning.Message }
            $row = "Row $($warning.RowIndex)"
            $text = "${row}: $($warning.Message)"
            # One of Exchange's sentences begins so itself.
            if ("$($warning.Message)".StartsWith($row)) { $text = $warning.Message }
            New-Label $text $notes
        })
        $reports = @()
        if ($View.Reports) { $reports = @($View.Reports | ConvertTo-ReportEntry) }
        [pscustomobject]@{
            PSTypeName                 = 'ImapMigration.MigrationBatch'
            Identity                   = New-IdentityLabel $View.Identity $View.BatchGuid
            Status                     = New-EnumLabel $View.Status
            State                      = New-EnumLabel $View.State
            DataConsistencyScore       = New-EnumLabel $View.DataConsistencyScore
            Flags                      = New-EnumLabel 'None'
            WorkflowStage              = $null
            TriggeredAction            = New-EnumLabel 'None'
            BatchGuid                  = [guid]::new($View.BatchGuid)
            TotalCount                 = [int]$View.TotalCount
            ActiveCount                = [int]$View.ActiveCount
            StoppedCount               = [int]$View.StoppedCount
            SyncedCount                = [int]$View.SyncedCount
            FinalizedCount             = [int]$View.FinalizedCount
            FailedCount                = [int]$View.FailedCount
            CompletedWithWarningCount  = 0
            PostMigrationSyncCount     = 0
            PendingCount               = [int]$View.PendingCount
            ProvisionedCount           = 0
            ValidationWarningCount     = $warnings.Count
            ValidationWarnings         = $warnings
            Message                    = $View.Message
            CreationDateTime           = $local.Creation
            CreationDateTimeUTC        = $utc.Creation
            StartDateTime              = $local.Start
            StartDateTimeUTC           = $utc.Start
            InitialSyncDateTime        = $local.InitialSync
            InitialSyncDateTimeUTC     = $utc.InitialSync
            InitialSyncDuration        = ConvertFrom-Duration $View.InitialSyncDurationMs
            LastSyncedDateTime         = $local.LastSynced
            LastSyncedDateTimeUTC      = $utc.LastSynced
            FinalizedDateTime          = $local.Finalized
            FinalizedDateTimeUTC       = $utc.Finalized
            ExpirationDateTime         = $null
            ExpirationDateTimeUTC      = $null
            StartAfter                 = $local.StartAfter
            StartAfterUTC              = $utc.StartAfter
            CompleteAfter              = $local.CompleteAfter
            CompleteAfterUTC           = $utc.CompleteAfter
            SubmittedByUser            = $View.SubmittedByUser
            OwnerId                    = $View.SubmittedByUser
            OwnerExchangeObjectId      = [guid]::Empty
            NotificationEmails         = @($View.NotificationEmails)
            ExcludedFolders            = @($View.ExcludeFolders)
            MigrationType              = New-EnumLabel 'IMAP'
            BatchDirection             = New-EnumLabel 'Onboarding'
            Locale                     = New-Label 'en-US' @{ Name = 'en-US' }
            Reports                    = $reports
            IsProvisioning             = $false
            IsLargeArchiveOnboarding   = $false
            IsOnboardingRestore        = $false
            BadItemLimit               = New-Limit 'Unlimited'
            LargeItemLimit             = New-Limit 'Unlimited'
            MoveOptions                = @()
            SkipMerging                = @()
            SkipMoving                 = @()
            AllowIncrementalSyncs      = [bool]$View.AllowIncrementalSyncs
            ReportInterval             = ConvertFrom-Duration $View.ReportIntervalMs
            SourceEndpoint             = New-EndpointLabel $View.SourceEndpoint
            TargetEndpoint             = New-EndpointLabel $View.TargetEndpoint
            TargetDeliveryDomain       = $null
            SourcePublicFolderDatabase = $null
            TargetDatabases            = @()
            TargetArchiveDatabases     = @()
            Update                     = $false
            IsValid                    = $true
            ObjectState                = New-EnumLabel 'Unchanged'
            IncludedFolders            = @($View.IncludeFolders)
            TimeZone                   = $View.TimeZone
            TotalItemCount             = [long]$View.TotalItems
            SyncedItemCount            = [long]$View.SyncedItems
            SkippedItemCount           = [long]$View.SkippedItems
            BytesTransferred           = New-ByteSize $View.BytesTransferred
        }
    }
}
