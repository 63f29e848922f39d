function Write-Ignored {
    # Tells -Verbose readers which of the given parameters have no meaning here.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [string[]] $Name
    )

    foreach ($given in $Cmdlet.MyInvocation.BoundParameters.Keys) {
        if ($Name -contains $given) { $Cmdlet.WriteVerbose("-$given is accepted for Exchange's sake and has no meaning here.") }
    }
}
