BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Get-MigrationStatistics' {
    It 'shows the counts with the properties of Exchange, in their order' {
        Mock -ModuleName ImapMigration Invoke-Native {
            [pscustomobject]@{ TotalCount = 5; ActiveCount = 1; StoppedCount = 0; SyncedCount = 2; FinalizedCount = 1; FailedCount = 1; PendingCount = 1 }
        }

        $statistics = Get-MigrationStatistics

        $statistics.psobject.Properties.Name -join ' ' | Should -Be ('Identity TotalCount ActiveCount StoppedCount SyncedCount FinalizedCount FailedCount PendingCount ' +
            'ProvisionedCount MigrationType Diagnostics DiagnosticInfo IsValid ObjectState')
        $statistics.TotalCount, $statistics.FinalizedCount, "$($statistics.MigrationType)" | Should -Be 5, 1, 'IMAP'
    }
}

Describe 'Export-MigrationReport' {
    BeforeAll {
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Csv = "EmailAddress,Status`r`nterrya@contoso.edu,Synced`r`n"; RowCount = 1 } }
    }

    It 'writes the file to a stream as UTF-8' {
        $stream = [IO.MemoryStream]::new()

        Export-MigrationReport IMAPBatch1 -CsvStream $stream | Should -BeNullOrEmpty

        [Text.Encoding]::UTF8.GetString($stream.ToArray()) | Should -Be "EmailAddress,Status`r`nterrya@contoso.edu,Synced`r`n"
    }

    It 'returns some rows as text' {
        $rows = Export-MigrationReport IMAPBatch1 -StartingRowIndex 10 -RowCount 5 | ConvertFrom-Csv

        $rows.Status | Should -Be 'Synced'
        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter { $Request.StartingRowIndex -eq 10 -and $Request.RowCount -eq 5 }
    }
}

Describe 'Get-MoveRequest' {
    It 'finds nothing, so that a script goes on to its next line' {
        Get-MoveRequest | Should -BeNullOrEmpty
        Get-MoveRequest -MoveStatus Failed -ResultSize Unlimited | Should -BeNullOrEmpty
        Get-MoveRequest -Identity terrya@contoso.edu -ErrorAction SilentlyContinue -ErrorVariable missing | Should -BeNullOrEmpty

        $missing[0].FullyQualifiedErrorId | Should -Match '^ManagementObjectNotFoundException'
        $missing[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'does not repeat the line of a CSV file that is piped in' {
        'terrya@contoso.edu,terry.adams,1091990' | Get-MoveRequest -ErrorAction SilentlyContinue -ErrorVariable refused

        $refused.Count | Should -Be 1
        "$($refused[0]) $($refused[0].TargetObject) $($refused[0].CategoryInfo)" | Should -Not -Match '1091990'
        "$($refused[0])" | Should -Match 'Import-Csv'
    }
}
