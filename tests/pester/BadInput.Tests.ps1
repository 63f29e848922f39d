# What people get wrong at the keyboard, against the library itself; no server is needed.

BeforeDiscovery {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $missing = -not (Test-Library)
}

BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $restore = Use-StateFolder
    function ConvertTo-Csv8 {
        param([string[]] $Line)

        , [Text.Encoding]::UTF8.GetBytes($Line -join "`r`n")
    }
    $header = 'EmailAddress,UserName,Password'
}

AfterAll { & $restore }

Describe 'CSV files that cannot be used' -Skip:$missing {
    BeforeAll { $null = New-MigrationEndpoint -IMAP -Name Source -RemoteServer 127.0.0.1 -Port 143 -Security None -SkipVerification }

    It '<Name>: <Wanted>' -ForEach @(
        @{ Name = 'empty'; Csv = [byte[]]@(); Wanted = "Upload file can't be empty*" }
        @{ Name = 'the header only'; Csv = [Text.Encoding]::UTF8.GetBytes("EmailAddress,UserName,Password`r`n"); Wanted = "Upload file can't be empty*" }
        @{ Name = 'a column is missing'; Csv = [Text.Encoding]::UTF8.GetBytes("EmailAddress,UserName`r`na@contoso.edu,a"); Wanted = 'Column "Password" is missing from the CSV file*' }
        @{ Name = 'an unknown column'; Csv = [Text.Encoding]::UTF8.GetBytes("EmailAddress,UserName,Password,Pasword`r`na@contoso.edu,a,b,c"); Wanted = '*"Pasword"*-AllowUnknownColumnsInCsv*' }
        @{ Name = 'binary'; Csv = [byte[]](0..255); Wanted = '*binary*' }
        @{ Name = 'too many rows'; Csv = [Text.Encoding]::UTF8.GetBytes("EmailAddress,UserName,Password`r`n" + ("a@contoso.edu,a,b`r`n" * 50001)); Wanted = '*more than 50,000 rows*' }
        @{ Name = 'too large'; Csv = [Text.Encoding]::UTF8.GetBytes("EmailAddress,UserName,Password`r`na@contoso.edu,a," + ('b' * 11MB)); Wanted = '*10 MB*' }
    ) {
        { New-MigrationBatch -Name Bad -SourceEndpoint Source -CSVData $Csv -ErrorAction Stop } | Should -Throw $Wanted

        Get-MigrationBatch Bad -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
    }

    It 'takes the good rows and warns of the bad ones by their lines' {
        $rows = 'a@contoso.edu,a,b', 'not an address,c,d', 'e@contoso.edu, e,f', 'g@contoso.edu,g,', 'a@contoso.edu,again,h', '"i@contoso.edu","i,i","j""j"', 'k@contoso.edu,k'

        $batch = New-MigrationBatch -Name Mixed -SourceEndpoint Source -CSVData (ConvertTo-Csv8 (@($header) + $rows)) -WarningVariable warnings -WarningAction SilentlyContinue

        $batch.TotalCount | Should -Be 2
        $batch.ValidationWarnings.RowIndex | Should -Be 3, 4, 5, 6, 8
        $warnings[0] | Should -BeLike 'Row 3: The EmailAddress, of 14 characters, isn''t a valid SMTP address*'
        $warnings[4] | Should -BeLike 'Row 8 has the wrong number of columns*'
        (Get-MigrationUser -BatchId Mixed).Identity | Should -Be 'a@contoso.edu', 'i@contoso.edu'
    }

    It 'reads UTF-8 with a byte order mark and UTF-16' {
        $text = "$header`r`nmargr$([char]0xe9)t@contoso.edu,x,y"
        $marked = [byte[]](0xef, 0xbb, 0xbf) + (ConvertTo-Csv8 ($text -replace 'margr.t', 'marked'))
        $wide = [Text.Encoding]::Unicode.GetPreamble() + [Text.Encoding]::Unicode.GetBytes(($text -replace 'margr.t', 'wide'))

        (New-MigrationBatch -Name Marked -SourceEndpoint Source -CSVData $marked).TotalCount | Should -Be 1
        (New-MigrationBatch -Name Wide -SourceEndpoint Source -CSVData $wide).TotalCount | Should -Be 1
    }
}

