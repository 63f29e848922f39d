function Get-Engine($Native) {
    # The handle of the engine for the state directory of this moment: opened at the first call, and again when another
    # directory is meant or the directory was removed meanwhile.

    # The library cannot see what a script assigns to $env: on Unix, so the directory goes along. A relative one is
    # resolved at each call, as the location may have changed.
    $directory = $env:IMAPMIGRATION_HOME
    if ($directory -and -not [IO.Path]::IsPathRooted($directory)) {
        $directory = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($directory)
    }
    $key = "$script:NativePath|$directory"
    if ($key -ne $script:EngineKey -or -not (Test-StateDirectory)) {
        if ($script:EngineKey) { Close-Engine }
        # The worker lies beside the library.
        $worker = [IO.Path]::Combine([IO.Path]::GetDirectoryName($script:NativePath), $script:WorkerName)
        # Written and read as text, as the general way would take longer to load than the call takes.
        $request = '{"Worker":"' + $worker.Replace('\', '\\').Replace('"', '\"')
        if ($directory) { $request += '","StateDirectory":"' + $directory.Replace('\', '\\').Replace('"', '\"') }
        $bytes = [Text.Encoding]::UTF8.GetBytes("$request`"}")
        $reply = Read-ReplyText $Native $Native::imapmig_engine_open($bytes, $bytes.Length)
        if ($null -eq $reply) { return }
        $script:EngineReply = $reply
        $script:Engine = [uint64]$script:EngineReply.Split([char[]](':', ','))[1]
        $script:EngineKey = $key
    }
    $script:Engine
}
