function New-NativeErrorRecord {
    # The error record that a cmdlet writes: from an error of the library, else from whatever else went wrong on the way.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    [CmdletBinding()]
    [OutputType([Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory)] [Management.Automation.ErrorRecord] $Thrown
    )

    $exception = $Thrown.Exception
    # Else PowerShell prints "Exception:" where the name of the cmdlet belongs.
    if ($exception -is [Management.Automation.RuntimeException]) { $exception.WasThrownFromThrowStatement = $false }
    if (-not $exception.Data.Contains('ImapMigration.Code')) {
        while ($exception -is [Management.Automation.MethodInvocationException] -and $exception.InnerException) {
            $exception = $exception.InnerException
        }
        return [Management.Automation.ErrorRecord]::new($exception, $exception.GetType().Name, 'NotSpecified', $null)
    }
    $category = $exception.Data['ImapMigration.Category'] -as [Management.Automation.ErrorCategory]
    if ($null -eq $category) { $category = [Management.Automation.ErrorCategory]::NotSpecified }
    $record = [Management.Automation.ErrorRecord]::new($exception, $exception.Data['ImapMigration.Code'], $category, $exception.Data['ImapMigration.Target'])
    $record.ErrorDetails = [Management.Automation.ErrorDetails]::new($exception.Data['ImapMigration.Message'])
    $record
}
