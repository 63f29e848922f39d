function New-UsageError {
    # The error record for parameters that cannot be used as given.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    [CmdletBinding()]
    [OutputType([Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory)] [string] $Message,
        [Parameter()] [object] $Target
    )

    [Management.Automation.ErrorRecord]::new([ArgumentException]::new($Message), 'InvalidParameter', 'InvalidArgument', $Target)
}
