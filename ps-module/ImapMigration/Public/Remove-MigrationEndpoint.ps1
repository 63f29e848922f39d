function Remove-MigrationEndpoint {
    <#
    .SYNOPSIS
    Removes a migration endpoint.
    .DESCRIPTION
    Removes an endpoint and its secrets. An endpoint that a batch uses is not removed.
    .PARAMETER Identity
    The endpoint: its name, its Guid, the object that Get-MigrationEndpoint returns, or that object's Identity.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER WhatIf
    Shows what would be done, without doing it.
    .PARAMETER Confirm
    Asks before the change is made, which this cmdlet does by default; -Confirm:$false does not ask.
    .EXAMPLE
    Remove-MigrationEndpoint IMAPEndpoint -Confirm:$false

    Removes an endpoint without asking.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/remove-migrationendpoint
    .LINK
    New-MigrationEndpoint
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High', PositionalBinding = $false)]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter()] [string] $DomainController,
        [Parameter()] [string] $Partition
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'DomainController', 'Partition'
        Invoke-OnTarget $PSCmdlet 'endpoint' $PSBoundParameters 'Remove' 'endpoint_remove'
    }
}
