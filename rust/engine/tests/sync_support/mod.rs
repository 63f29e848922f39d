//! What the sync's tests share: accounts in memory that behave as told, and a state directory to sync them with.

#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(unreachable_pub, reason = "a module of test binaries has no callers outside them")]

pub mod account;
pub mod rig;
mod session;
mod target;

pub use rig::Rig;
