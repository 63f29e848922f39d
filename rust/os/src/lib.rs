//! What std and the maintained crates do not offer of the operating system: background processes without inherited handles, access
//! lists, and file operations that wait for virus scanners.
//!
//! On Unix everything here is safe code. On Windows no safe crate covers these calls, so `windows` holds the only `unsafe` outside
//! the C ABI; each function there wraps one task, and nothing unsafe leaves it. Knows nothing of mail or of the state directory.

#![cfg_attr(not(windows), forbid(unsafe_code))]

pub mod access;
pub mod files;
pub mod process;
pub mod program;
#[cfg(windows)]
mod windows;
