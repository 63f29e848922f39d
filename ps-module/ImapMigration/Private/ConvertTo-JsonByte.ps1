function ConvertTo-JsonByte {
    # One value as UTF-8 JSON: null, boolean, number, string, list of strings, SecureString, or bytes as base64.
    [CmdletBinding()]
    [OutputType([byte[]])]
    param(
        [Parameter(Mandatory)] [AllowNull()] [AllowEmptyString()] [AllowEmptyCollection()] [object] $Value
    )

    $utf8 = [Text.Encoding]::UTF8
    if ($Value -is [psobject]) { $Value = $Value.psobject.BaseObject }
    if ($null -eq $Value) { return , $utf8.GetBytes('null') }
    if ($Value -is [bool]) { return , $utf8.GetBytes("$Value".ToLowerInvariant()) }
    if ($Value -is [int] -or $Value -is [long] -or $Value -is [uint64]) {
        return , $utf8.GetBytes($Value.ToString([Globalization.CultureInfo]::InvariantCulture))
    }
    if ($Value -is [securestring]) { return , (ConvertTo-SecretByte $Value) }
    if ($Value -is [byte[]]) {
        $characters = [char[]]::new([math]::Ceiling($Value.Length / 3) * 4 + 2)
        $count = [Convert]::ToBase64CharArray($Value, 0, $Value.Length, $characters, 1)
        $characters[0] = $characters[$count + 1] = '"'
        $bytes = $utf8.GetBytes($characters, 0, $count + 2)
        [Array]::Clear($characters, 0, $characters.Length)
        return , $bytes
    }
    if ($Value -is [Collections.IEnumerable] -and $Value -isnot [string]) {
        $items = foreach ($item in $Value) { $utf8.GetString((ConvertTo-JsonByte "$item")) }
        return , $utf8.GetBytes("[$($items -join ',')]")
    }
    $text = "$Value" -replace '["\\]', '\$0'
    $control = [Text.RegularExpressions.Regex]::new('[\x00-\x1f]')
    if ($control.IsMatch($text)) {
        $text = $control.Replace($text, [Text.RegularExpressions.MatchEvaluator] { param($match) '\u{0:x4}' -f [int]$match.Value[0] })
    }
    , $utf8.GetBytes("`"$text`"")
}
