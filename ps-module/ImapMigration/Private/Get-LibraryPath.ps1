function Get-LibraryPath {
    # The library for this system, or the one that IMAPMIGRATION_LIBRARY names for those who build it.
    if (-not $env:IMAPMIGRATION_LIBRARY) { return "$script:BinaryFolder$script:LibraryName" }
    $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($env:IMAPMIGRATION_LIBRARY)
}
