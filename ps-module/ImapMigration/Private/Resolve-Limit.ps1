function Resolve-Limit {
    # A number, or Exchange's word Unlimited, as the library reads it.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [AllowEmptyString()] [string] $Value
    )

    if ($Value -eq 'Unlimited') { return 'Unlimited' }
    $number = 0
    if (-not [int]::TryParse($Value, [ref]$number) -or $number -lt 0) {
        $Cmdlet.ThrowTerminatingError((New-UsageError "The value ""$Value"" of -$Name is neither a number nor the word Unlimited." $Value))
    }
    $number
}
