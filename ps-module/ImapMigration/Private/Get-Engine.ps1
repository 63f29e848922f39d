function Get-Engine {
    # The handle of the engine for the state directory of this moment: opened once per process and directory.
    [CmdletBinding()]
    [OutputType([uint64])]
    param(
        [Parameter(Mandatory)] [type] $Native
    )

    $handles = [AppDomain]::CurrentDomain.GetData('ImapMigration:Engines')
    if ($null -eq $handles) {
        $handles = [hashtable]::Synchronized(@{})
        [AppDomain]::CurrentDomain.SetData('ImapMigration:Engines', $handles)
    }
    # The library cannot see what a script assigns to $env: on Unix, so the directory goes along.
    $request = @{}
    $directory = ''
    if ($env:IMAPMIGRATION_HOME) {
        $directory = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($env:IMAPMIGRATION_HOME)
        $request.StateDirectory = $directory
    }
    $library = Get-LibraryPath
    $key = "$library|$directory"
    if (-not $handles.ContainsKey($key)) {
        $worker = [IO.Path]::Combine([IO.Path]::GetDirectoryName($library), 'imapmig')
        if ([IO.Path]::GetExtension($library) -eq '.dll') { $worker += '.exe' }
        if ([IO.File]::Exists($worker)) { $request.Worker = $worker }
        $bytes = ConvertTo-RequestByte $request
        $opened = Read-Reply $Native $Native::imapmig_engine_open($bytes, [UIntPtr]::new([uint64]$bytes.Length))
        $handles[$key] = [uint64]$opened.Engine
    }
    $handles[$key]
}
