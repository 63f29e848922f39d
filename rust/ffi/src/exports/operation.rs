//! Long-running operations.

use crate::answer::answer;
use crate::reply::ImapmigReply;
use imapmig_engine::Engine;

/// Waits at most 200 ms for an operation.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_operation_wait(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::operation_wait) }
}

/// Asks an operation to stop.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_operation_cancel(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::operation_cancel) }
}
