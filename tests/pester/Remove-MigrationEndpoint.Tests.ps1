BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Remove-MigrationEndpoint' {
    BeforeAll { Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{} } }

    It 'removes by name and by object, and returns nothing' {
        $endpoint = & (Get-Module ImapMigration) { ConvertTo-MigrationEndpoint $args[0] } (Get-EndpointView)

        Remove-MigrationEndpoint IMAPEndpoint -Confirm:$false | Should -BeNullOrEmpty
        $endpoint | Remove-MigrationEndpoint -Confirm:$false

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { $Function -eq 'endpoint_remove' -and $Request.Identity -eq 'IMAPEndpoint' }
        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { $Request.Identity -eq '22222222-2222-4222-8222-222222222222' }
    }

    It 'does nothing with -WhatIf' {
        Remove-MigrationEndpoint IMAPEndpoint -WhatIf

        Should -Not -Invoke -ModuleName ImapMigration Invoke-Native
    }

    It 'asks first' {
        (Get-Command Remove-MigrationEndpoint).ScriptBlock.Attributes.ConfirmImpact | Should -Be 'High'
    }
}
