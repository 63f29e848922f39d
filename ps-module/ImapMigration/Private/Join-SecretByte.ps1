function Join-SecretByte {
    # The bytes of a request with secrets: the text of the other properties, then each secret. What was copied is cleared.
    [CmdletBinding()]
    [OutputType([byte[]])]
    param(
        [Parameter(Mandatory)] [AllowEmptyString()] [string] $Text,
        [Parameter(Mandatory)] [Collections.IDictionary] $Secret
    )

    $utf8 = [Text.Encoding]::UTF8
    $parts = [Collections.Generic.List[byte[]]]::new()
    $separator = '{'
    if ($Text) {
        $parts.Add($utf8.GetBytes("{$Text"))
        $separator = ','
    }
    foreach ($name in $Secret.Keys) {
        $parts.Add($utf8.GetBytes("$separator`"$name`":"))
        $parts.Add((ConvertTo-SecretByte $Secret[$name]))
        $separator = ','
    }
    $parts.Add($utf8.GetBytes('}'))

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
