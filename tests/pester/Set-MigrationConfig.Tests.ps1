BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Set-MigrationConfig' {
    BeforeAll { Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{} } }

    It 'sets the default target and limits, and returns nothing' {
        Set-MigrationConfig -TargetEndpoint Tenant -MaxConcurrentMigrations Unlimited -MaxNumberOfBatches 7 | Should -BeNullOrEmpty

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter {
            $Function -eq 'config_set' -and $Request.TargetEndpoint -eq 'Tenant' -and $Request.MaxConcurrentMigrations -ceq 'Unlimited' -and $Request.MaxNumberOfBatches -eq 7
        }
    }

    It 'does nothing with -WhatIf' {
        Set-MigrationConfig -TargetEndpoint Tenant -WhatIf

        Should -Not -Invoke -ModuleName ImapMigration Invoke-Native
    }
}
