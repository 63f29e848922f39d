function Invoke-OnTarget($Cmdlet, $Wanted, $Given, $Action, $Function, $Request = @{}, $Fits) {
    # Does one thing to each of what -Identity names, or to the only thing there is, after asking where the cmdlet asks. The request
    # goes along with each identity.
    foreach ($target in Get-Target $Cmdlet $Wanted $Given $Fits) {
        if (-not $Cmdlet.ShouldProcess($target.Name, "$Action migration $Wanted")) { continue }
        $null = Invoke-Native $Cmdlet $Function ($Request + @{ Identity = $target.Identity })
        if ($VerbosePreference -eq 'SilentlyContinue' -or $null -ne $script:Failure) { continue }
        if ($Wanted -eq 'batch') { Write-BatchPlan $Cmdlet $target.Identity; continue }
        Write-Decision ((@{
            'Start user' = 'The user "{0}" is queued again. The worker syncs it within the limits of its endpoints, once its batch is started.'
            'Stop user' = 'The user "{0}" finishes the messages that are on their way. The other users of its batch go on.'
            'Change user' = 'The user "{0}" is changed; its next sync follows the new settings.'
            'Remove user' = 'The user "{0}" leaves its batch once it is not at work; migrated mail stays at the target.'
            'Remove endpoint' = 'The endpoint "{0}" is removed with the credentials that were stored for it: no batch uses it.'
        }["$Action $Wanted"]) -f $target.Name)
    }
}
