function ConvertTo-ReportEntry {
    # A line of a report: prints as when, whose and the sentence, with each of them as a property. The date is the same in every culture.
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory, ValueFromPipeline)] $Entry
    )

    process {
        $time = ConvertFrom-UnixTime $Entry.CreationUnixMs
        $text = "$($time.ToString('yyyy-MM-dd HH:mm:ss', [Globalization.CultureInfo]::InvariantCulture))Z $($Entry.Identity): $($Entry.Message)"
        New-Label $text ([ordered]@{ Identity = $Entry.Identity; CreationTime = $time; Message = $Entry.Message })
    }
}
