function ConvertTo-ValidationWarning($Warning) {
    # What is wrong with a row of a CSV file: prints as a sentence that begins with the row's number.
    $notes = [ordered]@{ RowIndex = $Warning.RowIndex; EmailAddress = $Warning.EmailAddress; Message = $Warning.Message }
    $row = "Row $($Warning.RowIndex)"
    # One of Exchange's sentences begins so itself.
    if ("$($Warning.Message)".StartsWith($row)) { return New-Label $Warning.Message $notes }
    New-Label "${row}: $($Warning.Message)" $notes
}
