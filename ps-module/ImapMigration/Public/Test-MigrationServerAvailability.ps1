function Test-MigrationServerAvailability {
    <#
    .SYNOPSIS
    Tests whether an IMAP server or a migration endpoint can be used.
    .DESCRIPTION
    Connects to the server, negotiates encryption, checks the certificate and reads what the server can do. For an endpoint with its own
    credentials it also signs in, if a mailbox to sign in to is named. A server that cannot be used is a result, not an error: Result is
    Failed, and Message and ErrorDetail say why. -Verbose shows each step: the address, the TLS version and the date until which the
    certificate is valid, what the server can do, and who signed in.
    .PARAMETER Imap
    Tests an IMAP server.
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
    .PARAMETER Endpoint
    The endpoint: its name, its Guid, the object that Get-MigrationEndpoint returns, or that object's Identity.
    .PARAMETER TestMailbox
    The mailbox to sign in to, for this once instead of the endpoint's own test mailbox.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER ExchangeOutlookAnywhere
    Another migration type; is an error.
    .PARAMETER ExchangeRemoteMove
    Another migration type; is an error.
    .PARAMETER PSTImport
    Another migration type; is an error.
    .PARAMETER PublicFolder
    Another migration type; is an error.
    .PARAMETER PublicFolderToUnifiedGroup
    Another migration type; is an error.
    .PARAMETER Gmail
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
    Asks before the test.
    .EXAMPLE
    Test-MigrationServerAvailability -IMAP -RemoteServer imap.contoso.com -Port 993 -Security Ssl

    Tests a server with TLS from the first byte.
    .EXAMPLE
    Test-MigrationServerAvailability -Endpoint Tenant -TestMailbox terrya@contoso.edu

    Tests an endpoint with its own credentials, on this mailbox.
    .EXAMPLE
    Get-MigrationEndpoint | ForEach-Object { Test-MigrationServerAvailability -Endpoint $_ }

    Tests every endpoint.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/test-migrationserveravailability
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(DefaultParameterSetName = 'IMAP', SupportsShouldProcess, PositionalBinding = $false)]
    [OutputType('ImapMigration.Output.ServerTestResult')]
    param(
        [Parameter(Mandatory, ParameterSetName = 'IMAP')] [switch] $Imap,
        [Parameter(Mandatory, ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'OtherType')] [string] $RemoteServer,
        [Parameter(Mandatory, ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'OtherType')] [ValidateRange(1, 65535)] [int] $Port,
        [Parameter(ParameterSetName = 'IMAP')] [ValidateSet('None', 'Ssl', 'Tls')] [string] $Security,
        [Parameter(ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'OtherType')] [ValidateSet('Basic', 'Digest', 'Ntlm', 'Fba', 'WindowsIntegrated', 'LiveIdFba', 'LiveIdBasic', 'WSSecurity', 'Certificate', 'NegoEx', 'OAuth', 'Adfs', 'Kerberos', 'Negotiate', 'LiveIdNegotiate', 'Misconfigured')] [string] $Authentication,
        [Parameter(ParameterSetName = 'IMAP')] [Parameter(ParameterSetName = 'OtherType')] [switch] $AcceptUntrustedCertificates,
        [Parameter(Mandatory, ParameterSetName = 'TestEndpoint')] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Endpoint,
        [Parameter(ParameterSetName = 'TestEndpoint')] [Parameter(ParameterSetName = 'OtherType')] [string] $TestMailbox,
        [Parameter()] [string] $Partition,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $ExchangeOutlookAnywhere,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $ExchangeRemoteMove,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $PSTImport,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $PublicFolder,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $PublicFolderToUnifiedGroup,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $Gmail,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $Compliance,
        [Parameter(ParameterSetName = 'OtherType')] [switch] $Autodiscover,
        [Parameter(ParameterSetName = 'OtherType', ValueFromRemainingArguments, DontShow)] [object[]] $OtherArguments
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        if ($PSCmdlet.ParameterSetName -eq 'OtherType') { return Deny-OtherType $PSCmdlet 'Use -IMAP or -Endpoint.' }
        Write-Ignored $PSCmdlet 'Partition'
        if ($PSCmdlet.ParameterSetName -eq 'TestEndpoint') {
            $target = Get-DisplayName $Endpoint
            $request = @{}
            if (-not (Add-Identity $PSCmdlet $request 'Endpoint' 'endpoint' $Endpoint)) { return }
            if ($TestMailbox) { $request.TestMailbox = $TestMailbox }
        } else {
            $target = "${RemoteServer}:$Port"
            $request = @{ RemoteServer = $RemoteServer; Port = $Port; AcceptUntrustedCertificates = [bool]$AcceptUntrustedCertificates }
            if ($Security) { $request.Security = Resolve-Member $PSCmdlet 'Security' }
            if (-not (Add-Authentication $PSCmdlet $request)) { return }
        }
        if (-not $PSCmdlet.ShouldProcess($target, 'Test the connection')) { return }
        $result = Invoke-Native $PSCmdlet 'server_test' $request -Activity "Testing $target"
        if ($null -eq $result) { return }
        foreach ($step in $result.Steps) { Write-Decision "$step" }
        ConvertTo-ServerTestResult $result
    }
}
