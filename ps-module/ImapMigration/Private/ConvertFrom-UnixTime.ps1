function ConvertFrom-UnixTime {
    # An instant of the library as a DateTime, in UTC or in another time zone.
    [CmdletBinding()]
    [OutputType([datetime])]
    param(
        [Parameter(Mandatory)] [AllowNull()] [object] $UnixMs,
        [Parameter()] [AllowNull()] [TimeZoneInfo] $TimeZone
    )

    if ($null -eq $UnixMs) { return }
    $instant = [DateTimeOffset]::FromUnixTimeMilliseconds($UnixMs).UtcDateTime
    if ($null -ne $TimeZone -and $TimeZone.Id -ne 'UTC') {
        $instant = [TimeZoneInfo]::ConvertTimeFromUtc($instant, $TimeZone)
    }
    $instant
}
