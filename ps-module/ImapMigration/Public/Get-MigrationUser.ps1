function Get-MigrationUser {
    <#
    .SYNOPSIS
    Shows the users of migration batches.
    .DESCRIPTION
    Shows all users, those of a batch, or those in some state.
    .PARAMETER Identity
    The user: the e-mail address, the Guid, the object that Get-MigrationUser returns, or that object's Identity. An object selects exactly the user that it came from, even if another batch has a user with the same address. If omitted, all users.
    .PARAMETER BatchId
    Shows the users of this batch: its name, its Guid, the object that Get-MigrationBatch returns, or that object's Identity.
    .PARAMETER Status
    Shows the users in this status.
    .PARAMETER StatusSummary
    Shows the users whose status belongs to this summary.
    .PARAMETER EmailAddress
    Shows the users with this address.
    .PARAMETER MailboxGuid
    Shows the user with this MailboxGuid.
    .PARAMETER ResultSize
    Maximum number of results to return: a number or Unlimited. The default is 1000.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER IncludeAssociatedUsers
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
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
    [OutputType('ImapMigration.Output.MigrationUser')]
    param(
        [Parameter(ParameterSetName = 'Identity', Position = 0, ValueFromPipeline)] [AllowNull()] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter(ParameterSetName = 'StatusAndBatchId')] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $BatchId,
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
        $request = @{}
        $wanted = $Identity
        if ($EmailAddress) { $wanted = $EmailAddress }
        if ($PSBoundParameters.ContainsKey('MailboxGuid')) { $wanted = "$MailboxGuid" }
        # A batch from the pipeline selects its users.
        if ($null -ne $wanted -and $wanted.psobject.Properties['BatchGuid'] -and (Get-ObjectKind $wanted) -eq 'batch') { $BatchId, $wanted = $wanted, $null }
        if (-not (Add-Identity $PSCmdlet $request 'BatchId' 'batch' $BatchId)) { return }
        foreach ($filter in 'Status', 'StatusSummary') {
            if ($PSBoundParameters.ContainsKey($filter)) { $request[$filter] = Resolve-Member $PSCmdlet $filter }
        }
        Read-Selection $PSCmdlet 'user' $request $wanted $ResultSize | ConvertTo-MigrationUser
    }
}
