function Use-CallerPreference($Cmdlet) {
    # Gives a cmdlet the preferences that its caller has set. PowerShell gives the functions of a module the global ones only: a
    # script with $WhatIfPreference = $true would remove what it only wanted to look at. Dot-sourced, as it sets variables there.
    $preferences = @{
        ErrorAction = 'ErrorActionPreference'; WarningAction = 'WarningPreference'; InformationAction = 'InformationPreference'
        ProgressAction = 'ProgressPreference'; Verbose = 'VerbosePreference'; Debug = 'DebugPreference'
        Confirm = 'ConfirmPreference'; WhatIf = 'WhatIfPreference'
    }
    foreach ($parameter in $preferences.Keys) {
        if ($Cmdlet.MyInvocation.BoundParameters.ContainsKey($parameter)) { continue }
        $value = $Cmdlet.SessionState.PSVariable.GetValue($preferences[$parameter])
        # Not Set-Variable, whose module would have to be loaded first.
        if ($null -ne $value) { $ExecutionContext.SessionState.PSVariable.Set($preferences[$parameter], $value) }
    }
}
