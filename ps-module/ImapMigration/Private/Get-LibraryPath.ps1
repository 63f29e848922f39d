function Get-LibraryPath {
    # The library for this system in bin/<os>-<arch> of the module's folder, the worker beside it, or the library that
    # IMAPMIGRATION_LIBRARY names for those who build it.
    if ($null -eq $script:LibraryPath) {
        $architecture = 'x64'
        if ($script:IsCore -and -not $IsWindows) {
            if ("$([Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture)" -eq 'Arm64') { $architecture = 'arm64' }
            $script:WorkerName = 'imapmig'
            $script:LibraryPath = "$script:ModuleRoot/bin/linux-$architecture/imapmig.so"
            if ($IsMacOS) { $script:LibraryPath = "$script:ModuleRoot/bin/osx-$architecture/imapmig.dylib" }
        } else {
            # Not every .NET Framework can tell the architecture, but Windows can.
            if ($env:PROCESSOR_ARCHITECTURE -eq 'ARM64') { $architecture = 'arm64' }
            $script:WorkerName = 'imapmig.exe'
            $script:LibraryPath = "$script:ModuleRoot\bin\win-$architecture\imapmig.dll"
        }
    }
    if (-not $env:IMAPMIGRATION_LIBRARY) { return $script:LibraryPath }
    $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($env:IMAPMIGRATION_LIBRARY)
}
