function ConvertTo-RequestByte($Request) {
    # A flat request as UTF-8 JSON. Written here and not by ConvertTo-Json, because secrets must not become strings, which
    # nobody can clear: a SecureString is turned into escaped bytes, a byte array into base64, and what lies in between is cleared.
    $text = ''
    $secret = [ordered]@{}
    foreach ($name in $Request.Keys) {
        $value = $Request[$name]
        if ($value -is [byte[]] -or $value -is [securestring]) {
            $secret[$name] = $value
        } else {
            $text += ",`"$name`":" + (ConvertTo-JsonText $value)
        }
    }
    $text = $text -replace '^,'
    if (-not $secret.Count) { return , [Text.Encoding]::UTF8.GetBytes("{$text}") }
    Join-SecretByte $text $secret
}
