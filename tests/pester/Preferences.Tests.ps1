# A script that sets preferences for itself sees them obeyed, though they are not global. Written for unattended scripts:
# $WhatIfPreference must keep things from being removed, $ConfirmPreference must keep questions from being asked.

BeforeDiscovery {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $missing = -not (Test-Library)
}

BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'The preferences of the script that calls' {
    BeforeAll { Mock -ModuleName ImapMigration Invoke-Native { } }

    It 'WhatIfPreference: <_> changes nothing' -ForEach @(
        'Remove-MigrationBatch IMAPBatch1 -Confirm:$false', 'Remove-MigrationEndpoint IMAPEndpoint -Confirm:$false', 'Stop-MigrationBatch IMAPBatch1 -Confirm:$false',
        'Start-MigrationBatch IMAPBatch1', 'Set-MigrationBatch IMAPBatch1 -SyncNow', 'Set-MigrationEndpoint IMAPEndpoint -Port 993', 'Set-MigrationConfig -TargetEndpoint Local',
        'New-MigrationBatch -Name IMAPBatch1 -SourceEndpoint IMAPEndpoint -CSVData 1, 2', 'New-MigrationEndpoint -IMAP -Name IMAPEndpoint -RemoteServer imap.contoso.com',
        'Test-MigrationServerAvailability -Endpoint IMAPEndpoint'
    ) {
        $WhatIfPreference = $true

        & ([scriptblock]::Create($_))

        $WhatIfPreference = $false
        # A new batch's request and CSV file are checked, which changes nothing.
        Should -Not -Invoke -ModuleName ImapMigration Invoke-Native -ParameterFilter { -not $Request.ValidateOnly }
    }

    It 'WhatIfPreference: -WhatIf:$false counts more' {
        $WhatIfPreference = $true

        Remove-MigrationBatch IMAPBatch1 -WhatIf:$false -Confirm:$false

        $WhatIfPreference = $false
        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly
    }

    It 'ConfirmPreference: <_> does not ask' -ForEach 'Remove-MigrationBatch IMAPBatch1', 'Remove-MigrationEndpoint IMAPEndpoint', 'Stop-MigrationBatch IMAPBatch1' {
        $ConfirmPreference = 'None'

        & ([scriptblock]::Create($_))

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly
    }

    It 'VerbosePreference: tells what was ignored' {
        $VerbosePreference = 'Continue'

        Get-MigrationBatch -Diagnostic 4>&1 | Should -BeLike '-Diagnostic is accepted for compatibility with Exchange Online and has no effect.'
    }
}

Describe 'The error preference of the script that calls' -Skip:$missing {
    BeforeAll { $restore = Use-StateFolder }

    AfterAll { & $restore }

    It '<_> ends the script with Stop, and says nothing with SilentlyContinue' -ForEach @(
        'Get-MigrationBatch Nobody', 'Get-MigrationUser Nobody', 'Get-MigrationUserStatistics Nobody', 'Get-MigrationEndpoint Nobody', 'Start-MigrationBatch Nobody', 'Wait-MigrationBatch Nobody'
    ) {
        $line = [scriptblock]::Create($_)

        { $ErrorActionPreference = 'Stop'; & $line } | Should -Throw -ErrorId "ManagementObjectNotFoundException,*"
        & { $ErrorActionPreference = 'SilentlyContinue'; & $line } 2>&1 | Should -BeNullOrEmpty
    }

    It '-ErrorAction counts more' {
        $ErrorActionPreference = 'Stop'

        Get-MigrationBatch Nobody -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
    }
}
