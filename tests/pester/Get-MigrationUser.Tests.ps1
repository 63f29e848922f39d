BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Get-MigrationUser' {
    BeforeAll {
        $views = @(Get-UserView)
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Users = @($views) } }.GetNewClosure()
        $batch = & (Get-Module ImapMigration) { ConvertTo-MigrationBatch $args[0] } (Get-BatchView)
    }

    It 'asks for <Wanted> when it is called as <Line>' -ForEach @(
        @{ Line = 'Get-MigrationUser'; Wanted = 'Identity=' }
        @{ Line = 'Get-MigrationUser terrya@contoso.edu'; Wanted = 'Identity=terrya@contoso.edu' }
        @{ Line = 'Get-MigrationUser -EmailAddress terrya@contoso.edu'; Wanted = 'Identity=terrya@contoso.edu' }
        @{ Line = 'Get-MigrationUser -MailboxGuid 33333333-3333-4333-8333-333333333333'; Wanted = 'Identity=33333333-3333-4333-8333-333333333333' }
        @{ Line = '$user | Get-MigrationUser -IncludeAssociatedUsers'; Wanted = 'Identity=33333333-3333-4333-8333-333333333333' }
        @{ Line = 'Get-MigrationUser -BatchId bigbang -Status failed'; Wanted = 'BatchId=bigbang' }
        @{ Line = 'Get-MigrationUser -BatchId bigbang -Status failed'; Wanted = 'Status=Failed' }
        @{ Line = 'Get-MigrationUser -BatchId $batch -StatusSummary synced'; Wanted = 'BatchId=11111111-1111-4111-8111-111111111111' }
        @{ Line = 'Get-MigrationUser -BatchId $batch.Identity -StatusSummary synced'; Wanted = 'StatusSummary=Synced' }
        @{ Line = 'Get-MigrationUser -BatchId $user.BatchId'; Wanted = 'BatchId=11111111-1111-4111-8111-111111111111' }
        @{ Line = 'Get-MigrationUser -ResultSize Unlimited'; Wanted = 'ResultSize=100' }
        @{ Line = 'Get-MigrationUser -ResultSize 5'; Wanted = 'ResultSize=6' }
    ) {
        $user = Get-MigrationUser

        $null = . ([scriptblock]::Create($Line))

        $name, $value = $Wanted.Split('=')
        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { $Function -eq 'user_list' -and "$($Request[$name])" -ceq $value }
    }

    It 'shows the columns of Exchange with their widths' {
        $lines = (Get-MigrationUser | Out-String -Width 120).Trim() -split '\r?\n'

        $lines[0].TrimEnd() | Should -BeExactly ('Identity'.PadRight(41) + 'Batch'.PadRight(31) + 'Status'.PadRight(26) + 'LastSyncTime')
        $lines[2] | Should -BeLike ('terrya@contoso.edu'.PadRight(41) + 'IMAPBatch1'.PadRight(31) + 'Synced'.PadRight(26) + '*')
    }

    Context 'when the library returns users in pages' {
        BeforeAll {
            $views = foreach ($number in 1..6) { Get-UserView @{ Identity = "u$number@contoso.edu" } }
            $pages = @{ '' = $views[0, 1]; 'two' = $views[2, 3]; 'four' = $views[4, 5] }
            $next = @{ '' = 'two'; 'two' = 'four' }
            $asked = [Collections.Generic.List[string]]::new()
            Mock -ModuleName ImapMigration Invoke-Native {
                param($Cmdlet, $Function, $Request)
                $after = "$($Request.After)"
                $asked.Add($after)
                $answer = @{ Users = $pages[$after] }
                if ($next[$after]) { $answer.Next = $next[$after] }
                [pscustomobject]$answer
            }.GetNewClosure()
        }

        BeforeEach { $asked.Clear() }

        It 'returns every user once and in order' {
            (Get-MigrationUser).Identity | Should -Be (1..6 | ForEach-Object { "u$_@contoso.edu" })
            $asked | Should -Be '', 'two', 'four'
        }

        It 'returns a page''s users before the next page is read' {
            Get-MigrationUser | ForEach-Object { $asked.Count } | Should -Be 1, 1, 2, 2, 3, 3
        }

        It 'reads no more pages when the pipeline has enough' {
            (Get-MigrationUser | Select-Object -First 2).Count | Should -Be 2
            $asked.Count | Should -Be 1
        }

        It 'reads no more pages than -ResultSize needs, and says that there are more' {
            $found = Get-MigrationUser -ResultSize 3 -WarningVariable warnings -WarningAction SilentlyContinue

            $found.Identity | Should -Be 'u1@contoso.edu', 'u2@contoso.edu', 'u3@contoso.edu'
            $asked | Should -Be '', 'two'
            "$warnings" | Should -BeLike 'There are more than the 3 results shown.*'
        }

        It 'says nothing when -ResultSize is the number of users' {
            (Get-MigrationUser -ResultSize 6 -WarningVariable warnings).Count | Should -Be 6
            $warnings.Count | Should -Be 0
        }

        It 'begins anew with every identity' {
            (Get-MigrationUser u6*, u1*).Identity | Should -Be 'u6@contoso.edu', 'u1@contoso.edu'
            $asked | Should -Be '', 'two', 'four', '', 'two', 'four'
        }
    }
}
