# What people see when servers, certificates and accounts are not as they should be, and what they do about it. The servers are
# started by cargo test -p imapmig-tests --test pester.

BeforeDiscovery { $missing = -not $env:IMAPMIG_TEST_SERVERS }

BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $before = $env:IMAPMIGRATION_HOME
    if ($env:IMAPMIG_TEST_SERVERS) {
        $servers = Get-Content $env:IMAPMIG_TEST_SERVERS -Raw | ConvertFrom-Json
        # A state directory that trusts the tests' authority.
        $env:IMAPMIGRATION_HOME = $servers.Homes
        $null = Get-MigrationConfig
        $null = New-MigrationEndpoint -IMAP -Name Source -RemoteServer 127.0.0.1 -Port $servers.Plain -Security Tls
        $null = New-MigrationEndpoint -IMAP -Name Courier -RemoteServer 127.0.0.1 -Port $servers.Courier -Security None
    }
    function ConvertTo-Csv8 {
        param([string[]] $Line)

        , [Text.Encoding]::UTF8.GetBytes($Line -join "`r`n")
    }
    function Get-Administrator {
        $secret = [securestring]::new()
        foreach ($character in 'P@ssw0rd'.ToCharArray()) { $secret.AppendChar($character) }
        [pscredential]::new('mailadmin', $secret)
    }
    $header = 'EmailAddress,UserName,Password'
    $people = 'terrya@contoso.edu,terry.adams,1091990', 'annb@contoso.edu,ann.beebe,2111991', 'paulc@contoso.edu,paul.cannon,3281986'
}

AfterAll { $env:IMAPMIGRATION_HOME = $before }

Describe 'Certificates' -Skip:$missing {
    It '<Port>: the certificate is refused with the reason and a remedy' -ForEach @(
        @{ Port = 'Expired'; Wanted = '*expired*' }, @{ Port = 'WrongHost'; Wanted = '*127.0.0.1*' }, @{ Port = 'SelfSigned'; Wanted = '*self*signed*' }
    ) {
        $result = Test-MigrationServerAvailability -IMAP -RemoteServer 127.0.0.1 -Port $servers.$Port -Security Ssl

        $result.Result | Should -Be 'Failed'
        $result.Message | Should -BeLike $Wanted
        $result.Message | Should -BeLike '*certificate*-AcceptUntrustedCertificates*'
    }

    It '<_>: the certificate is taken with -AcceptUntrustedCertificates' -ForEach 'Expired', 'WrongHost', 'SelfSigned' {
        $result = Test-MigrationServerAvailability -IMAP -RemoteServer 127.0.0.1 -Port $servers.$_ -Security Ssl -AcceptUntrustedCertificates

        $result.Result | Should -Be 'Success' -Because $result.Message
    }
}

Describe 'Security' -Skip:$missing {
    It 'TLS at a plain port fails at once' {
        $result = Test-MigrationServerAvailability -IMAP -RemoteServer 127.0.0.1 -Port $servers.Plain -Security Ssl

        $result.Result | Should -Be 'Failed'
        $result.ErrorDetail | Should -BeLike '*TLS*'
    }

    It 'plain text at a TLS port fails after 15 seconds at most' {
        $watch = [Diagnostics.Stopwatch]::StartNew()

        $result = Test-MigrationServerAvailability -IMAP -RemoteServer 127.0.0.1 -Port $servers.Tls -Security None

        $result.Result | Should -Be 'Failed'
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 20
    }
}

