function New-EnumLabel {
    # The member of an enumeration, with its name as Value. One object per name, as there may be thousands.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory)] [AllowNull()] [AllowEmptyString()] [string] $Name
    )

    if (-not $script:EnumLabels.ContainsKey($Name)) {
        $script:EnumLabels[$Name] = New-Label $Name @{ Value = $Name }
    }
    $script:EnumLabels[$Name]
}
