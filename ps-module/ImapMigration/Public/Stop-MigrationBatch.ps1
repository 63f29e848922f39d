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
    Accepted as in Exchange, and ignored: it has no meaning here.
    .PARAMETER Partition
    Accepted as in Exchange, and ignored: it has no meaning here.
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
        [Parameter(Position = 0, ValueFromPipeline)] [AllowNull()] [object] $Identity,
        [Parameter()] [string] $DomainController,
        [Parameter()] [string] $Partition
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'DomainController', 'Partition'
        $request = Get-IdentityRequest $PSCmdlet
        if (-not $PSCmdlet.ShouldProcess("$(Get-DisplayName $Identity)", 'Stop migration batch')) { return }
        $null = Invoke-Native $PSCmdlet 'batch_stop' $request
    }
}
