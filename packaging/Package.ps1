<#
.SYNOPSIS
Packs the module and the program: .nupkg, zip, tarball, .deb, release notes, SBOM and checksums.
.DESCRIPTION
The module's packages hold every bin/<os>-<arch> of its folder. Tarball and .deb are made on Linux, of this system's program.
.PARAMETER Root
The repository's root.
.PARAMETER Module
The module's folder, as build.ps1 made it.
.PARAMETER Out
Where the packages go.
.PARAMETER Program
This system's program, for the tarball and the .deb.
.PARAMETER Version
The version, as in Cargo.toml.
.PARAMETER Fast
Compresses little: for trials.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Root,
    [Parameter(Mandatory)] [string] $Module,
    [Parameter(Mandatory)] [string] $Out,
    [Parameter()] [string] $Program,
    [Parameter(Mandatory)] [string] $Version,
    [Parameter()] [switch] $Fast
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
Add-Type -AssemblyName System.IO.Compression, System.IO.Compression.FileSystem
$level = if ($Fast) { 'Fastest' } else { 'Optimal' }
$onLinux = $PSVersionTable.PSEdition -eq 'Core' -and $IsLinux

function Add-Text {
    # Adds a file with a text of our own to an archive.
    param([IO.Compression.ZipArchive] $Archive, [string] $Name, [string] $Text)

    $stream = $Archive.CreateEntry($Name).Open()
    $bytes = [Text.UTF8Encoding]::new($false).GetBytes($Text)
    $stream.Write($bytes, 0, $bytes.Length)
    $stream.Dispose()
}

