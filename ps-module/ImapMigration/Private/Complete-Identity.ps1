function Complete-Identity {
    # Tab completion: the identities that a Get- cmdlet lists, and others, as far as they begin with what was typed.
    [CmdletBinding()]
    [OutputType([Management.Automation.CompletionResult])]
    param(
        [Parameter(Mandatory)] [string] $Command,
        [Parameter(Mandatory)] [AllowEmptyString()] [string] $Word,
        [Parameter()] [string[]] $Also = @()
    )

    $typed = $Word.Trim('''"')
    $names = & $Command -ErrorAction Ignore -WarningAction Ignore | ForEach-Object { "$($_.Identity)" }
    foreach ($name in @($names) + $Also | Sort-Object -Unique) {
        if (-not $name.StartsWith($typed, [StringComparison]::OrdinalIgnoreCase)) { continue }
        $text = $name
        if ($name -match '[^\w.@-]') { $text = "'$($name -replace "'", "''")'" }
        [Management.Automation.CompletionResult]::new($text, $name, 'ParameterValue', $name)
    }
}
