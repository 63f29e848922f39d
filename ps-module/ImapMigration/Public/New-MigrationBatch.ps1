function New-MigrationBatch {
    <#
    .SYNOPSIS
    Creates a migration batch from a CSV file.
    .DESCRIPTION
    The CSV file has a row for each user: EmailAddress, UserName, Password and, where an administrator opens shared folders, UserRoot.
    Rows that cannot be used become warnings with their line numbers, and are listed in ValidationWarnings; the others are migrated.
    Mail goes to -TargetEndpoint. If that is omitted, it goes to the target that Set-MigrationConfig names, and otherwise to the local
    store.
    .PARAMETER Name
    The batch's name, at most 64 characters.
    .PARAMETER CSVData
    The bytes of the CSV file, as [System.IO.File]::ReadAllBytes returns them. Its columns are EmailAddress, UserName and Password, and where they are needed UserRoot, TargetUserName and TargetPassword. With a source that signs in by OAuth (Microsoft 365, or -Authentication OAuth) Password may be omitted; UserName is then the mailbox that is opened.
    .PARAMETER SourceEndpoint
    Where mail comes from: an endpoint's name, the object that Get-MigrationEndpoint returns, or that object's Identity.
    .PARAMETER TargetEndpoint
    Where mail goes: an endpoint, or Local for the local store. If omitted, the target that Set-MigrationConfig names.
    .PARAMETER AutoStart
    Starts the batch at once.
    .PARAMETER StartAfter
    Does not start before this time. A time without a time zone is read in -TimeZone.
    .PARAMETER CompleteAfter
    Gives users their final sync from this time on, as soon as they are synced, and completes the batch with the last one. A time without a time zone is read in -TimeZone.
    .PARAMETER TimeZone
    The time zone in which the batch shows its times; the default is UTC.
    .PARAMETER ExcludeFolders
    Folders to leave out. Folder/* is a folder and everything below it. #Inbox#, #SentItems#, #DeletedItems#, #Drafts#, #JunkEmail# and other such names stand for the well-known folders, whatever their names are.
    .PARAMETER IncludeFolders
    The only folders to migrate, written as in -ExcludeFolders.
    .PARAMETER AllowUnknownColumnsInCsv
    Ignores columns of the CSV file that have no meaning, instead of refusing the file.
    .PARAMETER AllowIncrementalSyncs
    False stops the batch after the initial sync.
    .PARAMETER NotificationEmails
    Kept and shown with the batch.
    .PARAMETER ReportInterval
    Kept and shown with the batch.
    .PARAMETER AdoptPreexisting
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER ArchiveDomain
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER AutoComplete
    Gives each user its final sync as soon as it is synced, and completes the batch with the last one.
    .PARAMETER AutoProvisioning
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER AutoRetryCount
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER AvoidMergeOverlap
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER BadItemLimit
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER ContentFilter
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER ContentFilterLanguage
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DataFusion
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DisallowExistingUsers
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER ExcludeDumpsters
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER ForwardingDisposition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER IncludeOtherContacts
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER LargeItemLimit
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Locale
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER MigrateTasks
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER MoveOptions
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER PrimaryOnly
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER RemoveOnCopy
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER RenamePrimaryCalendar
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Restore
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SimplifiedSwitchOver
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SkipCalendar
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SkipContacts
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SkipDelegates
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SkipMail
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SkipMerging
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SkipMoving
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SkipProvisioning
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SkipReports
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SkipRules
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SkipSteps
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SourcePFPrimaryMailboxGuid
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER TargetArchiveDatabases
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER TargetDatabases
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER TargetDeliveryDomain
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER WorkflowControlFlags
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER XMLData
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Analyze
    Examines both sides of every user without copying anything: signs in, counts messages and bytes, and reports what would be skipped and whether the quota of the target mailbox suffices. Get-MigrationUserStatistics has the numbers, and Start-MigrationBatch turns the batch into a migration.
    .PARAMETER Archive
    For another type of migration; using it is an error.
    .PARAMETER Daily
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DisableOnCopy
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER FolderMove
    For another type of migration; using it is an error.
    .PARAMETER GoogleResourceOnboarding
    For another type of migration; using it is an error.
    .PARAMETER Local
    For another type of migration; using it is an error.
    .PARAMETER LocalMailboxRestore
    For another type of migration; using it is an error.
    .PARAMETER LocalPublicFolder
    For another type of migration; using it is an error.
    .PARAMETER ManagedGmailTeams
    For another type of migration; using it is an error.
    .PARAMETER PointInTimeRecovery
    For another type of migration; using it is an error.
    .PARAMETER PointInTimeRecoveryProvisionOnly
    For another type of migration; using it is an error.
    .PARAMETER PublicFolderToUnifiedGroup
    For another type of migration; using it is an error.
    .PARAMETER SkipDetails
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SlackPublicDataConnector
    For another type of migration; using it is an error.
    .PARAMETER Users
    Users of earlier batches, as Get-MigrationUser returns them. They leave those batches. They keep their source and target unless -SourceEndpoint is given. If both stay the same, messages that were copied before are not copied again.
    .PARAMETER UserIds
    Users of earlier batches by e-mail address or Guid; see -Users.
    .PARAMETER WorkflowTemplate
    For another type of migration; using it is an error.
    .PARAMETER OtherArguments
    What else belongs to another kind of batch.
    .PARAMETER WhatIf
    Shows what would be done, without doing it.
    .PARAMETER Confirm
    Asks before the change is made.
    .EXAMPLE
    Get-MigrationUser -Status Failed | New-MigrationBatch -Name Again -AutoStart

    Moves the failed users of all batches into a batch of their own, and starts it.
    .EXAMPLE
    New-MigrationBatch -Name Trial -Analyze -SourceEndpoint IMAPEndpoint -CSVData ([System.IO.File]::ReadAllBytes("C:\Users\Administrator\Desktop\IMAPmigration_5.csv"))

    Shows what a migration would move and leave out, before anything is copied.
    .EXAMPLE
    New-MigrationBatch -Name IMAPBatch1 -SourceEndpoint IMAPEndpoint -CSVData ([System.IO.File]::ReadAllBytes("C:\Users\Administrator\Desktop\IMAPmigration_1.csv")) -AutoStart

    Creates a batch and starts it.
    .EXAMPLE
    New-MigrationBatch -Name IMAPBatch2 -SourceEndpoint IMAPEndpoint -CSVData ([System.IO.File]::ReadAllBytes("C:\Users\Administrator\Desktop\IMAPmigration_2.csv")) -ExcludeFolders "Deleted Items","Junk Email"

    Creates a batch that leaves two folders out.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/new-migrationbatch
    .LINK
    Start-MigrationBatch
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(DefaultParameterSetName = 'Onboarding', SupportsShouldProcess, PositionalBinding = $false)]
    [OutputType('ImapMigration.Output.MigrationBatch')]
    param(
        [Parameter(Mandatory, ParameterSetName = 'Onboarding')] [Parameter(Mandatory, ParameterSetName = 'Analysis')] [Parameter(Mandatory, ParameterSetName = 'Preexisting')] [Parameter(Mandatory, ParameterSetName = 'PreexistingUserIds')] [Parameter(ParameterSetName = 'OtherType')] [string] $Name,
        [Parameter(Mandatory, ParameterSetName = 'Onboarding')] [Parameter(Mandatory, ParameterSetName = 'Analysis')] [Parameter(ParameterSetName = 'OtherType')] [AllowNull()] [AllowEmptyString()] [AllowEmptyCollection()] [object] $CSVData,
        [Parameter()] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $SourceEndpoint,
        [Parameter()] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $TargetEndpoint,
        [Parameter()] [switch] $AutoStart,
        [Parameter()] [datetime] $StartAfter,
        [Parameter()] [datetime] $CompleteAfter,
        [Parameter()] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [string] $TimeZone,
        [Parameter()] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [string[]] $ExcludeFolders,
        [Parameter()] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [string[]] $IncludeFolders,
        [Parameter()] [bool] $AllowUnknownColumnsInCsv,
        [Parameter()] [bool] $AllowIncrementalSyncs,
        [Parameter()] [string[]] $NotificationEmails,
        [Parameter()] [timespan] $ReportInterval,
        [Parameter()] [switch] $AdoptPreexisting,
        [Parameter()] [string] $ArchiveDomain,
        [Parameter()] [switch] $AutoComplete,
        [Parameter()] [switch] $AutoProvisioning,
        [Parameter()] [int] $AutoRetryCount,
        [Parameter()] [switch] $AvoidMergeOverlap,
        [Parameter()] [string] $BadItemLimit,
        [Parameter()] [string] $ContentFilter,
        [Parameter()] [cultureinfo] $ContentFilterLanguage,
        [Parameter()] [switch] $DataFusion,
        [Parameter()] [switch] $DisallowExistingUsers,
        [Parameter()] [string] $DomainController,
        [Parameter()] [switch] $ExcludeDumpsters,
        [Parameter()] [string] $ForwardingDisposition,
        [Parameter()] [switch] $IncludeOtherContacts,
        [Parameter()] [string] $LargeItemLimit,
        [Parameter()] [cultureinfo] $Locale,
        [Parameter()] [switch] $MigrateTasks,
        [Parameter()] [string[]] $MoveOptions,
        [Parameter()] [string] $Partition,
        [Parameter()] [switch] $PrimaryOnly,
        [Parameter()] [switch] $RemoveOnCopy,
        [Parameter()] [switch] $RenamePrimaryCalendar,
        [Parameter()] [switch] $Restore,
        [Parameter()] [switch] $SimplifiedSwitchOver,
        [Parameter()] [switch] $SkipCalendar,
        [Parameter()] [switch] $SkipContacts,
        [Parameter()] [switch] $SkipDelegates,
        [Parameter()] [switch] $SkipMail,
        [Parameter()] [string[]] $SkipMerging,
        [Parameter()] [string[]] $SkipMoving,
        [Parameter()] [switch] $SkipProvisioning,
        [Parameter()] [switch] $SkipReports,
        [Parameter()] [switch] $SkipRules,
        [Parameter()] [ValidateSet('None', 'SettingTargetAddress')] [string[]] $SkipSteps,
        [Parameter()] [guid] $SourcePFPrimaryMailboxGuid,
        [Parameter()] [string[]] $TargetArchiveDatabases,
        [Parameter()] [string[]] $TargetDatabases,
        [Parameter()] [string] $TargetDeliveryDomain,
        [Parameter()] [ValidateSet('None', 'InjectAndForget', 'SkipSwitchover')] [string] $WorkflowControlFlags,
        [Parameter()] [byte[]] $XMLData,
        [Parameter(Mandatory, ParameterSetName = 'Analysis')] [switch] $Analyze,
        [Parameter(Mandatory, ParameterSetName = 'Preexisting', ValueFromPipeline)] [object[]] $Users,
        [Parameter(Mandatory, ParameterSetName = 'PreexistingUserIds')] [object[]] $UserIds,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $Archive,
        [Parameter(ParameterSetName = 'Analysis')] [Parameter(ParameterSetName = 'OtherType')] [switch] $Daily,
        [Parameter(ParameterSetName = 'Preexisting')] [Parameter(ParameterSetName = 'PreexistingUserIds')] [switch] $DisableOnCopy,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $FolderMove,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $GoogleResourceOnboarding,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $Local,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $LocalMailboxRestore,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $LocalPublicFolder,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $ManagedGmailTeams,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $PointInTimeRecovery,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $PointInTimeRecoveryProvisionOnly,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $PublicFolderToUnifiedGroup,
        [Parameter(ParameterSetName = 'Analysis')] [switch] $SkipDetails,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $SlackPublicDataConnector,
        [Parameter(ParameterSetName = 'OtherType')] [string] $WorkflowTemplate,
        [Parameter(ParameterSetName = 'OtherType', ValueFromRemainingArguments, DontShow)] [object[]] $OtherArguments
    )

    begin {
        . Use-CallerPreference $PSCmdlet
        $moved = [Collections.Generic.List[string]]::new()
        $chosen = $false
    }

    process {
        if ($PSCmdlet.ParameterSetName -eq 'OtherType') { return Deny-OtherType $PSCmdlet 'Use -Name with -CSVData, -Users or -UserIds.' }
        $chosen = $true
        foreach ($value in @($Users) + @($UserIds)) {
            if ($null -eq $value) { continue }
            foreach ($user in Get-IdentityList $PSCmdlet 'user' $value) { $moved.Add($user) }
        }
    }

    end {
        # Nothing came through the pipeline, or what came was refused.
        if (-not $chosen -or ($PSCmdlet.ParameterSetName -like 'Preexisting*' -and $moved.Count -eq 0)) { return }
        Write-Ignored $PSCmdlet @(
            'AdoptPreexisting', 'Daily', 'DisableOnCopy', 'SkipDetails', 'ArchiveDomain', 'AutoProvisioning', 'AutoRetryCount', 'AvoidMergeOverlap'
            'BadItemLimit', 'ContentFilter', 'ContentFilterLanguage', 'DataFusion', 'DisallowExistingUsers', 'DomainController', 'ExcludeDumpsters'
            'ForwardingDisposition', 'IncludeOtherContacts', 'LargeItemLimit', 'Locale', 'MigrateTasks', 'MoveOptions', 'Partition', 'PrimaryOnly'
            'RemoveOnCopy', 'RenamePrimaryCalendar', 'Restore', 'SimplifiedSwitchOver', 'SkipCalendar', 'SkipContacts'
            'SkipDelegates', 'SkipMail', 'SkipMerging', 'SkipMoving', 'SkipProvisioning', 'SkipReports', 'SkipRules', 'SkipSteps'
            'SourcePFPrimaryMailboxGuid', 'TargetArchiveDatabases', 'TargetDatabases', 'TargetDeliveryDomain'
            'WorkflowControlFlags', 'XMLData'
        )
        $request = @{
            Name = $Name; AutoStart = [bool]$AutoStart; AutoComplete = [bool]$AutoComplete; Analyze = [bool]$Analyze
            SubmittedBy = [Environment]::UserName; ValidateOnly = [bool]$WhatIfPreference
        }
        if ($moved.Count) {
            $request.UserIds = $moved.ToArray()
        } else {
            $request.CsvBase64 = Read-CsvData $PSCmdlet $CSVData
            if ($null -eq $request.CsvBase64) { return }
        }
        if (-not (Add-Identity $PSCmdlet $request 'SourceEndpoint' 'endpoint' $SourceEndpoint)) { return }
        if (-not (Add-Identity $PSCmdlet $request 'TargetEndpoint' 'endpoint' $TargetEndpoint)) { return }
        foreach ($option in 'ExcludeFolders', 'IncludeFolders', 'NotificationEmails', 'AllowUnknownColumnsInCsv', 'AllowIncrementalSyncs', 'TimeZone') {
            if ($PSBoundParameters.ContainsKey($option)) { $request[$option] = $PSBoundParameters[$option] }
        }
        if (-not (Add-Schedule $PSCmdlet $request $PSBoundParameters $TimeZone)) { return }
        # What -WhatIf says is true only for a request that can be met.
        if ($WhatIfPreference) {
            $view = Invoke-Native $PSCmdlet 'batch_create' $request -Activity "Checking batch $Name"
            if ($null -eq $view) { return }
            Write-ValidationWarning $PSCmdlet ($view | ConvertTo-MigrationBatch)
        }
        if (-not $PSCmdlet.ShouldProcess($Name, 'Make migration batch')) { return }
        $view = Invoke-Native $PSCmdlet 'batch_create' $request -Activity "Making batch $Name"
        if ($null -eq $view) { return }
        $batch = $view | ConvertTo-MigrationBatch
        Write-ValidationWarning $PSCmdlet $batch
        Write-Decision "$($batch.TotalCount) users were taken, and $($batch.ValidationWarningCount) rows were left out; (Get-MigrationBatch '$($batch.Identity -replace "'", "''")').ValidationWarnings says why."
        Write-Default $PSCmdlet $view 'SourceEndpoint', 'TargetEndpoint', 'TimeZone', 'AllowIncrementalSyncs'
        Write-BatchPlan $PSCmdlet $view.BatchGuid
        $batch
    }
}