Describe 'A wrong password for one user of three' -Skip:$missing {
    BeforeAll {
        $rows = @($header) + $people
        $rows[2] = 'annb@contoso.edu,ann.beebe,Sesame0pen'
        $null = New-MigrationBatch -Name OneWrong -SourceEndpoint Source -CSVData (ConvertTo-Csv8 $rows) -AutoStart
        $batch = Wait-MigrationBatch OneWrong -TimeoutSeconds 120
    }

    AfterAll { Remove-MigrationBatch OneWrong -Confirm:$false }

    It 'the other two finish, and the batch is SyncedWithErrors' {
        $batch.Status | Should -Be 'SyncedWithErrors'
        $batch.SyncedCount, $batch.FailedCount | Should -Be 2, 1
        (Get-MigrationUser -BatchId OneWrong -Status Synced).Identity | Should -Be 'terrya@contoso.edu', 'paulc@contoso.edu'
    }

    It 'the failed user says why, and does not tell the password' {
        $failed = Get-MigrationUser -BatchId OneWrong -Status Failed | Get-MigrationUserStatistics -IncludeReport

        $failed.Identity | Should -Be 'annb@contoso.edu'
        $failed.ErrorSummary | Should -BeLike '*signing in*'
        $failed.Error | Should -BeLike '*Exception: *'
        "$($failed | Format-List * | Out-String)" | Should -Not -Match 'Sesame0pen'
    }

    It 'everything adds up' {
        foreach ($user in Get-MigrationUser -BatchId OneWrong -Status Synced | Get-MigrationUserStatistics) {
            $user.SyncedItemCount + $user.SkippedItemCount | Should -Be $user.TotalItemsInSourceMailboxCount
            $user.PercentageComplete | Should -Be 100
            [IO.Directory]::Exists($user.TargetPath) | Should -BeTrue
        }
    }
}

Describe 'Shared folders' -Skip:$missing {
    AfterEach { Get-MigrationBatch | Remove-MigrationBatch -Confirm:$false }

    It 'a UserRoot that does not exist fails with its name' {
        $rows = 'EmailAddress,UserName,Password,UserRoot', 'nobody@contoso.edu,mailadmin,P@ssw0rd,/users/nobody.here'
        $null = New-MigrationBatch -Name NoRoot -SourceEndpoint Courier -CSVData (ConvertTo-Csv8 $rows) -AutoStart

        (Wait-MigrationBatch NoRoot -TimeoutSeconds 120).Status | Should -Be 'Failed'

        (Get-MigrationUser -BatchId NoRoot).ErrorSummary | Should -BeLike '*/users/nobody.here*'
    }

    It 'two rows that open the same mailbox fail before anything is copied' {
        $rows = $header, 'first@contoso.edu,mailadmin,P@ssw0rd', 'second@contoso.edu,mailadmin,P@ssw0rd'
        $null = New-MigrationBatch -Name Same -SourceEndpoint Courier -CSVData (ConvertTo-Csv8 $rows) -AutoStart

        $batch = Wait-MigrationBatch Same -TimeoutSeconds 120

        $batch.Status | Should -BeIn 'Failed', 'SyncedWithErrors'
        Get-MigrationUser -BatchId Same -Status Failed | Should -Not -BeNullOrEmpty
    }
}

Describe 'A batch in the hands of an administrator' -Skip:$missing {
    BeforeAll { $null = New-MigrationBatch -Name Handled -SourceEndpoint Source -CSVData (ConvertTo-Csv8 $header, $people[0]) }

    AfterAll { Remove-MigrationBatch Handled -Confirm:$false }

    It 'waits for its start' {
        (Get-MigrationBatch Handled).Status | Should -Be 'Stopped'
    }

    It 'goes on after the shell that started it has ended' {
        $line = "Import-Module '$((Get-Module ImapMigration).Path)'; Start-MigrationBatch Handled"
        $null = & (Get-PowerShell) -NoProfile -NonInteractive -Command $line

        (Wait-MigrationBatch Handled -TimeoutSeconds 120).Status | Should -Be 'Synced'
    }

    It 'is asked about before it stops, and goes on after No' {
        $shown = Invoke-Session 'Stop-MigrationBatch Handled', 'N'

        $shown | Should -Match 'Performing the operation "Stop migration batch" on target "Handled"\.'
        (Get-MigrationBatch Handled).Status | Should -Be 'Synced'
    }

    It 'stops within five seconds after Yes, and resumes without copying anything again' {
        $null = Invoke-Session 'Stop-MigrationBatch Handled', 'Y'

        (Wait-MigrationBatch Handled -TimeoutSeconds 5).Status | Should -Be 'Stopped'
        $synced = (Get-MigrationBatch Handled).SyncedItemCount

        Start-MigrationBatch Handled
        $batch = Wait-MigrationBatch Handled -TimeoutSeconds 120

        $batch.Status | Should -Be 'Synced'
        $batch.SyncedItemCount | Should -Be $synced
    }

    It 'takes more users' {
        Set-MigrationBatch Handled -AddUsers -CSVData (ConvertTo-Csv8 $header, $people[1])

        $watch = [Diagnostics.Stopwatch]::StartNew()
        do {
            $batch = Wait-MigrationBatch Handled -TimeoutSeconds 120
        } until ($batch.SyncedCount -eq 2 -or $watch.Elapsed.TotalSeconds -gt 60)
        $batch.TotalCount, $batch.SyncedCount | Should -Be 2, 2
    }

    It 'syncs at once when asked' {
        $last = (Get-MigrationBatch Handled).LastSyncedDateTimeUTC

        Set-MigrationBatch Handled -SyncNow

        $watch = [Diagnostics.Stopwatch]::StartNew()
        do {
            $batch = Wait-MigrationBatch Handled -TimeoutSeconds 120
        } until ($batch.LastSyncedDateTimeUTC -gt $last -or $watch.Elapsed.TotalSeconds -gt 60)
        $batch.LastSyncedDateTimeUTC | Should -BeGreaterThan $last
    }
}

