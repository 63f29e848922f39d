BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Requests' {
    It 'writes <Name> as JSON' -ForEach @(
        @{ Name = 'nothing'; Request = [ordered]@{}; Json = '{}' }
        @{ Name = 'simple values'; Request = [ordered]@{ A = $null; B = $true; C = 5; D = 'x' }; Json = '{"A":null,"B":true,"C":5,"D":"x"}' }
        @{ Name = 'lists'; Request = [ordered]@{ A = [string[]]('a"b', 'c\d'); B = [string[]]@() }; Json = '{"A":["a\"b","c\\d"],"B":[]}' }
        @{ Name = 'bytes'; Request = [ordered]@{ A = [byte[]](1, 2, 3, 4); B = [byte[]]@() }; Json = '{"A":"AQIDBA==","B":""}' }
        @{ Name = 'odd text'; Request = [ordered]@{ A = "tab`tline`nquote`"back\" }; Json = '{"A":"tab\u0009line\u000aquote\"back\\"}' }
    ) {
        $bytes = InModuleScope ImapMigration -Parameters @{ Request = $Request } { ConvertTo-RequestByte $Request }

        [Text.Encoding]::UTF8.GetString($bytes) | Should -BeExactly $Json
    }

    It 'writes secrets with every character as JSON' {
        $text = "q`"b\n`n" + [char]0xe9 + [char]0x65e5 + '{EmailAddress}' + "`t"
        $secret = [securestring]::new()
        foreach ($character in $text.ToCharArray()) { $secret.AppendChar($character) }

        $bytes = InModuleScope ImapMigration -Parameters @{ Secret = $secret } { ConvertTo-RequestByte ([ordered]@{ Name = 'x'; Password = $Secret }) }

        $read = [Text.Encoding]::UTF8.GetString($bytes) | ConvertFrom-Json
        $read.Password | Should -BeExactly $text
        $read.Name | Should -BeExactly 'x'
    }

    It 'writes labels as the strings they are' {
        $bytes = InModuleScope ImapMigration { ConvertTo-RequestByte @{ A = New-EnumLabel 'Synced' } }

        [Text.Encoding]::UTF8.GetString($bytes) | Should -BeExactly '{"A":"Synced"}'
    }
}

Describe 'Sizes' {
    It '<Bytes> bytes print as <Text>' -ForEach @(
        @{ Bytes = 0; Text = '0 B (0 bytes)' }
        @{ Bytes = 1023; Text = '1023 B (1,023 bytes)' }
        @{ Bytes = 1536; Text = '1.5 KB (1,536 bytes)' }
        @{ Bytes = 5630228; Text = '5.369 MB (5,630,228 bytes)' }
        @{ Bytes = 30551458399; Text = '28.45 GB (30,551,458,399 bytes)' }
    ) {
        "$(InModuleScope ImapMigration -Parameters @{ Bytes = $Bytes } { New-ByteSize $Bytes })" | Should -BeExactly $Text
    }
}

