//! The C ABI of ImapMigration: named functions, JSON in and out.
//!
//! - Every function but the few that read a reply takes an engine handle and a UTF-8 JSON request, and returns a reply that
//!   the caller frees with `imapmig_reply_free`. The caller keeps its request bytes; the library copies what it needs.
//! - A handle is a number: a closed or invented one gives an error, never a crash.
//! - Errors and panics travel in the reply. Nothing is written to the caller's terminal.
//! - Any function may be called from any thread, and none blocks longer than about 200 ms: what takes longer gives an operation
//!   id to wait for in slices.
//!
//! The shapes of requests and replies are `imapmig_core::api`. This crate holds no logic; it is the only one with `unsafe`, besides the calls of Windows in `imapmig-os`.

#![allow(unsafe_code, reason = "the C ABI needs it, and it stays in this crate")]

mod answer;
mod exports;
mod handles;
mod reply;

pub use exports::batch::{
    imapmig_batch_complete, imapmig_batch_confirm, imapmig_batch_confirmation, imapmig_batch_create,
    imapmig_batch_list, imapmig_batch_remove, imapmig_batch_start, imapmig_batch_stop, imapmig_batch_update,
};
pub use exports::config::{imapmig_config_get, imapmig_config_set};
pub use exports::endpoint::{
    imapmig_endpoint_create, imapmig_endpoint_list, imapmig_endpoint_remove, imapmig_endpoint_update,
};
pub use exports::engine::{
    imapmig_abi_oldest_version, imapmig_abi_version, imapmig_engine_close, imapmig_engine_open,
    imapmig_version,
};
pub use exports::operation::{imapmig_operation_cancel, imapmig_operation_wait};
pub use exports::reply::{
    imapmig_reply_count, imapmig_reply_data, imapmig_reply_free, imapmig_reply_len, imapmig_reply_status,
};
pub use exports::server::imapmig_server_test;
pub use exports::statistics::{imapmig_report_export, imapmig_statistics_get};
pub use exports::user::{
    imapmig_user_list, imapmig_user_remove, imapmig_user_start, imapmig_user_statistics,
    imapmig_user_statistics_list, imapmig_user_stop, imapmig_user_update,
};
pub use reply::ImapmigReply;

/// The version of this ABI. Every release that adds to it raises it by one: a function, or a property of a request or reply.
pub const IMAPMIG_ABI_VERSION: u32 = 2;

/// The oldest version of this ABI whose callers are still served. It becomes [`IMAPMIG_ABI_VERSION`] in a release that removes a
/// function or property, changes its type or meaning, or makes a property of a request mandatory.
pub const IMAPMIG_OLDEST_ABI_VERSION: u32 = 1;
