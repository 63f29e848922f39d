function Read-Reply {
    # Copies a reply out of the library and frees it. An error in it is thrown as a NativeError (see New-NativeError).
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [type] $Native,
        [Parameter(Mandatory)] [IntPtr] $Reply
    )

    try {
        $status = $Native::imapmig_reply_status($Reply)
        $bytes = [byte[]]::new([int]$Native::imapmig_reply_len($Reply).ToUInt32())
        if ($bytes.Length) {
            [Runtime.InteropServices.Marshal]::Copy($Native::imapmig_reply_data($Reply), $bytes, 0, $bytes.Length)
        }
    } finally {
        $Native::imapmig_reply_free($Reply)
    }
    $answer = ConvertFrom-Reply ([Text.Encoding]::UTF8.GetString($bytes))
    if ($status -ne 0) { throw (New-NativeError $answer) }
    $answer
}
