function Get-NativeFunction($Name) {
    # The type whose static method imapmig_<Name> is the library's function that takes a handle and a request, made at its first use.
    if (-not $script:NativeFunctions.ContainsKey($Name)) {
        $signature = $Name, [IntPtr], [type[]]([uint64], [byte[]], [uint64])
        $script:NativeFunctions[$Name] = New-NativeType $Name $script:NativePath (, $signature)
    }
    $script:NativeFunctions[$Name]
}
