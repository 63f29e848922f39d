function Remove-MigrationUser {
    <#
    .SYNOPSIS
    Removes a user from a migration batch.
    .DESCRIPTION
    Stops the user and forgets it, its passwords and its history. The migrated mail stays. The user shows the status Removing until this is done.
    .PARAMETER Identity
    The user: the e-mail address, the Guid, the object that Get-MigrationUser returns, or that object's Identity.
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
    Remove-MigrationUser -Identity terrya@contoso.edu

    Removes a user after asking.
    .EXAMPLE
    Get-MigrationUser -BatchId IMAPBatch1 -Status Failed | Remove-MigrationUser -Confirm:$false

    Removes the failed users of a batch without asking.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/remove-migrationuser
    .LINK
    Get-MigrationUser
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High', PositionalBinding = $false)]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter()] [string] $DomainController,
        [Parameter()] [switch] $Force,
        [Parameter()] [string] $Partition
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'DomainController', 'Force', 'Partition'
        Invoke-OnTarget $PSCmdlet 'user' $PSBoundParameters 'Remove' 'user_remove'
    }
}
