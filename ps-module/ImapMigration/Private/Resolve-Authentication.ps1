function Resolve-Authentication {
    # Basic or OAuth. Exchange knows more words; to take one of them for Basic would send a password where the administrator
    # wanted none sent.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [string] $Name
    )

    $member = Resolve-Member $Name 'Basic', 'OAuth'
    if (-not $member) {
        $Cmdlet.ThrowTerminatingError((New-UsageError "Authentication $Name is not used with IMAP. Use Basic (user name and password) or OAuth." $Name))
    }
    $member
}
