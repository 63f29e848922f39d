function ConvertTo-RequestByte {
    # A flat request as UTF-8 JSON. Written here and not by ConvertTo-Json, because secrets must not become strings, which
    # nobody can clear: a SecureString is turned into escaped bytes, a byte array into base64, and what lies in between is cleared.
    [CmdletBinding()]
    [OutputType([byte[]])]
    param(
        [Parameter(Mandatory)] [Collections.IDictionary] $Request
    )

    $parts = [Collections.Generic.List[byte[]]]::new()
    $separator = '{'
    foreach ($entry in $Request.GetEnumerator()) {
        $name = [Text.Encoding]::UTF8.GetBytes("$separator`"$($entry.Key)`":")
        $parts.Add($name)
        $parts.Add((ConvertTo-JsonByte $entry.Value))
        $separator = ','
    }
    $end = '}'
    if ($separator -eq '{') { $end = '{}' }
    $parts.Add([Text.Encoding]::UTF8.GetBytes($end))

    $length = 0
    foreach ($part in $parts) { $length += $part.Length }
    $bytes = [byte[]]::new($length)
    $at = 0
    foreach ($part in $parts) {
        [Buffer]::BlockCopy($part, 0, $bytes, $at, $part.Length)
        $at += $part.Length
        [Array]::Clear($part, 0, $part.Length)
    }
    , $bytes
}
