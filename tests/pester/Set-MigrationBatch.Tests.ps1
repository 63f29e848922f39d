BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Set-MigrationBatch' {
    BeforeAll {
        $view = Get-BatchView
        Mock -ModuleName ImapMigration Invoke-Native { $view }.GetNewClosure()
    }

    It 'asks for a sync now and returns nothing' {
        Set-MigrationBatch -Identity IMAPBatch1 -SyncNow | Should -BeNullOrEmpty

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { $Function -eq 'batch_update' -and $Request.SyncNow -and -not $Request.Contains('Update') }
    }

    It 'adds the users of a CSV file, and warns of rows that were not taken' {
        $view = Get-BatchView @{ ValidationWarnings = @(@{ RowIndex = 3; EmailAddress = 'x'; Message = 'no password' }) }
        Mock -ModuleName ImapMigration Invoke-Native { $view }.GetNewClosure()

        Set-MigrationBatch IMAPBatch1 -AddUsers -CSVData ([byte[]](1, 2)) -WarningVariable warnings -WarningAction SilentlyContinue

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { ($Request.AddUsersCsvBase64 -join ' ') -eq '1 2' }
        "$warnings" | Should -Be 'Row 3: no password'
    }

    It 'gives users of the batch the logins and passwords of a CSV file without -AddUsers' {
        Set-MigrationBatch IMAPBatch1 -CSVData ([byte[]](1, 2))

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { ($Request.CsvBase64 -join ' ') -eq '1 2' -and -not $Request.Contains('AddUsersCsvBase64') }
    }

    It 'does nothing with -WhatIf' {
        Set-MigrationBatch IMAPBatch1 -SyncNow -WhatIf

        Should -Not -Invoke -ModuleName ImapMigration Invoke-Native
    }
}
