function Get-Native {
    # The type whose static methods are the library's functions, made by Reflection.Emit at the first call, because that needs
    # no compiler, no temporary file and no search path. A first use of anything costs PowerShell a millisecond or more, so few
    # different things are used on the way to the first call, and the functions that take a handle and a request are made when
    # they are wanted (see Get-NativeFunction).
    $path = Get-LibraryPath
    if ($path -eq $script:NativePath) { return $script:Native }
    if ($script:EngineKey) { Close-Engine }

    # Run, not RunAndCollect: .NET Framework cannot call P/Invoke methods of a collectible assembly.
    $assembly = [Reflection.Emit.AssemblyBuilder]::DefineDynamicAssembly([Reflection.AssemblyName]::new('ImapMigration.Native'), 1)
    $script:NativeModule = $assembly.DefineDynamicModule('Native')
    $reply = [type[]]([IntPtr])
    # size_t is 64 bits wide wherever there is a library, and UIntPtr costs some milliseconds.
    $native = New-NativeType 'Native' $path @(
        , ('abi_version', [uint32], [type]::EmptyTypes)
        , ('engine_open', [IntPtr], [type[]]([byte[]], [uint64]))
        , ('engine_close', [IntPtr], [type[]]([uint64]))
        , ('reply_status', [int], $reply)
        , ('reply_len', [uint64], $reply)
        , ('reply_data', [IntPtr], $reply)
        , ('reply_free', [void], $reply)
    )
    try {
        $version = $native::imapmig_abi_version()
    } catch {
        $script:Failure = New-LibraryError $path $_
        return
    }
    # A library that is newer says itself whether it still serves this module; an older one lacks what the module calls.
    if ($version -gt $script:AbiVersion) {
        $oldest = (New-NativeType 'Oldest' $path (, ('abi_oldest_version', [uint32], [type]::EmptyTypes)))::imapmig_abi_oldest_version()
    }
    if ($version -lt $script:AbiVersion -or ($version -gt $script:AbiVersion -and $oldest -gt $script:AbiVersion)) {
        $script:Failure = New-LibraryError $path $null $version
        return
    }
    $script:NativeFunctions = @{}
    $script:NativePath = $path
    $script:Native = $native
    $native
}
