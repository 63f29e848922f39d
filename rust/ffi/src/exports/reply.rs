//! Reading and freeing replies.

use crate::reply::ImapmigReply;

/// 0: `data` is the reply. 1: it is an error. 2: it is an error after a caught fault of the library.
///
/// # Safety
/// `reply` came from this library and was not freed, or is null (then the answer is 1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_reply_status(reply: *const ImapmigReply) -> i32 {
    // SAFETY: the caller promises a live reply or null.
    unsafe { reply.as_ref() }.map_or(crate::reply::ERROR, |r| r.status)
}

/// UTF-8 JSON, not NUL-terminated, valid until the reply is freed.
///
/// # Safety
/// As imapmig_reply_status; null returns null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_reply_data(reply: *const ImapmigReply) -> *const u8 {
    // SAFETY: the caller promises a live reply or null.
    unsafe { reply.as_ref() }.map_or(std::ptr::null(), |r| r.data.as_ptr())
}

/// How many bytes `data` has.
///
/// # Safety
/// As imapmig_reply_status; null returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_reply_len(reply: *const ImapmigReply) -> usize {
    // SAFETY: the caller promises a live reply or null.
    unsafe { reply.as_ref() }.map_or(0, |r| r.data.len())
}

/// Frees a reply.
///
/// # Safety
/// `reply` came from this library and was not freed, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_reply_free(reply: *mut ImapmigReply) {
    if !reply.is_null() {
        // SAFETY: the caller promises a live reply, which was made by Box::into_raw.
        drop(unsafe { Box::from_raw(reply) });
    }
}

/// How many replies are not freed yet, for tests of callers.
#[unsafe(no_mangle)]
pub extern "C" fn imapmig_reply_count() -> u64 {
    ImapmigReply::live()
}
