<#
.SYNOPSIS
Writes a Markdown page for each cmdlet, and a list of them, from the help in the module's source.
.PARAMETER Source
The module's folder, with Public in it.
.PARAMETER Out
The folder for the pages; pages of cmdlets that are no more are removed.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Source,
    [Parameter(Mandatory)] [string] $Out
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

function Read-Function {
    # The syntax tree of the one function in a file.
    param([string] $Path)

    $tree = [Management.Automation.Language.Parser]::ParseFile($Path, [ref]$null, [ref]$null)
    $tree.EndBlock.Statements[0]
}

function ConvertTo-Line {
    # Text of the help as one line, safe in Markdown: angle brackets would be taken for HTML.
    param([string] $Text)

    $Text.Trim() -replace '\s+', ' ' -replace '<', '\<'
}

function Get-Attribute {
    # What the Parameter attributes say: mandatory in some set, position, pipeline.
    param([Management.Automation.Language.ParameterAst] $Parameter)

    $facts = [ordered]@{}
    foreach ($attribute in $Parameter.Attributes) {
        if ($attribute -isnot [Management.Automation.Language.AttributeAst]) { continue }
        if ("$($attribute.TypeName)" -eq 'Alias') { $facts["alias $($attribute.PositionalArguments.Value -join ', ')"] = $true }
        if ("$($attribute.TypeName)" -eq 'ValidateSet') { $facts["one of $($attribute.PositionalArguments.Value -join ', ')"] = $true }
        if ("$($attribute.TypeName)" -ne 'Parameter') { continue }
        foreach ($argument in $attribute.NamedArguments) {
            if ($argument.ArgumentName -eq 'Mandatory') { $facts['required'] = $true }
            if ($argument.ArgumentName -eq 'Position') { $facts["position $([int]"$($argument.Argument)" + 1)"] = $true }
            if ($argument.ArgumentName -eq 'ValueFromPipeline') { $facts['from the pipeline'] = $true }
        }
    }
    @($facts.Keys)
}

function ConvertTo-Page {
    # The page of one cmdlet.
    param([Management.Automation.Language.FunctionDefinitionAst] $Function)

    $help = $Function.GetHelpContent()
    "# $($Function.Name)", '', (ConvertTo-Line $help.Synopsis), '', (ConvertTo-Line $help.Description), '', '## Examples'
    foreach ($example in $help.Examples) {
        $code, $said = $example.Trim() -split '\r?\n\s*\r?\n', 2
        '', '```powershell', (@($code -split '\r?\n' | ForEach-Object { $_.Trim() }) -join "`n"), '```'
        if ($said) { '', (ConvertTo-Line $said) }
    }
    '', '## Parameters'
    $sameText = [ordered]@{}
    foreach ($parameter in $Function.Body.ParamBlock.Parameters) {
        $name = $parameter.Name.VariablePath.UserPath
        if ($name -eq 'OtherArguments') { continue }
        $text = ConvertTo-Line $help.Parameters[$name.ToUpperInvariant()]
        if ($text -match '^(Accepted for compatibility|Another migration type)') {
            $sameText[$text] = @($sameText[$text]) + "``-$name``" | Where-Object { $_ }
            continue
        }
        $type = "$($parameter.StaticType.Name)".Replace('SwitchParameter', 'switch')
        $facts = @($type) + @(Get-Attribute $parameter) -join ', '
        '', "### -$name", '', "*$facts*", '', $text
    }
    foreach ($name in 'WHATIF', 'CONFIRM') {
        if ($help.Parameters.ContainsKey($name)) { '', "### -$(@{ WHATIF = 'WhatIf'; CONFIRM = 'Confirm' }[$name])", '', '*switch*', '', (ConvertTo-Line $help.Parameters[$name]) }
    }
    foreach ($text in $sameText.Keys) { '', "### Others", '', "$(@($sameText[$text]) -join ', '): $($text.Substring(0, 1).ToLowerInvariant() + $text.Substring(1))" }
    '', '## Related', ''
    foreach ($link in $help.Links) {
        if ($link -match '^http') { "- <$link>" } elseif ($link -like 'about_*') { "- ``Get-Help $link``" } else { "- [$link]($link.md)" }
    }
}

function Write-Page {
    # A page in UTF-8 without a byte order mark and with line feeds, whatever the system.
    param([string] $Path, [string[]] $Line)

    [IO.File]::WriteAllText($Path, ($Line -join "`n").Replace("`r", '') + "`n", [Text.UTF8Encoding]::new($false))
}

$null = New-Item $Out -ItemType Directory -Force
Get-ChildItem $Out -Filter *.md | Remove-Item
$list = '# Cmdlets', '', 'Written by `pwsh ./build.ps1 -Task Docs` from the help in the source; `Get-Help` shows the same.', ''
foreach ($file in Get-ChildItem ([IO.Path]::Combine($Source, 'Public')) -Filter *.ps1 | Sort-Object { $_.BaseName.Split('-')[1] }, Name) {
    $function = Read-Function $file.FullName
    Write-Page ([IO.Path]::Combine($Out, "$($function.Name).md")) (ConvertTo-Page $function)
    $list += "- [$($function.Name)]($($function.Name).md): $(ConvertTo-Line $function.GetHelpContent().Synopsis)"
}
Write-Page ([IO.Path]::Combine($Out, 'README.md')) $list
