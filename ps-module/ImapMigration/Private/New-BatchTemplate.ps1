function New-BatchTemplate {
    # What is the same in every batch, and every property in Exchange's order, then ours. ConvertTo-MigrationBatch fills copies of it.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    [OutputType([psobject])]
    param()

    $none, $unlimited = (New-EnumLabel 'None'), (New-Limit 'Unlimited')
    [pscustomobject]@{
        PSTypeName = 'ImapMigration.MigrationBatch'; Identity = $null; Status = $null; State = $null; DataConsistencyScore = $null; Flags = $none
        WorkflowStage = $null; TriggeredAction = $none; BatchGuid = $null; TotalCount = 0; ActiveCount = 0; StoppedCount = 0; SyncedCount = 0
        FinalizedCount = 0; FailedCount = 0; CompletedWithWarningCount = 0; PostMigrationSyncCount = 0; PendingCount = 0; ProvisionedCount = 0
        ValidationWarningCount = 0; ValidationWarnings = $null; Message = $null; CreationDateTime = $null; CreationDateTimeUTC = $null
        StartDateTime = $null; StartDateTimeUTC = $null; InitialSyncDateTime = $null; InitialSyncDateTimeUTC = $null; InitialSyncDuration = $null
        LastSyncedDateTime = $null; LastSyncedDateTimeUTC = $null; FinalizedDateTime = $null; FinalizedDateTimeUTC = $null
        ExpirationDateTime = $null; ExpirationDateTimeUTC = $null; StartAfter = $null; StartAfterUTC = $null; CompleteAfter = $null
        CompleteAfterUTC = $null; SubmittedByUser = $null; OwnerId = $null; OwnerExchangeObjectId = [guid]::Empty; NotificationEmails = $null
        ExcludedFolders = $null; MigrationType = New-EnumLabel 'IMAP'; BatchDirection = New-EnumLabel 'Onboarding'
        Locale = New-Label 'en-US' @{ Name = 'en-US' }; Reports = $null; IsProvisioning = $false; IsLargeArchiveOnboarding = $false
        IsOnboardingRestore = $false; BadItemLimit = $unlimited; LargeItemLimit = $unlimited; MoveOptions = @(); SkipMerging = @(); SkipMoving = @()
        AllowIncrementalSyncs = $false; ReportInterval = $null; SourceEndpoint = $null; TargetEndpoint = $null; TargetDeliveryDomain = $null
        SourcePublicFolderDatabase = $null; TargetDatabases = @(); TargetArchiveDatabases = @(); Update = $false; IsValid = $true
        ObjectState = New-EnumLabel 'Unchanged'; IncludedFolders = $null; TimeZone = $null; TotalItemCount = 0; SyncedItemCount = 0
        SkippedItemCount = 0; BytesTransferred = $null
    }
}
