function New-UserTemplate {
    # What is the same in every user, and every property in Exchange's order, then ours. ConvertTo-MigrationUser fills copies of it:
    # to copy an object costs a tenth of what it costs to make one.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    [OutputType([psobject])]
    param([bool] $Statistics)

    $none = New-EnumLabel 'None'
    $all = [ordered]@{
        PSTypeName = 'ImapMigration.MigrationUser'; Identity = $null; Guid = $null; Identifier = $null; BatchId = $null; MailboxIdentifier = $null
        EmailAddress = $null; MailboxEmailAddress = $null; RecipientType = New-EnumLabel 'Mailbox'; SkippedItemCount = $null; SyncedItemCount = $null
        MailboxGuid = $null; LastSuccessfulSyncTime = $null; Status = $null; StatusSummary = $null; State = $null; WorkflowStage = $null
        WorkflowStep = $null; TriggeredAction = $none; ErrorSummary = $null; DataConsistencyScore = $null; HasUnapprovedSkippedItems = $false
        StartAfter = $null; StartAfterUTC = $null; CompleteAfter = $null; CompleteAfterUTC = $null; IsValid = $true
        ObjectState = New-EnumLabel 'Unchanged'; UserName = $null; Waiting = $null
    }
    if ($Statistics) {
        $all.PSTypeName = 'ImapMigration.MigrationUserStatistics'
        # By index: the method Add would take the notes off a label.
        $all['MigrationType'] = New-EnumLabel 'IMAP'
        foreach ($name in 'TotalItemsInSourceMailboxCount', 'EstimatedTotalTransferSize', 'EstimatedTotalTransferCount', 'BytesTransferred',
            'AverageBytesTransferredPerHour', 'CurrentBytesTransferredPerMinute', 'TotalQueuedDuration', 'TotalInProgressDuration',
            'TotalSyncedDuration', 'TotalStalledDuration', 'PercentageComplete', 'LastFailureTime', 'LastUpdatedTime',
            'InitialSeedingCompletedTime', 'Error', 'ErrorTime', 'ErrorCode', 'ErrorType', 'ErrorSide', 'ErrorHash', 'ErrorHelpUrl',
            'SkippedItems', 'Report', 'DiagnosticInfo', 'AdoptedItemCount', 'VerifiedItemCount', 'ComparedItemCount', 'NotVerifiedItemCount', 'TargetPath') { $all[$name] = $null }
        $all['TotalStalledDuration'] = [timespan]::Zero
    }
    [pscustomobject]$all
}
