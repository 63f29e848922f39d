function New-NativeType {
    # A type with a P/Invoke method for each signature: name without prefix, what it returns, what it takes.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    param($Name, $Path, $Signatures)

    # Public, abstract and sealed.
    $type = $script:NativeModule.DefineType("ImapMigration.$Name", 0x181)
    foreach ($signature in $Signatures) {
        # Public, Static and PinvokeImpl; Standard; Cdecl; Ansi; then PreserveSig.
        $type.DefinePInvokeMethod("imapmig_$($signature[0])", $Path, 0x2016, 1, $signature[1], $signature[2], 2, 2).SetImplementationFlags(128)
    }
    $type.CreateType()
}
