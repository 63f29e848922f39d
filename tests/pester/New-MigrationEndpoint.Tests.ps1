BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'New-MigrationEndpoint' {
    BeforeAll {
        $view = Get-EndpointView
        Mock -ModuleName ImapMigration Invoke-Native { $view }.GetNewClosure()
        $secret = [securestring]::new()
        $secret.AppendChar('s')
        $credential = [pscredential]::new('mailadmin', $secret)
    }

    It 'makes the endpoints of the documents and returns them' {
        $made = New-MigrationEndpoint -IMAP -Name IMAPEndpoint -RemoteServer imap.contoso.com -Port 143 -Security tls -MaxConcurrentMigrations 50 -MaxConcurrentIncrementalSyncs Unlimited

        $made.Identity | Should -Be 'IMAPEndpoint'
        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter {
            $Function -eq 'endpoint_create' -and $Request.Name -eq 'IMAPEndpoint' -and $Request.EndpointType -ceq 'IMAP' -and $Request.RemoteServer -eq 'imap.contoso.com' -and
            $Request.Port -eq 143 -and $Request.Security -ceq 'Tls' -and $Request.MaxConcurrentMigrations -eq 50 -and $Request.MaxConcurrentIncrementalSyncs -ceq 'Unlimited'
        }
    }

    It 'leaves out what was not given' {
        $null = New-MigrationEndpoint -IMAP -Name x -RemoteServer y

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { (@($Request.Keys | Sort-Object) -join ' ') -eq 'EndpointType Name RemoteServer SkipVerification' }
    }

    It 'takes an administrator by -Credential and -Credentials' {
        $null = New-MigrationEndpoint -IMAP -Name x -RemoteServer y -Credential $credential -LoginFormat '{EmailAddress}*mailadmin'
        $null = New-MigrationEndpoint -IMAP -Name x -RemoteServer y -Credentials $credential

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 2 -ParameterFilter {
            $Request.AdministratorUserName -eq 'mailadmin' -and $Request.AdministratorPassword -is [securestring]
        }
    }

    It 'makes Microsoft 365 endpoints with a secret or a certificate' {
        [IO.File]::WriteAllBytes("$TestDrive/app.pfx", [byte[]](1, 2, 3))

        $null = New-MigrationEndpoint -Microsoft365 -Name Tenant -TenantId t -ApplicationId a -ClientSecret $secret
        $null = New-MigrationEndpoint -Microsoft365 -Name Tenant -TenantId t -ApplicationId a -CertificateFile "$TestDrive/app.pfx" -CertificatePassword $secret -RemoteServer 127.0.0.1 -Port 1993 -Authority https://127.0.0.1 -Scope s

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { $Request.EndpointType -ceq 'Microsoft365' -and $Request.ClientSecret -is [securestring] }
        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter {
            ($Request.CertificateBase64 -join ' ') -eq '1 2 3' -and $Request.CertificatePassword -is [securestring] -and $Request.Authority -eq 'https://127.0.0.1' -and $Request.Port -eq 1993
        }
    }

    It 'takes OAuth for any IMAP server' {
        $null = New-MigrationEndpoint -IMAP -Name x -RemoteServer y -Authentication oauth -TenantId t -ApplicationId a -ClientSecret $secret

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { $Request.Authentication -ceq 'OAuth' -and $Request.TenantId -eq 't' }
    }

    It 'makes endpoints for Maildirs' {
        $null = New-MigrationEndpoint -Maildir -Name x -Path "$TestDrive/mail"

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { $Request.EndpointType -ceq 'Maildir' -and [IO.Path]::IsPathRooted($Request.Path) }
    }

    It 'does nothing with -WhatIf' {
        New-MigrationEndpoint -IMAP -Name x -RemoteServer y -WhatIf | Should -BeNullOrEmpty

        Should -Not -Invoke -ModuleName ImapMigration Invoke-Native
    }
}
