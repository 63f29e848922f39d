function Get-MigrationConfig {
    <#
    .SYNOPSIS
    Shows the settings of the state directory.
    .DESCRIPTION
    Shows limits, the target of batches that name none, where the state is kept, and whether a worker runs.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER AllPartitions
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER IncludeSimplifiedGmailMigrationData
    Accepted for compatibility with Exchange Online; has no effect.
    .EXAMPLE
    Get-MigrationConfig | Format-List TargetEndpoint, StateDirectory, Worker

    Shows where mail goes and where the state is kept.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/get-migrationconfig
    .LINK
    Set-MigrationConfig
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(DefaultParameterSetName = 'Default', PositionalBinding = $false)]
    [OutputType('ImapMigration.Output.MigrationConfig')]
    param(
        [Parameter(ParameterSetName = 'Default')] [string] $DomainController,
        [Parameter(ParameterSetName = 'Partition')] [string] $Partition,
        [Parameter(Mandatory, ParameterSetName = 'AllPartitions')] [switch] $AllPartitions,
        [Parameter(ParameterSetName = 'Partition')] [Parameter(ParameterSetName = 'AllPartitions')] [switch] $IncludeSimplifiedGmailMigrationData
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'AllPartitions', 'DomainController', 'IncludeSimplifiedGmailMigrationData', 'Partition'
        $view = Invoke-Native $PSCmdlet 'config_get'
        if ($null -ne $view) { ConvertTo-MigrationConfig $view }
    }
}
