function Get-MigrationUser {
    <#
    .SYNOPSIS
    Shows the users of migration batches.
    .DESCRIPTION
    Shows all users, those of a batch, or those in some state.
    .PARAMETER Identity
    The user: the e-mail address, the Guid, the object that Get-MigrationUser gives, or that object's Identity. Objects lead to exactly the user they came from, also when another batch has a user of the same address. All without it.
    .PARAMETER BatchId
    Shows the users of this batch: its name, its Guid, the object that Get-MigrationBatch gives, or that object's Identity.
    .PARAMETER Status
    Shows the users in this status.
    .PARAMETER StatusSummary
    Shows the users whose status belongs to this summary.
    .PARAMETER EmailAddress
    Shows the users with this address.
    .PARAMETER MailboxGuid
    Shows the user with this MailboxGuid.
    .PARAMETER ResultSize
    How many results to show at most: a number, 1000 unless given, or Unlimited.
    .PARAMETER DomainController
    Accepted as in Exchange, and ignored: it has no meaning here.
    .PARAMETER IncludeAssociatedUsers
    Accepted as in Exchange, and ignored: it has no meaning here.
    .PARAMETER Partition
    Accepted as in Exchange, and ignored: it has no meaning here.
    .EXAMPLE
    Get-MigrationUser -BatchId IMAPBatch1

    Shows the users of a batch.
    .EXAMPLE
    Get-MigrationUser -Status Failed | Select-Object Identity, BatchId, ErrorSummary

    Shows why users failed.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/get-migrationuser
    .LINK
    Get-MigrationUserStatistics
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(DefaultParameterSetName = 'Identity', PositionalBinding = $false)]
    [OutputType('ImapMigration.MigrationUser')]
    param(
        [Parameter(ParameterSetName = 'Identity', Position = 0, ValueFromPipeline)] [AllowNull()] [object] $Identity,
        [Parameter(ParameterSetName = 'StatusAndBatchId')] [object] $BatchId,
        [Parameter(ParameterSetName = 'StatusAndBatchId')] [ValidateSet('Completed', 'CompletedWithWarnings', 'Completing', 'CompletionFailed', 'CompletionSynced', 'Corrupted', 'Failed', 'IncrementalFailed', 'IncrementalStopped', 'IncrementalSynced', 'IncrementalSyncing', 'Provisioning', 'ProvisionUpdating', 'Queued', 'Removing', 'Starting', 'Stopped', 'Stopping', 'Synced', 'Syncing', 'Validating')] [string] $Status,
        [Parameter(ParameterSetName = 'StatusAndBatchId')] [ValidateSet('Active', 'Completed', 'Failed', 'Stopped', 'Synced')] [string] $StatusSummary,
        [Parameter(Mandatory, ParameterSetName = 'EmailAddress')] [string] $EmailAddress,
        [Parameter(Mandatory, ParameterSetName = 'MailboxGuid')] [guid] $MailboxGuid,
        [Parameter()] [string] $ResultSize,
        [Parameter()] [string] $DomainController,
        [Parameter()] [switch] $IncludeAssociatedUsers,
        [Parameter()] [string] $Partition
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'DomainController', 'IncludeAssociatedUsers', 'Partition'
        $request = @{ Identity = Resolve-Identity $Identity }
        if ($EmailAddress) { $request.Identity = $EmailAddress }
        if ($PSBoundParameters.ContainsKey('MailboxGuid')) { $request.Identity = "$MailboxGuid" }
        if ($null -ne $BatchId) { $request.BatchId = Resolve-Identity $BatchId }
        foreach ($filter in 'Status', 'StatusSummary') {
            if ($PSBoundParameters.ContainsKey($filter)) { $request[$filter] = Resolve-Member $PSCmdlet $filter }
        }
        if (-not $ResultSize) { $ResultSize = '1000' }
        Read-Page $PSCmdlet 'user_list' 'Users' $request $ResultSize | ConvertTo-MigrationUser
    }
}
