function Add-Limit {
    # Adds to a request the numbers that were given, or Exchange's word Unlimited. Writes an error and returns $false for anything else.
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [Collections.IDictionary] $Request,
        [Parameter(Mandatory)] [string[]] $Name
    )

    $given = $Cmdlet.MyInvocation.BoundParameters
    foreach ($limit in $Name) {
        if (-not $given.ContainsKey($limit)) { continue }
        $number = Read-Limit $Cmdlet $limit $given[$limit]
        if ($null -eq $number) { return $false }
        $Request[$limit] = $number
    }
    $true
}
