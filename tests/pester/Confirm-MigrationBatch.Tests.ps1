BeforeDiscovery {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $missing = -not (Test-Library)
}

BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Confirm-MigrationBatch' {
    BeforeEach {
        Mock -ModuleName ImapMigration Write-Progress { }
    }

    It 'requests a comparison, and returns how far it is' {
        $view = Get-ConfirmationView @{ Status = 'InProgress'; IsAtRest = $false; Result = $null; EndedUnixMs = $null }
        Mock -ModuleName ImapMigration Invoke-Native { $view }.GetNewClosure()

        $confirmation = Confirm-MigrationBatch IMAPBatch1 -Bytes

        $confirmation.Status | Should -Be 'InProgress'
        $confirmation.Result | Should -BeNullOrEmpty
        "$confirmation" | Should -Be 'IMAPBatch1'
        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter { $Function -eq 'batch_confirm' -and $Request.Identity -eq 'IMAPBatch1' -and $Request.Bytes -and -not $Request.Stop }
    }

    It 'takes batches from the pipeline' {
        $view = Get-ConfirmationView
        Mock -ModuleName ImapMigration Invoke-Native { $view }.GetNewClosure()

        (Get-BatchView | & (Get-Module ImapMigration) { process { $_ | ConvertTo-MigrationBatch } } | Confirm-MigrationBatch).Result | Should -Be 'Complete'

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter { $Request.Identity -eq '11111111-1111-4111-8111-111111111111' }
    }

    It 'does nothing with -WhatIf' {
        Mock -ModuleName ImapMigration Invoke-Native { throw 'called' }

        Confirm-MigrationBatch IMAPBatch1 -WhatIf | Should -BeNullOrEmpty
    }

    It 'stops with -Stop, which goes with nothing else' {
        $view = Get-ConfirmationView @{ Status = 'Stopped'; Result = $null; EndedUnixMs = $null }
        Mock -ModuleName ImapMigration Invoke-Native { $view }.GetNewClosure()

        (Confirm-MigrationBatch IMAPBatch1 -Stop).Status | Should -Be 'Stopped'

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter { $Request.Stop }
        { Confirm-MigrationBatch IMAPBatch1 -Stop -Bytes } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }

    It 'waits for the end with -Wait, shows a bar, warns, and lists what was found on all pages' {
        $looks = [Collections.Generic.Queue[object]]::new()
        $busy = Get-ConfirmationView @{ Status = 'InProgress'; IsAtRest = $false; Result = $null; ComparedItemCount = 1000; ExpectedItemCount = 4000; EndedCount = 1 }
        $bad = @{ Result = 'Incomplete'; MissingItemCount = 1; AlteredItemCount = 1 }
        $pages = (Get-ConfirmationView ($bad + @{ Findings = @(Get-FindingView); NextFindings = '7' })), (Get-ConfirmationView ($bad + @{ Findings = @(Get-FindingView @{ Kind = 'Altered' }) }))
        foreach ($view in @($busy; (Get-ConfirmationView $bad); $pages)) { $looks.Enqueue($view) }
        Mock -ModuleName ImapMigration Invoke-Native { $busy }.GetNewClosure() -ParameterFilter { $Function -eq 'batch_confirm' }
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Confirmations = @($looks.Dequeue()) } }.GetNewClosure() -ParameterFilter { $Function -eq 'batch_confirmation' }

        $confirmation = Confirm-MigrationBatch IMAPBatch1 -Wait -WarningVariable warning -WarningAction SilentlyContinue

        $confirmation.Findings.Kind | Should -Be 'Missing', 'Altered'
        $confirmation.Findings[0].DateReceived | Should -Be ([datetime]'2023-11-14T22:13:20')
        "$warning" | Should -BeLike '*incomplete: 1 missing, 0 doubled, 1 altered*'
        $looks.Count | Should -Be 0
        Should -Invoke -ModuleName ImapMigration Write-Progress -Times 1 -Exactly -ParameterFilter { $PercentComplete -eq 25 -and $Status -match '^1 of 3 users, 1.000 of 4.000 items$' }
    }

    It 'gives up waiting after the time given' {
        $busy = Get-ConfirmationView @{ Status = 'InProgress'; IsAtRest = $false; Result = $null }
        Mock -ModuleName ImapMigration Invoke-Native { $busy }.GetNewClosure() -ParameterFilter { $Function -eq 'batch_confirm' }
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Confirmations = @($busy) } }.GetNewClosure() -ParameterFilter { $Function -eq 'batch_confirmation' }

        { Confirm-MigrationBatch IMAPBatch1 -Wait -TimeoutSeconds 0 -ErrorAction Stop } | Should -Throw '*still being compared after 0 seconds*' -ErrorId 'WaitTimedOut,*'
    }
}

