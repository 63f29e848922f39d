function Get-UserProperty($View) {
    # The properties that a user and its statistics have in common, in order. Plain, as there may be thousands of users.
    $labels = $script:EnumLabels
    $batch = $script:LastBatch
    if ($null -eq $batch -or "$($batch.Guid)" -ne $View.BatchGuid -or $batch -cne $View.BatchId) {
        $batch = New-IdentityLabel $View.BatchId $View.BatchGuid
        $script:LastBatch = $batch
    }
    $synced = $View.LastSuccessfulSyncUnixMs
    if ($null -ne $synced) { $synced = $script:Epoch.AddMilliseconds($synced) }
    foreach ($name in 'Mailbox', 'None', 'Unchanged', $View.Status, $View.StatusSummary, $View.State, $View.DataConsistencyScore) {
        if ($null -ne $name -and $null -eq $labels[$name]) { $null = New-EnumLabel $name }
    }
    $guid = [guid]::new($View.Guid)
    [ordered]@{
        Identity                  = New-IdentityLabel $View.Identity $View.Guid
        Guid                      = $guid
        Identifier                = $View.EmailAddress
        BatchId                   = $batch
        MailboxIdentifier         = $View.EmailAddress
        EmailAddress              = $View.EmailAddress
        MailboxEmailAddress       = $View.EmailAddress
        RecipientType             = $labels['Mailbox']
        SkippedItemCount          = [long]$View.SkippedItemCount
        SyncedItemCount           = [long]$View.SyncedItemCount
        MailboxGuid               = $guid
        LastSuccessfulSyncTime    = $synced
        Status                    = $labels[$View.Status]
        StatusSummary             = $labels[$View.StatusSummary]
        State                     = $labels[$View.State]
        WorkflowStage             = $null
        WorkflowStep              = $null
        TriggeredAction           = $labels['None']
        ErrorSummary              = $View.ErrorSummary
        DataConsistencyScore      = $(if ($null -ne $View.DataConsistencyScore) { $labels[$View.DataConsistencyScore] })
        HasUnapprovedSkippedItems = $false
        StartAfter                = $null
        StartAfterUTC             = $null
        CompleteAfter             = $null
        CompleteAfterUTC          = $null
        IsValid                   = $true
        ObjectState               = $labels['Unchanged']
        UserName                  = $View.UserName
        Waiting                   = $View.Waiting
    }
}
