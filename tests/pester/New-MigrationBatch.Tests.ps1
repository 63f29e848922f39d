BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'New-MigrationBatch' {
    BeforeAll {
        $view = Get-BatchView
        Mock -ModuleName ImapMigration Invoke-Native { $view }.GetNewClosure()
        $csv = [Text.Encoding]::UTF8.GetBytes("EmailAddress,UserName,Password`r`nterrya@contoso.edu,terry.adams,1091990`r`n")
    }

    It 'makes a batch and returns it' {
        $OnboardingBatch = New-MigrationBatch -Name IMAPBatch1 -SourceEndpoint IMAPEndpoint -CSVData $csv -AutoStart

        $OnboardingBatch.Identity.Name | Should -Be 'IMAPBatch1'
        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter {
            $Function -eq 'batch_create' -and $Request.Name -eq 'IMAPBatch1' -and $Request.SourceEndpoint -eq 'IMAPEndpoint' -and $Request.AutoStart -and
            [Text.Encoding]::UTF8.GetString($Request.CsvBase64) -like 'EmailAddress,*' -and -not $Request.Contains('TargetEndpoint')
        }
    }

    It 'takes endpoints as objects, identities and names' {
        $endpoint = & (Get-Module ImapMigration) { ConvertTo-MigrationEndpoint $args[0] } (Get-EndpointView)

        $null = New-MigrationBatch -Name a -SourceEndpoint $endpoint -CSVData $csv
        $null = New-MigrationBatch -Name b -SourceEndpoint $endpoint.Identity -TargetEndpoint Local -CSVData $csv

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 2 -ParameterFilter { $Request.SourceEndpoint -eq '22222222-2222-4222-8222-222222222222' }
        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { $Request.TargetEndpoint -eq 'Local' }
    }

    It 'passes on folders, columns and times' {
        $null = New-MigrationBatch -Name a -CSVData $csv -ExcludeFolders 'Deleted Items', 'Junk Email' -AllowUnknownColumnsInCsv $true -AllowIncrementalSyncs $false `
            -StartAfter '2026-01-02 03:04:05' -TimeZone UTC -ReportInterval 1.00:00:00 -NotificationEmails admin@contoso.edu

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter {
            ($Request.ExcludeFolders -join '|') -eq 'Deleted Items|Junk Email' -and $Request.AllowUnknownColumnsInCsv -eq $true -and $Request.AllowIncrementalSyncs -eq $false -and
            $Request.StartAfterUnixMs -eq 1767323045000 -and $Request.ReportIntervalMs -eq 86400000 -and $Request.NotificationEmails -eq 'admin@contoso.edu'
        }
    }

    It 'reads a time in the time zone of the batch' {
        $null = New-MigrationBatch -Name a -CSVData $csv -CompleteAfter '2026-07-02 03:04:05' -TimeZone 'Europe/Berlin'

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { $Request.CompleteAfterUnixMs -eq 1782954245000 -and $Request.TimeZone -eq 'Europe/Berlin' }
    }

    It 'warns of rows that were not taken, with their line numbers, and returns the batch' {
        $rows = 2..13 | ForEach-Object { @{ RowIndex = $_; EmailAddress = "x$_"; Message = "the EmailAddress x$_ is not an e-mail address" } }
        $view = Get-BatchView @{ ValidationWarnings = @($rows) }
        Mock -ModuleName ImapMigration Invoke-Native { $view }.GetNewClosure()

        $batch = New-MigrationBatch -Name a -CSVData $csv -WarningVariable warnings -WarningAction SilentlyContinue

        $batch.ValidationWarningCount | Should -Be 12
        $batch.ValidationWarnings[0].RowIndex | Should -Be 2
        $warnings.Count | Should -Be 11
        "$($warnings[0])" | Should -Be 'Row 2: the EmailAddress x2 is not an e-mail address'
        "$($warnings[10])" | Should -BeLike '2 more rows*'
    }

    It 'makes nothing with -WhatIf' {
        New-MigrationBatch -Name a -CSVData $csv -WhatIf | Should -BeNullOrEmpty

        Should -Not -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { -not $Request.ValidateOnly }
    }
}

Describe 'New-MigrationBatch of users of earlier batches' {
    BeforeAll {
        $view = Get-BatchView
        Mock -ModuleName ImapMigration Invoke-Native { $view }.GetNewClosure()
        $user = & (Get-Module ImapMigration) { ConvertTo-MigrationUser $args[0] } (Get-UserView)
    }

    It 'takes users from the pipeline, all into one batch' {
        $user, 'annb@contoso.edu' | New-MigrationBatch -Name Again -AutoStart | Should -Not -BeNullOrEmpty

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter {
            $Function -eq 'batch_create' -and "$($Request.UserIds)" -eq '33333333-3333-4333-8333-333333333333 annb@contoso.edu' -and $Request.AutoStart
        }
    }

    It 'takes -Users and -UserIds by name' {
        $null = New-MigrationBatch -Name Again -Users $user
        $null = New-MigrationBatch -Name Again -UserIds annb@contoso.edu, $user.Guid

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 2 -Exactly
    }

    It 'makes nothing when no user comes through the pipeline' {
        @() | New-MigrationBatch -Name Again

        Should -Not -Invoke -ModuleName ImapMigration Invoke-Native
    }
}

Describe 'New-MigrationBatch -Analyze and -WhatIf' {
    BeforeAll {
        $view = Get-BatchView
        Mock -ModuleName ImapMigration Invoke-Native { $view }.GetNewClosure()
        $file = [Text.Encoding]::UTF8.GetBytes("EmailAddress,UserName,Password`na@contoso.edu,a,p")
    }

    It 'asks for an analysis' {
        $null = New-MigrationBatch -Name Trial -CSVData $file -SourceEndpoint IMAPEndpoint -Analyze

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter { $Request.Analyze -and -not $Request.ValidateOnly }
    }

    It 'has the request and the file checked before -WhatIf says what would happen' {
        New-MigrationBatch -Name Trial -CSVData $file -SourceEndpoint IMAPEndpoint -WhatIf | Should -BeNullOrEmpty

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter { $Request.ValidateOnly }
    }
}
