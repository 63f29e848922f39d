function Invoke-NativeFunction($Native, $Engine, $Function, $Request) {
    # One call of the library, by the function's name without its prefix. The request's bytes are cleared, as they may hold secrets.
    # Nothing is returned after an error (see Read-ReplyText).
    $type = Get-NativeFunction $Function
    $method = "imapmig_$Function"
    $bytes = ConvertTo-RequestByte $Request
    try {
        $reply = $type::$method($Engine, $bytes, $bytes.Length)
    } finally {
        [Array]::Clear($bytes, 0, $bytes.Length)
    }
    $text = Read-ReplyText $Native $reply
    if ($null -ne $text) { ConvertFrom-Reply $text }
}
