function Write-Ignored($Cmdlet, $Name) {
    # Tells -Verbose readers which of the given parameters have no meaning here.
    foreach ($given in $Cmdlet.MyInvocation.BoundParameters.Keys) {
        if ($Name -contains $given) { $Cmdlet.WriteVerbose("-$given is accepted for Exchange's sake and has no meaning here.") }
    }
}
