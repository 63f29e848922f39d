function ConvertFrom-UnixTime($UnixMs, $TimeZone) {
    # An instant of the library as a DateTime, in UTC or in another time zone; $null for none.
    if ($null -eq $UnixMs) { return $null }
    $instant = $script:Epoch.AddMilliseconds($UnixMs)
    if ($null -eq $TimeZone -or $TimeZone.Id -eq 'UTC') { return $instant }
    [TimeZoneInfo]::ConvertTimeFromUtc($instant, $TimeZone)
}
