function Add-Authentication {
    # Adds to a request how to sign in, if that was given: Basic or OAuth. Exchange knows more words; to take one of them for Basic
    # would send a password where the administrator wanted none sent, so it is an error and $false is returned.
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [Collections.IDictionary] $Request
    )

    if (-not $Cmdlet.MyInvocation.BoundParameters['Authentication']) { return $true }
    $member = Resolve-Member $Cmdlet 'Authentication'
    if ('Basic', 'OAuth' -notcontains $member) {
        $Cmdlet.WriteError((New-UsageError "Authentication $member is not used with IMAP. Use Basic (user name and password) or OAuth." $member))
        return $false
    }
    $Request.Authentication = $member
    $true
}
