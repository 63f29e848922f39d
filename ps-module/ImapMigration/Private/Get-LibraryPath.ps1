function Get-LibraryPath {
    # The library for this system: bin/<os>-<arch>/imapmig.<ext> in the module's folder. IMAPMIGRATION_LIBRARY names another
    # one, for those who build it.
    if ($env:IMAPMIGRATION_LIBRARY) {
        return $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($env:IMAPMIGRATION_LIBRARY)
    }
    if ($script:LibraryPath) { return $script:LibraryPath }
    if (-not $script:IsCore -or $IsWindows) {
        # Not every .NET Framework can tell the architecture, but Windows can.
        $architecture = 'x64'
        if ($env:PROCESSOR_ARCHITECTURE -eq 'ARM64') { $architecture = 'arm64' }
        $script:LibraryPath = "$script:ModuleRoot\bin\win-$architecture\imapmig.dll"
    } else {
        $os, $extension = 'linux', 'so'
        if ($IsMacOS) { $os, $extension = 'osx', 'dylib' }
        $architecture = 'x64'
        if ([Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture -eq 'Arm64') { $architecture = 'arm64' }
        $script:LibraryPath = "$script:ModuleRoot/bin/$os-$architecture/imapmig.$extension"
    }
    $script:LibraryPath
}
