function Get-Engine {
    # The handle of the engine for the state directory of this moment: opened once per process and directory, and again when
    # the directory was removed meanwhile.
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
    $known = $handles[$key]
    if ($null -eq $known -or -not [IO.Directory]::Exists($known.StateDirectory)) {
        $worker = [IO.Path]::Combine([IO.Path]::GetDirectoryName($library), 'imapmig')
        if ([IO.Path]::GetExtension($library) -eq '.dll') { $worker += '.exe' }
        if ([IO.File]::Exists($worker)) { $request.Worker = $worker }
        $bytes = ConvertTo-RequestByte $request
        if ($null -ne $known) { $null = Read-Reply $Native $Native::imapmig_engine_close([uint64]$known.Engine) }
        $known = Read-Reply $Native $Native::imapmig_engine_open($bytes, [UIntPtr]::new([uint64]$bytes.Length))
        $handles[$key] = $known
    }
    [uint64]$known.Engine
}
