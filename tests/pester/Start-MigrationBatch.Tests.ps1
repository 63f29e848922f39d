BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Start-MigrationBatch' {
    BeforeAll {
        $views = @(Get-BatchView)
        Mock -ModuleName ImapMigration Invoke-Native { [pscustomobject]@{ Batches = $views } }.GetNewClosure()
        $batch = & (Get-Module ImapMigration) { ConvertTo-MigrationBatch $args[0] } (Get-BatchView)
    }

    It 'takes a name, objects through the pipeline, or nothing, and returns nothing' {
        Start-MigrationBatch IMAPBatch1 -Confirm:$false | Should -BeNullOrEmpty
        $batch, $batch.Identity | Start-MigrationBatch -Confirm:$false
        Start-MigrationBatch -Confirm:$false

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter { $Function -eq 'batch_start' -and $Request.Identity -eq 'IMAPBatch1' }
        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 3 -Exactly -ParameterFilter { $Function -eq 'batch_start' -and $Request.Identity -eq '11111111-1111-4111-8111-111111111111' }
        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter { $Function -eq 'batch_list' }
    }

    It 'takes the alias CF' {
        $batch | Where-Object { $_.status -eq 'Synced' } | Start-MigrationBatch -CF:$false

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly
    }

    It 'does nothing with -WhatIf' {
        Start-MigrationBatch IMAPBatch1 -WhatIf

        Should -Not -Invoke -ModuleName ImapMigration Invoke-Native
    }

    It 'has the confirm impact Medium' {
        (Get-Command Start-MigrationBatch).ScriptBlock.Attributes.ConfirmImpact | Should -Be 'Medium'
    }
}
