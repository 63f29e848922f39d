function Resolve-Identity {
    # The name or Guid behind what was given as an identity: a name, a Guid, an object of ours, its Identity, or a row of a CSV file.
    # Objects lead to the Guid, so that two users with one address are not taken for each other.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [AllowNull()] [AllowEmptyString()] [object] $Value
    )

    if ($null -eq $Value) { return }
    foreach ($name in 'BatchGuid', 'Guid') {
        $property = $Value.psobject.Properties[$name]
        if ($property -and $property.Value) { return "$($property.Value)" }
    }
    $property = $Value.psobject.Properties['Identity']
    if ($property -and $null -ne $property.Value) { return Resolve-Identity $property.Value }
    "$Value"
}
