function ConvertTo-MigrationEndpoint {
    # An endpoint of the library as Exchange shows one: its properties, in its order, then ours.
    [OutputType('ImapMigration.MigrationEndpoint')]
    param(
        [Parameter(Mandatory, ValueFromPipeline)] $View
    )

    process {
        $security = $null
        if ($View.Security) { $security = New-EnumLabel $View.Security }
        $port = $null
        if ($View.Port) { $port = [int]$View.Port }
        $oauth = $View.Oauth
        if ($null -eq $oauth) { $oauth = [pscustomobject]@{ TenantId = $null; ApplicationId = $null; Authority = $null; Scope = $null } }
        [pscustomobject]@{
            PSTypeName                         = 'ImapMigration.MigrationEndpoint'
            Identity                           = New-IdentityLabel $View.Identity $View.Guid
            EndpointType                       = New-EnumLabel $View.EndpointType
            MaxConcurrentMigrations            = New-Limit $View.MaxConcurrentMigrations
            MaxConcurrentIncrementalSyncs      = New-Limit $View.MaxConcurrentIncrementalSyncs
            ActiveMigrationCount               = [int]$View.ActiveMigrationCount
            ActiveIncrementalSyncCount         = [int]$View.ActiveIncrementalSyncCount
            RemoteServer                       = $View.RemoteServer
            Port                               = $port
            Security                           = $security
            Authentication                     = New-EnumLabel $View.Authentication
            AcceptUntrustedCertificates        = [bool]$View.AcceptUntrustedCertificates
            MailboxPermission                  = New-EnumLabel 'Admin'
            UseAutoDiscover                    = $false
            ExchangeServer                     = $null
            RpcProxyServer                     = $null
            NspiServer                         = $null
            SourceMailboxLegacyDN              = $null
            PublicFolderDatabaseServerLegacyDN = $null
            EmailAddress                       = $null
            Username                           = $View.AdministratorUserName
            Credentials                        = $null
            RemoteTenant                       = $oauth.TenantId
            AppID                              = $oauth.ApplicationId
            AppSecretKeyVaultUrl               = $null
            TestMailbox                        = $View.TestMailbox
            DiagnosticInfo                     = $null
            IsValid                            = $true
            ObjectState                        = New-EnumLabel 'Unchanged'
            LoginFormat                        = $View.LoginFormat
            Authority                          = $oauth.Authority
            Scope                              = $oauth.Scope
            Path                               = $View.Path
            CreationDateTimeUTC                = ConvertFrom-UnixTime $View.CreationUnixMs
            LastModifiedDateTimeUTC            = ConvertFrom-UnixTime $View.LastModifiedUnixMs
        }
    }
}
