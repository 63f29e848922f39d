# Every cmdlet has a twin on the command line, for machines without PowerShell. Get-MoveRequest has none: it is there for scripts alone.

BeforeDiscovery {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $missing = -not (Test-Library)
    $twins = [ordered]@{
        'Complete-MigrationBatch' = 'batch complete'; 'Confirm-MigrationBatch' = 'batch confirm'; 'Export-MigrationReport' = 'report'
        'Get-MigrationBatch' = 'batch get'; 'Get-MigrationBatchConfirmation' = 'batch confirmation'; 'Get-MigrationConfig' = 'config get'
        'Get-MigrationEndpoint' = 'endpoint get'; 'Get-MigrationStatistics' = 'statistics'; 'Get-MigrationUser' = 'user get'
        'Get-MigrationUserStatistics' = 'user statistics'; 'New-MigrationBatch' = 'batch new'; 'New-MigrationEndpoint' = 'endpoint new'
        'Remove-MigrationBatch' = 'batch remove'; 'Remove-MigrationEndpoint' = 'endpoint remove'; 'Remove-MigrationUser' = 'user remove'
        'Set-MigrationBatch' = 'batch set'; 'Set-MigrationConfig' = 'config set'; 'Set-MigrationEndpoint' = 'endpoint set'; 'Set-MigrationUser' = 'user set'
        'Start-MigrationBatch' = 'batch start'; 'Start-MigrationUser' = 'user start'; 'Stop-MigrationBatch' = 'batch stop'; 'Stop-MigrationUser' = 'user stop'
        'Test-MigrationServerAvailability' = 'test-server'; 'Wait-MigrationBatch' = 'wait'
    }
    $cases = foreach ($twin in $twins.GetEnumerator()) { @{ Cmdlet = $twin.Key; Twin = $twin.Value } }
}

Describe 'The command line' -Skip:$missing {
    BeforeAll {
        . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
        Import-ModuleUnderTest
        $program = [IO.Path]::Combine([IO.Path]::GetDirectoryName((& (Get-Module ImapMigration) { Get-LibraryPath })), (& (Get-Module ImapMigration) { $null = Get-LibraryPath; $script:WorkerName }))
    }

    It 'has a twin of every cmdlet' -ForEach @{ Known = @($twins.Keys) } {
        (Get-Command -Module ImapMigration).Name | Where-Object { $Known -notcontains $_ } | Should -Be 'Get-MoveRequest'
    }

    It '<Cmdlet> is imapmig <Twin>' -ForEach $cases {
        $help = & $program @($Twin.Split(' ') + '--help')

        $LASTEXITCODE | Should -Be 0
        "$help" | Should -Match "Usage: imapmig $Twin"
    }
}
