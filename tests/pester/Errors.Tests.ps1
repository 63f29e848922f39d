# What an error leaves behind: one record, the one that is seen; and nothing of a row, a password or a file in it.

BeforeDiscovery {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $missing = -not (Test-Library)
}

BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $restore = Use-StateFolder
    $null = Get-MigrationConfig
}

AfterAll { & $restore }

Describe 'What an error leaves in $Error' -Skip:$missing {
    It '<Line>: the record that was seen, and no other' -ForEach @(
        @{ Line = 'Get-MigrationBatch Nobody'; Id = 'ManagementObjectNotFoundException,Get-MigrationBatch'; Category = 'ObjectNotFound' }
        @{ Line = 'Get-MigrationUserStatistics nobody@contoso.edu'; Id = 'ManagementObjectNotFoundException,Get-MigrationUserStatistics'; Category = 'ObjectNotFound' }
        @{ Line = 'Start-MigrationBatch Nobody'; Id = 'ManagementObjectNotFoundException,Start-MigrationBatch'; Category = 'ObjectNotFound' }
        @{ Line = 'Start-MigrationBatch'; Id = 'ManagementObjectNotFoundException,Start-MigrationBatch'; Category = 'ObjectNotFound' }
        @{ Line = 'Get-MigrationBatch -ResultSize many'; Id = 'InvalidParameter,Get-MigrationBatch'; Category = 'InvalidArgument' }
        @{ Line = 'New-MigrationEndpoint -IMAP -Name x -RemoteServer y -Authentication Ntlm'; Id = 'InvalidParameter,New-MigrationEndpoint'; Category = 'InvalidArgument' }
        @{ Line = 'New-MigrationEndpoint -Gmail -Name x'; Id = 'InvalidParameter,New-MigrationEndpoint'; Category = 'InvalidArgument' }
        @{ Line = 'New-MigrationEndpoint -IMAP -Name x -RemoteServer y -SkipVerification -MaxConcurrentMigrations many'; Id = 'InvalidParameter,New-MigrationEndpoint'; Category = 'InvalidArgument' }
        @{ Line = 'New-MigrationBatch -Name x -CSVData 1 -TimeZone Nowhere'; Id = 'InvalidParameter,New-MigrationBatch'; Category = 'InvalidArgument' }
        @{ Line = 'New-MigrationEndpoint -Microsoft365 -Name x -TenantId t -ApplicationId a -CertificateFile nodrive:\none.pfx'; Id = 'InvalidParameter,New-MigrationEndpoint'; Category = 'InvalidArgument' }
        @{ Line = 'New-MigrationEndpoint -Maildir -Name x -Path Env:PATH'; Id = 'InvalidParameter,New-MigrationEndpoint'; Category = 'InvalidArgument' }
        @{ Line = 'New-MigrationEndpoint -Microsoft365 -Name x -TenantId t -ApplicationId a -CertificateFile ./none.pfx'; Id = 'InvalidParameter,New-MigrationEndpoint'; Category = 'InvalidArgument' }
    ) {
        foreach ($action in 'SilentlyContinue', 'Stop') {
            $global:Error.Clear()
            $after = $false
            try { & ([scriptblock]::Create("$Line -ErrorAction $action")); $after = $true } catch { $null = $_ }
            $left = $global:Error.ToArray()

            $after | Should -Be ($action -ne 'Stop')
            $left.Count | Should -Be 1 -Because "$left"
            $left[0].FullyQualifiedErrorId | Should -Be $Id
            $left[0].CategoryInfo.Category | Should -Be $Category
            $left[0].InvocationInfo.MyCommand.Name | Should -Be $Id.Split(',')[1]
        }
        $global:Error.Clear()
        & ([scriptblock]::Create("$Line -ErrorAction Ignore"))
        $global:Error.ToArray() | Should -BeNullOrEmpty
    }

    It 'a library that is not there' {
        $library = $env:IMAPMIGRATION_LIBRARY
        $env:IMAPMIGRATION_LIBRARY = "$TestDrive/nowhere.so"
        try {
            $global:Error.Clear()
            Get-MigrationBatch -ErrorAction SilentlyContinue
            $left = $global:Error.ToArray()
        } finally {
            $env:IMAPMIGRATION_LIBRARY = $library
        }

        $left.Count | Should -Be 1
        $left[0].FullyQualifiedErrorId | Should -Be 'FileNotFoundException,Get-MigrationBatch'
    }
}

