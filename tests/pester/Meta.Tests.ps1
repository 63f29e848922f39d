BeforeDiscovery {
    $root = [IO.Path]::Combine($PSScriptRoot, '..', '..')
    $folders = 'ps-module', ([IO.Path]::Combine('tests', 'pester')) | ForEach-Object { [IO.Path]::Combine($root, $_) }
    $files = Get-ChildItem $folders -Recurse -File -Include *.ps1, *.psm1, *.psd1, *.ps1xml, *.txt
    $cases = foreach ($file in @($files) + (Get-Item ([IO.Path]::Combine($root, 'build.ps1')))) { @{ Name = $file.Name; Path = $file.FullName } }
    $functions = $cases | Where-Object { $_.Path -match '[\\/](Public|Private)[\\/]' }
}

Describe '<Name>' -ForEach $cases {
    It 'is plain ASCII without tabs or trailing blanks' {
        $bytes = [IO.File]::ReadAllBytes($Path)

        $bytes | Where-Object { $_ -gt 126 -or $_ -eq 9 } | Select-Object -First 1 | Should -BeNullOrEmpty
        [Text.Encoding]::ASCII.GetString($bytes) | Should -Not -Match '(?m) +\r?$'
    }
}

Describe '<Name>' -ForEach $functions {
    It 'holds one function, named as the file, that Windows PowerShell can read' {
        $errors = $null
        $tree = [Management.Automation.Language.Parser]::ParseFile($Path, [ref]$null, [ref]$errors)

        $errors | Should -BeNullOrEmpty
        @($tree.EndBlock.Statements).Count | Should -Be 1
        $tree.EndBlock.Statements[0].Name | Should -Be ($Name -replace '\.ps1$')
        $new = 'TernaryExpressionAst', 'PipelineChainAst'
        $tree.FindAll({ $new -contains $args[0].GetType().Name }, $true) | Should -BeNullOrEmpty
        $operators = 'BinaryExpressionAst', 'AssignmentStatementAst'
        $tree.FindAll({ $operators -contains $args[0].GetType().Name -and "$($args[0].Operator)" -like 'QuestionQuestion*' }, $true) | Should -BeNullOrEmpty
    }
}
