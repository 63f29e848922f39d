function New-UsageError {
    # The error record for parameters that cannot be used as given. Its target is a word or a name, never a row or a file.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    [CmdletBinding()]
    [OutputType([Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory)] [string] $Message,
        [Parameter()] [AllowNull()] [string] $Target
    )

    [Management.Automation.ErrorRecord]::new([ArgumentException]::new($Message), 'InvalidParameter', 'InvalidArgument', $Target)
}
