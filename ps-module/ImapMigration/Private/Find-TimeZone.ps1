function Find-TimeZone {
    # The time zone of a name; UTC for none. Windows' names and the IANA's are both known on PowerShell 7.
    [CmdletBinding()]
    [OutputType([TimeZoneInfo])]
    param(
        [Parameter(Mandatory)] [AllowNull()] [AllowEmptyString()] [string] $Name
    )

    if (-not $Name -or $Name -eq 'UTC') { return [TimeZoneInfo]::Utc }
    try { [TimeZoneInfo]::FindSystemTimeZoneById($Name) } catch { Write-Debug "time zone: $_" }
}