Describe 'Rows and files where an identity belongs' -Skip:$missing {
    BeforeAll {
        $file = "$TestDrive/u.csv"
        [IO.File]::WriteAllLines($file, [string[]]('EmailAddress,UserName,Password', 'terrya@contoso.edu,terry.adams,Sesame0pen'))
        [IO.File]::WriteAllLines("$TestDrive/odd.csv", [string[]]('Mail,Login,Password', 'terrya@contoso.edu,terry.adams,Sesame0pen'))

        function Read-Everything {
            # All that a record could print, in any view.
            param($Record)

            $Record | Format-List * -Force | Out-String -Width 4000
            $Record | Out-String -Width 4000
            "$($Record.CategoryInfo) $($Record.TargetObject) $($Record.Exception)"
        }
    }

    It '<Line>: nothing of the row is in the error' -ForEach @(
        foreach ($command in 'Get-MigrationUserStatistics', 'Get-MigrationUser', 'Get-MigrationBatch', 'Get-MigrationEndpoint', 'Start-MigrationBatch', 'Stop-MigrationBatch -Confirm:$false',
            'Remove-MigrationBatch -Confirm:$false', 'Remove-MigrationEndpoint -Confirm:$false', 'Set-MigrationBatch -SyncNow', 'Set-MigrationEndpoint -Port 993', 'Wait-MigrationBatch') {
            foreach ($source in 'Import-Csv $file', 'Import-Csv "$TestDrive/odd.csv"', 'Get-Content $file', 'Get-Content -Raw $file') { @{ Line = "$source | $command" } }
        }
        foreach ($source in '(Import-Csv $file)', '(Import-Csv "$TestDrive/odd.csv")', '(Get-Content $file)', '(Get-Content -Raw $file)') {
            @{ Line = "Get-MigrationUser -BatchId $source" }
            @{ Line = "Get-MigrationBatch -Endpoint $source" }
            @{ Line = "Test-MigrationServerAvailability -Endpoint $source" }
            @{ Line = "New-MigrationBatch x $source" }
            @{ Line = "New-MigrationBatch -Name x -CSVData 1 -SourceEndpoint $source" }
            @{ Line = "New-MigrationBatch -Name x -CSVData $source" }
            @{ Line = "Set-MigrationBatch x -CSVData $source" }
            @{ Line = "Set-MigrationConfig -TargetEndpoint $source" }
        }
        foreach ($source in '(Import-Csv $file)', '(Get-Content $file)[1]', '(Get-Content -Raw $file)') {
            @{ Line = "Get-MigrationBatch -ResultSize $source" }
            @{ Line = "Get-MigrationUser -EmailAddress $source" }
            @{ Line = "New-MigrationBatch -Name $source -CSVData 1" }
            @{ Line = "New-MigrationBatch -Name x -CSVData 1 -TimeZone $source" }
            @{ Line = "New-MigrationEndpoint -IMAP -Name $source -RemoteServer y -SkipVerification" }
            @{ Line = "New-MigrationEndpoint -IMAP -Name x -RemoteServer $source -SkipVerification" }
            @{ Line = "New-MigrationEndpoint -IMAP -Name x -RemoteServer y -SkipVerification -MaxConcurrentMigrations $source" }
            @{ Line = "Set-MigrationConfig -MaxConcurrentMigrations $source" }
            @{ Line = "New-MigrationEndpoint -Maildir -Name x -Path $source -SkipVerification" }
            @{ Line = "New-MigrationEndpoint -Microsoft365 -Name x -TenantId t -ApplicationId a -CertificateFile $source -SkipVerification" }
            @{ Line = "Test-MigrationServerAvailability -IMAP -RemoteServer $source -Port 993" }
        }
        @{ Line = 'New-MigrationBatch -Name x -CSVData (Get-Item $file)' }
        @{ Line = 'New-MigrationBatch -Name x -CSVData @{ Password = "Sesame0pen" }' }
    ) {
        $global:Error.Clear()
        $seen = & ([scriptblock]::Create($Line)) 2>&1 | Where-Object { $_ -is [Management.Automation.ErrorRecord] } | ForEach-Object { Read-Everything $_ }

        $seen | Should -Not -Match 'Sesame0pen'

        foreach ($record in $global:Error.ToArray()) { Read-Everything $record | Should -Not -Match 'Sesame0pen' }
    }

    It 'a file is taken as bytes, text, lines or rows' {
        $null = New-MigrationEndpoint -IMAP -Name Source -RemoteServer 127.0.0.1 -SkipVerification
        $lines = 'EmailAddress,UserName,Password', 'terrya@contoso.edu,terry.adams,1091990'
        $forms = @{
            Bytes = { [IO.File]::ReadAllBytes("$TestDrive/form.csv") }; Text = { Get-Content -Raw "$TestDrive/form.csv" }; Lines = { Get-Content "$TestDrive/form.csv" }
            Rows = { Import-Csv "$TestDrive/form.csv" }; Numbers = { [int[]][IO.File]::ReadAllBytes("$TestDrive/form.csv") }
        }
        foreach ($form in $forms.Keys) {
            # One user may be in one batch only.
            [IO.File]::WriteAllLines("$TestDrive/form.csv", [string[]]$lines.Replace('terrya', $form))

            $null = New-MigrationBatch -Name $form -SourceEndpoint Source -CSVData (& $forms[$form]) -ErrorAction Stop

            $user = Get-MigrationUser -BatchId $form
            $user.EmailAddress, $user.UserName | Should -Be "$form@contoso.edu", 'terry.adams'
        }
    }

    It 'the path of a file gets the line to write' {
        $failure = $null
        New-MigrationBatch -Name Path -CSVData $file -ErrorAction SilentlyContinue -ErrorVariable failure

        "$failure" | Should -BeLike '*not its path: -CSVData (`[IO.File`]::ReadAllBytes(*'
    }
}
