function Read-CsvData {
    # The bytes of a CSV file from what -CSVData was given: bytes, its text, its lines, or rows of Import-Csv. Writes an error that
    # repeats none of it and returns nothing for anything else.
    [CmdletBinding()]
    [OutputType([byte[]])]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [AllowNull()] [AllowEmptyString()] [AllowEmptyCollection()] [object] $Value
    )

    if ($Value -is [byte[]]) { return , $Value }
    $items = @($Value)
    $text = $null
    if ($items.Count -eq 0) { return , [byte[]]::new(0) }
    $bytes = [byte[]]::new($items.Count)
    $kind = $items[0]
    if ($kind -is [IO.FileInfo]) {
        $Cmdlet.WriteError((New-UsageError "-CSVData takes the content of a file, not the file: -CSVData ([IO.File]::ReadAllBytes('$($kind.FullName)'))" $kind.FullName))
        return
    }
    if ($kind -is [string] -and $items.Count -eq 1 -and $kind -notmatch '[\r\n,]') {
        $Cmdlet.WriteError((New-UsageError '-CSVData takes the content of a file, not its path: -CSVData ([IO.File]::ReadAllBytes("$PWD/users.csv"))'))
        return
    }
    if ($kind -is [string]) {
        $text = $items -join "`r`n"
    } elseif ($kind -is [ValueType]) {
        # Get-Content -AsByteStream and lists of numbers.
        for ($at = 0; $at -lt $items.Count; $at++) {
            $number = $items[$at] -as [int]
            if ($items[$at] -isnot [ValueType] -or $number -lt 0 -or $number -gt 255) { $text = $null; $bytes = $null; break }
            $bytes[$at] = $number
        }
        if ($null -ne $bytes) { return , $bytes }
    } elseif ($null -ne $kind -and $kind.psobject.BaseObject -is [Management.Automation.PSCustomObject]) {
        $text = @($items | ConvertTo-Csv -NoTypeInformation) -join "`r`n"
    }
    if ($null -eq $text) {
        $name = 'nothing'
        if ($null -ne $kind) { $name = $kind.GetType().Name }
        $Cmdlet.WriteError((New-UsageError "-CSVData cannot be made of a value of type $name. Pass the bytes of a CSV file, its text, or the rows of Import-Csv: -CSVData ([IO.File]::ReadAllBytes(""`$PWD/users.csv""))"))
        return
    }
    , [Text.Encoding]::UTF8.GetBytes($text)
}
