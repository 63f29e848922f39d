function ConvertTo-SecretByte {
    # A SecureString as a JSON string in bytes, or bytes as base64, without a .NET string on the way.
    [CmdletBinding()]
    [OutputType([byte[]])]
    param(
        [Parameter(Mandatory)] [AllowEmptyCollection()] [object] $Secret
    )

    if ($Secret -is [byte[]]) {
        $characters = [char[]]::new([math]::Ceiling($Secret.Length / 3) * 4 + 2)
        $count = [Convert]::ToBase64CharArray($Secret, 0, $Secret.Length, $characters, 1)
        $characters[0] = $characters[$count + 1] = '"'
        $bytes = [Text.Encoding]::UTF8.GetBytes($characters, 0, $count + 2)
        [Array]::Clear($characters, 0, $characters.Length)
        return , $bytes
    }

    $plain = [char[]]::new($Secret.Length)
    $escaped = [char[]]::new($Secret.Length * 6 + 2)
    $pointer = [Runtime.InteropServices.Marshal]::SecureStringToGlobalAllocUnicode($Secret)
    try {
        [Runtime.InteropServices.Marshal]::Copy($pointer, $plain, 0, $plain.Length)
        $count = 0
        $escaped[$count++] = '"'
        foreach ($character in $plain) {
            $code = [int]$character
            if ($code -eq 34 -or $code -eq 92) {
                $escaped[$count++] = '\'
                $escaped[$count++] = $character
            } elseif ($code -lt 32) {
                foreach ($digit in ('\u{0:x4}' -f $code).ToCharArray()) { $escaped[$count++] = $digit }
            } else {
                $escaped[$count++] = $character
            }
        }
        $escaped[$count++] = '"'
        , [Text.Encoding]::UTF8.GetBytes($escaped, 0, $count)
    } finally {
        [Runtime.InteropServices.Marshal]::ZeroFreeGlobalAllocUnicode($pointer)
        [Array]::Clear($plain, 0, $plain.Length)
        [Array]::Clear($escaped, 0, $escaped.Length)
    }
}
