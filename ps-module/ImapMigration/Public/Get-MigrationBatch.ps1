function Get-MigrationBatch {
    <#
    .SYNOPSIS
    Shows migration batches.
    .DESCRIPTION
    Shows all batches, or those asked for: status, counts of users, times, and where mail comes from and goes to. ExpirationDateTime is when
    the batch expires unless something is done with it before: a synced batch is stopped after 60 days, a stopped, failed or never started one
    is removed after 90 days, and a completed one after 60. The migrated mail stays.
    .PARAMETER Identity
    The batch: its name, its Guid, the object that Get-MigrationBatch returns, or that object's Identity. If omitted, all.
    .PARAMETER Endpoint
    Shows the batches that have this endpoint as source or target.
    .PARAMETER Status
    Shows the batches in this status.
    .PARAMETER ResultSize
    Maximum number of results to return: a number or Unlimited. The default is 1000.
    .PARAMETER IncludeReport
    Fills Reports with what happened and when.
    .PARAMETER Diagnostic
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DiagnosticArgument
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DiagnosticInfo
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .EXAMPLE
    Get-MigrationBatch -Identity IMAPBatch1 | Format-List Status

    Shows how a batch stands.
    .EXAMPLE
    Get-MigrationBatch -Status SyncedWithErrors | Select-Object Identity, FailedCount

    Shows the batches with failed users.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/get-migrationbatch
    .LINK
    Wait-MigrationBatch
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(DefaultParameterSetName = 'Identity', PositionalBinding = $false)]
    [OutputType('ImapMigration.Output.MigrationBatch')]
    param(
        [Parameter(ParameterSetName = 'Identity', Position = 0, ValueFromPipeline)] [AllowNull()] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter(Mandatory, ParameterSetName = 'BatchesFromEndpoint')] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Endpoint,
        [Parameter()] [ValidateSet('Completed', 'CompletedWithErrors', 'Completing', 'Corrupted', 'Created', 'Failed', 'IncrementalSyncing', 'Removing', 'Starting', 'Stopped', 'Syncing', 'Stopping', 'Synced', 'SyncedWithErrors', 'Waiting')] [string] $Status,
        [Parameter()] [string] $ResultSize,
        [Parameter()] [switch] $IncludeReport,
        [Parameter(ParameterSetName = 'Identity')] [Parameter(ParameterSetName = 'BatchesFromEndpoint')] [switch] $Diagnostic,
        [Parameter(ParameterSetName = 'Identity')] [Parameter(ParameterSetName = 'BatchesFromEndpoint')] [string] $DiagnosticArgument,
        [Parameter()] [string] $DiagnosticInfo,
        [Parameter(ParameterSetName = 'Identity')] [Parameter(ParameterSetName = 'BatchesFromEndpoint')] [string] $DomainController,
        [Parameter(ParameterSetName = 'Identity')] [Parameter(ParameterSetName = 'BatchesFromEndpoint')] [Parameter(ParameterSetName = 'BatchesByStatus')] [string] $Partition
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'Diagnostic', 'DiagnosticArgument', 'DiagnosticInfo', 'DomainController', 'Partition'
        $request = @{ IncludeReport = [bool]$IncludeReport }
        if (-not (Add-Identity $PSCmdlet $request 'Endpoint' 'endpoint' $Endpoint)) { return }
        if ($Status) { $request.Status = Resolve-Member $PSCmdlet 'Status' }
        Read-Selection $PSCmdlet 'batch' $request $Identity $ResultSize | ConvertTo-MigrationBatch
    }
}