Describe 'Names' -Skip:$missing {
    BeforeAll {
        $null = New-MigrationEndpoint -IMAP -Name Used -RemoteServer 127.0.0.1 -Port 143 -SkipVerification
        $null = New-MigrationBatch -Name InUse -SourceEndpoint Used -CSVData (ConvertTo-Csv8 $header, 'z@contoso.edu,z,z')
    }

    It '<Line> says <Wanted>' -ForEach @(
        @{ Line = 'Get-MigrationBatch Nobody'; Wanted = 'The migration batch "Nobody" can''t be found.'; Id = 'ManagementObjectNotFoundException,Get-MigrationBatch' }
        @{ Line = 'Start-MigrationBatch Nobody'; Wanted = 'The migration batch "Nobody" can''t be found.'; Id = 'ManagementObjectNotFoundException,Start-MigrationBatch' }
        @{ Line = 'Remove-MigrationBatch Nobody -Confirm:$false'; Wanted = 'The migration batch "Nobody" can''t be found.'; Id = 'ManagementObjectNotFoundException,*' }
        @{ Line = 'Wait-MigrationBatch Nobody'; Wanted = 'The migration batch "Nobody" can''t be found.'; Id = 'ManagementObjectNotFoundException,*' }
        @{ Line = 'Get-MigrationUser -BatchId ""'; Wanted = 'The value of -BatchId is empty. Name a migration batch, or leave -BatchId out.'; Id = 'InvalidParameter,*' }
        @{ Line = 'Get-MigrationUser -BatchId $null'; Wanted = 'The value of -BatchId is empty. Name a migration batch, or leave -BatchId out.'; Id = 'InvalidParameter,*' }
        @{ Line = 'Get-MigrationBatch -Endpoint ""'; Wanted = 'The value of -Endpoint is empty. Name a migration endpoint, or leave -Endpoint out.'; Id = 'InvalidParameter,*' }
        @{ Line = 'Get-MigrationUser -BatchId Nobody'; Wanted = 'The migration batch "Nobody" can''t be found.'; Id = 'ManagementObjectNotFoundException,*' }
        @{ Line = 'Get-MigrationUserStatistics nobody@contoso.edu'; Wanted = '*"nobody@contoso.edu" can''t be found.'; Id = 'ManagementObjectNotFoundException,*' }
        @{ Line = 'Get-MigrationEndpoint Nobody'; Wanted = "The migration endpoint 'Nobody' couldn't be found."; Id = 'ManagementObjectNotFoundException,*' }
        @{ Line = 'Test-MigrationServerAvailability -Endpoint Nobody'; Wanted = "The migration endpoint 'Nobody' couldn't be found. Reason: *"; Id = 'ManagementObjectNotFoundException,*' }
        @{ Line = 'Test-MigrationServerAvailability -IMAP -RemoteServer imap.contoso.com:993 -Port 993'; Wanted = '*"imap.contoso.com:993" isn''t a host name.*the port goes into -Port.'; Id = 'ArgumentException,*' }
        @{ Line = 'New-MigrationEndpoint -IMAP -Name x -RemoteServer imap://contoso.com -SkipVerification'; Wanted = '*"imap://contoso.com" isn''t a host name.*'; Id = 'ArgumentException,*' }
        @{ Line = 'New-MigrationEndpoint -IMAP -Name x -RemoteServer y -LoginFormat "{EmailAddress}*a" -SkipVerification'; Wanted = '-Credential is missing*'; Id = 'ArgumentException,*' }
        @{ Line = 'Set-MigrationConfig -TargetEndpoint Nobody'; Wanted = "*'Nobody' couldn't be found*"; Id = 'ManagementObjectNotFoundException,*' }
        @{ Line = 'New-MigrationEndpoint -IMAP -Name used -RemoteServer x -SkipVerification'; Wanted = '*"used" already exists*'; Id = '*' }
        @{ Line = 'New-MigrationBatch -Name inuse -SourceEndpoint Used -CSVData (ConvertTo-Csv8 $header, "y@contoso.edu,y,y")'; Wanted = 'The migration batch already exists.*'; Id = '*' }
        @{ Line = 'New-MigrationBatch -Name Other -SourceEndpoint Used -CSVData (ConvertTo-Csv8 $header, "z@contoso.edu,z,z")'; Wanted = '*already included in migration batch "InUse."*'; Id = '*' }
        @{ Line = 'New-MigrationBatch -Name ("x" * 65) -SourceEndpoint Used -CSVData (ConvertTo-Csv8 $header, "y@contoso.edu,y,y")'; Wanted = '*at most 64 characters*'; Id = '*' }
        @{ Line = 'Remove-MigrationEndpoint Used -Confirm:$false'; Wanted = '*"InUse" uses it*'; Id = '*' }
        @{ Line = 'Remove-MigrationEndpoint Local -Confirm:$false'; Wanted = '*can''t be removed*'; Id = '*' }
        @{ Line = 'Stop-MigrationBatch InUse -Confirm:$false'; Wanted = '*can''t be stopped*'; Id = '*' }
        @{ Line = 'Wait-MigrationBatch InUse'; Wanted = '*has not been started*'; Id = 'BatchNotStarted,*' }
        @{ Line = 'New-MigrationEndpoint -IMAP -Name x -RemoteServer y -SkipVerification -MaxConcurrentMigrations 500'; Wanted = '*exceed the allowed limit of ''300''*'; Id = 'MaximumConcurrentMigrationLimitExceededException,*' }
        @{ Line = 'New-MigrationEndpoint -IMAP -Name x -RemoteServer y -SkipVerification -MaxConcurrentMigrations 5 -MaxConcurrentIncrementalSyncs 6'; Wanted = '*less or equal to MaxConcurrentMigrations*'; Id = '*' }
    ) {
        $failure = $null
        try { & ([scriptblock]::Create("$Line -ErrorAction Stop")) } catch { $failure = $_ }

        "$failure" | Should -BeLike $Wanted
        $failure.FullyQualifiedErrorId | Should -BeLike $Id
    }

    It 'an error for one thing does not keep the others from being done' {
        $found = 'Nobody', 'InUse', 'Nobody' | Get-MigrationBatch -ErrorAction SilentlyContinue -ErrorVariable failures

        $found.Identity | Should -Be 'InUse'
        $failures.Count | Should -Be 2
    }
}

