//! The pure heart of ImapMigration: types, status machines, mapping, planning, retry rules and the ports.
//!
//! Nothing here opens a socket or a file, starts a thread or reads a clock; whatever does implements one of the
//! traits in [`ports`]. Everything else in the workspace depends on this crate, and this crate on none of it.

#![forbid(unsafe_code)]

pub mod api;
pub mod batch;
pub mod cancel;
pub mod confirmation;
pub mod endpoint;
pub mod expiry;
pub mod failure;
pub mod fingerprint;
pub mod folder;
pub mod folder_filter;
pub mod folder_use;
pub mod header;
pub mod ids;
pub mod mapping;
pub mod message;
pub mod mutf7;
pub mod ports;
pub mod secret;
pub mod status;
pub mod steps;
pub mod time;
pub mod user;
