# Lines of real scripts that people run against Exchange Online, literally but for names and paths, against a real migration: the
# sample server of imapmig demo into the local store. Lines that look run again in a job, on objects that went through
# Export-Clixml, in strict mode, with $ErrorActionPreference = 'Stop', and in other cultures.

BeforeDiscovery {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $missing = -not (Test-Library)
    # Each line, and what must hold of what it prints: $out.
    $looks = @(
        @{ Line = 'Get-MigrationEndpoint IMAPEndpoint | Format-List EndpointType,RemoteServer,Port,Security,Max*'; Check = { "$($out | Out-String)" | Should -Match 'EndpointType +: IMAP[\s\S]+MaxConcurrentMigrations +: 50[\s\S]+MaxConcurrentIncrementalSyncs +: 25' } }
        @{ Line = 'Get-MigrationBatch -Identity IMAPBatch1 | Format-List Status'; Check = { "$($out | Out-String)".Trim() | Should -Be 'Status : SyncedWithErrors' } }
        @{ Line = 'Get-MigrationBatch IMAPBatch1'; Check = { "$out" | Should -Be 'IMAPBatch1' } }
        @{ Line = 'Get-MigrationUser -BatchId "IMAPBatch1" | Get-MigrationUserStatistics | Format-Table Identity, TotalItemsInSourceMailboxCount, EstimatedTotalTransferSize'; Check = { "$($out | Out-String -Width 200)" | Should -Match 'terrya@contoso\.edu +[1-9]\d* [\d.]+ [KM]?B \([\d,]+ bytes\)' } }
        @{ Line = '(Get-MigrationBatch | Where-Object {$_.Identity -like "IMAPB*"}).Identity'; Check = { "$out" | Should -Be 'IMAPBatch1' } }
        @{ Line = '$currentBatch = Get-MigrationBatch IMAPBatch1; If ($currentBatch.Status.value -like "Synced*") { $currentBatch.Identity }'; Check = { "$out" | Should -Be 'IMAPBatch1' } }
        @{ Line = '$migrationBatch = Get-MigrationBatch IMAPBatch1; $migrationBatch.Status.Value -in @(''Completed'', ''CompletedWithErrors'', ''Stopped'', ''Failed'', ''SyncedWithErrors'')'; Check = { $out | Should -BeTrue } }
        @{ Line = '$migrationbatch = get-migrationbatch IMAPBatch1; if ([string]$migrationbatch.Status -ne "completed") { $migrationbatch = get-migrationbatch -Identity ([string]$migrationbatch.Identity) }; "$migrationbatch"'; Check = { $out | Should -Be 'IMAPBatch1' } }
        @{ Line = '$caught = ""; try { Get-MigrationBatch -Identity gone -ErrorAction Stop } catch { $caught = $_.Exception.Message }; $caught -like "*Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException*"'; Check = { $out | Should -BeTrue } }
        @{ Line = '$instance = Get-MigrationBatch -Identity gone -ErrorAction SilentlyContinue; if ($null -eq $instance) { "none" }'; Check = { $out | Should -Be 'none' } }
        @{ Line = 'Get-MigrationUser -BatchId IMAPBatch1 -Status failed| Get-MigrationUserStatistics | select identity, status, error | ConvertTo-Csv -NoTypeInformation'; Check = { $out[0] | Should -Be '"Identity","Status","Error"'; $out[1] | Should -Match '^"lost@contoso\.edu","Failed","' } }
        @{ Line = '(Get-MigrationUser -Identity terrya@contoso.edu | where {$_.batchid -eq "IMAPBatch1"}).Guid'; Check = { $out | Should -BeOfType ([guid]) } }
        @{ Line = 'Get-MigrationBatch -Identity IMAPBatch1 | Select-Object TotalCount,ActiveCount,FailedCount,SyncedCount'; Check = { "$out" | Should -BeLike '@{TotalCount=4; ActiveCount=0; FailedCount=1; SyncedCount=3*' } }
        @{ Line = 'Get-MigrationUserStatistics -Identity "terrya@contoso.edu" -IncludeReport | Format-List Status,Error,Report'; Check = { "$($out | Out-String)" | Should -Match 'Status : Synced[\s\S]+20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ ' } }
        @{ Line = 'Get-MigrationUser | Where-object {$_.Identity -like "*terry*"} | Get-MigrationUserStatistics | Select-Object identity,batchid,error,errorsummary, TotalItemsInSourceMailboxCount, SyncedItemCount, percentagecomplete'; Check = { "$($out.identity) $($out.batchid) $($out.percentagecomplete)" | Should -Be 'terrya@contoso.edu IMAPBatch1 100' } }
        @{ Line = 'Get-MigrationUser -Status Failed | Select-Object Identity,RecipientType,SkippedItemCount,SyncedItemCount,Status,BatchId,LastSuccessfulSyncTime, errorsummary | ConvertTo-Csv -NTI'; Check = { $out[1] | Should -Match '^"lost@contoso\.edu","Mailbox","0","0","Failed","IMAPBatch1",,"' } }
        @{ Line = 'Get-MigrationBatch -Status "SyncedWithErrors" | Select-Object Identity,State, Status, LastSyncedDateTime | Sort-Object -Descending LastSyncedDateTime'; Check = { "$($out.Identity)" | Should -Be 'IMAPBatch1' } }
        @{ Line = '$MRSEndpoints = (Get-MigrationEndpoint).Identity; Foreach ($MEP in $MRSEndpoints) {Test-MigrationServerAvailability -Endpoint $MEP}'; Check = { "$($out.Result)" | Should -Be 'Success' } }
        @{ Line = '$results = @(Get-MigrationBatch); $results | Group-Object -Property Status'; Check = { $out.Name | Should -Be 'SyncedWithErrors' } }
        @{ Line = 'Get-MigrationBatch -Diagnostic -IncludeReport -Verbose 4>$null | fl | Out-String -Width 200'; Check = { $out | Should -Match 'SourceEndpoint +: IMAPEndpoint' } }
        @{ Line = 'Test-MigrationServerAvailability -Endpoint "IMAPEndpoint" -TestMailbox "terrya@contoso.edu"'; Check = { $out.Result | Should -Be 'Success' } }
        @{ Line = 'Get-MigrationStatistics | Format-Table -AutoSize'; Check = { $out | Should -Not -BeNullOrEmpty } }
        @{ Line = '$MigrationBatchName = "IMAPBatch1"; Get-MigrationBatch | Where-Object { $MigrationBatchName -eq $_.Identity } | ForEach-Object { $_.Identity.Name }'; Check = { $out | Should -Be 'IMAPBatch1' } }
        @{ Line = '$t = Test-MigrationServerAvailability -Endpoint IMAPEndpoint; if ("$($t.Result)" -ne ''Success'') { throw "... ($($t.Result): $($t.Message))" } else { "Success" -eq $t }'; Check = { $out | Should -BeTrue } }
        @{ Line = '$st = Get-MigrationUserStatistics terrya@contoso.edu; $st.PSObject.Properties[''TotalItemsInSourceMailboxCount''].Value -eq [long]$st.SyncedItemCount'; Check = { $out | Should -BeTrue } }
        @{ Line = '$mu = Get-MigrationUser terrya@contoso.edu; "$($mu.Identity)".ToLowerInvariant()'; Check = { $out | Should -Be 'terrya@contoso.edu' } }
        @{ Line = '[string[]]$list = (Get-MigrationBatch).Identity; $list[0].Trim().ToLower()'; Check = { $out -in 'imapbatch1', "$([char]0x131)mapbatch1" | Should -BeTrue } }
        @{ Line = 'Get-MigrationBatch | Format-Table Identity, Status, MigrationType, TotalCount, CreationDateTime'; Check = { "$($out | Out-String -Width 150)" | Should -Match 'IMAPBatch1 +SyncedWithErrors +IMAP +4 ' } }
        @{ Line = 'Get-MigrationUser -BatchId IMAPBatch1 | Get-MigrationUserStatistics | Select-Object Identity, InitialSeedingCompletedTime, LastUpdatedTime, CurrentBytesTransferredPerMinute'; Check = { $out.Count | Should -Be 4 } }
        @{ Line = 'Get-MigrationUser -Status Failed | Get-MigrationUserStatistics | ForEach-Object { $_.LastFailureTime, $_.ErrorHelpUrl, $_.ErrorTime, $_.ErrorCode, $_.ErrorType, $_.ErrorSide, $_.ErrorHash }'; Check = { @($out | Where-Object { $_ }).Count | Should -Be 7; "$($out[3]) $($out[5])" | Should -Be 'LoginRefused Source' } }
        @{ Line = 'foreach ($user in Get-MigrationUser -Status Failed) { if (-not (Get-MoveRequest -Identity $user.Identity -ErrorAction SilentlyContinue)) { "retry $($user.Identity)" } }'; Check = { $out | Should -Be 'retry lost@contoso.edu' } }
        @{ Line = 'Get-MigrationUser | Where-Object { $_.Status.Value -ne 4 -and $_.Status -ne ''Completed'' } | ForEach-Object { "$_" }'; Check = { $out.Count | Should -Be 4 } }
        @{ Line = '$stats = Get-MigrationUserStatistics terrya@contoso.edu; $stats.PercentageComplete -ge 95'; Check = { $out | Should -BeTrue } }
        @{ Line = '$batch = Get-MigrationBatch IMAPBatch1; "Batch: {0}  Status={1}  State={2}  TotalCount={3}" -f $batch.Identity, $batch.Status, $batch.State, $batch.TotalCount'; Check = { $out | Should -Match '^Batch: IMAPBatch1  Status=SyncedWithErrors  State=\w+  TotalCount=4$' } }
        @{ Line = '$users = Get-MigrationUser; foreach ($g in @($users | Group-Object Status)) { "$($g.Name) $($g.Count)" }'; Check = { $out | Sort-Object | Should -Be 'Failed 1', 'Synced 3' } }
        @{ Line = 'Get-MigrationUser | Select-Object Identity, PrimaryEmailAddress, Status, SyncStatus, BatchId, ErrorSummary'; Check = { $out.Count | Should -Be 4 } }
        @{ Line = '$Mailbox = "terrya@contoso.edu"; Get-MigrationUserStatistics $Mailbox -IncludeSkippedItems -IncludeReport -DiagnosticInfo "showtimeslots, showtimeline, verbose"'; Check = { "$($out.Report)" | Should -Match 'Z terrya@contoso\.edu: "INBOX" is done: \d+ of \d+ messages are at the target' } }
        @{ Line = '$MigrationBatch = Get-MigrationBatch IMAPBatch1; Get-MigrationEndpoint -Identity $MigrationBatch.SourceEndpoint -DiagnosticInfo Verbose'; Check = { "$out" | Should -Be 'IMAPEndpoint' } }
        @{ Line = '$statistics = Get-MigrationUserStatistics terrya@contoso.edu; @($statistics | ConvertTo-Json -Depth 8 -Compress) -join '' '''; Check = { ($out | ConvertFrom-Json).Identity | Should -Be 'terrya@contoso.edu' } }
        @{ Line = 'Get-MigrationBatch -Status stopped | %{[string]$id = $_.identity; Start-MigrationBatch -Identity $id}'; Check = { $out | Should -BeNullOrEmpty } }
        @{ Line = 'Get-MigrationUser | Where-Object {$_.Status -eq "NeedsApproval"} | Set-MigrationUser -ApproveSkippedItems'; Check = { $out | Should -BeNullOrEmpty } }
        @{ Line = '(Get-MigrationUserStatistics terrya@contoso.edu -IncludeSkippedItems).SkippedItems | Select-Object Identity, Kind, ScoringClassifications, FolderName, Sender, Recipient, Subject, MessageSize, DateSent, DateReceived, IsValid, Failure'; Check = { $out | Should -BeNullOrEmpty } }
    )
    $modes = @(
        @{ Mode = 'as they stand'; Culture = ''; Setup = '' }
        @{ Mode = 'on objects from Export-Clixml'; Culture = ''; Setup = ''; ByFile = $true }
        @{ Mode = 'in strict mode'; Culture = ''; Setup = 'Set-StrictMode -Version Latest; ' }
        @{ Mode = 'with Stop'; Culture = ''; Setup = '$ErrorActionPreference = ''Stop''; ' }
        @{ Mode = 'in de-DE'; Culture = 'de-DE'; Setup = '' }, @{ Mode = 'in tr-TR'; Culture = 'tr-TR'; Setup = '' }, @{ Mode = 'in ar-SA'; Culture = 'ar-SA'; Setup = '' }
    )
}

BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    if (Test-Library) {
        $restore = Use-StateFolder
        $server = Start-SampleServer
        $remote, $port = $server.Address
        $file = [IO.Path]::Combine([IO.Path]::GetTempPath(), "imapmig-test-$PID.csv")
        # As Out-File of Windows PowerShell writes it: UTF-16, with another spelling of the header.
        [IO.File]::WriteAllLines($file, [string[]]('EmailAddress,Username,Password', 'terrya@contoso.edu,terry.adams,1091990',
            'annb@contoso.edu,ann.beebe,2111991', 'paulc@contoso.edu,paul.cannon,3281986', 'lost@contoso.edu,nobody.here,x'), [Text.Encoding]::Unicode)
    }
}

AfterAll {
    if (Test-Library) {
        Get-MigrationBatch -ErrorAction SilentlyContinue | Remove-MigrationBatch -Confirm:$false
        & $server.Stop
        Remove-Item $file
        & $restore
    }
}

Describe 'A runbook from beginning to end' -Skip:$missing {
    It 'makes the endpoint with limits that are strings' {
        $row = 'Limit,Incremental', '50,25' | ConvertFrom-Csv
        (Test-MigrationServerAvailability -IMAP -RemoteServer $remote -Port $port -Security None).Result | Should -Be 'Success'

        New-MigrationEndpoint -Name IMAPEndpoint -IMAP -RemoteServer $remote -Port $port -Security None -MaxConcurrentMigrations $row.Limit -MaxConcurrentIncrementalSyncs $row.Incremental | Should -Not -BeNullOrEmpty
    }

    It 'makes the batch by splatting, and starts it because it is Stopped' {
        $MigrationEndpoint = Get-MigrationEndpoint IMAPEndpoint
        $parameters = @{ Name = 'IMAPBatch1'; SourceEndpoint = "$($MigrationEndpoint.Identity)"; CSVData = [System.IO.File]::ReadAllBytes($file); AutoStart = $false; ErrorAction = 'Stop'; ExcludeFolders = @('[Gmail]/Spam') }
        $MigrationBatch = New-MigrationBatch @parameters

        if ($MigrationBatch.Status -notin "Stopped", "Created") { throw "skipped: $($MigrationBatch.Status)" }
        $MigrationBatch | Start-MigrationBatch -ErrorAction Stop

        $batch = Wait-MigrationBatch IMAPBatch1 -TimeoutSeconds 240
        $batch.Status | Should -Be 'SyncedWithErrors'
        $batch.SyncedItemCount | Should -Be $batch.TotalItemCount
    }
}

