function Close-Engine {
    # Closes the engine that is open.
    $script:EngineKey = $null
    $null = Read-ReplyText $script:Native $script:Native::imapmig_engine_close($script:Engine)
}
