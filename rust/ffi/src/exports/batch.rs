//! Batches.

use crate::answer::answer;
use crate::reply::ImapmigReply;
use imapmig_engine::Engine;

/// Creates a batch from a CSV file. Returns an operation whose result is the batch.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_batch_create(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::batch_create) }
}

/// Lists batches.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_batch_list(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::batch_list) }
}

/// Changes a batch. Returns an operation whose result is the batch.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_batch_update(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::batch_update) }
}

/// Starts a batch, or tries what failed again.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_batch_start(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::batch_start) }
}

/// Stops a batch.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_batch_stop(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::batch_stop) }
}

/// Requests the final sync of the users of a batch.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_batch_complete(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::batch_complete) }
}

/// Forgets a batch and its secrets; the migrated mail stays.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_batch_remove(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::batch_remove) }
}

/// Starts or resumes an independent comparison of both sides; returns its state.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_batch_confirm(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::batch_confirm) }
}

/// Lists the last confirmations of batches, and what they found.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_batch_confirmation(
    engine: u64,
    request: *const u8,
    request_len: usize,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer(engine, request, request_len, Engine::batch_confirmation) }
}
