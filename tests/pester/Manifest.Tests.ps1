BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $module = Get-Module ImapMigration
    $path = [IO.Path]::Combine($module.ModuleBase, 'ImapMigration.psd1')
}

Describe 'The manifest' {
    It 'is valid' {
        Test-ModuleManifest $path -ErrorAction Stop | Should -Not -BeNullOrEmpty
    }

    It 'is for Windows PowerShell and PowerShell' {
        $module.CompatiblePSEditions | Should -Be 'Desktop', 'Core'
        $module.PowerShellVersion | Should -Be '5.1'
    }

    It 'has the version of the library' {
        $cargo = [IO.File]::ReadAllText([IO.Path]::Combine($PSScriptRoot, '..', '..', 'Cargo.toml'))

        "$($module.Version)" | Should -Be ([regex]::Match($cargo, '(?m)^version = "(.+)"').Groups[1].Value)
    }

    It 'exports each cmdlet by name, and nothing else' {
        $wanted = 'Get-MigrationBatch', 'Get-MigrationConfig', 'Get-MigrationEndpoint', 'Get-MigrationUser', 'Get-MigrationUserStatistics',
        'New-MigrationBatch', 'New-MigrationEndpoint', 'Remove-MigrationBatch', 'Remove-MigrationEndpoint', 'Set-MigrationBatch',
        'Set-MigrationConfig', 'Set-MigrationEndpoint', 'Start-MigrationBatch', 'Stop-MigrationBatch', 'Test-MigrationServerAvailability',
        'Wait-MigrationBatch'

        @((Import-PowerShellDataFile $path).FunctionsToExport) | Should -Be $wanted
        @($module.ExportedCommands.Keys | Sort-Object) | Should -Be $wanted
    }
}
