function Add-Identity {
    # Adds to a request the name or Guid behind a parameter that names one thing, if it was given. Writes an error and returns
    # $false when it cannot be one.
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [Collections.IDictionary] $Request,
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [ValidateSet('batch', 'user', 'endpoint')] [string] $Wanted,
        [Parameter(Mandatory)] [AllowNull()] [AllowEmptyString()] [object] $Value
    )

    if ("$Value" -eq '') {
        # A filter that was given and names nothing is no filter for all: what is listed may be piped on and removed.
        if (-not $Cmdlet.MyInvocation.BoundParameters.ContainsKey($Name) -or ($null -eq $Value -and $Name -ne 'BatchId')) { return $true }
        $Cmdlet.WriteError((New-UsageError "The value of -$Name is empty. Name a migration $Wanted, or leave -$Name out."))
        return $false
    }
    $identity = Resolve-Identity $Value $Wanted
    if ($identity -is [Management.Automation.ErrorRecord]) {
        $Cmdlet.WriteError($identity)
        return $false
    }
    $Request[$Name] = $identity
    $true
}
