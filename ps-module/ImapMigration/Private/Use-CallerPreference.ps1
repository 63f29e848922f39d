function Use-CallerPreference {
    # Gives a cmdlet the preferences that its caller has set. PowerShell gives the functions of a module the global ones only: a
    # script with $WhatIfPreference = $true would remove what it only wanted to look at.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet
    )

    $given = $Cmdlet.MyInvocation.BoundParameters
    $preferences = @{
        ErrorAction = 'ErrorActionPreference'; WarningAction = 'WarningPreference'; InformationAction = 'InformationPreference'
        ProgressAction = 'ProgressPreference'; Verbose = 'VerbosePreference'; Debug = 'DebugPreference'
        Confirm = 'ConfirmPreference'; WhatIf = 'WhatIfPreference'
    }
    foreach ($parameter in $preferences.Keys) {
        if ($given.ContainsKey($parameter)) { continue }
        $value = $Cmdlet.SessionState.PSVariable.GetValue($preferences[$parameter])
        if ($null -ne $value) { Set-Variable -Name $preferences[$parameter] -Value $value -Scope 1 -WhatIf:$false -Confirm:$false }
    }
}
