function Get-Native {
    # The type whose static methods are the library's functions. It is made by Reflection.Emit at the first call, because that
    # needs no compiler, no temporary file and no search path, and is kept for the process, because .NET cannot unload it.
    $path = Get-LibraryPath
    $store = Get-ProcessStore
    if ($store[$path]) { return $store[$path] }

    # Run, not RunAndCollect: .NET Framework cannot call P/Invoke methods of a collectible assembly.
    $assembly = [Reflection.AssemblyName]'ImapMigration.Native'
    $module = [Reflection.Emit.AssemblyBuilder]::DefineDynamicAssembly($assembly, 'Run').DefineDynamicModule('Native')
    $type = $module.DefineType('ImapMigration.Native', 'Public, Abstract, Sealed')
    # size_t is 64 bits wide wherever there is a library, and UIntPtr costs PowerShell some milliseconds at its first use.
    $request = [type[]]([uint64], [byte[]], [uint64])
    $reply = [type[]]@([IntPtr])
    $signatures = @{
        imapmig_abi_version  = [uint32], [type[]]@()
        imapmig_engine_open  = [IntPtr], [type[]]([byte[]], [uint64])
        imapmig_engine_close = [IntPtr], [type[]]@([uint64])
        imapmig_reply_status = [int], $reply
        imapmig_reply_data   = [IntPtr], $reply
        imapmig_reply_len    = [uint64], $reply
        imapmig_reply_free   = [void], $reply
    }
    # Public, Static and PinvokeImpl; Standard; Cdecl; Ansi; PreserveSig: numbers, as reading the words takes milliseconds.
    $attributes, $convention, $call, $names, $keep = 0x2016, 1, 2, 2, 128
    $functions = @(
        'operation_wait', 'operation_cancel', 'server_test', 'endpoint_create', 'endpoint_list', 'endpoint_update', 'endpoint_remove'
        'batch_create', 'batch_list', 'batch_update', 'batch_start', 'batch_stop', 'batch_remove', 'user_list', 'user_statistics'
        'config_get', 'config_set'
    )
    foreach ($function in $functions) { $signatures["imapmig_$function"] = [IntPtr], $request }
    foreach ($name in $signatures.Keys) {
        $returns, $takes = $signatures[$name]
        $method = $type.DefinePInvokeMethod($name, $path, $attributes, $convention, $returns, $takes, $call, $names)
        $method.SetImplementationFlags($keep)
    }
    $native = $type.CreateType()
    try {
        $version = $native::imapmig_abi_version()
    } catch {
        if ([IO.File]::Exists($path)) { throw }
        throw [IO.FileNotFoundException]::new("ImapMigration's library is not at $path. This copy of the module was not built for this system.", $path)
    }
    if ($version -ne 1) {
        throw [BadImageFormatException]::new("The library at $path speaks version $version of ImapMigration's ABI, and this module speaks version 1. Install module and library of the same release.")
    }
    $store[$path] = $native
    $native
}
