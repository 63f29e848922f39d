function Find-TimeZone {
    # The time zone of a name; UTC for none. Windows' names and the IANA's are both known on PowerShell 7. Kept once found, as
    # there may be thousands of objects.
    [CmdletBinding()]
    [OutputType([TimeZoneInfo])]
    param(
        [Parameter(Mandatory)] [AllowNull()] [AllowEmptyString()] [string] $Name
    )

    if (-not $Name -or $Name -eq 'UTC') { return [TimeZoneInfo]::Utc }
    if (-not $script:TimeZones.ContainsKey($Name)) {
        $script:TimeZones[$Name] = $null
        try { $script:TimeZones[$Name] = [TimeZoneInfo]::FindSystemTimeZoneById($Name) } catch { Clear-CaughtError $_ }
    }
    $script:TimeZones[$Name]
}
