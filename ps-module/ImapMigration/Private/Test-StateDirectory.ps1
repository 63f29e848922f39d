function Test-StateDirectory {
    # Whether the state directory of the open engine is still there.
    [IO.Directory]::Exists((Get-StateDirectory))
}
