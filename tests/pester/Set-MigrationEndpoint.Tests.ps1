BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Set-MigrationEndpoint' {
    BeforeAll { Mock -ModuleName ImapMigration Invoke-Native { Get-Date } }

    It 'changes what is given, takes $false for a value, and returns nothing' {
        Set-MigrationEndpoint IMAPEndpoint -AcceptUntrustedCertificates $false -MaxConcurrentMigrations 40 -Port 993 | Should -BeNullOrEmpty

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter {
            $Function -eq 'endpoint_update' -and $Request.Identity -eq 'IMAPEndpoint' -and $Request.AcceptUntrustedCertificates -eq $false -and $Request.Port -eq 993 -and
            $Request.MaxConcurrentMigrations -eq 40 -and -not $Request.Contains('Security')
        }
    }

    It 'does nothing with -WhatIf' {
        & (Get-Module ImapMigration) { ConvertTo-MigrationEndpoint $args[0] } (Get-EndpointView) | Set-MigrationEndpoint -Port 993 -WhatIf

        Should -Not -Invoke -ModuleName ImapMigration Invoke-Native
    }
}
