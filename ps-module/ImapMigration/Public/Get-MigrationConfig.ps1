function Get-MigrationConfig {
    <#
    .SYNOPSIS
    Shows the settings of the state directory.
    .DESCRIPTION
    Shows limits, the target of batches that name none, where the state is kept, and whether a worker runs.
    .PARAMETER DomainController
    Accepted as in Exchange, and ignored: it has no meaning here.
    .PARAMETER Partition
    Accepted as in Exchange, and ignored: it has no meaning here.
    .PARAMETER AllPartitions
    Accepted as in Exchange, and ignored: it has no meaning here.
    .PARAMETER IncludeSimplifiedGmailMigrationData
    Accepted as in Exchange, and ignored: it has no meaning here.
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
    [OutputType('ImapMigration.MigrationConfig')]
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
