function Read-Page {
    # Lists things up to -ResultSize, and warns when there are more.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [string] $Function,
        [Parameter(Mandatory)] [string] $Property,
        [Parameter(Mandatory)] [Collections.IDictionary] $Request,
        [Parameter(Mandatory)] [string] $ResultSize
    )

    $limit = Resolve-Limit $Cmdlet 'ResultSize' $ResultSize
    # One more than wanted tells whether there are more.
    if ($limit -is [int]) { $Request.ResultSize = $limit + 1 }
    $answer = Invoke-Native $Cmdlet $Function $Request
    if ($null -eq $answer) { return }
    $found = @($answer.$Property)
    if ($limit -isnot [int] -or $found.Count -le $limit) { return $found }
    $found | Select-Object -First $limit
    $Cmdlet.WriteWarning("There are more than the $limit results shown. Use -ResultSize with a larger number, or -ResultSize Unlimited for all.")
}
