function Read-Certificate {
    # The bytes of a certificate file, by a path of PowerShell. Writes an error and returns nothing when it cannot be read.
    [CmdletBinding()]
    [OutputType([byte[]])]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [string] $Path
    )

    $file = Resolve-FilePath $Cmdlet 'CertificateFile' $Path
    if ($null -eq $file) { return }
    try {
        , [IO.File]::ReadAllBytes($file)
    } catch {
        Clear-CaughtError $_
        $Cmdlet.WriteError((New-UsageError "The certificate file $file cannot be read: $($_.Exception.InnerException.Message)" $file))
    }
}
