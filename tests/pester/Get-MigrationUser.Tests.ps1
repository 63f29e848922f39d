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
        @{ Line = 'Get-MigrationUser -ResultSize Unlimited'; Wanted = 'ResultSize=' }
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
}
