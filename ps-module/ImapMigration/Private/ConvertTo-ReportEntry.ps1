function ConvertTo-ReportEntry {
    # A line of a report: prints as its sentence, with whose and when as properties.
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory, ValueFromPipeline)] [psobject] $Entry
    )

    process {
        $time = ConvertFrom-UnixTime $Entry.CreationUnixMs
        $text = '{0:yyyy-MM-dd HH:mm:ss}Z {1}' -f $time, $Entry.Message
        New-Label $text ([ordered]@{ Identity = $Entry.Identity; CreationTime = $time; Message = $Entry.Message })
    }
}
