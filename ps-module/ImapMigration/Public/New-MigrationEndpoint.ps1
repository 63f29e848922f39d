function New-MigrationEndpoint {
    <#
    .SYNOPSIS
    Creates a migration endpoint: where mail comes from or goes to.
    .DESCRIPTION
    An endpoint names a server and how to reach it. The server is tested before the endpoint is created, unless -SkipVerification is
    given. An endpoint is a source or a target: users sign in to a source with the names and passwords of the CSV file, and to a
    target by the endpoint's own administrator or application.
    .PARAMETER IMAP
    Creates an endpoint for an IMAP server.
    .PARAMETER Microsoft365
    Creates an endpoint for Microsoft 365, by IMAP with OAuth.
    .PARAMETER Maildir
    Creates an endpoint for a folder of Maildirs.
    .PARAMETER Name
    The endpoint's name.
    .PARAMETER RemoteServer
    The host name or address of the IMAP server. With TLS the server's certificate must be for this name. For Microsoft 365 the default is outlook.office365.com.
    .PARAMETER Port
    The TCP port of the server: 993 for Ssl, 143 for Tls and None. The default is 993.
    .PARAMETER Security
    Ssl: TLS from the first byte, the default. Tls: STARTTLS, required. None: no encryption.
    .PARAMETER AcceptUntrustedCertificates
    Takes any certificate that the server shows: self-signed, expired, or for another name.
    .PARAMETER Authentication
    How to sign in: Basic, the default, is user name and password; OAuth is XOAUTH2 with an application's token. Exchange's other values are refused, because IMAP does not use them.
    .PARAMETER Credentials
    An administrator who may open the users' mailboxes, for an endpoint that is a target.
    .PARAMETER LoginFormat
    The login name for one user at a target, with {EmailAddress} or {UserName} replaced, such as {EmailAddress}*mailadmin. Without it the administrator signs in with AUTHENTICATE PLAIN and the user's address as authorization identity.
    .PARAMETER TenantId
    The directory (tenant) that issues the application's tokens.
    .PARAMETER ApplicationId
    The application (client) that asks for tokens.
    .PARAMETER ClientSecret
    The application's secret.
    .PARAMETER CertificateFile
    A PKCS#12 or PEM file with the application's certificate and private key, instead of a secret.
    .PARAMETER CertificatePassword
    The password of the certificate file.
    .PARAMETER Authority
    Where tokens are requested, if not from https://login.microsoftonline.com: sovereign clouds have another one.
    .PARAMETER Scope
    The scope of the tokens, if not https://outlook.office365.com/.default.
    .PARAMETER TestMailbox
    A mailbox that is opened when the endpoint is tested.
    .PARAMETER Path
    The folder that holds EmailAddress/Maildir for every user.
    .PARAMETER MaxConcurrentMigrations
    How many users of this endpoint may be in their initial sync at once: a number or Unlimited. The default is 20.
    .PARAMETER MaxConcurrentIncrementalSyncs
    How many users of this endpoint may be in an incremental sync at once: a number, at most MaxConcurrentMigrations, or Unlimited. The default is 10.
    .PARAMETER SkipVerification
    Skips the test of the server.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER ExchangeOutlookAnywhere
    Another migration type; is an error.
    .PARAMETER ExchangeRemoteMove
    Another migration type; is an error.
    .PARAMETER PSTImport
    Another migration type; is an error.
    .PARAMETER Gmail
    Another migration type; is an error.
    .PARAMETER GoogleMarketplaceApp
    Another migration type; is an error.
    .PARAMETER PublicFolder
    Another migration type; is an error.
    .PARAMETER PublicFolderToUnifiedGroup
    Another migration type; is an error.
    .PARAMETER Compliance
    Another migration type; is an error.
    .PARAMETER Autodiscover
    Another migration type; is an error.
    .PARAMETER OtherArguments
    What else belongs to another migration type.
    .PARAMETER WhatIf
    Shows what would be done, without doing it.
    .PARAMETER Confirm
    Asks before the change is made.
    .EXAMPLE
    New-MigrationEndpoint -IMAP -Name IMAPEndpoint -RemoteServer imap.contoso.com -Port 993 -Security Ssl

    Creates a source with TLS from the first byte.
    .EXAMPLE
    New-MigrationEndpoint -IMAP -Name IMAPEndpoint2 -RemoteServer imap.contoso.com -Port 143 -Security Tls -MaxConcurrentMigrations 50 -MaxConcurrentIncrementalSyncs 25

    Creates a source with STARTTLS and more users at once.
    .EXAMPLE
    $secret = Read-Host -AsSecureString
    New-MigrationEndpoint -Microsoft365 -Name Tenant -TenantId contoso.onmicrosoft.com -ApplicationId 8d2ef2a4-2f3b-4c39-9c5c-5f3f0c1f0c11 -ClientSecret $secret

    Creates a target in Microsoft 365.
    .EXAMPLE
    New-MigrationEndpoint -IMAP -Name Target -RemoteServer imap.fabrikam.com -Credentials (Get-Credential mailadmin) -LoginFormat '{EmailAddress}*mailadmin'

    Creates a target that an administrator signs in to, with a login that Dovecot reads as mailbox and administrator.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/new-migrationendpoint
    .LINK
    Set-MigrationEndpoint
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(DefaultParameterSetName = 'IMAP', SupportsShouldProcess, PositionalBinding = $false)]
    [OutputType('ImapMigration.Output.MigrationEndpoint')]
    param(
        [Parameter(Mandatory, ParameterSetName = 'IMAP')] [switch] $IMAP,
        [Parameter(Mandatory, ParameterSetName = 'Microsoft365')] [switch] $Microsoft365,
        [Parameter(Mandatory, ParameterSetName = 'Maildir')] [switch] $Maildir,
        [Parameter(Mandatory, ParameterSetName = 'IMAP')] [Parameter(Mandatory, ParameterSetName = 'Microsoft365')] [Parameter(Mandatory, ParameterSetName = 'Maildir')] [Parameter(ParameterSetName = 'OtherType')] [string] $Name,
        [Parameter(Mandatory, ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'Microsoft365')] [Parameter(ParameterSetName = 'OtherType')] [string] $RemoteServer,
        [Parameter(ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'Microsoft365')] [ValidateRange(1, 65535)] [int] $Port,
        [Parameter(ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'Microsoft365')] [ValidateSet('None', 'Ssl', 'Tls')] [string] $Security,
        [Parameter(ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'Microsoft365')] [Parameter(ParameterSetName = 'OtherType')] [switch] $AcceptUntrustedCertificates,
        [Parameter(ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'OtherType')] [ValidateSet('Basic', 'Digest', 'Ntlm', 'Fba', 'WindowsIntegrated', 'LiveIdFba', 'LiveIdBasic', 'WSSecurity', 'Certificate', 'NegoEx', 'OAuth', 'Adfs', 'Kerberos', 'Negotiate', 'LiveIdNegotiate', 'Misconfigured')] [string] $Authentication,
        [Parameter(ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'OtherType')] [Alias('Credential')] [pscredential] $Credentials,
        [Parameter(ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'Microsoft365')] [string] $LoginFormat,
        [Parameter(ParameterSetName = 'IMAP')] [Parameter(Mandatory, ParameterSetName = 'Microsoft365')] [string] $TenantId,
        [Parameter(ParameterSetName = 'IMAP')] [Parameter(Mandatory, ParameterSetName = 'Microsoft365')] [string] $ApplicationId,
        [Parameter(ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'Microsoft365')] [securestring] $ClientSecret,
        [Parameter(ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'Microsoft365')] [string] $CertificateFile,
        [Parameter(ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'Microsoft365')] [securestring] $CertificatePassword,
        [Parameter(ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'Microsoft365')] [string] $Authority,
        [Parameter(ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'Microsoft365')] [string] $Scope,
        [Parameter(ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'Microsoft365')] [Parameter(ParameterSetName = 'OtherType')] [string] $TestMailbox,
        [Parameter(Mandatory, ParameterSetName = 'Maildir')] [string] $Path,
        [Parameter()] [string] $MaxConcurrentMigrations,
        [Parameter()] [string] $MaxConcurrentIncrementalSyncs,
        [Parameter()] [switch] $SkipVerification,
        [Parameter()] [string] $DomainController,
        [Parameter()] [string] $Partition,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $ExchangeOutlookAnywhere,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $ExchangeRemoteMove,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $PSTImport,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $Gmail,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $GoogleMarketplaceApp,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $PublicFolder,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $PublicFolderToUnifiedGroup,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $Compliance,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $Autodiscover,
        [Parameter(ParameterSetName = 'OtherType', ValueFromRemainingArguments, DontShow)] [object[]] $OtherArguments
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        if ($PSCmdlet.ParameterSetName -eq 'OtherType') { return Deny-OtherType $PSCmdlet 'Use -IMAP, -Microsoft365 or -Maildir.' }
        Write-Ignored $PSCmdlet 'DomainController', 'Partition'
        $request = @{ Name = $Name; EndpointType = $PSCmdlet.ParameterSetName; SkipVerification = [bool]$SkipVerification }
        if ($RemoteServer) { $request.RemoteServer = $RemoteServer }
        if ($Port) { $request.Port = $Port }
        if ($Security) { $request.Security = Resolve-Member $PSCmdlet 'Security' }
        if (-not (Add-Authentication $PSCmdlet $request)) { return }
        if ($AcceptUntrustedCertificates) { $request.AcceptUntrustedCertificates = $true }
        if (-not (Add-Limit $PSCmdlet $request 'MaxConcurrentMigrations', 'MaxConcurrentIncrementalSyncs')) { return }
        if ($Path) {
            $request.Path = Resolve-FilePath $PSCmdlet 'Path' $Path
            if ($null -eq $request.Path) { return }
        }
        if (-not $PSCmdlet.ShouldProcess($Name, 'Make migration endpoint')) { return }
        if (-not (Add-SignIn $PSCmdlet $request $PSBoundParameters)) { return }
        $view = Invoke-Native $PSCmdlet 'endpoint_create' $request -Activity "Making endpoint $Name"
        if ($null -eq $view) { return }
        Write-Default $PSCmdlet $view 'RemoteServer', 'Port', 'Security', 'Authentication', 'MaxConcurrentMigrations', 'MaxConcurrentIncrementalSyncs'
        if ($SkipVerification) { Write-Decision "-SkipVerification: the endpoint was not tried. Test-MigrationServerAvailability -Endpoint '$($view.Identity -replace "'", "''")' tries it." }
        $view | ConvertTo-MigrationEndpoint
    }
}
