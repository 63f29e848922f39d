function Write-Default($Cmdlet, $View, $Name) {
    # Names for -Verbose the values that were chosen for parameters that were not given.
    if ($VerbosePreference -eq 'SilentlyContinue') { return }
    $given = $Cmdlet.MyInvocation.BoundParameters
    foreach ($parameter in $Name) {
        $value = $View.psobject.Properties[$parameter]
        if (-not $given.ContainsKey($parameter) -and $value -and $null -ne $value.Value) { Write-Decision "-$parameter was not given: $($value.Value) is used." }
    }
}
