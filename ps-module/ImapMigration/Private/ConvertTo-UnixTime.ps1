function ConvertTo-UnixTime {
    # A DateTime as the library's instant. One without a time zone is read in the batch's time zone, UTC unless that is given.
    [CmdletBinding()]
    [OutputType([long])]
    param(
        [Parameter(Mandatory)] [datetime] $Time,
        [Parameter()] [AllowNull()] [TimeZoneInfo] $TimeZone
    )

    if ($Time.Kind -ne 'Unspecified') {
        $utc = $Time.ToUniversalTime()
    } elseif ($null -ne $TimeZone) {
        $utc = [TimeZoneInfo]::ConvertTimeToUtc($Time, $TimeZone)
    } else {
        $utc = [datetime]::SpecifyKind($Time, 'Utc')
    }
    [DateTimeOffset]::new($utc).ToUnixTimeMilliseconds()
}
