BeforeDiscovery {
    $common = [Management.Automation.PSCmdlet]::CommonParameters + [Management.Automation.PSCmdlet]::OptionalCommonParameters
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $commands = foreach ($command in Get-Command -Module ImapMigration) {
        @{ Name = $command.Name; ShouldProcess = $command.Parameters.ContainsKey('WhatIf'); Parameters = @($command.Parameters.Keys | Where-Object { $common -notcontains $_ -and $_ -ne 'OtherArguments' } | ForEach-Object { @{ Parameter = $_ } }) }
    }
}

BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'The help of <Name>' -ForEach $commands {
    BeforeAll { $help = Get-Help $Name -Full }

    It 'has a synopsis and a description' {
        $help.Synopsis | Should -Match '\.$'
        $help.Description.Text -join '' | Should -Not -BeNullOrEmpty
    }

    It 'has an example whose commands and parameters exist' {
        $help.Examples.Example | Should -Not -BeNullOrEmpty
        foreach ($example in $help.Examples.Example) {
            $errors = $null
            $tree = [Management.Automation.Language.Parser]::ParseInput($example.Code, [ref]$null, [ref]$errors)
            $errors | Should -BeNullOrEmpty
            foreach ($command in $tree.FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true)) {
                $known = Get-Command $command.GetCommandName() -ErrorAction Stop
                foreach ($parameter in $command.CommandElements | Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] }) {
                    $known.ResolveParameter($parameter.ParameterName) | Should -Not -BeNullOrEmpty
                }
            }
        }
    }

    It 'has a link' {
        $help.RelatedLinks.NavigationLink | Should -Not -BeNullOrEmpty
    }

    It 'tells about -<Parameter>' -ForEach $Parameters {
        ($help.Parameters.Parameter | Where-Object Name -EQ $Parameter).Description.Text | Should -Match '\.$'
    }

    It 'tells about -WhatIf and -Confirm' -Skip:(-not $ShouldProcess) {
        foreach ($parameter in 'WhatIf', 'Confirm') { ($help.Parameters.Parameter | Where-Object Name -EQ $parameter).Description.Text | Should -Match '\.$' }
    }
}

Describe 'The PowerShell lines of <_>' -ForEach 'README.md', 'docs/service.md', 'docs/state-directory.md' {
    It 'have commands and parameters that exist' {
        $text = [IO.File]::ReadAllText([IO.Path]::Combine($PSScriptRoot, '..', '..', $_))
        foreach ($block in [regex]::Matches($text, '(?ms)^```powershell\r?\n(.*?)^```')) {
            # What stands in angle brackets is for the reader to fill in.
            $code = $block.Groups[1].Value -replace '<[a-z ]+>', 'x'
            $errors = $null
            $tree = [Management.Automation.Language.Parser]::ParseInput($code, [ref]$null, [ref]$errors)
            $errors | Should -BeNullOrEmpty
            foreach ($command in $tree.FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true)) {
                if ($command.GetCommandName() -notmatch '-Migration') { continue }
                $known = Get-Command $command.GetCommandName() -ErrorAction Stop
                foreach ($parameter in $command.CommandElements | Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] }) {
                    $known.ResolveParameter($parameter.ParameterName) | Should -Not -BeNullOrEmpty
                }
            }
        }
    }
}

Describe '<_>' -ForEach 'about_ImapMigration', 'about_ImapMigration_Servers', 'about_ImapMigration_Targets', 'about_ImapMigration_Troubleshooting' {
    It 'lies where Get-Help looks, in lines that fit a console' {
        $file = [IO.Path]::Combine((Get-Module ImapMigration).ModuleBase, 'en-US', "$_.help.txt")

        [IO.File]::ReadAllText($file) | Should -Match "(?s)TOPIC\r?\n    $_\r?\n.*SHORT DESCRIPTION.*SEE ALSO"
        [IO.File]::ReadAllLines($file) | Where-Object { $_.Length -gt 80 -and $_ -notmatch 'https://' } | Should -BeNullOrEmpty
    }

    It 'names parameters that exist' {
        $text = [IO.File]::ReadAllText([IO.Path]::Combine((Get-Module ImapMigration).ModuleBase, 'en-US', "$_.help.txt"))
        $all = (Get-Command -Module ImapMigration).Parameters.Keys + 'AsSecureString'

        foreach ($match in [regex]::Matches($text, '(?<=[ (])-([A-Z]\w+)')) { $all | Should -Contain $match.Groups[1].Value }
    }
}

Describe 'docs/cmdlets' {
    It 'is what build.ps1 -Task Docs writes' {
        $root = [IO.Path]::Combine($PSScriptRoot, '..', '..')
        & ([IO.Path]::Combine($root, 'ps-module', 'Docs.ps1')) -Source ([IO.Path]::Combine($root, 'ps-module', 'ImapMigration')) -Out "$TestDrive/cmdlets"

        $there = [IO.Path]::Combine($root, 'docs', 'cmdlets')
        (Get-ChildItem "$TestDrive/cmdlets").Name | Should -Be (Get-ChildItem $there).Name
        foreach ($file in Get-ChildItem $there) {
            [IO.File]::ReadAllText($file.FullName).Replace("`r", '') | Should -BeExactly ([IO.File]::ReadAllText("$TestDrive/cmdlets/$($file.Name)")) -Because "$($file.Name) is old: pwsh ./build.ps1 -Task Docs"
        }
    }
}
