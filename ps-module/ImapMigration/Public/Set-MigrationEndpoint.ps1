function Set-MigrationEndpoint {
    <#
    .SYNOPSIS
    Changes a migration endpoint.
    .DESCRIPTION
    Changes the given settings and leaves the others. The server is tested with the new settings, unless -SkipVerification is given.
    Batches take the change up at their next sync, or at once with Set-MigrationBatch -Update.
    .PARAMETER Identity
    The endpoint: its name, its Guid, the object that Get-MigrationEndpoint returns, or that object's Identity.
    .PARAMETER RemoteServer
    The host name or address of the IMAP server. With TLS the server's certificate must be for this name.
    .PARAMETER Port
    The TCP port of the server: 993 for Ssl, 143 for Tls and None.
    .PARAMETER Security
    Ssl: TLS from the first byte, the default. Tls: STARTTLS, required. None: no encryption.
    .PARAMETER Authentication
    How to sign in: Basic, the default, is user name and password; OAuth is XOAUTH2 with an application's token. Exchange's other values are refused, because IMAP does not use them.
    .PARAMETER AcceptUntrustedCertificates
    Takes any certificate that the server shows: self-signed, expired, or for another name.
    .PARAMETER MaxConcurrentMigrations
    How many users of this endpoint may be in their initial sync at once: a number or Unlimited.
    .PARAMETER MaxConcurrentIncrementalSyncs
    How many users of this endpoint may be in an incremental sync at once: a number, at most MaxConcurrentMigrations, or Unlimited.
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
    .PARAMETER TestMailbox
    A mailbox that is opened when the endpoint is tested.
    .PARAMETER SkipVerification
    Skips the test of the server.
    .PARAMETER AppSecretKeyVaultUrl
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER ExchangeServer
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER MailboxPermission
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER NspiServer
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER PublicFolderDatabaseServerLegacyDN
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER RpcProxyServer
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER ServiceAccountKeyFileData
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SourceMailboxLegacyDN
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER WhatIf
    Shows what would be done, without doing it.
    .PARAMETER Confirm
    Asks before the change is made.
    .EXAMPLE
    Set-MigrationEndpoint IMAPEndpoint -MaxConcurrentMigrations 40 -MaxConcurrentIncrementalSyncs 20

    Lets more users be migrated at once.
    .EXAMPLE
    Set-MigrationEndpoint Target -Credentials (Get-Credential mailadmin)

    Renews an administrator's password.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/set-migrationendpoint
    .LINK
    New-MigrationEndpoint
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(SupportsShouldProcess, PositionalBinding = $false)]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter()] [string] $RemoteServer,
        [Parameter()] [ValidateRange(1, 65535)] [int] $Port,
        [Parameter()] [ValidateSet('None', 'Ssl', 'Tls')] [string] $Security,
        [Parameter()] [ValidateSet('Basic', 'Digest', 'Ntlm', 'Fba', 'WindowsIntegrated', 'LiveIdFba', 'LiveIdBasic', 'WSSecurity', 'Certificate', 'NegoEx', 'OAuth', 'Adfs', 'Kerberos', 'Negotiate', 'LiveIdNegotiate', 'Misconfigured')] [string] $Authentication,
        [Parameter()] [bool] $AcceptUntrustedCertificates,
        [Parameter()] [string] $MaxConcurrentMigrations,
        [Parameter()] [string] $MaxConcurrentIncrementalSyncs,
        [Parameter()] [Alias('Credential')] [pscredential] $Credentials,
        [Parameter()] [string] $LoginFormat,
        [Parameter()] [string] $TenantId,
        [Parameter()] [string] $ApplicationId,
        [Parameter()] [securestring] $ClientSecret,
        [Parameter()] [string] $CertificateFile,
        [Parameter()] [securestring] $CertificatePassword,
        [Parameter()] [string] $TestMailbox,
        [Parameter()] [switch] $SkipVerification,
        [Parameter()] [string] $AppSecretKeyVaultUrl,
        [Parameter()] [string] $DomainController,
        [Parameter()] [string] $ExchangeServer,
        [Parameter()] [ValidateSet('Admin', 'FullAccess')] [string] $MailboxPermission,
        [Parameter()] [string] $NspiServer,
        [Parameter()] [string] $Partition,
        [Parameter()] [string] $PublicFolderDatabaseServerLegacyDN,
        [Parameter()] [string] $RpcProxyServer,
        [Parameter()] [byte[]] $ServiceAccountKeyFileData,
        [Parameter()] [string] $SourceMailboxLegacyDN
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet @(
            'AppSecretKeyVaultUrl', 'DomainController', 'ExchangeServer', 'MailboxPermission', 'NspiServer', 'Partition'
            'PublicFolderDatabaseServerLegacyDN', 'RpcProxyServer', 'ServiceAccountKeyFileData', 'SourceMailboxLegacyDN'
        )
        $request = @{ SkipVerification = [bool]$SkipVerification }
        foreach ($name in 'RemoteServer', 'Port', 'AcceptUntrustedCertificates') {
            if ($PSBoundParameters.ContainsKey($name)) { $request[$name] = $PSBoundParameters[$name] }
        }
        if ($Security) { $request.Security = Resolve-Member $PSCmdlet 'Security' }
        if (-not (Add-Authentication $PSCmdlet $request)) { return }
        if (-not (Add-Limit $PSCmdlet $request 'MaxConcurrentMigrations', 'MaxConcurrentIncrementalSyncs')) { return }
        foreach ($target in Get-Target $PSCmdlet 'endpoint' $PSBoundParameters) {
            if (-not $PSCmdlet.ShouldProcess($target.Name, 'Change migration endpoint')) { continue }
            $request.Identity = $target.Identity
            if (-not (Add-SignIn $PSCmdlet $request $PSBoundParameters)) { return }
            $null = Invoke-Native $PSCmdlet 'endpoint_update' $request -Activity "Changing endpoint $($target.Name)"
            if ($null -ne $script:Failure) { continue }
            Write-Decision "Connections that are made from now on to endpoint ""$($target.Name)"" follow the new settings."
            if ($SkipVerification) { Write-Decision '-SkipVerification: the changed endpoint was not tried.' }
        }
    }
}
