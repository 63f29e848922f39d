function Get-LibraryPath {
    # The library for this system: bin/<os>-<arch>/imapmig.<ext> in the module's folder. IMAPMIGRATION_LIBRARY names another
    # one, for those who build it.
    [CmdletBinding()]
    [OutputType([string])]
    param()

    if ($env:IMAPMIGRATION_LIBRARY) {
        return $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($env:IMAPMIGRATION_LIBRARY)
    }
    if ($script:LibraryPath) { return $script:LibraryPath }
    $os, $extension = 'win', 'dll'
    if ($script:IsCore -and -not $IsWindows) {
        $os, $extension = 'linux', 'so'
        if ($IsMacOS) { $os, $extension = 'osx', 'dylib' }
    }
    # Windows PowerShell may run on a .NET Framework that cannot tell the architecture; there it is never ARM64.
    $architecture = 'x64'
    if ('Runtime.InteropServices.RuntimeInformation' -as [type]) {
        $architecture = "$([Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture)".ToLowerInvariant()
    }
    $script:LibraryPath = [IO.Path]::Combine($script:ModuleRoot, 'bin', "$os-$architecture", "imapmig.$extension")
    $script:LibraryPath
}
