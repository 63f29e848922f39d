# Loads the module from its single files; build.ps1 writes them into one for a release.
Set-StrictMode -Version 3

$script:IsCore = $PSEdition -eq 'Core'
$script:EnumLabels = @{}
$script:Native = $null
$script:NativePath = $null
$script:NativeModule = $null
$script:NativeFunctions = $null
$script:Engine = $null
$script:EngineKey = $null
$script:EngineReply = $null
$script:JsonReader = $null

# Where the library lies and the worker beside it: bin/<os>-<arch> in the module's folder.
if ($script:IsCore -and -not $IsWindows) {
    $script:LibraryName, $script:WorkerName, $system = 'imapmig.so', 'imapmig', 'linux'
    if ($IsMacOS) { $script:LibraryName, $system = 'imapmig.dylib', 'osx' }
    $script:BinaryFolder = "$PSScriptRoot/bin/$system-x64/"
    if ("$([Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture)" -eq 'Arm64') { $script:BinaryFolder = "$PSScriptRoot/bin/$system-arm64/" }
} else {
    # Not every .NET Framework can tell the architecture, but Windows can.
    $script:LibraryName, $script:WorkerName = 'imapmig.dll', 'imapmig.exe'
    $script:BinaryFolder = "$PSScriptRoot\bin\win-x64\"
    if ($env:PROCESSOR_ARCHITECTURE -eq 'ARM64') { $script:BinaryFolder = "$PSScriptRoot\bin\win-arm64\" }
}

foreach ($folder in 'Private', 'Public') {
    foreach ($file in [IO.Directory]::GetFiles([IO.Path]::Combine($PSScriptRoot, $folder), '*.ps1')) {
        . $file
    }
}

Register-IdentityCompleter
$ExecutionContext.SessionState.Module.OnRemove = { if ($script:EngineKey) { Close-Engine } }
