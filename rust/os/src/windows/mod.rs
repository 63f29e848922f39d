//! Windows' own calls, each behind a safe function.

#![allow(unsafe_code, reason = "Windows' calls have no safe wrapper in a maintained crate; see docs/adr")]

pub(crate) mod access;
pub(crate) mod process;
pub(crate) mod spawn;

use std::ffi::OsStr;
use std::os::windows::ffi::OsStrExt;

/// Returns a string as Windows takes it: UTF-16, with a zero at the end.
fn wide(text: impl AsRef<OsStr>) -> Vec<u16> {
    text.as_ref().encode_wide().chain([0]).collect()
}
