function Read-Page($Cmdlet, $Function, $Property, $Request, $ResultSize, $Pattern) {
    # Lists things up to -ResultSize, and warns when there are more. A pattern leaves those whose Identity is like it. Users come in
    # pages: the next one is read when the pipeline has taken the last one, so that a pipeline that stops early reads no more.
    if (-not $ResultSize) { $ResultSize = '1000' }
    $limit = Read-Limit $Cmdlet 'ResultSize' $ResultSize
    if ($null -eq $limit) { return }
    $left = [long]::MaxValue
    if ($limit -is [int]) { $left = [long]$limit }
    $most = $left
    if ($Pattern) { $expression = '^' + [regex]::Escape($Pattern).Replace('\*', '.*').Replace('\?', '.') + '$' }
    # The first page is small, so that the first user is there at once. ConvertFrom-Json of 5.1 reads 2 MB at most.
    $page = [long]::MaxValue
    if ($Function -eq 'user_list') { $page = 100 }
    $Request.Remove('After')
    do {
        # One more than wanted shows whether there are more.
        $wanted = $page
        if (-not $Pattern -and $left -lt $page) { $wanted = $left + 1 }
        $Request.Remove('ResultSize')
        if ($wanted -lt [int]::MaxValue) { $Request.ResultSize = $wanted }
        $answer = Invoke-Native $Cmdlet $Function $Request
        if ($null -eq $answer) { return }
        foreach ($view in $answer.$Property) {
            if ($Pattern -and $view.Identity -notmatch $expression) { continue }
            if ($left -le 0) {
                $Cmdlet.WriteWarning("There are more than the $limit results shown. Use -ResultSize with a larger number, or -ResultSize Unlimited for all.")
                return
            }
            $left--
            $view
        }
        $next = $answer.psobject.Properties['Next']
        if ($next) { $Request.After = $next.Value }
        $page = 500
    } while ($next)
    if ($VerbosePreference -eq 'SilentlyContinue') { return }
    $filter = @($Request.Keys | Where-Object { 'After', 'ResultSize', 'IncludeReport' -notcontains $_ } | Sort-Object | ForEach-Object { "-$_" }) -join ', '
    if ($Pattern) { $filter = 'the pattern of -Identity' }
    if (-not $filter) { $filter = 'no filter' }
    Write-Decision "$($most - $left) found with $filter; up to $limit are shown (-ResultSize)."
}
