BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Get-MigrationEndpoint' {
    BeforeAll {
        $views = @(Get-EndpointView)
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Endpoints = @($views) } }.GetNewClosure()
    }

    It 'shows how an endpoint is reached, limits in the order of Exchange' {
        $text = Get-MigrationEndpoint IMAPEndpoint | Format-List EndpointType,RemoteServer,Port,Security,Max* | Out-String

        ($text.Trim() -split '\r?\n' -replace ' +: ', '=') | Should -Be @(
            'EndpointType=IMAP', 'RemoteServer=imap.contoso.com', 'Port=993', 'Security=Ssl', 'MaxConcurrentMigrations=20', 'MaxConcurrentIncrementalSyncs=10')
    }

    It 'shows identity, type and server' {
        $lines = (Get-MigrationEndpoint | Out-String -Width 100).Trim() -split '\r?\n'

        $lines[0] | Should -Match '^Identity +EndpointType +RemoteServer'
        $lines[2] | Should -Match '^IMAPEndpoint +IMAP +imap\.contoso\.com'
    }

    It 'asks by Guid for an object, and by type' {
        $null = Get-MigrationEndpoint | Get-MigrationEndpoint
        $null = Get-MigrationEndpoint -Type imap

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { $Request.Identity -eq '22222222-2222-4222-8222-222222222222' }
        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { $Request.Type -ceq 'IMAP' }
    }

    It 'knows no endpoints of other migration types' {
        Get-MigrationEndpoint -Type ExchangeRemoteMove | Should -BeNullOrEmpty
    }

    It 'names the local store by name, as it has no Guid' {
        $views = @(Get-EndpointView @{ Identity = 'Local'; Guid = ''; EndpointType = 'Maildir'; RemoteServer = $null; Port = $null; Security = $null; CreationUnixMs = $null; LastModifiedUnixMs = $null })
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Endpoints = @($views) } }.GetNewClosure()

        $found = Get-MigrationEndpoint Local | Get-MigrationEndpoint

        $found.CreationDateTimeUTC | Should -BeNullOrEmpty
        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 2 -ParameterFilter { $Request.Identity -eq 'Local' }
    }
}
