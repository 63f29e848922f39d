function New-LibraryError {
    # The error record for a library that could not be loaded, or is not of this release.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    param($Path, $Caught, $Version)

    $exception = $null
    if ($null -ne $Version) {
        $exception = [BadImageFormatException]::new("The library at $Path has version $Version of ImapMigration's ABI, and this module needs version $script:AbiVersion. Install module and library of the same release.")
    } elseif ([IntPtr]::Size -eq 4) {
        $exception = [PlatformNotSupportedException]::new('ImapMigration needs a 64-bit PowerShell, and this one is a 32-bit process. Start "PowerShell", not "PowerShell (x86)".')
    } elseif (-not [IO.File]::Exists($Path)) {
        $exception = [IO.FileNotFoundException]::new("ImapMigration's library is not at $Path. This copy of the module was not built for this system.", $Path)
    }
    if ($null -eq $exception) { return New-CaughtErrorRecord $Caught }
    if ($Caught) { Clear-CaughtError $Caught }
    [Management.Automation.ErrorRecord]::new($exception, $exception.GetType().Name, 'ResourceUnavailable', $Path)
}
