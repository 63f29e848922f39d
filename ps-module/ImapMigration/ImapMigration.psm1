# Loads the module from its single files; build.ps1 writes them into one for a release.
Set-StrictMode -Version 3

$script:ModuleRoot = $PSScriptRoot
$script:IsCore = $PSEdition -eq 'Core'
$script:EnumLabels = @{}
$script:UserTemplates = @{}
$script:BatchTemplate = $null
$script:EndpointLabels = @{}
$script:Epoch = [datetime]::new(621355968000000000, [DateTimeKind]::Utc)
$script:TimeZones = @{}
# The version of the library's ABI that this module is written for (IMAPMIG_ABI_VERSION in imapmig.h).
$script:AbiVersion = 2
$script:LibraryPath = $null
$script:Failure = $null
$script:Native = $null
$script:NativePath = $null
$script:NativeModule = $null
$script:NativeFunctions = $null
$script:Engine = $null
$script:EngineKey = $null
$script:EngineReply = $null
$script:JsonReader = $null

foreach ($folder in 'Private', 'Public') {
    foreach ($file in [IO.Directory]::GetFiles([IO.Path]::Combine($PSScriptRoot, $folder), '*.ps1')) {
        . $file
    }
}

$ExecutionContext.SessionState.Module.OnRemove = { if ($script:EngineKey) { Close-Engine } }
