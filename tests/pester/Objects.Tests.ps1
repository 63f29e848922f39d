BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

# Lines that people wrote for Exchange Online, word for word, against replies as the library gives them.

Describe 'Scripts written for Exchange Online' {
    BeforeAll {
        $replies = @{
            Batches   = @((Get-BatchView @{ Identity = 'bigbang' }), (Get-BatchView @{ Identity = 'TencentToM365_1'; Status = 'Completed'; BatchGuid = '44444444-4444-4444-8444-444444444444' }))
            Users     = @((Get-UserView @{ BatchId = 'bigbang'; Status = 'Failed'; ErrorSummary = 'no such login' }))
            Endpoints = @((Get-EndpointView), (Get-EndpointView @{ Identity = 'Second'; Guid = '55555555-5555-4555-8555-555555555555' }))
        }
        $statistics = Get-StatisticsView @{ BatchId = 'bigbang'; Status = 'Failed'; Error = 'AuthenticationErrorException: no such login' }
        $tested = [pscustomobject]@{ Result = 'Success'; Message = ''; SupportsCutover = $false; ErrorDetail = ''; Steps = @() }
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]$replies }.GetNewClosure()
        $results = [pscustomobject]@{ Results = @([pscustomobject]@{ Identity = ''; Statistics = $statistics; Error = $null }) }
        Mock -ModuleName ImapMigration Invoke-Native { $results }.GetNewClosure() -ParameterFilter { $Function -eq 'user_statistics_list' }
        Mock -ModuleName ImapMigration Invoke-Native { $tested }.GetNewClosure() -ParameterFilter { $Function -eq 'server_test' }
        Mock -ModuleName ImapMigration Invoke-Native { $replies.Batches[0] }.GetNewClosure() -ParameterFilter { $Function -eq 'batch_create' }
        Mock -ModuleName ImapMigration Invoke-Native { $replies.Endpoints[0] }.GetNewClosure() -ParameterFilter { $Function -eq 'endpoint_create' }
        Push-Location $TestDrive
    }

    AfterAll { Pop-Location }

    It 'tests and makes endpoints' {
        (Test-MigrationServerAvailability -IMAP -RemoteServer "imap.exmail.qq.com" -Port 993 -Security Ssl).Result | Should -Be 'Success'
        New-MigrationEndpoint -IMAP -Name "TencentIMAPEndpoint" -RemoteServer "imap.exmail.qq.com" -Port 993 -Security Ssl | Should -Not -BeNullOrEmpty
        New-MigrationEndpoint -IMAP -Name IMAPEndpoint -RemoteServer imap.contoso.com -Port 143 -Security Tls -MaxConcurrentMigrations 50 -MaxConcurrentIncrementalSyncs 25 | Should -Not -BeNullOrEmpty
    }

    It 'makes batches from files and from text' {
        [IO.File]::WriteAllText("$TestDrive/migration.csv", 'EmailAddress,UserName,Password')
        $batchName = 'TencentToM365_1'
        $csvData = [System.IO.File]::ReadAllBytes("$TestDrive/migration.csv")
        New-MigrationBatch -Name $batchName -SourceEndpoint "TencentIMAPEndpoint" -CSVData $csvData -AutoStart -AllowUnknownColumnsInCsv $true | Should -Not -BeNullOrEmpty

        $csvContent = '"EmailAddress","UserName","Password"', '"terrya@contoso.edu","terry.adams","1091990"'
        New-MigrationBatch -Name IMAPbatch1 -CSVData ([System.Text.Encoding]::UTF8.GetBytes($csvContent -join "`r`n")) -SourceEndpoint IMAPEndpoint1 -ExcludeFolders "Deleted Items","Junk Email" | Should -Not -BeNullOrEmpty
    }

    It 'pipes users into their statistics by Guid' {
        $table = Get-MigrationUser -BatchId "TencentToM365_Analysis" | Get-MigrationUserStatistics | Format-Table Identity, TotalItemsInSourceMailboxCount, EstimatedTotalTransferSize | Out-String -Width 120

        $table | Should -Match 'terrya@contoso\.edu +4000 28\.45 GB'
        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { $Function -eq 'user_statistics_list' -and "$($Request.Identities)" -eq '33333333-3333-4333-8333-333333333333' }
    }

    It 'removes the batches whose Identity is like a name' {
        Get-MigrationBatch | Where-Object {$_.Identity -like "TencentToM365*"} | Remove-MigrationBatch -Confirm:$false

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter { $Function -eq 'batch_remove' -and $Request.Identity -eq '44444444-4444-4444-8444-444444444444' }
    }

    It 'tells states by Value, as a string, in lists and by comparison' {
        $currentBatch = (Get-MigrationBatch)[0]
        $migrationBatch = (Get-MigrationBatch)[1]

        $currentBatch.Status.value -like "Synced*" | Should -BeTrue
        $migrationBatch.Status.Value -in @('Completed', 'CompletedWithErrors', 'Stopped', 'Failed', 'SyncedWithErrors') | Should -BeTrue
        ([string]$migrationbatch.Status -ne "completed") | Should -BeFalse
        $currentBatch.Status -eq 'Synced' | Should -BeTrue
        'synced' -eq $currentBatch.Status | Should -BeTrue
        $currentBatch.Status.ToString() | Should -BeExactly 'Synced'
        $currentBatch.Status -match '^Syn' | Should -BeTrue
        $seen = switch ($currentBatch.Status) { 'Synced' { 'yes' } default { 'no' } }
        $seen | Should -Be 'yes'
        $currentBatch.MigrationType.ToString() -eq "PublicFolder" | Should -BeFalse
        "$($currentBatch.Status)" | Should -BeExactly 'Synced'
        ($currentBatch | Select-Object Identity, Status | ConvertTo-Json -Compress) | Should -BeExactly '{"Identity":"bigbang","Status":"Synced"}'
    }

    It 'becomes JSON that can be read' {
        $json = (Get-MigrationBatch)[0] | ConvertTo-Json -Depth 2 -WarningVariable cut -WarningAction SilentlyContinue | ConvertFrom-Json

        $json.Locale, $json.SourceEndpoint, $json.MigrationType | Should -Be 'en-US', 'IMAPEndpoint', 'IMAP'
        $cut | Should -BeNullOrEmpty
    }

    It 'gives identities that are names, and objects' {
        $batch = (Get-MigrationBatch)[0]
        $user = Get-MigrationUser

        $batch.Identity.Name | Should -BeExactly 'bigbang'
        $batch.Identity.ToString() | Should -BeExactly 'bigbang'
        $batch.Name | Should -BeExactly 'bigbang'
        $batch.SourceEndpoint.Identity.Id | Should -BeExactly 'IMAPEndpoint'
        "$($batch.SourceEndpoint)" | Should -BeExactly 'IMAPEndpoint'
        ($user.Identity).Split("@")[0] | Should -BeExactly 'terrya'
        $user.Identity.Id | Should -BeExactly 'terrya@contoso.edu'
        ([string]$batch.Identity) | Should -BeExactly 'bigbang'
    }

    It 'asks for the batch again by its identity' {
        $migrationbatch = (Get-MigrationBatch)[0]
        $migrationbatch = get-migrationbatch -Identity ([string]$migrationbatch.Identity)

        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { $Request.Identity -eq 'bigbang' }
    }

    It 'exports the errors of failed users' {
        Get-MigrationUser -BatchId bigbang -Status failed| Get-MigrationUserStatistics | select identity, status, error | Export-Csv migrationerrors.csv -NoTypeInformation

        Get-Content migrationerrors.csv | Should -Be '"Identity","Status","Error"', '"terrya@contoso.edu","Failed","AuthenticationErrorException: no such login"'
    }

    It 'compares the batch of a user with a string' {
        (Get-MigrationUser -Identity charles.dickens@tilburg.nl | where {$_.batchid -eq "bigbang"}) | Should -Not -BeNullOrEmpty
    }

    It 'selects counts and numbers' {
        $counts = (Get-MigrationBatch -Identity performancetest_100)[0] | Select-Object TotalCount,ActiveCount,FailedCount,SyncedCount

        "$counts" | Should -Be '@{TotalCount=3; ActiveCount=0; FailedCount=1; SyncedCount=2}'
    }

    It 'lists status, error and report' {
        $text = Get-MigrationUserStatistics -Identity "kim.dekkers@tilburg.nl" -IncludeReport | Format-List Status,Error,Report | Out-String

        $text | Should -Match 'Status : Failed'
    }

    It 'selects from statistics in any case' {
        $row = Get-MigrationUser | Where-object {$_.Identity -like "*terry*"} | Get-MigrationUserStatistics | Select-Object identity,batchid,error,errorsummary, TotalItemsInSourceMailboxCount, SyncedItemCount, percentagecomplete

        $row.percentagecomplete | Should -Be 99
        $row.batchid | Should -Be 'bigbang'
    }

    It 'exports users' {
        Get-MigrationUser -Status Failed | Select-Object Identity,RecipientType,SkippedItemCount,SyncedItemCount,Status,BatchId,LastSuccessfulSyncTime, errorsummary | Export-Csv users.csv -NTI

        (Import-Csv users.csv).RecipientType | Should -Be 'Mailbox'
    }

    It 'sorts by date' {
        $sorted = Get-MigrationBatch -Status "Synced" | Select-Object Identity,State, Status, LastSyncedDateTime | Sort-Object -Descending LastSyncedDateTime

        $sorted.Count | Should -Be 2
    }

    It 'removes completed batches with the alias CF' {
        get-MigrationBatch | where { $_.status -eq 'Completed' } | Remove-MigrationBatch -CF:$false

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter { $Function -eq 'batch_remove' }
    }

    It 'tests every endpoint by its identity' {
        $MRSEndpoints = (Get-MigrationEndpoint).Identity
        $results = Foreach ($MEP in $MRSEndpoints) {Test-MigrationServerAvailability -Endpoint $MEP}

        $results.Result | Should -Be 'Success', 'Success'
        Should -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { $Function -eq 'server_test' -and $Request.Endpoint -eq '55555555-5555-4555-8555-555555555555' }
    }

    It 'groups by status' {
        $results = Get-MigrationBatch | ForEach-Object { [pscustomobject]@{ Name = $_.Identity; Status = $_.Status } }

        ($results | Group-Object -Property Status).Name | Should -Be 'Completed', 'Synced'
    }

    It 'writes everything to a file' {
        Get-MigrationBatch -Diagnostic -IncludeReport -Verbose 4> $null | fl > Get-MigrationBatch-Diagnostic.txt

        Get-Content Get-MigrationBatch-Diagnostic.txt -Raw | Should -Match 'SourceEndpoint +: IMAPEndpoint'
    }

    It 'tests an endpoint with a mailbox' {
        (Test-MigrationServerAvailability -Endpoint "CrossTenantMigrationEndpoint1" -TestMailbox "someone@contoso.com").Result | Should -Be 'Success'
    }

    It 'has pairs of times, the same without a time zone' {
        $batch = (Get-MigrationBatch)[0]

        $batch.StartDateTime | Should -Be $batch.StartDateTimeUTC
        $batch.CreationDateTime.ToString("MM/dd/yyyy hh:mm tt", [cultureinfo]::InvariantCulture) | Should -Be '11/14/2023 10:13 PM'
        $batch.InitialSyncDuration | Should -Be ([timespan]::FromMinutes(1))
    }

    It 'shows times in the time zone of the batch' {
        $replies.Batches = @(Get-BatchView @{ TimeZone = 'Europe/Berlin' })

        $batch = Get-MigrationBatch

        ($batch.CreationDateTime - $batch.CreationDateTimeUTC).TotalHours | Should -Be 1
    }
}

