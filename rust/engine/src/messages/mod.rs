//! Every sentence and every Exchange error name that people see, a file for each subject.
//!
//! Sentences name cmdlets, parameters and options as [`terms::Term`]s, which each face writes in its own words.

pub(crate) mod availability;
pub(crate) mod batches;
pub(crate) mod common;
pub(crate) mod confirmation;
pub(crate) mod csv;
pub(crate) mod endpoints;
pub(crate) mod engine_failures;
pub(crate) mod expiry;
pub(crate) mod failures;
mod happened;
pub(crate) mod items;
pub(crate) mod reports;
pub(crate) mod state;
pub(crate) mod terms;
pub(crate) mod users;
pub(crate) mod worker;
