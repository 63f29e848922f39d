BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Test-MigrationServerAvailability' {
    BeforeAll {
        Mock -ModuleName ImapMigration Invoke-Native {
            [pscustomobject]@{ Result = 'Failed'; Message = 'The connection to the server ''x'' could not be completed.'; SupportsCutover = $false; ErrorDetail = 'why'; Steps = @('Looking up x.', 'Agreeing on TLS.') }
        }
    }

    It 'tests a server' {
        $null = Test-MigrationServerAvailability -IMAP -RemoteServer imap.contoso.com -Port 993 -Security SSL -AcceptUntrustedCertificates

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter {
            $Function -eq 'server_test' -and $Request.RemoteServer -eq 'imap.contoso.com' -and $Request.Port -eq 993 -and $Request.Security -ceq 'Ssl' -and $Request.AcceptUntrustedCertificates
        }
    }

    It 'tests endpoints by name, object and identity' {
        $endpoint = & (Get-Module ImapMigration) { ConvertTo-MigrationEndpoint $args[0] } (Get-EndpointView)

        $null = Test-MigrationServerAvailability -Endpoint IMAPEndpoint -TestMailbox terrya@contoso.edu
        foreach ($MEP in $endpoint, $endpoint.Identity) { $null = Test-MigrationServerAvailability -Endpoint $MEP }

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter { $Request.Endpoint -eq 'IMAPEndpoint' -and $Request.TestMailbox -eq 'terrya@contoso.edu' }
        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 2 -Exactly -ParameterFilter { $Request.Endpoint -eq '22222222-2222-4222-8222-222222222222' -and $Request.Count -eq 1 }
    }

    It 'shows the result as a list in the order of Exchange' {
        $result = Test-MigrationServerAvailability -IMAP -RemoteServer x -Port 993

        $result.psobject.Properties.Name | Should -Be 'Result', 'Message', 'ConnectionSettings', 'SupportsCutover', 'ErrorDetail', 'IsValid', 'Identity', 'ObjectState'
        ($result | Out-String).Trim() | Should -Match '^Result +: Failed\r?\nMessage +: The connection'
    }

    It 'says each step with -Verbose' {
        $said = Test-MigrationServerAvailability -IMAP -RemoteServer x -Port 993 -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] }

        "$said" | Should -BeLike '*Looking up x. Agreeing on TLS.'
    }

    It 'talks to no server with -WhatIf' {
        Test-MigrationServerAvailability -IMAP -RemoteServer x -Port 993 -WhatIf | Should -BeNullOrEmpty

        Should -Not -Invoke -ModuleName ImapMigration Invoke-Native
    }
}
