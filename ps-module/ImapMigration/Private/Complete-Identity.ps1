function Complete-Identity {
    # Tab completion: the identities that fit a parameter and begin with what was typed.
    [CmdletBinding()]
    [OutputType([Management.Automation.CompletionResult])]
    param(
        [Parameter(Mandatory)] [string] $Command,
        [Parameter(Mandatory)] [string] $Parameter,
        [Parameter(Mandatory)] [AllowEmptyString()] [string] $Word
    )

    $list = 'Get-MigrationBatch'
    if ("$Command $Parameter" -like '*Endpoint') { $list = 'Get-MigrationEndpoint' }
    if ("$Command $Parameter" -like '*-MigrationEndpoint Identity') { $list = 'Get-MigrationEndpoint' }
    if ("$Command $Parameter" -like '*-MigrationUser* Identity') { $list = 'Get-MigrationUser' }
    $names = @(& $list -ErrorAction Ignore -WarningAction Ignore | ForEach-Object { "$($_.Identity)" })
    # Local is a target and is not listed.
    if ($Parameter -eq 'TargetEndpoint') { $names += 'Local' }

    $typed = $Word.Trim('''"')
    foreach ($name in $names | Sort-Object -Unique) {
        if (-not $name.StartsWith($typed, [StringComparison]::OrdinalIgnoreCase)) { continue }
        $text = $name
        if ($name -match '[^\w.@-]') { $text = "'$($name -replace "'", "''")'" }
        [Management.Automation.CompletionResult]::new($text, $name, 'ParameterValue', $name)
    }
}