Describe 'Get-MigrationBatchConfirmation' {
    It 'shows all batches that were compared, with numbers of each user' {
        $user = [ordered]@{
            Identity = 'ann@contoso.edu'; Result = 'Incomplete'; ErrorSummary = 'the password is wrong'; EndedUnixMs = 1700000000000; ComparedItemCount = 0; ExpectedItemCount = 7
            SourceItemCount = 0; TargetItemCount = 0; MatchedItemCount = 0; MissingItemCount = 0; DoubledItemCount = 0; AlteredItemCount = 0; ReportedItemCount = 0; ForeignItemCount = 0; AddedFlagCount = 0
        }
        $views = @((Get-ConfirmationView @{ Users = @($user); Result = 'Incomplete' }), (Get-ConfirmationView @{ Identity = 'Other' }))
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Confirmations = $views } }.GetNewClosure()

        $all = Get-MigrationBatchConfirmation

        "$all" | Should -Be 'IMAPBatch1 Other'
        "$($all[0].Users)" | Should -Be 'ann@contoso.edu'
        $all[0].Users[0].ErrorSummary | Should -Be 'the password is wrong'
        $all[0].EndedDateTime.Kind | Should -Be 'Utc'
    }

    It 'asks for findings only with -IncludeFindings' {
        $view = Get-ConfirmationView
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Confirmations = @($view) } }.GetNewClosure()

        $null = Get-MigrationBatchConfirmation IMAPBatch1
        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 0 -Exactly -ParameterFilter { $Request['IncludeFindings'] }

        $null = Get-MigrationBatchConfirmation IMAPBatch1 -IncludeFindings
        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter { $Request['IncludeFindings'] -and $Request['LimitFindingsTo'] }
    }
}

Describe 'Confirm-MigrationBatch on the sample server' -Skip:$missing {
    It 'finds a migration complete, and names a message that was removed from the target' {
        $restore = Use-StateFolder
        $server = Start-SampleServer
        try {
            New-MigrationEndpoint -IMAP -Name Sample -RemoteServer $server.Address[0] -Port $server.Address[1] -Security None -SkipVerification | Out-Null
            $rows = [pscustomobject]@{ EmailAddress = 'terrya@contoso.edu'; UserName = 'terry.adams'; Password = '1091990' }
            New-MigrationBatch -Name B -SourceEndpoint Sample -CSVData $rows -AutoStart | Wait-MigrationBatch -TimeoutSeconds 120 | Out-Null

            $complete = Confirm-MigrationBatch B -Bytes -Wait
            $path = (Get-MigrationUserStatistics terrya@contoso.edu).TargetPath
            [IO.File]::Delete([IO.Directory]::GetFiles([IO.Path]::Combine($path, 'cur'))[0])
            $incomplete = Get-MigrationBatch B | Confirm-MigrationBatch -Wait -WarningAction SilentlyContinue

            $complete.Result | Should -Be 'Complete'
            $complete.MatchedItemCount | Should -Be $complete.SourceItemCount
            $incomplete.Result | Should -Be 'Incomplete'
            $incomplete.Findings.Kind | Should -Be 'Missing'
            (Get-MigrationBatchConfirmation B -IncludeFindings).Findings.Subject | Should -Be $incomplete.Findings.Subject
        } finally {
            & $server.Stop
            & $restore
        }
    }
}
