BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Get-MigrationBatch' {
    BeforeAll {
        $views = @(Get-BatchView)
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Batches = @($views) } }.GetNewClosure()
    }

    It 'asks for <Wanted> when it is called as <Line>' -ForEach @(
        @{ Line = 'Get-MigrationBatch'; Wanted = 'Identity=' }
        @{ Line = 'Get-MigrationBatch $null'; Wanted = 'Identity=' }
        @{ Line = 'Get-MigrationBatch IMAPBatch1'; Wanted = 'Identity=IMAPBatch1' }
        @{ Line = 'Get-MigrationBatch -Identity 11111111-1111-4111-8111-111111111111'; Wanted = 'Identity=11111111-1111-4111-8111-111111111111' }
        @{ Line = '$batch | Get-MigrationBatch'; Wanted = 'Identity=11111111-1111-4111-8111-111111111111' }
        @{ Line = '$batch.Identity | Get-MigrationBatch'; Wanted = 'Identity=11111111-1111-4111-8111-111111111111' }
        @{ Line = 'Get-MigrationBatch -Identity ([string]$batch.Identity)'; Wanted = 'Identity=IMAPBatch1' }
        @{ Line = 'Get-MigrationBatch -Identity $batch.Identity.Name'; Wanted = 'Identity=IMAPBatch1' }
        @{ Line = 'Get-MigrationBatch -Status syncedwithERRORS'; Wanted = 'Status=SyncedWithErrors' }
        @{ Line = 'Get-MigrationBatch -Status $batch.Status'; Wanted = 'Status=Synced' }
        @{ Line = 'Get-MigrationBatch -Endpoint IMAPEndpoint'; Wanted = 'Endpoint=IMAPEndpoint' }
        @{ Line = 'Get-MigrationBatch -Endpoint $batch.SourceEndpoint -Status Synced'; Wanted = 'Endpoint=IMAPEndpoint' }
        @{ Line = 'Get-MigrationBatch -ResultSize Unlimited'; Wanted = 'ResultSize=' }
        @{ Line = 'Get-MigrationBatch -ResultSize 5'; Wanted = 'ResultSize=6' }
        @{ Line = 'Get-MigrationBatch'; Wanted = 'ResultSize=1001' }
        @{ Line = 'Get-MigrationBatch -IncludeReport'; Wanted = 'IncludeReport=True' }
    ) {
        $batch = Get-MigrationBatch

        $null = . ([scriptblock]::Create($Line))

        $name, $value = $Wanted.Split('=')
        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { $Function -eq 'batch_list' -and "$($Request[$name])" -ceq $value }
    }

    It 'warns when there are more than were asked for' {
        $views = 1..3 | ForEach-Object { Get-BatchView @{ Identity = "Batch$_" } }
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Batches = @($views) } }.GetNewClosure()

        $found = Get-MigrationBatch -ResultSize 2 -WarningVariable warnings -WarningAction SilentlyContinue

        $found.Identity | Should -Be 'Batch1', 'Batch2'
        $warnings | Should -BeLike 'There are more than the 2 results*'
    }

    It 'shows identity, status, type, the number of users, and what keeps it from going on' {
        $views = (Get-BatchView @{ Identity = 'Well' }), (Get-BatchView @{ Identity = 'Waits'; Message = 'The source server is down; the next try is at 10:00.' })
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Batches = @($views) } }.GetNewClosure()

        $text = Get-MigrationBatch | Out-String -Width 140

        $lines = $text.Trim() -split '\r?\n'
        $lines[0].TrimEnd() | Should -Match '^Identity +Status +Type +TotalCount +Message$'
        $lines[2].TrimEnd() | Should -Match '^Well +Synced +IMAP +3$'
        $lines[3].TrimEnd() | Should -Match '^Waits +Synced +IMAP +3 The source server is down; the next try is at 10:00\.$'
    }
}
