//! Replies: the only memory that the library hands out.

use std::sync::atomic::{AtomicU64, Ordering};

/// The JSON that `data` holds is the reply of the call.
pub(crate) const OK: i32 = 0;
/// The JSON that `data` holds is an error: Code, Category, Message, Retryable, Target.
pub(crate) const ERROR: i32 = 1;
/// As `ERROR`, after a fault of the library itself was caught.
pub(crate) const PANIC: i32 = 2;

static LIVE: AtomicU64 = AtomicU64::new(0);

/// A reply. The caller frees it with `imapmig_reply_free`.
#[derive(Debug)]
pub struct ImapmigReply {
    pub(crate) status: i32,
    pub(crate) data: Vec<u8>,
}

impl ImapmigReply {
    pub(crate) fn boxed(status: i32, data: Vec<u8>) -> Box<Self> {
        LIVE.fetch_add(1, Ordering::Relaxed);
        Box::new(Self { status, data })
    }

    pub(crate) fn live() -> u64 {
        LIVE.load(Ordering::Relaxed)
    }
}

impl Drop for ImapmigReply {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}
