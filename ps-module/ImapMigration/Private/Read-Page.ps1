function Read-Page($Cmdlet, $Function, $Property, $Request, $ResultSize, $Pattern) {
    # Lists things up to -ResultSize, and warns when there are more. A pattern leaves those whose Identity is like it.
    if (-not $ResultSize) { $ResultSize = '1000' }
    $limit = Read-Limit $Cmdlet 'ResultSize' $ResultSize
    if ($null -eq $limit) { return }
    # One more than wanted shows whether there are more.
    if ($limit -is [int] -and -not $Pattern) { $Request.ResultSize = $limit + 1 }
    $answer = Invoke-Native $Cmdlet $Function $Request
    if ($null -eq $answer) { return }
    $found = $answer.$Property
    if ($Pattern) {
        $expression = '^' + [regex]::Escape($Pattern).Replace('\*', '.*').Replace('\?', '.') + '$'
        $found = @(foreach ($view in $found) { if ($view.Identity -match $expression) { $view } })
    }
    if ($limit -isnot [int] -or $found.Count -le $limit) { return $found }
    if ($limit) { $found[0..($limit - 1)] }
    $Cmdlet.WriteWarning("There are more than the $limit results shown. Use -ResultSize with a larger number, or -ResultSize Unlimited for all.")
}
