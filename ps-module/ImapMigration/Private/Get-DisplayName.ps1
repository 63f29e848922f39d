function Get-DisplayName {
    # What people call the thing behind an identity; nothing else of a row or an object.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [AllowNull()] [AllowEmptyString()] [object] $Value
    )

    if ($null -eq $Value) { return '' }
    if ($Value -is [string] -or $Value -is [ValueType]) { return "$Value" }
    foreach ($name in 'Identity', 'EmailAddress', 'PrimarySmtpAddress', 'Name') {
        $property = $Value.psobject.Properties[$name]
        if ($property -and $null -ne $property.Value) { return "$($property.Value)" }
    }
    $Value.GetType().Name
}
