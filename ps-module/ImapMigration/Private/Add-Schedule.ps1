function Add-Schedule {
    # Adds to a request when a batch starts, completes and reports. Writes an error and returns $false for an unknown time zone.
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [Collections.IDictionary] $Request,
        [Parameter(Mandatory)] [Collections.IDictionary] $Given,
        [Parameter()] [string] $TimeZone
    )

    $zone = Find-TimeZone $TimeZone
    if ($null -eq $zone) {
        $Cmdlet.WriteError((New-UsageError "There is no time zone $(Get-Quote $TimeZone) on this system. [TimeZoneInfo]::GetSystemTimeZones() lists them."))
        return $false
    }
    foreach ($name in 'StartAfter', 'CompleteAfter') {
        if ($Given.ContainsKey($name)) { $Request["${name}UnixMs"] = ConvertTo-UnixTime $Given[$name] $zone }
    }
    if ($Given.ContainsKey('ReportInterval')) { $Request.ReportIntervalMs = [long]$Given.ReportInterval.TotalMilliseconds }
    $true
}
