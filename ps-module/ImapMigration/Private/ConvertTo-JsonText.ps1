function ConvertTo-JsonText($Value) {
    # One value as JSON: null, boolean, number, string, or list of strings.
    if ($Value -is [string]) {
        $text = $Value -replace '["\\]', '\$0'
        if ($text -match '[\x00-\x1f]') {
            $text = [regex]::Replace($text, '[\x00-\x1f]', [Text.RegularExpressions.MatchEvaluator] { param($match) '\u{0:x4}' -f [int]$match.Value[0] })
        }
        return "`"$text`""
    }
    if ($null -eq $Value) { return 'null' }
    if ($Value -is [bool]) { return "$Value".ToLowerInvariant() }
    # Interpolation is invariant.
    if ($Value -is [int] -or $Value -is [long] -or $Value -is [uint64]) { return "$Value" }
    if ($Value -is [Collections.IEnumerable]) {
        $items = foreach ($item in $Value) { ConvertTo-JsonText "$item" }
        return "[$($items -join ',')]"
    }
    ConvertTo-JsonText "$Value"
}
