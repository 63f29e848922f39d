function Get-Engine {
    # The handle of the engine for the state directory of this moment: opened once per process and directory, and again when
    # the directory was removed meanwhile.
    [CmdletBinding()]
    [OutputType([uint64])]
    param(
        [Parameter(Mandatory)] [type] $Native
    )

    # The library cannot see what a script assigns to $env: on Unix, so the directory goes along.
    $request = @{}
    $directory = ''
    if ($env:IMAPMIGRATION_HOME) {
        $directory = $env:IMAPMIGRATION_HOME
        if ($directory -notmatch '^([/\\]|[A-Za-z]:)') {
            $directory = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($directory)
        }
        $request.StateDirectory = $directory
    }
    $library = Get-LibraryPath
    $key = "$library|$directory"
    $store = Get-ProcessStore
    $known = $store[$key]
    if ($null -eq $known -or -not [IO.Directory]::Exists($known.StateDirectory)) {
        # The worker lies beside the library. Operators instead of methods: each first use of a method costs milliseconds.
        $request.Worker = $library -replace '[^/\\]+$', 'imapmig'
        if (-not $script:IsCore -or $IsWindows) { $request.Worker += '.exe' }
        $bytes = ConvertTo-RequestByte $request
        if ($null -ne $known) { $null = Read-Reply $Native $Native::imapmig_engine_close([uint64]$known.Engine) }
        $known = Read-Reply $Native $Native::imapmig_engine_open($bytes, $bytes.Length)
        $store[$key] = $known
    }
    [uint64]$known.Engine
}
