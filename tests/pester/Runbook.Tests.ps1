# The runbook as five editions of the document print it, line by line; only server, port and path differ. cargo test -p
# imapmig-tests --test pester starts the servers, says here where they are, and compares every message afterwards.

BeforeDiscovery {
    # Where editions differ, it is in how the path is written.
    $editions = @('Spanish', 'C:\Users\Administrator\Desktop\IMAPmigration_1.csv'), @('Chinese', 'C:\\Users\\Administrator\\Desktop\\IMAPmigration_1.csv'),
    @('Italian', 'C:\Users\Administrator\Desktop\IMAPmigration_1.csv'), @('French', 'C:\Users\Administrator\Desktop\IMAPmigration_1.csv'),
    @('Swedish', 'C:\Users\Administrator\Desktop\IMAPmigration_1.csv')
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
    $before = $env:IMAPMIGRATION_HOME, [Environment]::CurrentDirectory, $global:ConfirmPreference
}

AfterAll {
    $env:IMAPMIGRATION_HOME, [Environment]::CurrentDirectory, $global:ConfirmPreference = $before
}

Describe 'The <Edition> runbook: <Style>, <Security>' -ForEach $runs {
    BeforeAll {
        $env:IMAPMIGRATION_HOME = $Run.Home
        # On Linux the document's path is the name of a file in the working directory.
        [Environment]::CurrentDirectory = $Run.Folder
        [IO.File]::WriteAllText([IO.Path]::Combine($Run.Folder, $CsvPath), $Run.Csv)
        function Invoke-Line {
            param([string] $Line)

            $Line = $Line.Replace('imap.contoso.com', $Run.Server).Replace('-Port 993', "-Port $($Run.Port)").Replace('-Port 143', "-Port $($Run.Port)")
            & ([scriptblock]::Create($Line))
        }
    }

    It 'step 1: tests the connection to the IMAP server' {
        $result = Invoke-Line "Test-MigrationServerAvailability -IMAP -RemoteServer imap.contoso.com -Port 143 -Security $Security"

        $result.Result | Should -Be 'Success' -Because $result.Message
        $result.Message | Should -BeNullOrEmpty
    }

    It 'step 3: makes an IMAP migration endpoint and shows it' {
        $line = 'New-MigrationEndpoint -IMAP -Name IMAPEndpoint -RemoteServer imap.contoso.com -Port 993 -Security Ssl'
        $limits = 20, 10
        if ($Security -eq 'Tls') {
            $line = 'New-MigrationEndpoint -IMAP -Name IMAPEndpoint -RemoteServer imap.contoso.com -Port 143 -Security Tls -MaxConcurrentMigrations 50 -MaxConcurrentIncrementalSyncs 25'
            $limits = 50, 25
        }

        (Invoke-Line $line).Identity | Should -Be 'IMAPEndpoint'

        $text = Invoke-Line 'Get-MigrationEndpoint IMAPEndpoint | Format-List EndpointType,RemoteServer,Port,Security,Max*' | Out-String
        ($text.Trim() -split '\r?\n' -replace ' +: ', '=') | Should -Be @(
            'EndpointType=IMAP', "RemoteServer=$($Run.Server)", "Port=$($Run.Port)", "Security=$Security", "MaxConcurrentMigrations=$($limits[0])",
            "MaxConcurrentIncrementalSyncs=$($limits[1])")
    }

    It 'step 4: makes and starts an IMAP migration batch and shows it' {
        $batch = Invoke-Line "New-MigrationBatch -Name IMAPBatch1 -SourceEndpoint IMAPEndpoint -CSVData ([System.IO.File]::ReadAllBytes(`"$CsvPath`")) -AutoStart"

        $batch.Identity | Should -Be 'IMAPBatch1'
        $batch.TotalCount | Should -Be 3
        Invoke-Line 'Get-MigrationBatch -Identity IMAPBatch1 | Format-List' | Out-String | Should -Match 'Identity +: IMAPBatch1'
        (Invoke-Line 'Get-MigrationBatch -Identity IMAPBatch1 | Format-List Status' | Out-String).Trim() | Should -Match '^Status : (Starting|Syncing|Synced)$'
    }

    It 'brings every message of every user' {
        $batch = Wait-MigrationBatch IMAPBatch1 -TimeoutSeconds 600

        $users = Get-MigrationUser -BatchId IMAPBatch1 | Get-MigrationUserStatistics -IncludeSkippedItems
        $batch.Status | Should -Be 'Synced' -Because "$($users.Error) $($users.SkippedItems.Failure)"
        $users.Status | Should -Be 'Synced', 'Synced', 'Synced'
        $users.SkippedItems | Should -BeNullOrEmpty
        ($users | Measure-Object SyncedItemCount -Sum).Sum | Should -Be $Run.Messages
        ($users | Measure-Object TotalItemsInSourceMailboxCount -Sum).Sum | Should -Be $Run.Messages
        $batch.LastSyncedDateTime | Should -BeGreaterThan $batch.CreationDateTime
    }

    It 'step 6: removes the batch, which is then removing or gone' {
        $global:ConfirmPreference = 'None'
        Invoke-Line 'Remove-MigrationBatch -Identity IMAPBatch1'
        $global:ConfirmPreference = $before[2]

        $watch = [Diagnostics.Stopwatch]::StartNew()
        $last = $null
        while ($watch.Elapsed.TotalSeconds -lt 60) {
            # The document has a stray quotation mark here: Get-MigrationBatch IMAPBatch1"
            $last = Invoke-Line 'Get-MigrationBatch IMAPBatch1' 2>&1
            if ($last -is [Management.Automation.ErrorRecord]) { break }
            $last.Status | Should -Be 'Removing'
            Start-Sleep -Milliseconds 200
        }
        $last.FullyQualifiedErrorId | Should -Be 'ManagementObjectNotFoundException,Get-MigrationBatch'
        Get-MigrationUser | Should -BeNullOrEmpty
    }
}
