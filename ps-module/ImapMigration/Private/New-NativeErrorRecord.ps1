function New-NativeErrorRecord {
    # The error record that a cmdlet writes for an error of the library: {Code, Category, Message, Retryable, Target}.
    #
    # Scripts for Exchange Online look for exception names in the message, which the service writes as
    # "Ex<6 hexadecimal digits>|<type>|<sentence>"; so does this for the names that are Exchange's. People see the sentence alone.
    # Nothing is thrown on the way: a caught exception would stay in $Error beside the record.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    [CmdletBinding()]
    [OutputType([Management.Automation.ErrorRecord])]
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
    $category = "$($Answer.Category)" -as [Management.Automation.ErrorCategory]
    if ($null -eq $category) { $category = [Management.Automation.ErrorCategory]::NotSpecified }
    $record = [Management.Automation.ErrorRecord]::new($exception, "$($Answer.Code)", $category, "$($Answer.Target)")
    $record.ErrorDetails = [Management.Automation.ErrorDetails]::new("$($Answer.Message)")
    $record
}
