function Set-MigrationBatch {
    <#
    .SYNOPSIS
    Changes a migration batch, or asks for a sync now.
    .DESCRIPTION
    Changes the given settings and leaves the others. -SyncNow runs incremental syncs at once instead of at the end of 24 hours; use it after
    new mail goes to the new mailboxes. -AddUsers adds the users of another CSV file. -CSVData without it gives users of the batch
    new logins and passwords: correct the file, then start the batch again with Start-MigrationBatch, which tries failed users once more.
    .PARAMETER Identity
    The batch: its name, its Guid, the object that Get-MigrationBatch returns, or that object's Identity.
    .PARAMETER SyncNow
    Syncs the users that are Synced at once.
    .PARAMETER AddUsers
    Adds the users of -CSVData to the batch.
    .PARAMETER CSVData
    The bytes of a CSV file: with -AddUsers the users to add, else users of the batch with their new logins and passwords. It may hold
    those users alone that change; what a row leaves out (UserRoot, TargetUserName, TargetPassword) stays.
    .PARAMETER AllowUnknownColumnsInCsv
    Ignores columns of the CSV file that have no meaning, instead of refusing the file.
    .PARAMETER Update
    Applies changed settings of the batch and its endpoints to the users at once.
    .PARAMETER AllowIncrementalSyncs
    False stops the batch after the initial sync.
    .PARAMETER StartAfter
    Does not start before this time. A time without a time zone is UTC.
    .PARAMETER CompleteAfter
    Gives users their final sync from this time on, as soon as they are synced, and completes the batch with the last one. A time without a time zone is UTC.
    .PARAMETER NotificationEmails
    Kept and shown with the batch.
    .PARAMETER ReportInterval
    Kept and shown with the batch.
    .PARAMETER ApproveSkippedItems
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER AutoRetryCount
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER BadItemLimit
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER LargeItemLimit
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER MoveOptions
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SkipMerging
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SkipMoving
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SkipReports
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SourcePublicFolderDatabase
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER WhatIf
    Shows what would be done, without doing it.
    .PARAMETER Confirm
    Asks before the change is made.
    .EXAMPLE
    Set-MigrationBatch -Identity IMAPBatch1 -SyncNow

    Copies what is new at the source.
    .EXAMPLE
    Set-MigrationBatch IMAPBatch1 -AddUsers -CSVData ([System.IO.File]::ReadAllBytes("C:\Users\Administrator\Desktop\IMAPmigration_3.csv"))

    Adds users.
    .EXAMPLE
    Set-MigrationBatch IMAPBatch1 -CSVData ([System.IO.File]::ReadAllBytes("C:\Users\Administrator\Desktop\IMAPmigration_1.csv"))
    Start-MigrationBatch IMAPBatch1

    Applies passwords that were corrected in the file, and retries the failed users.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/set-migrationbatch
    .LINK
    New-MigrationBatch
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(SupportsShouldProcess, PositionalBinding = $false)]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter()] [switch] $SyncNow,
        [Parameter()] [switch] $AddUsers,
        [Parameter()] [AllowNull()] [AllowEmptyString()] [AllowEmptyCollection()] [object] $CSVData,
        [Parameter()] [bool] $AllowUnknownColumnsInCsv,
        [Parameter()] [switch] $Update,
        [Parameter()] [bool] $AllowIncrementalSyncs,
        [Parameter()] [datetime] $StartAfter,
        [Parameter()] [datetime] $CompleteAfter,
        [Parameter()] [string[]] $NotificationEmails,
        [Parameter()] [timespan] $ReportInterval,
        [Parameter()] [switch] $ApproveSkippedItems,
        [Parameter()] [int] $AutoRetryCount,
        [Parameter()] [string] $BadItemLimit,
        [Parameter()] [string] $DomainController,
        [Parameter()] [string] $LargeItemLimit,
        [Parameter()] [string[]] $MoveOptions,
        [Parameter()] [string] $Partition,
        [Parameter()] [string[]] $SkipMerging,
        [Parameter()] [string[]] $SkipMoving,
        [Parameter()] [bool] $SkipReports,
        [Parameter()] [string] $SourcePublicFolderDatabase
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet @(
            'ApproveSkippedItems', 'AutoRetryCount', 'BadItemLimit', 'DomainController', 'LargeItemLimit', 'MoveOptions'
            'Partition', 'SkipMerging', 'SkipMoving', 'SkipReports', 'SourcePublicFolderDatabase'
        )
        $hasFile = $PSBoundParameters.ContainsKey('CSVData')
        if ($AddUsers -and -not $hasFile) {
            return $PSCmdlet.WriteError((New-UsageError '-AddUsers and -CSVData go together: the CSV file holds the users to add.'))
        }
        $request = @{}
        foreach ($switch in 'SyncNow', 'Update') {
            if ($PSBoundParameters.ContainsKey($switch)) { $request[$switch] = [bool]$PSBoundParameters[$switch] }
        }
        foreach ($option in 'NotificationEmails', 'AllowUnknownColumnsInCsv', 'AllowIncrementalSyncs') {
            if ($PSBoundParameters.ContainsKey($option)) { $request[$option] = $PSBoundParameters[$option] }
        }
        if ($hasFile) {
            $file = Read-CsvData $PSCmdlet $CSVData
            if ($null -eq $file) { return }
            $request[$(if ($AddUsers) { 'AddUsersCsvBase64' } else { 'CsvBase64' })] = $file
        }
        if (-not (Add-Schedule $PSCmdlet $request $PSBoundParameters)) { return }
        foreach ($target in Get-Target $PSCmdlet 'batch' $PSBoundParameters) {
            if (-not $PSCmdlet.ShouldProcess($target.Name, 'Change migration batch')) { continue }
            $request.Identity = $target.Identity
            $view = Invoke-Native $PSCmdlet 'batch_update' $request -Activity "Changing batch $($target.Name)"
            if ($null -eq $view) { continue }
            if ($hasFile) { Write-ValidationWarning $PSCmdlet ($view | ConvertTo-MigrationBatch) }
            Write-BatchPlan $PSCmdlet $view.BatchGuid
        }
    }
}
