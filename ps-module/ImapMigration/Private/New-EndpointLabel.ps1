function New-EndpointLabel {
    # An endpoint as a property of a batch: prints as its name and has an Identity; $null for none.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    param($Name)

    if (-not $Name) { return $null }
    $label = $script:EndpointLabels[$Name]
    if ($null -ne $label) { return $label }
    $label = New-Label $Name @{ Identity = New-IdentityLabel $Name }
    $script:EndpointLabels[$Name] = $label
    $label
}
