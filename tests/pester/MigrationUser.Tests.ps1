BeforeDiscovery {
    $commands = @(
        @{ Name = 'Start-MigrationUser'; Function = 'user_start'; Impact = 'Medium' }
        @{ Name = 'Stop-MigrationUser'; Function = 'user_stop'; Impact = 'High' }
        @{ Name = 'Remove-MigrationUser'; Function = 'user_remove'; Impact = 'High' }
    )
}

BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe '<Name>' -ForEach $commands {
    BeforeAll {
        Mock -ModuleName ImapMigration Invoke-Native { }
        $user = & (Get-Module ImapMigration) { ConvertTo-MigrationUser $args[0] } (Get-UserView)
    }

    It 'takes an address, or users from the pipeline by their Guid, and returns nothing' {
        & $Name $user.EmailAddress -Confirm:$false | Should -BeNullOrEmpty
        $user, $user.Identity | & $Name -Confirm:$false

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter { $Function -eq $Function -and $Request.Identity -eq $user.EmailAddress }
        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 2 -Exactly -ParameterFilter { $Request.Identity -eq "$($user.Guid)" }
    }

    It 'does nothing with -WhatIf' {
        & $Name $user.EmailAddress -WhatIf

        Should -Not -Invoke -ModuleName ImapMigration Invoke-Native
    }

    It 'has the confirm impact <Impact>' {
        (Get-Command $Name).ScriptBlock.Attributes.ConfirmImpact | Should -Be $Impact
    }
}

Describe 'Set-MigrationUser' {
    BeforeAll {
        Mock -ModuleName ImapMigration Invoke-Native { }
    }

    It 'asks for a sync now, and for the final sync at a time that is read as UTC' {
        Set-MigrationUser terrya@contoso.edu -SyncNow
        Set-MigrationUser terrya@contoso.edu -CompleteAfter '2026-01-02 03:04:05'

        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter { $Function -eq 'user_update' -and $Request.SyncNow }
        Should -Invoke -ModuleName ImapMigration Invoke-Native -Times 1 -Exactly -ParameterFilter { $Request.CompleteAfterUnixMs -eq 1767323045000 }
    }

    It 'accepts -ApproveSkippedItems and says that it has no effect' {
        $said = Set-MigrationUser terrya@contoso.edu -ApproveSkippedItems -Verbose 4>&1

        "$said" | Should -Match 'ApproveSkippedItems'
    }
}
