function Test-StateDirectory {
    # Whether the state directory of the open engine is still there.
    [IO.Directory]::Exists((ConvertFrom-Reply $script:EngineReply).StateDirectory)
}