Describe 'The library' {
    BeforeDiscovery {
        . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
        Import-ModuleUnderTest
        $missing = -not (Test-Library)
    }

    BeforeAll {
        $restore = Use-StateFolder
        $one = $env:IMAPMIGRATION_HOME
    }

    AfterAll { & $restore }

    It 'sees the state directory that $env:IMAPMIGRATION_HOME names at each call' -Skip:$missing {
        (Get-MigrationConfig).StateDirectory | Should -Be $one

        $env:IMAPMIGRATION_HOME = "$TestDrive/two"
        (Get-MigrationConfig).StateDirectory | Should -Be ([IO.Path]::GetFullPath("$TestDrive/two"))

        $env:IMAPMIGRATION_HOME = $one
    }

    It 'makes a state directory anew that was removed' -Skip:$missing {
        $null = New-MigrationEndpoint -IMAP -Name Old -RemoteServer 127.0.0.1 -SkipVerification
        [IO.Directory]::Delete($one, $true)

        Get-MigrationEndpoint | Should -BeNullOrEmpty
        (New-MigrationEndpoint -IMAP -Name New -RemoteServer 127.0.0.1 -SkipVerification).Identity | Should -Be 'New'
    }

    It 'closes the state directory when the module is removed, and opens it again for the next import' -Skip:$missing {
        $null = Get-MigrationConfig
        $module = Get-Module ImapMigration
        $native, $engine = & $module { $script:Native, $script:Engine }

        Import-Module ([IO.Path]::Combine($module.ModuleBase, 'ImapMigration.psd1')) -Force

        $reply = $native::imapmig_engine_close($engine)
        $native::imapmig_reply_status($reply) | Should -Be 1 -Because 'a closed handle is no handle'
        $native::imapmig_reply_free($reply)
        (Get-MigrationConfig).IsValid | Should -BeTrue
    }

    It 'gives an error that does not end the script, with the name of the exception of Exchange' -Skip:$missing {
        $found = Get-MigrationBatch nobody -ErrorAction SilentlyContinue -ErrorVariable failure

        $found | Should -BeNullOrEmpty
        $failure.Count | Should -Be 1
        $failure[0].FullyQualifiedErrorId | Should -Be 'ManagementObjectNotFoundException,Get-MigrationBatch'
        $failure[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failure[0].TargetObject | Should -Be 'nobody'
        "$($failure[0])" | Should -Be 'The migration batch "nobody" can''t be found.'
        $failure[0].Exception.Message | Should -BeLike 'Ex??????|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|The migration batch "nobody" can''t be found.'
    }

    It 'says what is missing where the library is' -Skip:$missing {
        $library = $env:IMAPMIGRATION_LIBRARY
        $env:IMAPMIGRATION_LIBRARY = "$TestDrive/nowhere.so"
        try {
            { Get-MigrationBatch -ErrorAction Stop } | Should -Throw "*library is not at *nowhere.so*" -ErrorId 'FileNotFoundException,*'
        } finally {
            $env:IMAPMIGRATION_LIBRARY = $library
        }
    }

    It 'that <Case> <Outcome>' -Skip:($missing -or -not (Get-Command cc -ErrorAction Ignore)) -ForEach @(
        @{ Case = 'is older than the module'; Version = 1; Oldest = 1; Outcome = 'is refused with both versions' }
        @{ Case = 'no longer serves the module'; Version = 9; Oldest = 8; Outcome = 'is refused with both versions' }
        @{ Case = 'is newer and still serves the module'; Version = 9; Oldest = 2; Outcome = 'is used' }
    ) {
        $library = $env:IMAPMIGRATION_LIBRARY
        $folder = New-Item "$TestDrive/abi-$Version-$Oldest" -ItemType Directory
        $text = "unsigned imapmig_abi_version(void) { return $Version; }"
        if ($Version -gt 1) { $text += " unsigned imapmig_abi_oldest_version(void) { return $Oldest; }" }
        [IO.File]::WriteAllText("$folder/abi.c", $text)
        cc -shared -fPIC -o "$folder/imapmig.so" "$folder/abi.c"
        $env:IMAPMIGRATION_LIBRARY = "$folder/imapmig.so"
        try {
            $null = Get-MigrationConfig -ErrorAction SilentlyContinue -ErrorVariable failures
        } finally {
            $env:IMAPMIGRATION_LIBRARY = $library
        }

        if ($Outcome -eq 'is used') {
            # The library of this test has nothing but its versions.
            "$($failures[-1])" | Should -BeLike '*imapmig_engine_open*'
        } else {
            $failures.Count | Should -Be 1
            "$failures" | Should -BeLike "*imapmig.so has version $Version of ImapMigration's ABI, and this module needs version 2. Install module and library of the same release."
        }
    }

    It 'may be another one at the next call, with the engine closed before' -Skip:$missing {
        $null = Get-MigrationConfig
        $library = $env:IMAPMIGRATION_LIBRARY
        $other = "$TestDrive/other$([IO.Path]::GetExtension((& (Get-Module ImapMigration) { Get-LibraryPath })))"
        [IO.File]::Copy((& (Get-Module ImapMigration) { Get-LibraryPath }), $other)
        $env:IMAPMIGRATION_LIBRARY = $other
        try {
            (Get-MigrationConfig -ErrorAction Stop).StateDirectory | Should -Be $one
        } finally {
            $env:IMAPMIGRATION_LIBRARY = $library
        }

        (Get-MigrationConfig -ErrorAction Stop).StateDirectory | Should -Be $one
    }

    It 'leaves a waiting cmdlet within a second of Ctrl+C' -Skip:$missing {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $shell = [powershell]::Create()
        try {
            $line = 'Import-Module $args[0]; Test-MigrationServerAvailability -IMAP -RemoteServer 127.0.0.1 -Port $args[1] -Security None'
            $null = $shell.AddScript($line).AddArgument((Get-Module ImapMigration).Path).AddArgument($listener.LocalEndpoint.Port)
            $running = $shell.BeginInvoke()
            # The silent server has been reached, so the cmdlet waits.
            $peer = $listener.AcceptTcpClient()

            $watch = [Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()

            $watch.Elapsed.TotalSeconds | Should -BeLessThan 2
            { $shell.EndInvoke($running) } | Should -Throw
            $peer.Dispose()
        } finally {
            $shell.Dispose()
            $listener.Stop()
        }
    }
}

Describe 'Tab completion' {
    BeforeAll {
        $odd = "it's", "say $([char]0x2018)so$([char]0x2019)", 'two "words"', '1e3', '@home', '#1', 'a,b'
        $endpoints = @((Get-EndpointView), (Get-EndpointView @{ Identity = 'My endpoint' })) + @(foreach ($name in $odd) { Get-EndpointView @{ Identity = $name } })
        $batches = @(Get-BatchView)
        $users = @(Get-UserView) + @(foreach ($number in 1..1200) { Get-UserView @{ Identity = "u$number@contoso.edu" } })
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Endpoints = $endpoints; Batches = $batches; Users = $users } }.GetNewClosure()
        $offers = { (TabExpansion2 $args[0] $args[0].Length).CompletionMatches.CompletionText }
    }

    It 'offers the names of endpoints, batches and users, quoted where needed' {
        & $offers 'New-MigrationBatch -SourceEndpoint im' | Should -Be 'IMAPEndpoint'
        & $offers 'Get-MigrationBatch -Identity im' | Should -Be 'IMAPBatch1'
        & $offers 'Get-MigrationUser -BatchId ' | Should -Be 'IMAPBatch1'
        & $offers 'Get-MigrationUserStatistics ter' | Should -Be 'terrya@contoso.edu'
        & $offers 'New-MigrationBatch -TargetEndpoint lo' | Should -Be 'Local'
        & $offers 'Set-MigrationConfig -TargetEndpoint My' | Should -Be "'My endpoint'"
    }

    It 'offers all users' {
        (& $offers 'Get-MigrationUser ').Count | Should -Be 1201
    }

    It 'quotes <_> so that PowerShell reads it again' -ForEach "it's", "say $([char]0x2018)so$([char]0x2019)", 'two "words"', '1e3', '@home', '#1', 'a,b' {
        $name = $_
        $texts = & $offers 'Get-MigrationEndpoint '

        $read = foreach ($text in $texts) { & ([scriptblock]::Create("param(`$Line) function f { param([object] `$Identity) ""`$Identity"" }; f $text")) }
        $read | Should -Contain $name
    }

    It 'goes on from a word in quotation marks' {
        & $offers "Get-MigrationEndpoint 'My" | Should -Be "'My endpoint'"
        & $offers "Get-MigrationEndpoint 'it''" | Should -Be "'it''s'"
        & $offers 'Get-MigrationEndpoint "My' | Should -Be "'My endpoint'"
    }

    It 'offers well-known folders and time zones' {
        & $offers 'New-MigrationBatch -ExcludeFolders #In' | Should -BeNullOrEmpty -Because 'this is a comment'
        & $offers "New-MigrationBatch -ExcludeFolders '#In" | Should -Be "'#Inbox#'"
        & $offers 'New-MigrationBatch -TimeZone Europe/Ber' | Should -Be "'Europe/Berlin'"
    }

    It 'offers the properties of what a command writes: <_>' -ForEach @(
        'Get-MigrationBatch | Where-Object Stat', 'Get-MigrationUser | Select-Object Identity, Stat', 'Get-MigrationUserStatistics terrya@contoso.edu | Sort-Object Stat'
        '(Get-MigrationUser).Stat', 'Get-MigrationBatch | ForEach-Object { $_.Stat'
    ) {
        & $offers $_ | Should -Contain 'Status'
    }

    It 'works for commands that were imported with a prefix' {
        $line = "Import-Module '$((Get-Module ImapMigration).ModuleBase)' -Prefix Mail; (TabExpansion2 'New-MailMigrationBatch -IncludeFolders ''#In').CompletionMatches.CompletionText"

        & (Get-PowerShell) -NoProfile -NonInteractive -Command $line | Should -Be "'#Inbox#'"
    }
}
