# The runbook as five editions of the document print it, typed line by line at the prompt of a new session for each step; only
# server, port and path differ. cargo test -p imapmig-tests --test pester starts the servers, says here where they are, and
# compares every message afterwards.

BeforeDiscovery {
    # Where the command lines of the editions differ, it is in how the path is written.
    $path = 'C:\Users\Administrator\Desktop\IMAPmigration_1.csv'
    $editions = @('Spanish', $path), @('Chinese', $path.Replace('\', '\\')), @('Italian', $path), @('French', $path), @('Swedish', $path)
    $runs = @()
    if ($env:IMAPMIG_TEST_SERVERS) {
        $servers = Get-Content $env:IMAPMIG_TEST_SERVERS -Raw | ConvertFrom-Json
        $runs = foreach ($run in $servers.Runs) {
            $edition, $path = $editions[$run.Edition]
            @{ Run = $run; Edition = $edition; CsvPath = $path; Style = $run.Style; Security = $run.Security }
        }
    }
}

BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $before = $env:IMAPMIGRATION_HOME
}

AfterAll { $env:IMAPMIGRATION_HOME = $before }

Describe 'The <Edition> runbook: <Style>, <Security>' -ForEach $runs {
    BeforeAll {
        $env:IMAPMIGRATION_HOME = $Run.Home
        # On Linux the document's path is the name of a file in the working directory.
        [IO.File]::WriteAllText([IO.Path]::Combine($Run.Folder, $CsvPath), $Run.Csv)
        Push-Location $Run.Folder
        function Read-Session {
            # What the session answers to the document's lines, one text for each prompt.
            param([string[]] $Line)

            , @(Invoke-Session ($Line.Replace('imap.contoso.com', $Run.Server).Replace('-Port 993', "-Port $($Run.TlsPort)").Replace('-Port 143', "-Port $($Run.Port)")))
        }
        $port = @{ Ssl = $Run.TlsPort; Tls = $Run.Port }[$Security]
    }

    AfterAll { Pop-Location }

    It 'step 1: tests the connection to the IMAP server' {
        $line = 'Test-MigrationServerAvailability -IMAP -RemoteServer <FQDN of IMAP server> -Port <143 or 993> -Security <None, Ssl, or Tls>'
        $filled = foreach ($choice in @('143', 'None'), @('993', 'Ssl'), @('143', 'Tls')) {
            $line.Replace('<FQDN of IMAP server>', 'imap.contoso.com').Replace('<143 or 993>', $choice[0]).Replace('<None, Ssl, or Tls>', $choice[1])
        }

        $shown = Read-Session $filled

        $shown.Count | Should -Be 3
        foreach ($answer in $shown) { $answer | Should -Match '(?m)^Result +: Success\nMessage +: ?$' }
    }

    It 'step 3: makes an IMAP migration endpoint' {
        $lines = 'New-MigrationEndpoint -IMAP -Name IMAPEndpoint -RemoteServer imap.contoso.com -Port 993 -Security Ssl', ''
        if ($Security -eq 'Tls') {
            # Every edition breaks this line in two. As it stands PowerShell itself refuses both halves; joined, it works.
            $broken = 'New-MigrationEndpoint -IMAP -Name IMAPEndpoint -RemoteServer imap.contoso.com -Port 143 -Security Tls -MaxConcurrentMigrations', '50 -MaxConcurrentIncrementalSyncs 25'
            $shown = Read-Session ($broken + 'Get-MigrationEndpoint')
            $shown[0] | Should -Match "Missing an argument for parameter 'MaxConcurrentMigrations'"
            $shown[1] | Should -Match "Unexpected token '-MaxConcurrentIncrementalSyncs'"
            $shown[2].Trim() | Should -Be 'Get-MigrationEndpoint'
            $lines = $broken -join ' '
        }

        $shown = Read-Session $lines

        $shown[0] | Should -Match "(?m)^IMAPEndpoint +IMAP +$([regex]::Escape($Run.Server))$"
    }

    It 'step 3: shows the endpoint' {
        $limits = @{ Ssl = 20, 10; Tls = 50, 25 }[$Security]

        $shown = Read-Session 'Get-MigrationEndpoint IMAPEndpoint | Format-List EndpointType,RemoteServer,Port,Security,Max*'

        ($shown[0].Trim() -split '\n' -replace ' +: ', '=' | Select-Object -Skip 2) | Should -Be @(
            'EndpointType=IMAP', "RemoteServer=$($Run.Server)", "Port=$port", "Security=$Security", "MaxConcurrentMigrations=$($limits[0])",
            "MaxConcurrentIncrementalSyncs=$($limits[1])")
    }

    It 'step 4: makes and starts an IMAP migration batch and shows it' {
        $shown = Read-Session @(
            "New-MigrationBatch -Name IMAPBatch1 -SourceEndpoint IMAPEndpoint -CSVData ([System.IO.File]::ReadAllBytes(`"$CsvPath`")) -AutoStart"
            'Get-MigrationBatch -Identity IMAPBatch1 | Format-List'
            'Get-MigrationBatch -Identity IMAPBatch1 | Format-List Status')

        $shown[0] | Should -Match '(?m)^IMAPBatch1 +(Starting|Syncing|Synced) +IMAP +3 *$'
        $shown[1] | Should -Match '(?m)^Identity +: IMAPBatch1$'
        $shown[1] | Should -Match '(?m)^SourceEndpoint +: IMAPEndpoint$'
        $shown[2] | Should -Match '(?m)^Status : (Starting|Syncing|Synced)$'
    }

    It 'brings every message of every user, though the session that started it has ended' {
        $batch = Wait-MigrationBatch IMAPBatch1 -TimeoutSeconds 600

        $users = Get-MigrationUser -BatchId IMAPBatch1 | Get-MigrationUserStatistics -IncludeSkippedItems
        $batch.Status | Should -Be 'Synced' -Because "$($users.Error) $($users.SkippedItems.Failure)"
        $users.Status | Should -Be 'Synced', 'Synced', 'Synced'
        $users.SkippedItems | Should -BeNullOrEmpty
        ($users | Measure-Object SyncedItemCount -Sum).Sum | Should -Be $Run.Messages
        ($users | Measure-Object TotalItemsInSourceMailboxCount -Sum).Sum | Should -Be $Run.Messages
        $batch.LastSyncedDateTime | Should -BeGreaterThan $batch.CreationDateTime
    }

    It 'step 6: asks first, and removes nothing after No' {
        $shown = Read-Session 'Remove-MigrationBatch -Identity IMAPBatch1', 'N', 'Get-MigrationBatch -Identity IMAPBatch1 | Format-List Status'

        $shown[0] | Should -Match 'Are you sure you want to perform this action\?\nPerforming the operation "Remove migration batch" on target "IMAPBatch1"\.'
        $shown[1] | Should -Match '(?m)^Status : Synced$'
        (Get-MigrationUser -BatchId IMAPBatch1).Count | Should -Be 3
    }

    It 'step 6: removes the batch after Yes; then it is removing or gone' {
        $shown = Read-Session 'Remove-MigrationBatch -Identity IMAPBatch1', 'Y', 'Get-MigrationBatch IMAPBatch1'

        $shown[1] | Should -Match '(?m)^IMAPBatch1 +Removing |Get-MigrationBatch: The migration batch "IMAPBatch1" can''t be found\.'
        $watch = [Diagnostics.Stopwatch]::StartNew()
        do {
            Start-Sleep -Milliseconds 200
            $left = Get-MigrationBatch IMAPBatch1 -ErrorAction SilentlyContinue -ErrorVariable failure
            if ($left) { $left.Status | Should -Be 'Removing' }
        } while ($left -and $watch.Elapsed.TotalSeconds -lt 60)
        $failure.FullyQualifiedErrorId | Should -Be 'ManagementObjectNotFoundException,Get-MigrationBatch'
        Get-MigrationUser | Should -BeNullOrEmpty
    }

    It 'step 6: as it stands, with a quotation mark that is never closed, the last line waits for the rest' {
        $shown = Read-Session 'Get-MigrationBatch IMAPBatch1"'

        $shown[0].Trim() | Should -Be "Get-MigrationBatch IMAPBatch1`"`n>>"
    }
}
