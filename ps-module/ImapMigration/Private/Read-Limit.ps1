function Read-Limit($Cmdlet, $Name, $Value) {
    # A number or the word Unlimited, as the library reads it. Writes an error and returns nothing for anything else.
    if ($Value -eq 'Unlimited') { return 'Unlimited' }
    $number = 0
    if ([int]::TryParse($Value, [ref]$number) -and $number -ge 0) { return $number }
    $Cmdlet.WriteError((New-UsageError "The value $(Get-Quote $Value) of -$Name is neither a number nor the word Unlimited."))
}
