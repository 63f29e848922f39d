function ConvertTo-MigrationUser {
    # A user of the library as Exchange shows one; with -Statistics, its numbers too. There may be thousands, and a call of a function
    # takes as long as twenty properties do: a label that all users share is looked up here, and an identity made here.
    [OutputType('ImapMigration.MigrationUser')]
    param(
        [Parameter(Mandatory, ValueFromPipeline)] $View,
        [Parameter()] [bool] $Statistics
    )

    begin {
        $template = $script:UserTemplates[$Statistics]
        if ($null -eq $template) { $template = $script:UserTemplates[$Statistics] = New-UserTemplate $Statistics }
        $labels, $epoch, $batch, $batchGuid = $script:EnumLabels, $script:Epoch, $null, ''
    }

    process {
        foreach ($word in $View.Status, $View.StatusSummary, $View.State, $View.DataConsistencyScore) {
            if ($null -ne $word -and $null -eq $labels[$word]) { $null = New-EnumLabel $word }
        }
        if ($batchGuid -ne $View.BatchGuid -or $batch -cne $View.BatchId) {
            $batch, $batchGuid = (New-IdentityLabel $View.BatchId $View.BatchGuid), $View.BatchGuid
        }
        $guid, $address = [guid]::new($View.Guid), $View.EmailAddress
        $identity = [psobject]::new($View.Identity)
        $notes = $identity.psobject.Properties
        $notes.Add([psnoteproperty]::new('Name', $View.Identity), $true)
        $notes.Add([psnoteproperty]::new('Id', $View.Identity), $true)
        $notes.Add([psnoteproperty]::new('Guid', $guid), $true)

        $user = $template.psobject.Copy()
        $user.Identity = $identity
        $user.Guid = $user.MailboxGuid = $guid
        $user.BatchId = $batch
        $user.Identifier = $user.MailboxIdentifier = $user.EmailAddress = $user.MailboxEmailAddress = $address
        $user.SkippedItemCount = [long]$View.SkippedItemCount
        $user.SyncedItemCount = [long]$View.SyncedItemCount
        if ($null -ne $View.LastSuccessfulSyncUnixMs) { $user.LastSuccessfulSyncTime = $epoch.AddMilliseconds($View.LastSuccessfulSyncUnixMs) }
        $user.Status = $labels[$View.Status]
        $user.StatusSummary = $labels[$View.StatusSummary]
        $user.State = $labels[$View.State]
        $user.ErrorSummary = $View.ErrorSummary
        if ($null -ne $View.DataConsistencyScore) { $user.DataConsistencyScore = $labels[$View.DataConsistencyScore] }
        $user.UserName = $View.UserName
        $user.Waiting = $View.Waiting
        if (-not $Statistics) { return $user }

        $size = New-ByteSize $View.EstimatedTotalTransferBytes
        $user.EstimatedTotalTransferSize = $user.BytesTransferred = $size
        if ($View.BytesTransferred -ne $View.EstimatedTotalTransferBytes) { $user.BytesTransferred = New-ByteSize $View.BytesTransferred }
        $user.TotalItemsInSourceMailboxCount = $user.EstimatedTotalTransferCount = [long]$View.TotalItemsInSourceMailboxCount
        if ($null -ne $View.AverageBytesTransferredPerHour) { $user.AverageBytesTransferredPerHour = New-ByteSize $View.AverageBytesTransferredPerHour }
        if ($null -ne $View.CurrentBytesTransferredPerMinute) { $user.CurrentBytesTransferredPerMinute = New-ByteSize $View.CurrentBytesTransferredPerMinute }
        $user.TotalQueuedDuration = [timespan]::FromMilliseconds($View.QueuedMs)
        $user.TotalInProgressDuration = [timespan]::FromMilliseconds($View.InProgressMs)
        $user.TotalSyncedDuration = [timespan]::FromMilliseconds($View.SyncedMs)
        $user.PercentageComplete = [int]$View.PercentageComplete
        if ($null -ne $View.LastFailureUnixMs) { $user.LastFailureTime = $epoch.AddMilliseconds($View.LastFailureUnixMs) }
        if ($null -ne $View.LastUpdatedUnixMs) { $user.LastUpdatedTime = $epoch.AddMilliseconds($View.LastUpdatedUnixMs) }
        if ($null -ne $View.InitialSeedingCompletedUnixMs) { $user.InitialSeedingCompletedTime = $epoch.AddMilliseconds($View.InitialSeedingCompletedUnixMs) }
        if ($null -ne $View.Error) {
            $user.Error = $View.Error
            if ($null -ne $View.ErrorUnixMs) { $user.ErrorTime = $epoch.AddMilliseconds($View.ErrorUnixMs) }
            foreach ($name in 'ErrorCode', 'ErrorType', 'ErrorSide', 'ErrorHash', 'ErrorHelpUrl') { $user.$name = $View.$name }
        }
        # Lists of their own: a copy shares the template's.
        $user.SkippedItems = @()
        if ($View.SkippedItems) { $user.SkippedItems = @($View.SkippedItems | ConvertTo-SkippedItem) }
        if ($View.Report) {
            $entries = @($View.Report | ConvertTo-ReportEntry)
            $user.Report = New-Label ($entries -join [Environment]::NewLine) @{ Entries = $entries }
        }
        $user.AdoptedItemCount = [long]$View.AdoptedItemCount
        $user.VerifiedItemCount = [long]$View.VerifiedItemCount
        $user.ComparedItemCount = [long]$View.ComparedItemCount
        $user.NotVerifiedItemCount = [long]$View.NotVerifiedItemCount
        $user.TargetPath = $View.TargetPath
        $user
    }
}
