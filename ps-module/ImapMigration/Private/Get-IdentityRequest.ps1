function Get-IdentityRequest {
    # The request of a cmdlet whose -Identity may be left out. An empty value is no choice: it would stop or remove what nobody named.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet
    )

    $given = $Cmdlet.MyInvocation.BoundParameters
    if (-not $given.ContainsKey('Identity')) { return @{} }
    $identity = Resolve-Identity $given.Identity
    if (-not $identity) {
        $Cmdlet.ThrowTerminatingError((New-UsageError 'The value of -Identity is empty. Name a batch, or leave -Identity out if there is only one.'))
    }
    @{ Identity = $identity }
}
