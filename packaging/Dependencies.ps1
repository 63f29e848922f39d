<#
.SYNOPSIS
Lists the crates that are part of the library and the worker, on any system, with their licences.
.DESCRIPTION
cargo tree chooses the crates (without those that only the build or the tests use), cargo metadata describes them. OpenSSL's and SQLite's C code
is part of the product too: the crate that carries it is named by a build dependency, so those are added by name.
.OUTPUTS
Name, Version, Licence, Repository, Checksum (SHA-256 of the crate) and Folder of each crate, by name and version.
.PARAMETER Root
The repository's root.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Root
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

function Read-Cargo {
    # The lines that a cargo command prints.
    param([string[]] $Arguments)

    $lines = & cargo @Arguments --locked --manifest-path ([IO.Path]::Combine($Root, 'Cargo.toml'))
    if ($LASTEXITCODE -ne 0) { throw "cargo $($Arguments -join ' ') ended with $LASTEXITCODE" }
    $lines
}

# Code of other projects that a build dependency compiles into the product.
$carried = 'openssl-src'

$used = @{}
foreach ($line in Read-Cargo tree, -p, imapmig-ffi, -p, imapmig-cli, -e, 'normal,no-proc-macro', --target, all, --prefix, none, --format, '{p}') {
    $words = $line.Split(' ')
    if ($words.Count -gt 1) { $used["$($words[0]) $($words[1].TrimStart('v'))"] = $true }
}
$checksums = @{}
$lock = [IO.File]::ReadAllText([IO.Path]::Combine($Root, 'Cargo.lock'))
foreach ($found in [regex]::Matches($lock, '(?m)^name = "(.+)"\r?\nversion = "(.+)"\r?\nsource = ".*"\r?\nchecksum = "(.+)"')) {
    $checksums["$($found.Groups[1].Value) $($found.Groups[2].Value)"] = $found.Groups[3].Value
}
$metadata = "$(Read-Cargo metadata, --format-version, 1)" | ConvertFrom-Json
$crates = foreach ($package in $metadata.packages) {
    $key = "$($package.name) $($package.version)"
    if (-not $package.source -or -not ($used[$key] -or $carried -contains $package.name)) { continue }
    [pscustomobject]@{
        Name       = $package.name
        Version    = $package.version
        # Older manifests write a slash for OR.
        Licence    = "$($package.license)".Replace('/', ' OR ')
        Repository = "$($package.repository)"
        Checksum   = $checksums[$key]
        Folder     = [IO.Path]::GetDirectoryName($package.manifest_path)
    }
}
# By code point: the same order in every culture.
$sorted = [Collections.Generic.SortedDictionary[string, object]]::new([StringComparer]::Ordinal)
foreach ($crate in $crates) { $sorted["$($crate.Name) $($crate.Version)"] = $crate }
$sorted.Values
