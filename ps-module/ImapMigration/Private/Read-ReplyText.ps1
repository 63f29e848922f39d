function Read-ReplyText($Native, $Reply) {
    # Copies a reply's JSON out of the library and frees the reply. An error in it is left in $script:Failure, and nothing returned.
    try {
        $status = $Native::imapmig_reply_status($Reply)
        $length = $Native::imapmig_reply_len($Reply)
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
    if ($status -eq 0) { return $json }
    $script:Failure = New-NativeErrorRecord (ConvertFrom-Reply $json)
}
