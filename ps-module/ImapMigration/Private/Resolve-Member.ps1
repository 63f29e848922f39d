function Resolve-Member {
    # The value of a parameter in the spelling of its ValidateSet, whatever case it was given in.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [string] $Parameter
    )

    $value = $Cmdlet.MyInvocation.BoundParameters[$Parameter]
    foreach ($attribute in $Cmdlet.MyInvocation.MyCommand.Parameters[$Parameter].Attributes) {
        if ($attribute -isnot [ValidateSet]) { continue }
        foreach ($member in $attribute.ValidValues) { if ($member -eq $value) { return $member } }
    }
}
