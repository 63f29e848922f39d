function Read-Reply {
    # Copies a reply out of the library and frees it. An error in it is thrown as a NativeError (see New-NativeError).
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [type] $Native,
        [Parameter(Mandatory)] [IntPtr] $Reply
    )

    try {
        $status = $Native::imapmig_reply_status($Reply)
        $length = [int]$Native::imapmig_reply_len($Reply)
        $data = $Native::imapmig_reply_data($Reply)
        if ($script:IsCore) {
            $json = [Runtime.InteropServices.Marshal]::PtrToStringUTF8($data, $length)
        } else {
            # .NET Framework has no such method.
            $bytes = [byte[]]::new($length)
            [Runtime.InteropServices.Marshal]::Copy($data, $bytes, 0, $length)
            $json = [Text.Encoding]::UTF8.GetString($bytes)
        }
    } finally {
        $Native::imapmig_reply_free($Reply)
    }
    $answer = ConvertFrom-Reply $json
    if ($status -ne 0) { throw (New-NativeError $answer) }
    $answer
}
