function Invoke-OnTarget($Cmdlet, $Wanted, $Given, $Action, $Function, $Request = @{}, $Fits) {
    # Does one thing to each of what -Identity names, or to the only thing there is, after asking where the cmdlet asks. The request
    # goes along with each identity.
    foreach ($target in Get-Target $Cmdlet $Wanted $Given $Fits) {
        if (-not $Cmdlet.ShouldProcess($target.Name, "$Action migration $Wanted")) { continue }
        $null = Invoke-Native $Cmdlet $Function ($Request + @{ Identity = $target.Identity })
    }
}
