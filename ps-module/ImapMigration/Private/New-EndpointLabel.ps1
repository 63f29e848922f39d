function New-EndpointLabel {
    # An endpoint as a property of a batch: prints as its name and has an Identity.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory)] [AllowNull()] [AllowEmptyString()] [string] $Name
    )

    if (-not $Name) { return }
    New-Label $Name @{ Identity = New-IdentityLabel $Name }
}
