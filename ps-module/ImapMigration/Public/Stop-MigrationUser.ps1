function Stop-MigrationUser {
    <#
    .SYNOPSIS
    Stops a user of a migration batch.
    .DESCRIPTION
    Stops the sync of a user within seconds, and excludes the user from incremental syncs until Start-MigrationUser or Start-MigrationBatch. What was copied stays.
    .PARAMETER Identity
    The user: the e-mail address, the Guid, the object that Get-MigrationUser returns, or that object's Identity. If omitted, the only user that exists.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER WhatIf
    Shows what would be done, without doing it.
    .PARAMETER Confirm
    Asks before the change is made, which this cmdlet does by default; -Confirm:$false does not ask.
    .EXAMPLE
    Stop-MigrationUser -Identity terrya@contoso.edu

    Stops a user after asking.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/stop-migrationuser
    .LINK
    Start-MigrationUser
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
        Invoke-OnTarget $PSCmdlet 'user' $PSBoundParameters 'Stop' 'user_stop'
    }
}
