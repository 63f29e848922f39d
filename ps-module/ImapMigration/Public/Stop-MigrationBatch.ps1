function Stop-MigrationBatch {
    <#
    .SYNOPSIS
    Stops a migration batch.
    .DESCRIPTION
    Stops what is running and the incremental syncs to come. What was migrated stays; Start-MigrationBatch goes on from there and
    copies nothing twice.
    .PARAMETER Identity
    The batch: its name, its Guid, the object that Get-MigrationBatch gives, or that object's Identity. Without it: the only batch there is.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER WhatIf
    Says what would be done, and does nothing.
    .PARAMETER Confirm
    Asks before the change is made, which this cmdlet does by default; -Confirm:$false does not ask.
    .EXAMPLE
    Stop-MigrationBatch -Identity IMAPBatch1 -Confirm:$false

    Stops a batch without asking.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/stop-migrationbatch
    .LINK
    Start-MigrationBatch
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High', PositionalBinding = $false)]
    param(
        [Parameter(Position = 0, ValueFromPipeline)] [AllowNull()] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter()] [string] $DomainController,
        [Parameter()] [string] $Partition
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'DomainController', 'Partition'
        Invoke-OnTarget $PSCmdlet 'batch' $PSBoundParameters 'Stop' 'batch_stop' -Fits 'Starting', 'Waiting', 'Syncing', 'Synced', 'SyncedWithErrors', 'IncrementalSyncing', 'Completing'
    }
}
