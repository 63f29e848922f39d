function Get-UserProperty {
    # The properties that a user and its statistics have in common, in order.
    [CmdletBinding()]
    [OutputType([Collections.Specialized.OrderedDictionary])]
    param(
        [Parameter(Mandatory)] [psobject] $View
    )

    [ordered]@{
        Identity                  = New-IdentityLabel $View.Identity $View.Guid
        Guid                      = [guid]$View.Guid
        Identifier                = $View.EmailAddress
        BatchId                   = New-IdentityLabel $View.BatchId $View.BatchGuid
        MailboxIdentifier         = $View.EmailAddress
        EmailAddress              = $View.EmailAddress
        MailboxEmailAddress       = $View.EmailAddress
        RecipientType             = New-EnumLabel 'Mailbox'
        SkippedItemCount          = [long]$View.SkippedItemCount
        SyncedItemCount           = [long]$View.SyncedItemCount
        MailboxGuid               = [guid]$View.Guid
        LastSuccessfulSyncTime    = ConvertFrom-UnixTime $View.LastSuccessfulSyncUnixMs
        Status                    = New-EnumLabel $View.Status
        StatusSummary             = New-EnumLabel $View.StatusSummary
        State                     = New-EnumLabel $View.State
        WorkflowStage             = $null
        WorkflowStep              = $null
        TriggeredAction           = New-EnumLabel 'None'
        ErrorSummary              = $View.ErrorSummary
        DataConsistencyScore      = New-EnumLabel $View.DataConsistencyScore
        HasUnapprovedSkippedItems = $false
        StartAfter                = $null
        StartAfterUTC             = $null
        CompleteAfter             = $null
        CompleteAfterUTC          = $null
        IsValid                   = $true
        ObjectState               = New-EnumLabel 'Unchanged'
        UserName                  = $View.UserName
        Waiting                   = $View.Waiting
    }
}
