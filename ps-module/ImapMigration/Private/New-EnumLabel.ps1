function New-EnumLabel {
    # The member of an enumeration, with its name as Value. One object per name, as there may be thousands.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    param($Name)

    if ($null -eq $Name) { return $null }
    $label = $script:EnumLabels[$Name]
    if ($null -ne $label) { return $label }
    $label = New-Label $Name @{ Value = $Name }
    $script:EnumLabels[$Name] = $label
    $label
}
