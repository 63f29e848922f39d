//! Users of batches.

use crate::answer::answer;
use crate::reply::ImapmigReply;
use imapmig_engine::Engine;

/// Lists the users of batches.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_user_list(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::user_list) }
}

/// Returns a user's numbers, skipped items and report.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_user_statistics(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::user_statistics) }
}

/// Returns the numbers of many users, each with an error of its own if there is no such user.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_user_statistics_list(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::user_statistics_list) }
}

/// Resumes a user, or tries a failed one again.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_user_start(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::user_start) }
}

/// Stops a user.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_user_stop(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::user_stop) }
}

/// Requests a sync of a user now, or its final sync.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_user_update(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::user_update) }
}

/// Forgets a user and its secrets; the migrated mail stays.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_user_remove(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::user_remove) }
}
