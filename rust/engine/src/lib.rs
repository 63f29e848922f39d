//! The use cases of ImapMigration and the worker that moves the mail.
//!
//! [`Engine`] is what the C ABI and the command line call: one method per function, with the types of
//! `imapmig_core::api`. [`worker`] is what `imapmig worker` runs.

#![forbid(unsafe_code)]

mod adapters;
pub mod analysis;
pub mod clock;
mod commands;
pub mod confirm;
pub mod context;
mod engine;
mod errors;
mod face;
mod lookup;
mod messages;
pub mod open;
mod operations;
mod retry;
mod settings;
pub mod sync;
#[cfg(test)]
mod testing;
pub mod worker;

pub use engine::Engine;
pub use messages::terms::Term;