Describe 'An error at the prompt' -Skip:$missing {
    It 'begins with the cmdlet, not with the word Exception' {
        $shown = Invoke-Session 'Get-MigrationBatch Nobody', 'Get-MigrationEndpoint Nobody', 'Get-MigrationUser nobody@contoso.edu'

        $shown[0] | Should -Match '(?m)^Get-MigrationBatch: The migration batch "Nobody" can''t be found\.$'
        $shown[1] | Should -Match "(?m)^Get-MigrationEndpoint: The migration endpoint 'Nobody' couldn't be found\.$"
        $shown[2] | Should -Match '(?m)^Get-MigrationUser: .*"nobody@contoso.edu" can''t be found\.$'
    }
}

Describe 'Servers that cannot be reached' -Skip:$missing {
    It 'a port where nothing listens' {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $port = $listener.LocalEndpoint.Port
        $listener.Stop()

        $result = Test-MigrationServerAvailability -IMAP -RemoteServer 127.0.0.1 -Port $port -Security None -ErrorVariable failures

        $failures | Should -BeNullOrEmpty
        $result.Result | Should -Be 'Failed'
        $result.Message | Should -BeLike "The connection to the server '127.0.0.1' could not be completed.*$port*"
        $result.ErrorDetail | Should -BeLike 'MigrationServerConnectionFailedException: *'
    }

    It 'a name that nobody knows' {
        $result = Test-MigrationServerAvailability -IMAP -RemoteServer nowhere.invalid -Port 993 -Security Ssl

        $result.Result | Should -Be 'Failed'
        $result.Message | Should -BeLike "The connection to the server 'nowhere.invalid' could not be completed.*name*"
    }

    It 'an endpoint is not made for it, unless asked' {
        { New-MigrationEndpoint -IMAP -Name Nowhere -RemoteServer nowhere.invalid -ErrorAction Stop } | Should -Throw '*could not be completed*-SkipVerification*'
        Get-MigrationEndpoint Nowhere -ErrorAction SilentlyContinue | Should -BeNullOrEmpty

        (New-MigrationEndpoint -IMAP -Name Nowhere -RemoteServer nowhere.invalid -SkipVerification).Identity | Should -Be 'Nowhere'
    }
}

Describe 'The prompt before something is removed' -Skip:($missing -or $IsWindows) {
    BeforeAll {
        $null = New-MigrationEndpoint -IMAP -Name Prompted -RemoteServer 127.0.0.1 -Port 143 -SkipVerification
        $line = "Import-Module '$((Get-Module ImapMigration).Path)'; Remove-MigrationEndpoint Prompted"
    }

    It 'removes nothing after No, and removes after Yes' {
        $null = 'N' | & (Get-PowerShell) -NoProfile -Command $line
        (Get-MigrationEndpoint Prompted).Identity | Should -Be 'Prompted'

        $null = 'Y' | & (Get-PowerShell) -NoProfile -Command $line
        Get-MigrationEndpoint Prompted -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
    }
}
