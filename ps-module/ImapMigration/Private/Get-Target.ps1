function Get-Target {
    # What a cmdlet is to act on: Identity, and the Name for the question before it does. Without -Identity it is the only one there
    # is, among those in a state that fits if there are several.
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [ValidateSet('batch', 'user', 'endpoint')] [string] $Wanted,
        [Parameter(Mandatory)] [Collections.IDictionary] $Given,
        [Parameter()] [string[]] $Fits
    )

    $property = @{ batch = 'Batches'; user = 'Users'; endpoint = 'Endpoints' }[$Wanted]
    $guid = @{ batch = 'BatchGuid'; user = 'Guid'; endpoint = 'Guid' }[$Wanted]
    if (-not $Given.ContainsKey('Identity')) {
        # There may be thousands of users; more than these are not named in an error.
        $request = @{}
        if ($Wanted -eq 'user') { $request.ResultSize = 11 }
        $answer = Invoke-Native $Cmdlet "${Wanted}_list" $request
        if ($null -eq $answer) { return }
        $found = @($answer.$property)
        if ($found.Count -gt 1 -and $Fits) { $found = @(foreach ($view in $found) { if ($Fits -contains $view.Status) { $view } }) }
        if ($found.Count -eq 1) { return [pscustomobject]@{ Name = "$($found[0].Identity)"; Identity = "$($found[0].$guid)" } }
        $Cmdlet.WriteError((New-ChoiceError $Wanted $found ($Wanted -eq 'user')))
        return
    }
    $values = $Given.Identity
    if ($values -is [string] -or $values -isnot [Collections.IList]) { $values = , $values }
    foreach ($value in $values) {
        foreach ($identity in Get-IdentityList $Cmdlet $Wanted $value) {
            $name = Get-DisplayName $value
            # A Guid is no name for a question.
            if ([guid]::TryParse($name, [ref][guid]::Empty)) {
                $answer = Invoke-Native $Cmdlet "${Wanted}_list" @{ Identity = $identity }
                if ($null -eq $answer) { continue }
                $name = "$(@($answer.$property)[0].Identity)"
            }
            [pscustomobject]@{ Name = $name; Identity = $identity }
        }
    }
}
