function Get-Native {
    # The type whose static methods are the library's functions. It is made by Reflection.Emit at the first call, because that
    # needs no compiler, no temporary file and no search path, and is kept for the process, because .NET cannot unload it.
    [CmdletBinding()]
    [OutputType([type])]
    param()

    $path = Get-LibraryPath
    $native = [AppDomain]::CurrentDomain.GetData("ImapMigration:$path")
    if ($native) { return $native }
    if (-not [IO.File]::Exists($path)) {
        throw [IO.FileNotFoundException]::new("ImapMigration's library is not at $path. This copy of the module was not built for this system.", $path)
    }

    # Run, not RunAndCollect: .NET Framework cannot call P/Invoke methods of a collectible assembly.
    $name = [Reflection.AssemblyName]::new('ImapMigration.Native')
    $module = [Reflection.Emit.AssemblyBuilder]::DefineDynamicAssembly($name, 'Run').DefineDynamicModule('Native')
    $type = $module.DefineType('ImapMigration.Native', 'Public, Abstract, Sealed')
    $request = [type[]]([uint64], [byte[]], [UIntPtr])
    $reply = [type[]]@([IntPtr])
    $signatures = @{
        imapmig_abi_version  = [uint32], [type[]]@()
        imapmig_engine_open  = [IntPtr], [type[]]([byte[]], [UIntPtr])
        imapmig_engine_close = [IntPtr], [type[]]@([uint64])
        imapmig_reply_status = [int], $reply
        imapmig_reply_data   = [IntPtr], $reply
        imapmig_reply_len    = [UIntPtr], $reply
        imapmig_reply_free   = [void], $reply
    }
    $functions = @(
        'operation_wait', 'operation_cancel', 'server_test', 'endpoint_create', 'endpoint_list', 'endpoint_update', 'endpoint_remove'
        'batch_create', 'batch_list', 'batch_update', 'batch_start', 'batch_stop', 'batch_remove', 'user_list', 'user_statistics'
        'config_get', 'config_set'
    )
    foreach ($function in $functions) { $signatures["imapmig_$function"] = [IntPtr], $request }
    foreach ($entry in $signatures.GetEnumerator()) {
        $method = $type.DefinePInvokeMethod($entry.Key, $path, 'Public, Static, PinvokeImpl', 'Standard', $entry.Value[0], $entry.Value[1], 'Cdecl', 'Ansi')
        $method.SetImplementationFlags('PreserveSig')
    }
    $native = $type.CreateType()
    $version = $native::imapmig_abi_version()
    if ($version -ne 1) {
        throw [BadImageFormatException]::new("The library at $path speaks version $version of ImapMigration's ABI, and this module speaks version 1. Install module and library of the same release.")
    }
    [AppDomain]::CurrentDomain.SetData("ImapMigration:$path", $native)
    $native
}
