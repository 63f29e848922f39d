BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Complete-MigrationBatch' {
    BeforeAll {
        $views = @(Get-BatchView)
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Batches = $views } }.GetNewClosure()
        $batch = & (Get-Module ImapMigration) { ConvertTo-MigrationBatch $args[0] } (Get-BatchView)
    }

    It 'takes a name, objects through the pipeline, or nothing, and returns nothing' {
        Complete-MigrationBatch IMAPBatch1 -Confirm:$false | Should -BeNullOrEmpty
        $batch, $batch.Identity | Complete-MigrationBatch -Confirm:$false
        Complete-MigrationBatch -Confirm:$false

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter { $Function -eq 'batch_complete' -and $Request.Identity -eq 'IMAPBatch1' }
        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 3 -Exactly -ParameterFilter { $Function -eq 'batch_complete' -and $Request.Identity -eq '11111111-1111-4111-8111-111111111111' }
    }

    It 'passes on what is asked for' {
        Complete-MigrationBatch IMAPBatch1 -SyncAndComplete -NotificationEmails a@contoso.edu, b@contoso.edu -CF:$false

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter {
            $Request.SyncAndComplete -eq $true -and "$($Request.NotificationEmails)" -eq 'a@contoso.edu b@contoso.edu'
        }
    }

    It 'does nothing with -WhatIf' {
        Complete-MigrationBatch IMAPBatch1 -WhatIf

        Should -Not -Invoke -ModuleName ImapMigration Invoke-Native
    }

    It 'has the confirm impact High' {
        (Get-Command Complete-MigrationBatch).ScriptBlock.Attributes.ConfirmImpact | Should -Be 'High'
    }
}
