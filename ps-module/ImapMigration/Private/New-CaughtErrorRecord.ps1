function New-CaughtErrorRecord {
    # The error record that a cmdlet writes for an exception that .NET threw on the way to the library. The caught record, which
    # points into the module, is taken out of $Error.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    [CmdletBinding()]
    [OutputType([Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory)] [Management.Automation.ErrorRecord] $Caught
    )

    Clear-CaughtError $Caught
    $exception = $Caught.Exception
    while ($exception -is [Management.Automation.MethodInvocationException] -and $exception.InnerException) {
        $exception = $exception.InnerException
    }
    # Else PowerShell prints "Exception:" where the name of the cmdlet belongs.
    if ($exception -is [Management.Automation.RuntimeException]) { $exception.WasThrownFromThrowStatement = $false }
    [Management.Automation.ErrorRecord]::new($exception, $exception.GetType().Name, 'NotSpecified', $null)
}
