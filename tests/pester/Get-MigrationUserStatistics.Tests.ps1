BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Get-MigrationUserStatistics' {
    BeforeAll {
        $view = Get-StatisticsView @{
            SkippedItems = @([ordered]@{
                    Kind = 'LargeItem'; LeftOut = $true; FolderName = 'Archiv/2022'; Uid = 7; Subject = 'A film'; Sender = 'a@contoso.edu'
                    Recipient = 'b@contoso.edu'; MessageSize = 52428800; DateSentUnixMs = $null; DateReceivedUnixMs = 1700000000000
                    Failure = 'larger than 35 MB'; KeptFile = '/state/kept/7.eml'
                })
            Report       = @([ordered]@{ Identity = 'terrya@contoso.edu'; CreationUnixMs = 1700000000000; Message = 'Initial sync started.' })
        }
        Mock -ModuleName ImapMigration Invoke-Native { $view }.GetNewClosure()
    }

    It 'asks by the Guid of a user that comes through the pipeline' {
        $user = & (Get-Module ImapMigration) { ConvertTo-MigrationUser $args[0] } (Get-UserView)

        $null = $user | Get-MigrationUserStatistics -IncludeSkippedItems -LimitSkippedItemsTo 5

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter {
            $Function -eq 'user_statistics' -and $Request.Identity -eq '33333333-3333-4333-8333-333333333333' -and $Request.IncludeSkippedItems -and
            -not $Request.IncludeReport -and $Request.LimitSkippedItemsTo -eq 5
        }
    }

    It 'takes rows of a CSV file' {
        $null = [pscustomobject]@{ Identity = 'terrya@contoso.edu' } | Get-MigrationUserStatistics

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { $Request.Identity -eq 'terrya@contoso.edu' }
    }

    It 'tells sizes, durations and percent as Exchange does' {
        $found = Get-MigrationUserStatistics terrya@contoso.edu

        "$($found.EstimatedTotalTransferSize)" | Should -Be '28.45 GB (30,551,458,399 bytes)'
        $found.EstimatedTotalTransferSize -match '\(([\d,\.]+) bytes\)' | Should -BeTrue
        $found.EstimatedTotalTransferSize.ToBytes() | Should -Be 30551458399
        $found.EstimatedTotalTransferSize.ToMB() | Should -Be 29136
        "$($found.BytesTransferred)" | Should -Be '1.5 KB (1,536 bytes)'
        $found.TotalInProgressDuration | Should -Be ([timespan]::FromSeconds(2))
        $found.PercentageComplete | Should -Be 99
        $null -eq $found.Error | Should -BeTrue
        $found.AverageBytesTransferredPerHour | Should -BeNullOrEmpty
    }

    It 'shows who has come how far within 80 columns' {
        $lines = (Get-MigrationUserStatistics terrya@contoso.edu | Out-String -Width 80).Trim() -split '\r?\n'

        $lines[0] | Should -Match '^Identity +Batch +Status +Synced +Skipped$'
        $lines[2] | Should -Match '^terrya@contoso.edu +IMAPBatch1 +Synced +3980 +2$'
    }

    It 'lists skipped items and the report' {
        $found = Get-MigrationUserStatistics terrya@contoso.edu -IncludeSkippedItems -IncludeReport

        ($found.SkippedItems[0].MessageSize / 1Mb) | Should -Be 50
        $found.SkippedItems[0].DateReceived | Should -Be ([datetime]'2023-11-14T22:13:20')
        $found.SkippedItems[0].Kind | Should -Be 'LargeItem'
        ($found | Format-List Status, Error, Report | Out-String) | Should -Match '2023-11-14 22:13:20Z Initial sync started\.'
    }

    It 'has an empty list, not null, where nothing was skipped' {
        $view.SkippedItems = @()

        $found = Get-MigrationUserStatistics terrya@contoso.edu

        ($found | Format-List SkippedItems | Out-String).Trim() | Should -Be 'SkippedItems : {}'
    }
}
