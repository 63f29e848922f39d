BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Wait-MigrationBatch' {
    It 'looks again until the batch is <Status>, and returns it' -ForEach @(
        @{ Status = 'Synced' }, @{ Status = 'SyncedWithErrors' }, @{ Status = 'Failed' }, @{ Status = 'Stopped' }
    ) {
        $looks = [Collections.Generic.Queue[object]]::new()
        'Starting', 'Syncing', $Status | ForEach-Object { $looks.Enqueue((Get-BatchView @{ Status = $_ })) }
        Mock -ModuleName ImapMigration Write-UserProgress { }
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Batches = @($looks.Dequeue()) } }.GetNewClosure()

        (Wait-MigrationBatch IMAPBatch1).Status | Should -Be $Status

        $looks.Count | Should -Be 0
    }

    It 'lets the library wait for the end after the first look, and never sleeps' {
        $looks = [Collections.Generic.Queue[object]]::new()
        'Starting', 'Syncing', 'Synced' | ForEach-Object { $looks.Enqueue((Get-BatchView @{ Status = $_ })) }
        Mock -ModuleName ImapMigration Start-Sleep { }
        Mock -ModuleName ImapMigration Write-UserProgress { }
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Batches = @($looks.Dequeue()) } }.GetNewClosure()

        $null = Wait-MigrationBatch IMAPBatch1

        # The request is one object, looked at after the last call.
        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 3 -Exactly -ParameterFilter { $Request['WaitMs'] -eq 200 }
        Should -Invoke -ModuleName ImapMigration Start-Sleep -Times 0 -Exactly
    }

    It 'shows users and items' {
        Mock -ModuleName ImapMigration Write-Progress { }

        InModuleScope ImapMigration -Parameters @{ View = (Get-BatchView @{ Status = 'Syncing'; SyncedItems = 1000 }) } { Write-BatchProgress 'x' $View }

        Should -Invoke -ModuleName ImapMigration Write-Progress -ParameterFilter { $Status -like 'Syncing: 3 of 3 users, 1?002 of 4?000 items, * MB' -and $PercentComplete -eq 25 }
    }

    It 'shows rate, time left and message' {
        Mock -ModuleName ImapMigration Write-Progress { }
        $views = (Get-BatchView @{ Status = 'Syncing'; SyncedItems = 998; BytesTransferred = 0 }), (Get-BatchView @{ Status = 'Syncing'; SyncedItems = 1998; BytesTransferred = 20MB; Message = 'the source is down' })

        InModuleScope ImapMigration -Parameters @{ Views = $views } {
            $meter = @{}
            Write-BatchProgress 'x' $Views[0] $meter
            $meter.Watch = [pscustomobject]@{ Elapsed = [timespan]::FromSeconds(10) }
            Write-BatchProgress 'x' $Views[1] $meter
        }

        Should -Invoke -ModuleName ImapMigration Write-Progress -Times 1 -Exactly -ParameterFilter { $Status -match '20.0 MB \(2.0 MB/s\)' -and $SecondsRemaining -eq 20 -and $CurrentOperation -eq 'the source is down' -and $PercentComplete -eq 50 }
    }

    It 'shows the users at work, each in a line of its own, and takes finished ones away' {
        Mock -ModuleName ImapMigration Write-Progress { }
        $looks = [Collections.Generic.Queue[object]]::new()
        foreach ($names in @('a', 'b'), @(), @('b'), @()) { $looks.Enqueue(@(foreach ($name in $names) { Get-UserView @{ Identity = $name; Guid = $name; Status = 'Syncing' } })) }
        $numbers = Get-StatisticsView @{ Identity = 'b'; BytesTransferred = 3MB }
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Users = $looks.Dequeue() } }.GetNewClosure()
        Mock -ModuleName ImapMigration Invoke-Native { $numbers }.GetNewClosure() -ParameterFilter { $Function -eq 'user_statistics' }

        $shown = InModuleScope ImapMigration -Parameters @{ Cmdlet = $ExecutionContext } {
            $shown = @{}
            function Use-Progress { [CmdletBinding()] param($Shown) Write-UserProgress $PSCmdlet 'IMAPBatch1' $Shown }
            Use-Progress $shown
            Use-Progress $shown
            $shown
        }

        @($shown.Keys) | Should -Be 'b'
        Should -Invoke -ModuleName ImapMigration Write-Progress -Times 1 -Exactly -ParameterFilter { $Completed }
        Should -Invoke -ModuleName ImapMigration Write-Progress -Times 3 -Exactly -ParameterFilter { $ParentId -eq 0 -and $Status -match '3.0 of ' }
    }

    It 'gives up after the time given' {
        $views = @(Get-BatchView @{ Status = 'Syncing' })
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Batches = @($views) } }.GetNewClosure()

        { Wait-MigrationBatch IMAPBatch1 -Timeout 0 -ErrorAction Stop } | Should -Throw '*still Syncing after 0 seconds*' -ErrorId 'WaitTimedOut,*'
    }

    It 'does not wait for a batch that nobody started' {
        $views = @(Get-BatchView @{ Status = 'Created' })
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Batches = @($views) } }.GetNewClosure()

        { Wait-MigrationBatch IMAPBatch1 -ErrorAction Stop } | Should -Throw '*has not been started*Start-MigrationBatch*'
    }
}