Describe 'A batch that does not exist' {
    BeforeDiscovery {
        . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
        Import-ModuleUnderTest
        $missing = -not (Test-Library)
    }

    BeforeAll { $restore = Use-StateFolder }

    AfterAll { & $restore }

    It 'is caught by the name of its exception' -Skip:$missing {
        $migration_batch_name = 'Migration-dev1-dev2'
        $caught = $null
        try { $null = Get-MigrationBatch -Identity $migration_batch_name -ErrorAction Stop } catch { $caught = $_.Exception.Message }

        $caught -like "*Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException*" | Should -BeTrue
    }

    It 'is nothing with SilentlyContinue' -Skip:$missing {
        $instance = Get-MigrationBatch -Identity 'nobody' -ErrorAction SilentlyContinue

        $null -eq $instance | Should -BeTrue
    }
}

Describe 'What completion knows of objects' {
    It 'is every property of a <_>' -ForEach 'MigrationBatch', 'MigrationUser', 'MigrationUserStatistics', 'MigrationEndpoint', 'MigrationConfig', 'MigrationStatistics', 'ServerTestResult', 'SkippedItem' {
        $kind = $_
        $view = switch ($kind) {
            'MigrationBatch' { Get-BatchView }
            'MigrationUser' { Get-UserView }
            'MigrationUserStatistics' { Get-StatisticsView }
            'MigrationEndpoint' { Get-EndpointView }
            'MigrationConfig' { Get-ConfigView }
            'MigrationStatistics' { [pscustomobject]@{ TotalCount = 0; ActiveCount = 0; StoppedCount = 0; SyncedCount = 0; FinalizedCount = 0; FailedCount = 0; PendingCount = 0 } }
            'ServerTestResult' { [pscustomobject]@{ Result = 'Success'; Message = ''; SupportsCutover = $false; ErrorDetail = '' } }
            'SkippedItem' {
                [pscustomobject]@{
                    Kind = 'LargeItem'; LeftOut = $true; FolderName = 'F'; Uid = 1; Subject = ''; Sender = ''; Recipient = ''; MessageSize = 1
                    DateSentUnixMs = $null; DateReceivedUnixMs = $null; Failure = ''; KeptFile = $null
                }
            }
        }
        $object = & (Get-Module ImapMigration) {
            if ($args[0] -eq 'MigrationUserStatistics') { ConvertTo-MigrationUser -View $args[1] -Statistics $true } else { & "ConvertTo-$($args[0])" -View $args[1] }
        } $kind $view

        $known = (Get-TypeData "ImapMigration.Output.$kind").Members.Keys
        @($object.psobject.Properties.Name | Where-Object { $known -notcontains $_ }) | Should -BeNullOrEmpty -Because 'ImapMigration.Types.ps1xml lists them'
        @($known | Where-Object { $object.psobject.Properties.Name -notcontains $_ }) | Should -BeNullOrEmpty -Because 'ImapMigration.Types.ps1xml lists no others'
    }
}
