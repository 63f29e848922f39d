function Resolve-Member {
    # The member of a set in its own spelling, whatever case it was given in.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [string[]] $Set
    )

    foreach ($member in $Set) { if ($member -eq $Name) { return $member } }
}
