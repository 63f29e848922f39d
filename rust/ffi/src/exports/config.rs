//! Settings.

use crate::answer::answer;
use crate::reply::ImapmigReply;
use imapmig_engine::Engine;

/// Returns the settings of the state directory.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_config_get(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::config_get) }
}

/// Changes settings of the state directory.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_config_set(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::config_set) }
}
