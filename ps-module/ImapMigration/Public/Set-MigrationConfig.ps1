function Set-MigrationConfig {
    <#
    .SYNOPSIS
    Changes the settings of the state directory.
    .DESCRIPTION
    Changes the given settings and leaves the others. -TargetEndpoint is the target of all batches made from then on that name none.
    .PARAMETER TargetEndpoint
    The endpoint where mail goes, or Local for the local store.
    .PARAMETER MaxConcurrentMigrations
    How many users may be in their initial sync at once, over all endpoints: a number or Unlimited.
    .PARAMETER MaxNumberOfBatches
    The maximum number of batches.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Features
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER WhatIf
    Shows what would be done, without doing it.
    .PARAMETER Confirm
    Asks before the change is made.
    .EXAMPLE
    Set-MigrationConfig -TargetEndpoint Tenant

    Sends the mail of all new batches to the endpoint Tenant.
    .EXAMPLE
    Set-MigrationConfig -TargetEndpoint Local

    Goes back to the local store.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/set-migrationconfig
    .LINK
    Get-MigrationConfig
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(SupportsShouldProcess, PositionalBinding = $false)]
    param(
        [Parameter()] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $TargetEndpoint,
        [Parameter()] [string] $MaxConcurrentMigrations,
        [Parameter()] [ValidateRange(1, [int]::MaxValue)] [int] $MaxNumberOfBatches,
        [Parameter()] [string] $DomainController,
        [Parameter()] [ValidateSet('None', 'MultiBatch', 'Endpoints', 'UpgradeBlock')] [string] $Features,
        [Parameter()] [string] $Partition
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'DomainController', 'Features', 'Partition'
        $request = @{}
        if (-not (Add-Identity $PSCmdlet $request 'TargetEndpoint' 'endpoint' $TargetEndpoint)) { return }
        if ($MaxNumberOfBatches) { $request.MaxNumberOfBatches = $MaxNumberOfBatches }
        if (-not (Add-Limit $PSCmdlet $request 'MaxConcurrentMigrations')) { return }
        if (-not $PSCmdlet.ShouldProcess('ImapMigration', 'Change the settings')) { return }
        $null = Invoke-Native $PSCmdlet 'config_set' $request
        if ($null -eq $script:Failure) { Write-Decision "Changed: $(@($request.Keys | Sort-Object) -join ', '). Users that are at work go on; the worker keeps to the new limits when it chooses the next ones." }
    }
}
