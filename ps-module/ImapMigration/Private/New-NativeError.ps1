function New-NativeError {
    # The exception that carries an error of the library {Code, Category, Message, Retryable, Target} up to Invoke-Native.
    #
    # Scripts for Exchange Online look for exception names in the message, which the service writes as
    # "Ex<6 hexadecimal digits>|<type>|<sentence>"; so does this for the names that are Exchange's. People see the sentence alone
    # (New-NativeErrorRecord).
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    [CmdletBinding()]
    [OutputType([Exception])]
    param(
        [Parameter(Mandatory)] [psobject] $Answer
    )

    $known = @{
        ManagementObjectNotFoundException                = 'ExBDDC58|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException'
        MaximumConcurrentMigrationLimitExceededException = 'ExF863E0|Microsoft.Exchange.Migration.MaximumConcurrentMigrationLimitExceededException'
        MigrationServerConnectionFailedException         = 'Ex6D1A0B|Microsoft.Exchange.Migration.MigrationServerConnectionFailedException'
    }
    $message = "$($Answer.Message)"
    if ($known.ContainsKey("$($Answer.Code)")) { $message = "$($known["$($Answer.Code)"])|$message" }
    if ("$($Answer.Category)" -eq 'ObjectNotFound') {
        $exception = [Management.Automation.ItemNotFoundException]::new($message)
    } else {
        $exception = [InvalidOperationException]::new($message)
    }
    foreach ($name in 'Code', 'Category', 'Message', 'Retryable', 'Target') {
        $exception.Data["ImapMigration.$name"] = "$($Answer.$name)"
    }
    $exception
}
