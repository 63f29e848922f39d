function Resolve-FilePath($Cmdlet, $Name, $Path) {
    # The file system's path of a parameter that takes one of PowerShell. Writes an error and returns nothing where it leads elsewhere.
    if (-not (Test-Row $Path)) {
        try {
            $provider, $drive = $null, $null
            $file = $Cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path, [ref]$provider, [ref]$drive)
            if ($provider.Name -eq 'FileSystem') { return $file }
        } catch {
            Clear-CaughtError $_
        }
    }
    $Cmdlet.WriteError((New-UsageError "The value $(Get-Quote $Path) of -$Name is no path in the file system. Pass the path of a file or folder."))
}
