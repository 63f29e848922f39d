function Clear-CaughtError {
    # Takes a caught record out of $Error: it is the module's own affair, and the user sees another one or none.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [Management.Automation.ErrorRecord] $Caught
    )

    $errors = $global:Error
    for ($at = [math]::Min($errors.Count, 3) - 1; $at -ge 0; $at--) {
        if ([object]::ReferenceEquals($errors[$at], $Caught) -or ($errors[$at] -is [Management.Automation.ErrorRecord] -and [object]::ReferenceEquals($errors[$at].Exception, $Caught.Exception))) {
            $errors.RemoveAt($at)
        }
    }
}
