function New-Label {
    # A string with note properties. It compares, splits, prints and becomes JSON as the string, and answers .Value, .Name or
    # .Guid as the objects of Exchange do.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    param($Text, $Notes)

    $label = [psobject]::new("$Text")
    # PSNoteProperty's constructor would take a label's own notes off, as every method of .NET does; copied properties keep them.
    foreach ($note in ([pscustomobject]$Notes).psobject.Properties) { $label.psobject.Properties.Add($note) }
    $label
}
