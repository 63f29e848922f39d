//! The registry of open engines: numbers outside, engines inside.

use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_engine::Engine;
use once_cell::sync::Lazy;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Default)]
struct Registry {
    last: u64,
    engines: HashMap<u64, Arc<Engine>>,
}

static REGISTRY: Lazy<Mutex<Registry>> = Lazy::new(Mutex::default);

fn registry() -> MutexGuard<'static, Registry> {
    // A panic while the lock was held cannot leave the map half changed.
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Registers an engine and returns its handle; a handle is never used twice.
pub(crate) fn add(engine: Engine) -> u64 {
    let mut registry = registry();
    registry.last += 1;
    let handle = registry.last;
    registry.engines.insert(handle, Arc::new(engine));
    handle
}

/// The engine with this number.
pub(crate) fn get(handle: u64) -> Result<Arc<Engine>, ApiError> {
    registry().engines.get(&handle).map(Arc::clone).ok_or_else(|| unknown(handle))
}

/// Forgets the engine with this number; calls still at work with it finish.
pub(crate) fn remove(handle: u64) -> Result<(), ApiError> {
    let engine = registry().engines.remove(&handle);
    engine.map(drop).ok_or_else(|| unknown(handle))
}

fn unknown(handle: u64) -> ApiError {
    ApiError::new(
        "InvalidHandleException",
        ErrorCategory::InvalidArgument,
        format!("{handle} is no open engine; open one with imapmig_engine_open"),
    )
}
