function Get-StateDirectory {
    # The state directory of the open engine; nothing where none is open.
    if ($script:EngineKey) { (ConvertFrom-Reply $script:EngineReply).StateDirectory }
}
