function New-IdentityLabel {
    # An identity: prints and compares as the name, and leads back by its Guid to exactly the thing it came from. There may be
    # thousands, so few calls are made.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    param($Name, $Guid)

    $label = [psobject]::new("$Name")
    $notes = $label.psobject.Properties
    $notes.Add([psnoteproperty]::new('Name', "$Name"), $true)
    $notes.Add([psnoteproperty]::new('Id', "$Name"), $true)
    $id = $null
    if ($Guid) { $id = [guid]::new($Guid) }
    $notes.Add([psnoteproperty]::new('Guid', $id), $true)
    $label
}
