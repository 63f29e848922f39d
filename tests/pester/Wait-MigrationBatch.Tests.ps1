BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Wait-MigrationBatch' {
    BeforeAll { Mock -ModuleName ImapMigration Start-Sleep { } }

    It 'looks again until the batch is <Status>, and returns it' -ForEach @(
        @{ Status = 'Synced' }, @{ Status = 'SyncedWithErrors' }, @{ Status = 'Failed' }, @{ Status = 'Stopped' }
    ) {
        $looks = [Collections.Generic.Queue[object]]::new()
        'Starting', 'Syncing', $Status | ForEach-Object { $looks.Enqueue((Get-BatchView @{ Status = $_ })) }
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Batches = @($looks.Dequeue()) } }.GetNewClosure()

        (Wait-MigrationBatch IMAPBatch1).Status | Should -Be $Status

        $looks.Count | Should -Be 0
    }

    It 'shows users and items' {
        Mock -ModuleName ImapMigration Write-Progress { }

        InModuleScope ImapMigration -Parameters @{ View = (Get-BatchView @{ Status = 'Syncing'; SyncedItems = 1000 }) } { Write-BatchProgress 'x' $View }

        Should -Invoke -ModuleName ImapMigration Write-Progress -ParameterFilter { $Status -like 'Syncing: 3 of 3 users, 1?002 of 4?000 items' -and $PercentComplete -eq 25 }
    }

    It 'gives up after the time given' {
        $views = @(Get-BatchView @{ Status = 'Syncing' })
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Batches = @($views) } }.GetNewClosure()

        { Wait-MigrationBatch IMAPBatch1 -Timeout 0 -ErrorAction Stop } | Should -Throw '*still Syncing after 0 seconds*' -ErrorId 'WaitTimedOut,*'
    }

    It 'does not wait for a batch that nobody started' {
        $views = @(Get-BatchView @{ Status = 'Created' })
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Batches = @($views) } }.GetNewClosure()

        { Wait-MigrationBatch IMAPBatch1 -ErrorAction Stop } | Should -Throw '*has not been started*Start-MigrationBatch*'
    }
}
