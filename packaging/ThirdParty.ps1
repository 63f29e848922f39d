<#
.SYNOPSIS
Writes what the product contains of other projects: third-party.md, or with -Texts the licences' full texts.
.PARAMETER Crates
The crates, as Dependencies.ps1 lists them.
.PARAMETER Path
The file to write.
.PARAMETER Texts
Writes the licence files of all crates instead of the list; each text once, with the crates that have it.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [object[]] $Crates,
    [Parameter(Mandatory)] [string] $Path,
    [Parameter()] [switch] $Texts
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

function Get-List {
    '# Third-party code'
    ''
    'The library and the worker contain these crates, on one system or another. Written by `pwsh ./build.ps1 -Task ThirdParty`.'
    'The crates `openssl-src` and `libsqlite3-sys` carry the C code of OpenSSL (Apache-2.0) and SQLite (public domain). The packages hold the'
    'full texts of the licences in `THIRD-PARTY-LICENSES.txt`.'
    ''
    '| crate | version | licence | source |'
    '|---|---|---|---|'
    foreach ($crate in $Crates) { "| $($crate.Name) | $($crate.Version) | $($crate.Licence) | $($crate.Repository) |" }
}

function Get-Text {
    $texts = [ordered]@{}
    foreach ($crate in $Crates) {
        $folders = @($crate.Folder) + @('openssl', 'sqlite3' | ForEach-Object { [IO.Path]::Combine($crate.Folder, $_) } | Where-Object { [IO.Directory]::Exists($_) })
        $files = foreach ($folder in $folders) {
            [IO.Directory]::GetFiles($folder) | Where-Object { [IO.Path]::GetFileName($_) -match '^(LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|UNLICENSE)' } | Sort-Object
        }
        foreach ($file in $files) {
            $text = [IO.File]::ReadAllText($file).Replace("`r`n", "`n").Trim()
            if (-not $texts.Contains($text)) { $texts[$text] = @() }
            $texts[$text] = @($texts[$text]) + "$($crate.Name) $($crate.Version)"
        }
    }
    foreach ($text in $texts.Keys) {
        '=' * 80
        ($texts[$text] | Select-Object -Unique) -join ', '
        '=' * 80
        ''
        $text
        ''
    }
}

$lines = if ($Texts) { Get-Text } else { Get-List }
[IO.File]::WriteAllText($Path, ($lines -join "`n") + "`n", [Text.UTF8Encoding]::new($false))
