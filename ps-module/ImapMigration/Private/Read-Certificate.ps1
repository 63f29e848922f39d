function Read-Certificate {
    # The bytes of a certificate file, by a path of PowerShell.
    [CmdletBinding()]
    [OutputType([byte[]])]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [string] $Path
    )

    $file = $Cmdlet.GetUnresolvedProviderPathFromPSPath($Path)
    try {
        , [IO.File]::ReadAllBytes($file)
    } catch {
        $Cmdlet.ThrowTerminatingError((New-UsageError "The certificate file $file cannot be read: $($_.Exception.InnerException.Message)" $file))
    }
}