function Add-Folder {
    # Adds a folder's files below a prefix. Not Compress-Archive: it forgets that the worker is a program. Not CreateFromDirectory: Windows
    # PowerShell writes names with backslashes then, which other systems take for one long name.
    param([IO.Compression.ZipArchive] $Archive, [string] $Folder, [string] $Prefix)

    foreach ($file in Get-ChildItem $Folder -Recurse -File | Sort-Object FullName) {
        $name = $Prefix + $file.FullName.Substring($Folder.Length).TrimStart('\', '/').Replace('\', '/')
        $entry = [IO.Compression.ZipFileExtensions]::CreateEntryFromFile($Archive, $file.FullName, $name, $level)
        # A zip made on Windows must not take the other systems' programs their right to run: regular file, rwxr-xr-x.
        if ($file.Name -eq 'imapmig') { $entry.ExternalAttributes = 0x81ED -shl 16 }
    }
}

function New-Archive {
    # Makes a zip file, filled by a script.
    param([string] $Path, [scriptblock] $Fill)

    if (Test-Path $Path) { Remove-Item $Path }
    $archive = [IO.Compression.ZipFile]::Open($Path, 'Create')
    try { & $Fill $archive } finally { $archive.Dispose() }
    "Packed $Path"
}

function Get-Specification {
    # The .nuspec: what the gallery shows. The tags are those by which it finds modules and their commands.
    param([hashtable] $Manifest, [string] $Number, [string] $Notes)

    $data = $Manifest.PrivateData.PSData
    $tags = @($data.Tags) + 'PSModule' + 'PSIncludes_Function' + @($Manifest.FunctionsToExport | ForEach-Object { "PSFunction_$_"; "PSCommand_$_" })
    $text = @{ id = 'ImapMigration'; version = $Number; authors = $Manifest.Author; owners = $Manifest.Author; description = $Manifest.Description
        copyright = $Manifest.Copyright; releaseNotes = $Notes; tags = $tags -join ' '; projectUrl = $data.ProjectUri; licenseUrl = $data.LicenseUri
        requireLicenseAcceptance = 'false'
    }
    $lines = foreach ($name in $text.Keys | Sort-Object) { "    <$name>$([Security.SecurityElement]::Escape($text[$name]))</$name>" }
    '<?xml version="1.0" encoding="utf-8"?>', '<package xmlns="http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd">', '  <metadata>' + ($lines -join "`n") +
    '  </metadata>', '</package>' -join "`n"
}

function Get-ContentType {
    # [Content_Types].xml of the Open Packaging Conventions: a type for each ending, and for each file without one.
    param([string] $Folder)

    $lines = @('<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml" />',
        '<Default Extension="nuspec" ContentType="application/octet" />')
    $files = @(Get-ChildItem $Folder -Recurse -File)
    $lines += $files.Extension | Where-Object { $_ } | Sort-Object -Unique | ForEach-Object { "<Default Extension=""$($_.TrimStart('.'))"" ContentType=""application/octet"" />" }
    $lines += $files | Where-Object { -not $_.Extension } |
        ForEach-Object { "<Override PartName=""$($_.FullName.Substring($Folder.Length).Replace('\', '/'))"" ContentType=""application/octet"" />" }
    '<?xml version="1.0" encoding="utf-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">' + ($lines -join '') + '</Types>'
}

function Write-Gallery {
    # The package of the PowerShell Gallery, as its clients make it; written here, as Windows PowerShell has no command that only packs.
    param([string] $Notes)

    $manifest = Import-PowerShellDataFile ([IO.Path]::Combine($Module, 'ImapMigration.psd1'))
    $number = $manifest.ModuleVersion
    if ($manifest.PrivateData.PSData['Prerelease']) { $number += "-$($manifest.PrivateData.PSData.Prerelease)" }
    $specification = Get-Specification $manifest $number $Notes
    New-Archive ([IO.Path]::Combine($Out, "ImapMigration.$number.nupkg")) {
        param($archive)
        Add-Text $archive '_rels/.rels' ('<?xml version="1.0" encoding="utf-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">' +
            '<Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/ImapMigration.nuspec" Id="R1" /></Relationships>')
        Add-Text $archive 'ImapMigration.nuspec' $specification
        Add-Text $archive '[Content_Types].xml' (Get-ContentType $Module)
        Add-Folder $archive $Module ''
    }
}

$null = New-Item $Out -ItemType Directory -Force
$notes = & ([IO.Path]::Combine($PSScriptRoot, 'ReleaseNotes.ps1')) -Root $Root -Version $Version
[IO.File]::WriteAllText([IO.Path]::Combine($Out, 'RELEASE-NOTES.md'), "$notes`n", [Text.UTF8Encoding]::new($false))
$crates = & ([IO.Path]::Combine($PSScriptRoot, 'Dependencies.ps1')) -Root $Root
& ([IO.Path]::Combine($PSScriptRoot, 'ThirdParty.ps1')) -Crates $crates -Path ([IO.Path]::Combine($Module, 'THIRD-PARTY-LICENSES.txt')) -Texts
& ([IO.Path]::Combine($PSScriptRoot, 'Sbom.ps1')) -Crates $crates -Version $Version -Path ([IO.Path]::Combine($Out, "imapmigration-$Version.cdx.json"))
Write-Gallery $notes
New-Archive ([IO.Path]::Combine($Out, "ImapMigration-$Version.zip")) { param($archive) Add-Folder $archive $Module 'ImapMigration/' }
if ($onLinux -and $Program) {
    if ($Fast) { $env:IMAPMIG_PACKAGES_FAST = '1' }
    & ([IO.Path]::Combine($PSScriptRoot, 'packages.sh')) $Program $Out ([IO.Path]::Combine($Module, 'THIRD-PARTY-LICENSES.txt'))
    if ($LASTEXITCODE -ne 0) { throw "packages.sh ended with $LASTEXITCODE" }
} else {
    'Tarball and .deb: made on Linux alone'
}

# In the order of names by code point, in the form that sha256sum -c reads.
$names = [string[]]@(Get-ChildItem $Out -File | Where-Object { $_.Name -ne 'SHA256SUMS' } | ForEach-Object { $_.Name })
[Array]::Sort($names, [StringComparer]::Ordinal)
$sums = foreach ($name in $names) { "$((Get-FileHash ([IO.Path]::Combine($Out, $name)) -Algorithm SHA256).Hash.ToLowerInvariant())  $name" }
[IO.File]::WriteAllText([IO.Path]::Combine($Out, 'SHA256SUMS'), ($sums -join "`n") + "`n", [Text.Encoding]::ASCII)
"Packed $([IO.Path]::Combine($Out, 'SHA256SUMS'))"
