function Resolve-Authentication {
    # Basic or OAuth. Exchange knows more words; to take one of them for Basic would send a password where the administrator
    # wanted none sent.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet
    )

    $member = Resolve-Member $Cmdlet 'Authentication'
    if ('Basic', 'OAuth' -notcontains $member) {
        $Cmdlet.ThrowTerminatingError((New-UsageError "Authentication $member is not used with IMAP. Use Basic (user name and password) or OAuth." $member))
    }
    $member
}
