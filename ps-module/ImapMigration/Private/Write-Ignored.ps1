function Write-Ignored($Cmdlet, $Name) {
    # Names for -Verbose the given parameters that have no effect.
    foreach ($given in $Cmdlet.MyInvocation.BoundParameters.Keys) {
        if ($Name -contains $given) { Write-Decision "-$given is accepted for compatibility with Exchange Online and has no effect." }
    }
}
