<#
.SYNOPSIS
Returns the section of CHANGELOG.md for a version.
.PARAMETER Root
The repository's root.
.PARAMETER Version
The version; where it has no section yet, the one of what is unreleased counts.
.PARAMETER Released
Fails instead when the version has no section.
#>
[CmdletBinding()]
[OutputType([string])]
param(
    [Parameter(Mandatory)] [string] $Root,
    [Parameter(Mandatory)] [string] $Version,
    [Parameter()] [switch] $Released
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$text = [IO.File]::ReadAllText([IO.Path]::Combine($Root, 'CHANGELOG.md')).Replace("`r`n", "`n")
$sections = @([regex]::Escape($Version))
if (-not $Released) { $sections += 'Unreleased' }
foreach ($section in $sections) {
    $found = [regex]::Match($text, "(?ms)^## \[?$section\]?[^\n]*\n(.*?)(?=^## |\z)")
    if ($found.Success) { return $found.Groups[1].Value.Trim() }
}
throw "CHANGELOG.md has no section '## $Version'; rename '## Unreleased' for the release"
