# Loads the module from its single files; build.ps1 writes them into one for a release.
Set-StrictMode -Version 3

$script:ModuleRoot = $PSScriptRoot
$script:IsCore = $PSVersionTable.PSVersion.Major -gt 5
$script:EnumLabels = @{}
$script:LibraryPath = $null
$script:ProcessStore = $null
$script:JsonReader = $null

foreach ($folder in 'Private', 'Public') {
    foreach ($file in [IO.Directory]::GetFiles([IO.Path]::Combine($PSScriptRoot, $folder), '*.ps1')) {
        . $file
    }
}

Register-IdentityCompleter
