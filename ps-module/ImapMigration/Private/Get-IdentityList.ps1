function Get-IdentityList($Cmdlet, $Wanted, $Value) {
    # The names or Guids behind what -Identity was given: one value or several. Writes an error for each that cannot be one.
    if ($Value -is [string] -or $Value -isnot [Collections.IList]) { $Value = , $Value }
    foreach ($one in $Value) {
        $identity = Resolve-Identity $one $Wanted
        if ($identity -is [string] -and $identity) { $identity; continue }
        # An empty value is no choice: it would stop or remove what was never named.
        if (-not $identity) { $identity = New-UsageError "The value of -Identity is empty. Name a migration $Wanted." }
        $Cmdlet.WriteError($identity)
    }
}
