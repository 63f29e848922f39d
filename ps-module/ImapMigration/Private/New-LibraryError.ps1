function New-LibraryError {
    # What to tell when the library could not be loaded, or is not of this release. Nothing, when there is nothing better to say
    # than what .NET says.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    param($Path, $Version)

    if ($null -ne $Version) {
        return [BadImageFormatException]::new("The library at $Path speaks version $Version of ImapMigration's ABI, and this module speaks version 1. Install module and library of the same release.")
    }
    if (-not [IO.File]::Exists($Path)) {
        [IO.FileNotFoundException]::new("ImapMigration's library is not at $Path. This copy of the module was not built for this system.", $Path)
    }
}
