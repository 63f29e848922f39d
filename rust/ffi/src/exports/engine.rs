//! Versions, opening and closing.

use crate::answer::answer_without_engine;
use crate::reply::ImapmigReply;
use crate::{IMAPMIG_ABI_VERSION, IMAPMIG_OLDEST_ABI_VERSION, handles};
use imapmig_core::api::Empty;
use imapmig_core::api::engine::{OpenRequest, Opened};
use imapmig_engine::Engine;
use libc::c_char;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// The version of the library's ABI. A caller needs it to be at least the IMAPMIG_ABI_VERSION that it was written for.
#[unsafe(no_mangle)]
pub extern "C" fn imapmig_abi_version() -> u32 {
    IMAPMIG_ABI_VERSION
}

/// The oldest version that the library's ABI still serves. A caller needs it to be at most the IMAPMIG_ABI_VERSION that it was
/// written for.
#[unsafe(no_mangle)]
pub extern "C" fn imapmig_abi_oldest_version() -> u32 {
    IMAPMIG_OLDEST_ABI_VERSION
}

/// The version of the library, NUL-terminated. It is not freed.
#[unsafe(no_mangle)]
pub extern "C" fn imapmig_version() -> *const c_char {
    VERSION.as_ptr().cast()
}

/// Opens a state directory; the reply holds the engine's handle.
///
/// # Safety
/// `request` points to `request_len` readable bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imapmig_engine_open(request: *const u8, request_len: usize) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe {
        answer_without_engine(request, request_len, |request: OpenRequest| {
            let engine = Engine::open(request)?;
            let state_directory = engine.state_directory().display().to_string();
            let version = env!("CARGO_PKG_VERSION").to_owned();
            Ok(Opened { engine: handles::add(engine), state_directory, version })
        })
    }
}

/// Closes an engine. Its operations end; batches go on in the worker.
#[unsafe(no_mangle)]
pub extern "C" fn imapmig_engine_close(engine: u64) -> *mut ImapmigReply {
    // SAFETY: null is allowed.
    unsafe {
        answer_without_engine(std::ptr::null(), 0, |_: Empty| handles::remove(engine).map(|()| Empty {}))
    }
}
