function Get-MigrationEndpoint {
    <#
    .SYNOPSIS
    Shows migration endpoints.
    .DESCRIPTION
    Shows all endpoints, or those asked for. The local store, named Local, is always there and is shown when asked for by name.
    .PARAMETER Identity
    The endpoint: its name, its Guid, the object that Get-MigrationEndpoint returns, or that object's Identity. If omitted, all.
    .PARAMETER Type
    Shows the endpoints of this type.
    .PARAMETER ConnectionSettings
    Accepted for compatibility with Exchange Online; has no effect.
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
    Get-MigrationEndpoint IMAPEndpoint | Format-List EndpointType,RemoteServer,Port,Security,Max*

    Shows how an endpoint is reached.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/get-migrationendpoint
    .LINK
    New-MigrationEndpoint
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(DefaultParameterSetName = 'Identity', PositionalBinding = $false)]
    [OutputType('ImapMigration.Output.MigrationEndpoint')]
    param(
        [Parameter(ParameterSetName = 'Identity', Position = 0, ValueFromPipeline)] [AllowNull()] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter(Mandatory, ParameterSetName = 'TypeFilter')] [ValidateSet('ExchangeOutlookAnywhere', 'ExchangeRemoteMove', 'IMAP', 'PublicFolder', 'Microsoft365', 'Maildir')] [string] $Type,
        [Parameter(Mandatory, ParameterSetName = 'ConnectionSettingsFilter')] [object] $ConnectionSettings,
        [Parameter()] [switch] $Diagnostic,
        [Parameter()] [string] $DiagnosticArgument,
        [Parameter(ParameterSetName = 'Identity')] [Parameter(ParameterSetName = 'TypeFilter')] [string] $DiagnosticInfo,
        [Parameter()] [string] $DomainController,
        [Parameter(ParameterSetName = 'Identity')] [Parameter(ParameterSetName = 'TypeFilter')] [string] $Partition
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'ConnectionSettings', 'Diagnostic', 'DiagnosticArgument', 'DiagnosticInfo', 'DomainController', 'Partition'
        $request = @{}
        if ($Type) {
            $request.Type = Resolve-Member $PSCmdlet 'Type'
            # There are no endpoints of other types.
            if ('IMAP', 'Microsoft365', 'Maildir' -notcontains $request.Type) { return }
        }
        Read-Selection $PSCmdlet 'endpoint' $request $Identity 'Unlimited' | ConvertTo-MigrationEndpoint
    }
}
