function Get-MigrationBatch {
    <#
    .SYNOPSIS
    Shows migration batches.
    .DESCRIPTION
    Shows all batches, or those asked for: status, counts of users, times, and where mail comes from and goes to.
    .PARAMETER Identity
    The batch: its name, its Guid, the object that Get-MigrationBatch gives, or that object's Identity. All without it.
    .PARAMETER Endpoint
    Shows the batches that have this endpoint as source or target.
    .PARAMETER Status
    Shows the batches in this status.
    .PARAMETER ResultSize
    How many results to show at most: a number, 1000 unless given, or Unlimited.
    .PARAMETER IncludeReport
    Fills Reports with what happened and when.
    .PARAMETER Diagnostic
    Accepted as in Exchange, and ignored: it has no meaning here.
    .PARAMETER DiagnosticArgument
    Accepted as in Exchange, and ignored: it has no meaning here.
    .PARAMETER DiagnosticInfo
    Accepted as in Exchange, and ignored: it has no meaning here.
    .PARAMETER DomainController
    Accepted as in Exchange, and ignored: it has no meaning here.
    .PARAMETER Partition
    Accepted as in Exchange, and ignored: it has no meaning here.
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
    [OutputType('ImapMigration.MigrationBatch')]
    param(
        [Parameter(ParameterSetName = 'Identity', Position = 0, ValueFromPipeline)] [AllowNull()] [object] $Identity,
        [Parameter(Mandatory, ParameterSetName = 'BatchesFromEndpoint')] [object] $Endpoint,
        [Parameter()] [ValidateSet('Completed', 'CompletedWithErrors', 'Completing', 'Corrupted', 'Created', 'Failed', 'IncrementalSyncing', 'Removing', 'Starting', 'Stopped', 'Syncing', 'Stopping', 'Synced', 'SyncedWithErrors', 'Waiting')] [string] $Status,
        [Parameter()] [string] $ResultSize,
        [Parameter()] [switch] $IncludeReport,
        [Parameter()] [switch] $Diagnostic,
        [Parameter()] [string] $DiagnosticArgument,
        [Parameter()] [string] $DiagnosticInfo,
        [Parameter()] [string] $DomainController,
        [Parameter()] [string] $Partition
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'Diagnostic', 'DiagnosticArgument', 'DiagnosticInfo', 'DomainController', 'Partition'
        $request = @{ Identity = Resolve-Identity $Identity; IncludeReport = [bool]$IncludeReport }
        if ($null -ne $Endpoint) { $request.Endpoint = Resolve-Identity $Endpoint }
        if ($Status) { $request.Status = Resolve-Member $PSCmdlet 'Status' }
        if (-not $ResultSize) { $ResultSize = '1000' }
        Read-Page $PSCmdlet 'batch_list' 'Batches' $request $ResultSize | ConvertTo-MigrationBatch
    }
}
