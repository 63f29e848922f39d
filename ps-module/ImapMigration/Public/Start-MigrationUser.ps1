function Start-MigrationUser {
    <#
    .SYNOPSIS
    Starts a user of a migration batch.
    .DESCRIPTION
    Resumes a stopped user, and retries a failed one. Messages and folders that were copied before are not copied again.
    .PARAMETER Identity
    The user: the e-mail address, the Guid, the object that Get-MigrationUser returns, or that object's Identity. If omitted, the only user that exists.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER WhatIf
    Shows what would be done, without doing it.
    .PARAMETER Confirm
    Asks before the change is made.
    .EXAMPLE
    Get-MigrationUser -Status Failed | Start-MigrationUser

    Retries every failed user.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/start-migrationuser
    .LINK
    Get-MigrationUser
    .LINK
    Stop-MigrationUser
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(SupportsShouldProcess, PositionalBinding = $false)]
    param(
        [Parameter(Position = 0, ValueFromPipeline)] [AllowNull()] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter()] [string] $DomainController,
        [Parameter()] [string] $Partition
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'DomainController', 'Partition'
        Invoke-OnTarget $PSCmdlet 'user' $PSBoundParameters 'Start' 'user_start'
    }
}
