# What -Verbose and -Debug say: what was chosen for parameters that were not given, which limit applies, and what the worker does next.

BeforeDiscovery {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $missing = -not (Test-Library)
}

BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $csv = [Text.Encoding]::UTF8.GetBytes("EmailAddress,UserName,Password`r`nterrya@contoso.edu,terry.adams,1091990`r`n")

    function Get-Said {
        # The lines that a command writes with -Verbose, one below the other.
        param([string] $Line, [string] $Stream = 'Verbose')

        $output = & ([scriptblock]::Create("$Line -$Stream")) 4>&1 5>&1
        @($output | Where-Object { $_.GetType().Name -eq "${Stream}Record" } | ForEach-Object { $_.Message }) -join "`n"
    }
}

Describe '<Line> -Verbose' -ForEach @(
    @{ Line = 'New-MigrationEndpoint -IMAP -Name x -RemoteServer imap.contoso.com -Port 993'; Says = '-Security was not given: Ssl is used.', '-Authentication was not given: Basic is used.', '-MaxConcurrentMigrations was not given: 20 is used.'; Not = '-Port was not given' }
    @{ Line = 'New-MigrationEndpoint -IMAP -Name x -RemoteServer imap.contoso.com -SkipVerification'; Says = "the endpoint was not tried. Test-MigrationServerAvailability -Endpoint 'IMAPEndpoint' tries it." }
    @{ Line = 'New-MigrationBatch -Name x -CSVData $csv'; Batch = @{ Status = 'Created'; ValidationWarnings = @(@{ RowIndex = 3; EmailAddress = 'x'; Message = 'x' }) }; Says = '3 users were taken, and 1 rows were left out', '-SourceEndpoint was not given: IMAPEndpoint is used.', '-TargetEndpoint was not given: Local is used.', 'Nothing is done with it before Start-MigrationBatch.'; Not = 'at once' }
    @{ Line = 'New-MigrationBatch -Name x -CSVData $csv -SourceEndpoint y -AutoStart'; Batch = @{ Status = 'Starting' }; Says = 'The worker syncs its users as soon as their turn comes.', 'Up to 20 users are synced at once: MaxConcurrentMigrations of endpoint "IMAPEndpoint".'; Not = '-SourceEndpoint was' }
    @{ Line = 'Start-MigrationBatch IMAPBatch1'; Batch = @{ Status = 'Waiting'; StartAfterUnixMs = 1893456000000 }; Says = 'is Waiting, with 3 users from "IMAPEndpoint" to "Local". The worker begins at 2030-01-01 00:00:00Z' }
    @{ Line = 'Start-MigrationBatch IMAPBatch1'; Batch = @{ Status = 'Starting'; AllowIncrementalSyncs = $false }; Says = 'The batch stops after the initial sync of its users (-AllowIncrementalSyncs $false).' }
    @{ Line = 'Set-MigrationBatch IMAPBatch1 -CompleteAfter 2030-01-01'; Batch = @{ CompleteAfterUnixMs = 1893456000000 }; Says = 'gets its final sync from 2030-01-01 00:00:00Z on (-CompleteAfter).' }
    @{ Line = 'Stop-MigrationBatch IMAPBatch1 -Confirm:$false'; Batch = @{ Status = 'Stopping' }; Says = 'Users at work finish the messages that are on their way' }
    @{ Line = 'Complete-MigrationBatch IMAPBatch1 -Confirm:$false'; Batch = @{ Status = 'Completing' }; Says = 'Each user gets a final sync' }
    @{ Line = 'Remove-MigrationBatch IMAPBatch1 -Confirm:$false'; Batch = @{ Status = 'Removing' }; Says = 'migrated mail stays at the target' }
    @{ Line = 'Set-MigrationEndpoint IMAPEndpoint -Port 143'; Says = 'Connections that are made from now on to endpoint "IMAPEndpoint" follow the new settings.' }
    @{ Line = 'Remove-MigrationEndpoint IMAPEndpoint -Confirm:$false'; Says = 'The endpoint "IMAPEndpoint" is removed with the credentials' }
    @{ Line = 'Set-MigrationConfig -MaxNumberOfBatches 5'; Says = 'Changed: MaxNumberOfBatches.' }
    @{ Line = 'Start-MigrationUser terrya@contoso.edu'; Says = 'The user "terrya@contoso.edu" is queued again.' }
    @{ Line = 'Stop-MigrationUser terrya@contoso.edu -Confirm:$false'; Says = 'The other users of its batch go on.' }
    @{ Line = 'Set-MigrationUser terrya@contoso.edu -SyncNow'; Says = 'The user "terrya@contoso.edu" is changed' }
    @{ Line = 'Remove-MigrationUser terrya@contoso.edu -Confirm:$false'; Says = 'The user "terrya@contoso.edu" leaves its batch' }
    @{ Line = 'Get-MigrationBatch'; Says = '1 found with no filter; up to 1000 are shown (-ResultSize).' }
    @{ Line = 'Get-MigrationUser -BatchId IMAPBatch1 -Status Synced -ResultSize Unlimited'; Says = '1 found with -BatchId, -Status; up to Unlimited are shown (-ResultSize).' }
    @{ Line = 'Get-MigrationEndpoint IMAP*'; Says = '1 found with the pattern of -Identity' }
) {
    It 'says what was decided' {
        $answers = Get-NativeAnswer $(if ($Batch) { $Batch } else { @{} })
        Mock -ModuleName ImapMigration Invoke-Native { param($Cmdlet, $Function) $answers[$Function] }.GetNewClosure()

        $said = Get-Said $Line

        foreach ($sentence in $Says) { $said | Should -BeLike "*$([WildcardPattern]::Escape($sentence))*" }
        if ($Not) { $said | Should -Not -BeLike "*$([WildcardPattern]::Escape($Not))*" }
    }
}

Describe 'Every cmdlet with -Debug' {
    BeforeAll { $restore = Use-StateFolder }

    AfterAll { & $restore }

    It 'names the call, its end and the state directory, and no value' -Skip:$missing {
        $said = Get-Said 'New-MigrationEndpoint -IMAP -Name Hidden -RemoteServer 127.0.0.1 -SkipVerification' 'Debug'
        $failed = Get-Said 'Get-MigrationBatch Hidden -ErrorAction Ignore' 'Debug'

        $said | Should -BeLike "imapmig_endpoint_create(*Name, RemoteServer, SkipVerification) returned after * ms; library *, state directory $env:IMAPMIGRATION_HOME"
        $failed | Should -BeLike 'imapmig_batch_list(Identity, IncludeReport*) failed with ManagementObjectNotFoundException after*'
        $said, $failed | Should -Not -BeLike '*Hidden*'
    }
}

Describe 'A change that is refused' {
    BeforeAll { $restore = Use-StateFolder }

    AfterAll { & $restore }

    It 'is not said to be decided' -Skip:$missing {
        New-MigrationEndpoint -IMAP -Name Kept -RemoteServer 127.0.0.1 -SkipVerification | Out-Null

        $said = Get-Said "Set-MigrationEndpoint Kept -RemoteServer '@{EmailAddress=a@b.c; Password=x}' -SkipVerification -ErrorAction Ignore"

        $said | Should -Not -BeLike '*follow the new settings*'
        (Get-MigrationEndpoint Kept).RemoteServer | Should -Be '127.0.0.1'
    }
}
