<#
.SYNOPSIS
Writes the software bill of materials (CycloneDX 1.5) of the library and the worker.
.PARAMETER Crates
The crates, as Dependencies.ps1 lists them.
.PARAMETER Version
The product's version.
.PARAMETER Path
The file to write.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [object[]] $Crates,
    [Parameter(Mandatory)] [string] $Version,
    [Parameter(Mandatory)] [string] $Path
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

$product = "pkg:generic/imapmigration@$Version"
$components = foreach ($crate in $Crates) {
    $url = "pkg:cargo/$($crate.Name)@$($crate.Version.Replace('+', '%2B'))"
    $component = [ordered]@{ 'type' = 'library'; 'bom-ref' = $url; name = $crate.Name; version = $crate.Version; purl = $url }
    if ($crate.Licence) { $component.licenses = @(@{ expression = $crate.Licence }) }
    if ($crate.Checksum) { $component.hashes = @(@{ alg = 'SHA-256'; content = $crate.Checksum }) }
    if ($crate.Repository) { $component.externalReferences = @(@{ type = 'vcs'; url = $crate.Repository }) }
    $component
}
$bom = [ordered]@{
    bomFormat    = 'CycloneDX'
    specVersion  = '1.5'
    version      = 1
    metadata     = @{ component = [ordered]@{ 'type' = 'application'; 'bom-ref' = $product; name = 'ImapMigration'; version = $Version; purl = $product } }
    components   = @($components)
    dependencies = @([ordered]@{ ref = $product; dependsOn = @($components | ForEach-Object { $_.purl }) })
}
[IO.File]::WriteAllText($Path, ($bom | ConvertTo-Json -Depth 8), [Text.UTF8Encoding]::new($false))
