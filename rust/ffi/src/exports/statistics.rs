//! Numbers of all batches, and reports.

use crate::answer::answer;
use crate::reply::ImapmigReply;
use imapmig_engine::Engine;

/// Counts the users of all batches by state.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_statistics_get(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::statistics_get) }
}

/// Writes the users of a batch, or one user, as a CSV file.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_report_export(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::report_export) }
}
