function Get-MigrationStatistics {
    <#
    .SYNOPSIS
    Counts the users of all migration batches by state.
    .DESCRIPTION
    Shows one object, also when there is no batch.
    .PARAMETER Diagnostic
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DiagnosticArgument
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DiagnosticInfo
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .EXAMPLE
    Get-MigrationStatistics | Format-Table -AutoSize

    Shows how many users there are, and how many are synced or failed.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/get-migrationstatistics
    .LINK
    Get-MigrationBatch
    .LINK
    about_ImapMigration
    #>
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseSingularNouns', '', Justification = 'named as in Exchange')]
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('ImapMigration.Output.MigrationStatistics')]
    param(
        [Parameter()] [switch] $Diagnostic,
        [Parameter()] [string] $DiagnosticArgument,
        [Parameter()] [string] $DiagnosticInfo,
        [Parameter()] [string] $DomainController,
        [Parameter()] [string] $Partition
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'Diagnostic', 'DiagnosticArgument', 'DiagnosticInfo', 'DomainController', 'Partition'
        $view = Invoke-Native $PSCmdlet 'statistics_get' @{}
        if ($null -ne $view) { ConvertTo-MigrationStatistics $view }
    }
}
