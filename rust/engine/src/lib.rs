//! The use cases of ImapMigration and the worker that moves the mail.
//!
//! [`Engine`] is what the C ABI and the command line call: one method per function, with the types of
//! `imapmig_core::api`. [`worker`] is what `imapmig worker` runs.

#![forbid(unsafe_code)]

pub mod availability;
mod batches;
pub mod clock;
mod config;
mod connect;
mod csv;
mod endpoints;
mod engine;
mod errors;
mod operations;
pub mod parts;
pub mod sync;
#[cfg(test)]
mod testing;
mod users;
mod views;
pub mod worker;

pub use engine::Engine;
