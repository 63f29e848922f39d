function Remove-MigrationBatch {
    <#
    .SYNOPSIS
    Removes a migration batch.
    .DESCRIPTION
    Stops the batch and forgets it, its users, their passwords and their history. The migrated mail stays. The batch shows the
    status Removing until this is done.
    .PARAMETER Identity
    The batch: its name, its Guid, the object that Get-MigrationBatch returns, or that object's Identity. If omitted, the only batch that exists.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Force
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER WhatIf
    Shows what would be done, without doing it.
    .PARAMETER Confirm
    Asks before the change is made, which this cmdlet does by default; -Confirm:$false does not ask.
    .EXAMPLE
    Remove-MigrationBatch -Identity IMAPBatch1

    Removes a batch after asking.
    .EXAMPLE
    Get-MigrationBatch | Where-Object { $_.Identity -like 'Trial*' } | Remove-MigrationBatch -Confirm:$false

    Removes some batches without asking.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/remove-migrationbatch
    .LINK
    New-MigrationBatch
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High', PositionalBinding = $false)]
    param(
        [Parameter(Position = 0, ValueFromPipeline)] [AllowNull()] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter()] [string] $DomainController,
        [Parameter()] [switch] $Force,
        [Parameter()] [string] $Partition
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'DomainController', 'Force', 'Partition'
        Invoke-OnTarget $PSCmdlet 'batch' $PSBoundParameters 'Remove' 'batch_remove'
    }
}
