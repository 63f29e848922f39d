function Deny-OtherType {
    # Writes the error of a cmdlet that was called for a migration type other than IMAP, or with words that belong to no parameter:
    # those come here too.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [string] $Remedy
    )

    $command = $Cmdlet.MyInvocation.MyCommand
    $bound = $Cmdlet.MyInvocation.BoundParameters.Keys
    $chosen = foreach ($name in $bound) {
        $sets = $command.Parameters[$name].ParameterSets.Keys
        if ($name -ne 'OtherArguments' -and @($sets) -eq 'OtherType' -and @($sets).Count -eq 1) { "-$name" }
    }
    $what = 'Such a call'
    if ($chosen) {
        $what = $chosen -join ', '
    } elseif ($bound -contains 'OtherArguments') {
        $stray = @($Cmdlet.MyInvocation.BoundParameters.OtherArguments)[0]
        $name = "a value of type $(if ($null -eq $stray) { 'null' } else { $stray.GetType().Name })"
        if ($stray -is [string]) { $name = Get-Quote $stray }
        $Cmdlet.WriteError((New-UsageError "There is no parameter for $name. $Remedy"))
        return
    }
    $Cmdlet.WriteError((New-UsageError "$what belongs to a migration type other than IMAP, which ImapMigration does not do. $Remedy"))
}
