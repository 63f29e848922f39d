function New-Label {
    # A string with note properties. It compares, splits, prints and becomes JSON as the string, and answers .Value, .Name or
    # .Guid as the objects of Exchange do.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory)] [AllowEmptyString()] [string] $Text,
        [Parameter(Mandatory)] [Collections.IDictionary] $Notes
    )

    $label = [psobject]::new($Text)
    foreach ($note in $Notes.GetEnumerator()) {
        $label.psobject.Properties.Add([psnoteproperty]::new($note.Key, $note.Value))
    }
    $label
}
