function New-IdentityLabel {
    # An identity: prints and compares as the name, and leads back by its Guid to exactly the thing it came from.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter()] [AllowNull()] [AllowEmptyString()] [string] $Guid
    )

    $notes = [ordered]@{ Name = $Name; Id = $Name; Guid = $null }
    if ($Guid) { $notes.Guid = [guid]$Guid }
    New-Label $Name $notes
}
