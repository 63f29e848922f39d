function Get-DisplayName {
    # What people call the thing behind an identity.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [AllowNull()] [AllowEmptyString()] [object] $Value
    )

    if ($null -eq $Value) { return 'the only batch there is' }
    $property = $Value.psobject.Properties['Identity']
    if ($property -and $null -ne $property.Value) { return "$($property.Value)" }
    "$Value"
}
