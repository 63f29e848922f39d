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
        $answer = [pscustomobject]@{ Results = @([pscustomobject]@{ Identity = 'terrya@contoso.edu'; Statistics = $view; Error = $null }) }
        Mock -ModuleName ImapMigration Invoke-Native { $answer }.GetNewClosure()
    }

    It 'asks by the Guid of a user that comes through the pipeline' {
        $user = & (Get-Module ImapMigration) { ConvertTo-MigrationUser $args[0] } (Get-UserView)

        $null = $user | Get-MigrationUserStatistics -IncludeSkippedItems -LimitSkippedItemsTo 5

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter {
            $Function -eq 'user_statistics_list' -and "$($Request.Identities)" -eq '33333333-3333-4333-8333-333333333333' -and $Request.IncludeSkippedItems -and
            -not $Request.IncludeReport -and $Request.LimitSkippedItemsTo -eq 5
        }
    }

    It 'takes rows of a CSV file' {
        $null = [pscustomobject]@{ Identity = 'terrya@contoso.edu' } | Get-MigrationUserStatistics

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { "$($Request.Identities)" -eq 'terrya@contoso.edu' }
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
        ($found | Format-List Status, Error, Report | Out-String) | Should -Match '2023-11-14 22:13:20Z terrya@contoso\.edu: Initial sync started\.'
    }

    It 'has an empty list, not null, where nothing was skipped' {
        $view.SkippedItems = @()

        $found = Get-MigrationUserStatistics terrya@contoso.edu

        ($found | Format-List SkippedItems | Out-String).Trim() | Should -Be 'SkippedItems : {}'
    }

    Context 'with many users' {
        BeforeAll {
            $calls = [Collections.Generic.List[int]]::new()
            $view = Get-StatisticsView
            Mock -ModuleName ImapMigration Invoke-Native {
                param($Cmdlet, $Function, $Request)
                $calls.Add($Request.Identities.Count)
                $results = foreach ($identity in $Request.Identities) {
                    $failure = [pscustomobject]@{ Code = 'ManagementObjectNotFoundException'; Category = 'ObjectNotFound'; Message = "no $identity"; Retryable = $false; Target = $identity }
                    $found = $view
                    if ($identity -like 'x*') { $found = $null } else { $failure = $null }
                    [pscustomobject]@{ Identity = $identity; Statistics = $found; Error = $failure }
                }
                [pscustomobject]@{ Results = @($results) }
            }.GetNewClosure()
        }

        BeforeEach { $calls.Clear() }

        It 'asks for them together, the first ones sooner' {
            (1..600 | ForEach-Object { "u$_@contoso.edu" } | Get-MigrationUserStatistics).Count | Should -Be 600

            ($calls | Measure-Object -Sum).Sum | Should -Be 600
            $calls[0] | Should -Be 1
            $calls.Count | Should -BeLessThan 20
        }

        It 'asks for no more when the pipeline has enough' {
            1..600 | ForEach-Object { "u$_@contoso.edu" } | Get-MigrationUserStatistics | Select-Object -First 1

            $calls | Should -Be 1
        }

        It 'writes an error for each that is not there, and the others' {
            $found = 'u1', 'x2', 'u3', 'x4' | Get-MigrationUserStatistics -ErrorAction SilentlyContinue -ErrorVariable failures

            $found.Count | Should -Be 2
            "$failures" | Should -Be 'no x2 no x4'
            $failures[0].FullyQualifiedErrorId | Should -Be 'ManagementObjectNotFoundException,Get-MigrationUserStatistics'
            { 'u1', 'x2' | Get-MigrationUserStatistics -ErrorAction Stop } | Should -Throw '*no x2'
        }
    }

    Context 'with a long report and many skipped items' {
        BeforeAll {
            $line = { [pscustomobject]@{ Identity = 'a@contoso.edu'; CreationUnixMs = 1700000000000; Message = "$args" } }
            $item = { [pscustomobject]@{ Kind = 'LargeItem'; LeftOut = $true; FolderName = 'F'; Uid = $args[0]; Subject = ''; Sender = ''; Recipient = ''; MessageSize = 1; DateSentUnixMs = $null; DateReceivedUnixMs = $null; Failure = ''; KeptFile = $null } }
            $first = Get-StatisticsView
            $first.Report = @((& $line one), (& $line two))
            $first.SkippedItems = @((& $item 1), (& $item 2))
            $first | Add-Member NextReport 'r1'
            $first | Add-Member NextSkippedItems 's1'
            $pages = @{
                'r1' = [pscustomobject]@{ Report = @(& $line three); SkippedItems = @(); NextReport = 'r2' }
                'r2' = [pscustomobject]@{ Report = @(& $line four); SkippedItems = @() }
                's1' = [pscustomobject]@{ SkippedItems = @(& $item 3); Report = @() }
            }
            $answer = [pscustomobject]@{ Results = @([pscustomobject]@{ Identity = 'a'; Statistics = $first; Error = $null }) }
            Mock -ModuleName ImapMigration Invoke-Native {
                param($Cmdlet, $Function, $Request)
                if ($Function -eq 'user_statistics_list') { return $answer }
                $pages["$($Request.ReportAfter)$($Request.SkippedItemsAfter)"]
            }.GetNewClosure()
        }

        It 'shows the whole of both' {
            $found = Get-MigrationUserStatistics a@contoso.edu -IncludeReport -IncludeSkippedItems

            $found.Report.Entries.Message | Should -Be 'one', 'two', 'three', 'four'
            $found.SkippedItems.Uid | Should -Be 1, 2, 3
        }
    }
}
