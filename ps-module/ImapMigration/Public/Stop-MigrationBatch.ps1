function Stop-MigrationBatch {
    <#
    .SYNOPSIS
    Stops a migration batch.
    .DESCRIPTION
    Stops what is running and the incremental syncs to come. What was migrated stays; Start-MigrationBatch resumes there and copies
    nothing twice.
    .PARAMETER Identity
    The batch: its name, its Guid, the object that Get-MigrationBatch returns, or that object's Identity. If omitted, the only batch that exists.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER WhatIf
    Shows what would be done, without doing it.
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
