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
        $wanted = 'Complete-MigrationBatch', 'Confirm-MigrationBatch', 'Export-MigrationReport', 'Get-MigrationBatch', 'Get-MigrationBatchConfirmation', 'Get-MigrationConfig', 'Get-MigrationEndpoint',
        'Get-MigrationStatistics', 'Get-MigrationUser', 'Get-MigrationUserStatistics', 'Get-MoveRequest', 'New-MigrationBatch',
        'New-MigrationEndpoint', 'Remove-MigrationBatch', 'Remove-MigrationEndpoint', 'Remove-MigrationUser', 'Set-MigrationBatch',
        'Set-MigrationConfig', 'Set-MigrationEndpoint', 'Set-MigrationUser', 'Start-MigrationBatch', 'Start-MigrationUser',
        'Stop-MigrationBatch', 'Stop-MigrationUser', 'Test-MigrationServerAvailability', 'Wait-MigrationBatch'

        @((Import-PowerShellDataFile $path).FunctionsToExport) | Should -Be $wanted
        @($module.ExportedCommands.Keys | Sort-Object) | Should -Be $wanted
    }
}