Describe 'Lines that look, <Mode>' -ForEach $modes -Skip:$missing {
    BeforeAll {
        $before = [Threading.Thread]::CurrentThread.CurrentCulture
        # What the cmdlets return, from a file.
        $byFile = @(if ($ByFile) {
            foreach ($name in 'Get-MigrationBatch', 'Get-MigrationUser', 'Get-MigrationUserStatistics', 'Get-MigrationEndpoint', 'Get-MigrationStatistics', 'Test-MigrationServerAvailability') {
                [scriptblock]::Create("function $name { `$found = if (`$MyInvocation.ExpectingInput) { `$input | ImapMigration\$name @args } else { ImapMigration\$name @args }
                        if (`$null -ne `$found) { `$found | Export-Clixml '$TestDrive/line.xml'; Import-Clixml '$TestDrive/line.xml' } }")
            }
        })
        if ($Culture) { [Threading.Thread]::CurrentThread.CurrentCulture = [cultureinfo]::new($Culture) }
    }

    AfterAll { [Threading.Thread]::CurrentThread.CurrentCulture = $before }

    It '<Line>' -ForEach $looks {
        foreach ($function in $byFile) { . $function }
        # Properties that Exchange does not have are errors in strict mode there too.
        $out = & ([scriptblock]::Create("$Setup$Line"))

        . $Check
    }
}

Describe 'Lines that look, in a job' -ForEach @{ Lines = $looks.Line } -Skip:$missing {
    BeforeAll {
        # One job for all; a number before what each line returns.
        $job = Start-Job -ArgumentList (Get-Module ImapMigration).ModuleBase, $env:IMAPMIGRATION_HOME, $Lines {
            $env:IMAPMIGRATION_HOME = $args[1]
            Import-Module $args[0]
            foreach ($line in $args[2]) {
                "<<$line>>"
                # Formatting objects come back as objects that only a console can show.
                if ($line -match '\| (Format-\w+|fl)[^|]*$') { $line += ' | Out-String -Width 200' }
                & ([scriptblock]::Create($line))
            }
        }
        $returned, $current = @{}, $null
        foreach ($item in $job | Receive-Job -Wait -AutoRemoveJob) {
            if ($item -is [string] -and $item -match '^<<(.*)>>$') { $current = $Matches[1]; $returned[$current] = @() } else { $returned[$current] += , $item }
        }
    }

    It '<Line>' -ForEach $looks {
        $out = $returned[$Line]
        if ($out.Count -eq 1) { $out = $out[0] }

        . $Check
    }
}

Describe 'Objects that went through Export-Clixml' -Skip:$missing {
    BeforeAll {
        $path = [IO.Path]::Combine([IO.Path]::GetTempPath(), "imapmig-test-$PID.xml")
        function Copy-ByFile {
            param($Value)

            $Value | Export-Clixml $path
            Import-Clixml $path
        }
    }

    AfterAll { Remove-Item $path }

    It 'have nothing where there is nothing' {
        $users = Copy-ByFile (Get-MigrationUser)
        $batch = Copy-ByFile (Get-MigrationBatch)

        @($users | Where-Object { $_.LastSuccessfulSyncTime }).Count | Should -Be 3
        @($users | Where-Object { $_.ErrorSummary }).Count | Should -Be 1
        foreach ($name in 'CompleteAfter', 'FinalizedDateTime', 'StartAfter', 'WorkflowStage') { $null -eq $batch.$name | Should -BeTrue -Because $name }
        ($batch.ExpirationDateTimeUTC - $batch.LastSyncedDateTimeUTC).TotalDays | Should -BeGreaterThan 59
        $nothing = foreach ($object in (Get-MigrationBatch -IncludeReport), (Get-MigrationUser), (Get-MigrationUser | Get-MigrationUserStatistics -IncludeReport), (Get-MigrationEndpoint), (Get-MigrationConfig)) {
            foreach ($property in $object.psobject.Properties) { if ($property.Value -is [psobject] -and "$($property.Value.psobject.BaseObject.GetType())" -like '*AutomationNull*') { $property.Name } }
        }
        $nothing | Should -BeNullOrEmpty
    }

    It 'still print, compare and lead back' {
        $batch = Copy-ByFile (Get-MigrationBatch)
        $user = Copy-ByFile (Get-MigrationUser terrya@contoso.edu)
        $endpoint = Copy-ByFile (Get-MigrationEndpoint)
        $statistics = Copy-ByFile (Get-MigrationUserStatistics terrya@contoso.edu)
        $config = Copy-ByFile (Get-MigrationConfig)

        "$batch $user $endpoint $config" | Should -Be "IMAPBatch1 terrya@contoso.edu IMAPEndpoint $((Get-MigrationConfig).Identity)"
        $batch.Status.Value | Should -Be 'SyncedWithErrors'
        $statistics.EstimatedTotalTransferSize.ToBytes() | Should -Be (Get-MigrationUserStatistics terrya@contoso.edu).EstimatedTotalTransferSize.ToBytes()
        ($user | Get-MigrationUserStatistics).Identity | Should -Be 'terrya@contoso.edu'
        ($batch | Get-MigrationUser).Count | Should -Be 4
        ($batch | Get-MigrationBatch).Identity | Should -Be 'IMAPBatch1'
    }
}

Describe 'Pipes' -Skip:$missing {
    It 'rows of a CSV file find their users' {
        (Import-Csv $file -Encoding Unicode | Get-MigrationUser).Identity | Should -Be 'terrya@contoso.edu', 'annb@contoso.edu', 'paulc@contoso.edu', 'lost@contoso.edu'
        (Import-Csv $file -Encoding Unicode | Get-MigrationUserStatistics).UserName | Should -Be 'terry.adams', 'ann.beebe', 'paul.cannon', 'nobody.here'
    }

    It 'nothing in a job is nothing here' {
        $job = Start-Job -ArgumentList (Get-Module ImapMigration).ModuleBase, $env:IMAPMIGRATION_HOME {
            $env:IMAPMIGRATION_HOME = $args[1]
            Import-Module $args[0]
            Get-MigrationUser -BatchId IMAPBatch1 -Status Completed
            Get-MigrationUser
        }
        $users = @($job | Receive-Job -Wait -AutoRemoveJob)

        $users.Count | Should -Be 4
        @($users | Where-Object { $_.LastSuccessfulSyncTime }).Count | Should -Be 3
        @($users | Where-Object { $_.ErrorSummary }).Count | Should -Be 1
    }

    It 'takes several identities and patterns' {
        (Get-MigrationUser terrya@contoso.edu, paulc@contoso.edu).Count | Should -Be 2
        (Get-MigrationUser '*@contoso.edu').Count | Should -Be 4
        (Get-MigrationUserStatistics 'p?ulc@*').Identity | Should -Be 'paulc@contoso.edu'
        (Get-MigrationBatch 'imap*', 'IMAPBatch1').Count | Should -Be 2
        Get-MigrationBatch 'none*' | Should -BeNullOrEmpty
    }

    It '<Line> gets the command to use' -ForEach @(
        @{ Line = 'Get-MigrationBatch | Get-MigrationUserStatistics'; Wanted = "*IMAPBatch1 is a migration batch, not a migration user; use Get-MigrationUser -BatchId 'IMAPBatch1' *" }
        @{ Line = 'Get-MigrationUser terrya@contoso.edu | Remove-MigrationBatch -Confirm:$false'; Wanted = '*terrya@contoso.edu is a migration user, not a migration batch; use *' }
        @{ Line = 'Get-MigrationEndpoint | Get-MigrationBatch'; Wanted = "*IMAPEndpoint is a migration endpoint, not a migration batch; use Get-MigrationBatch -Endpoint 'IMAPEndpoint'*" }
        @{ Line = 'New-MigrationBatch -Name x -CSVData 1 -SourceEndpoint (Get-MigrationBatch)'; Wanted = '*IMAPBatch1 is a migration batch, not a migration endpoint; use its SourceEndpoint*' }
    ) {
        { & ([scriptblock]::Create("`$ErrorActionPreference = 'Stop'; $Line")) } | Should -Throw $Wanted
    }
}

Describe 'Lines that make, start, complete and remove batches' -Skip:$missing {
    BeforeAll {
        $people = @(@('terry.adams', '1091990'), @('ann.beebe', '2111991'), @('paul.cannon', '3281986'))
        $files = foreach ($number in 2..4) {
            $login, $password = $people[$number - 2]
            $path = [IO.Path]::Combine([IO.Path]::GetTempPath(), "imapmig-test-$PID-$number.csv")
            [IO.File]::WriteAllLines($path, [string[]]('EmailAddress,UserName,Password,Department', "user$number@contoso.edu,$login,$password,Sales"))
            $path
        }
        # What is made here leaves the first batch alone.
        function Get-Other { Get-MigrationBatch | Where-Object { $_.Identity -ne 'IMAPBatch1' } }
    }

    AfterAll { Remove-Item $files }

    It 'a batch without -AutoStart is "Stopped", and is started for that' {
        $MigrationEndpoint = Get-MigrationEndpoint IMAPEndpoint
        $rows = (Import-Csv $files[0] | Select-Object EmailAddress, @{ n = 'Username'; e = { $_.UserName } }, Password | ConvertTo-Csv -NoTypeInformation).Replace('"', '')
        $narrow = "$($files[0]).txt"
        $rows | Out-File $narrow -Encoding unicode

        $MigrationBatch = New-MigrationBatch -Name IMAPBatch2 -CSVData ([System.IO.File]::ReadAllBytes($narrow)) -SourceEndpoint $MigrationEndpoint -ExcludeFolders "Deleted Items","Junk Email"
        Remove-Item $narrow
        if ($MigrationBatch.Status -ne "Stopped") { throw "skipped: $($MigrationBatch.Status)" }
        Get-MigrationBatch -Status stopped | %{[string]$id = $_.identity; Start-MigrationBatch -Identity $id}

        (Wait-MigrationBatch IMAPBatch2 -TimeoutSeconds 240).Status | Should -Be 'Synced'
    }

    It 'unknown columns are ignored when the script says so' {
        $batchName = 'TencentToM365_1'
        $csvData = [System.IO.File]::ReadAllBytes($files[1])
        New-MigrationBatch -Name $batchName -SourceEndpoint "IMAPEndpoint" -CSVData $csvData -AutoStart -AllowUnknownColumnsInCsv $true

        (Wait-MigrationBatch $batchName -TimeoutSeconds 240).Status | Should -Be 'Synced'
    }

    It 'a batch is completed when it is "Synced*"; -force is no parameter, as in Exchange' {
        $currentBatch = Get-MigrationBatch IMAPBatch2
        { If ($currentBatch.Status.value -like "Synced*") { Complete-MigrationBatch -Identity $currentBatch.Identity -force } } | Should -Throw -ErrorId 'NamedParameterNotFound,*'
        If ($currentBatch.Status.value -like "Synced*") { Complete-MigrationBatch -Identity $currentBatch.Identity -Confirm:$false }

        Wait-Until { (Get-MigrationBatch IMAPBatch2).Status -eq 'Completed' } | Should -BeTrue
    }

    It 'a user and its other migrations are removed' {
        $ConfirmPreference = 'None'
        Get-MigrationUser -Identity user3@contoso.edu -IncludeAssociatedUsers | Remove-MigrationUser

        Wait-Until { -not (Get-MigrationUser user3@contoso.edu -ErrorAction SilentlyContinue) } | Should -BeTrue
    }

    It 'batches are removed by their status, by pattern and by name' {
        $null = New-MigrationBatch -Name Third -SourceEndpoint IMAPEndpoint -CSVData ([System.IO.File]::ReadAllBytes($files[2])) -AllowUnknownColumnsInCsv $true
        $currentInstance = $migrationBatch = Get-MigrationBatch IMAPBatch2
        if ($migrationBatch.Status.Value -in @('Completed', 'CompletedWithErrors', 'Stopped', 'Failed', 'SyncedWithErrors')) { Remove-MigrationBatch -Identity $currentInstance.Identity -Confirm:$false }
        Get-MigrationBatch | Where-Object {$_.Identity -like "TencentToM365*"} | Remove-MigrationBatch -Confirm:$false
        $batchName = 'Third'
        Remove-MigrationBatch -Identity $batchName -Confirm:$false

        Wait-Until { -not (Get-Other) } | Should -BeTrue
        (Get-MigrationBatch).Identity | Should -Be 'IMAPBatch1'
    }
}

Describe 'Lines that change something' -Skip:$missing {
    It 'the question names the only batch' {
        $shown = Invoke-Session 'Remove-MigrationBatch', 'N', '(Get-MigrationBatch).Count'

        $shown[0] | Should -Match 'on target "IMAPBatch1"'
        $shown[1] | Should -Match '(?m)^1$'
    }

    It 'retries the failed users' {
        Get-MigrationUser -BatchId IMAPBatch1 -Status failed | Start-MigrationUser

        (Wait-MigrationBatch IMAPBatch1 -TimeoutSeconds 240).FailedCount | Should -Be 1
    }

    It 'removes a user by its Guid' {
        $guid = (Get-MigrationUser -Identity lost@contoso.edu -IncludeAssociatedUsers).Guid

        Remove-MigrationUser -Identity $guid -Confirm:$false

        Wait-Until { -not (Get-MigrationUser lost@contoso.edu -ErrorAction SilentlyContinue) } | Should -BeTrue
    }

    It 'completes the batch' {
        $BatchName = 'IMAPBatch1'
        Complete-MigrationBatch -Identity $BatchName -Confirm:$false -ErrorAction Stop

        Wait-Until { (Get-MigrationBatch $BatchName).Status -like 'Completed*' } | Should -BeTrue -Because "$((Get-MigrationBatch).Status)"
    }

    It 'removes the completed batch' {
        get-MigrationBatch | where { $_.status -like 'Completed*' } | Remove-MigrationBatch -CF:$false

        Wait-Until { -not (Get-MigrationBatch) } | Should -BeTrue
    }
}