Describe 'Another IMAP server as target' -Skip:$missing {
    It 'takes the mail of the batch, signed in to by an administrator' {
        $null = New-MigrationEndpoint -IMAP -Name Target -RemoteServer 127.0.0.1 -Port $servers.Target -Security None -Credential (Get-Administrator) -LoginFormat '{EmailAddress}*mailadmin'
        $reached = Test-MigrationServerAvailability -Endpoint Target
        $signedIn = Test-MigrationServerAvailability -Endpoint Target -TestMailbox paulc@contoso.edu
        $reached.Result, $signedIn.Result | Should -Be 'Success', 'Success'
        $reached.Message | Should -BeLike '*was not tried*-TestMailbox*'
        $signedIn.Message | Should -BeNullOrEmpty

        $batch = New-MigrationBatch -Name Over -SourceEndpoint Source -TargetEndpoint Target -CSVData (ConvertTo-Csv8 $header, $people[2]) -AutoStart | Wait-MigrationBatch -TimeoutSeconds 120

        $batch.Status | Should -Be 'Synced'
        $batch.TargetEndpoint | Should -Be 'Target'
        $batch.SyncedItemCount | Should -Be 30
        { Remove-MigrationEndpoint Target -Confirm:$false -ErrorAction Stop } | Should -Throw '*uses it*'
        Remove-MigrationBatch Over -Confirm:$false
    }
}

Describe 'A key file that is lost' -Skip:$missing {
    It '<How>: the error names the cmdlets that enter the secrets again, and the batch runs after them' -ForEach @(
        @{ How = 'removed'; Lose = { Remove-Item $args[0] } }
        @{ How = 'replaced'; Lose = { [IO.File]::WriteAllBytes($args[0], [byte[]]::new(32)) } }
    ) {
        $csv = ConvertTo-Csv8 $header, $people[2]
        $null = New-MigrationEndpoint -IMAP -Name Sealed -RemoteServer 127.0.0.1 -Port $servers.Target -Security None -Credential (Get-Administrator) -LoginFormat '{EmailAddress}*mailadmin'
        $null = New-MigrationBatch -Name Sealed -SourceEndpoint Source -TargetEndpoint Sealed -CSVData $csv

        & $Lose ([IO.Path]::Combine($servers.Homes, 'key'))
        Start-MigrationBatch Sealed
        $failed = Wait-MigrationBatch Sealed -TimeoutSeconds 120
        $words = (Get-MigrationUserStatistics paulc@contoso.edu).Error
        Set-MigrationEndpoint Sealed -Credentials (Get-Administrator)
        Set-MigrationBatch Sealed -CSVData $csv
        Start-MigrationBatch Sealed
        $batch = Wait-MigrationBatch Sealed -TimeoutSeconds 120

        $failed.Status | Should -Be 'Failed'
        $words | Should -BeLike '*Set-MigrationEndpoint*'
        $words | Should -BeLike '*Set-MigrationBatch*-CSVData*'
        $batch.Status | Should -Be 'Synced' -Because (Get-MigrationUserStatistics paulc@contoso.edu).Error
        $batch.SyncedItemCount | Should -Be 30
        Remove-MigrationBatch Sealed -Confirm:$false
        Remove-MigrationEndpoint Sealed -Confirm:$false
    }
}
