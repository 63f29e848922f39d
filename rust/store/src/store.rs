//! The ports, one file each: which transaction, how durable, which sealing key. What is done inside stands in the file of its
//! noun.

mod catalog;
mod confirmations;
mod diary;
mod ledger;
mod open;
mod requests;

use crate::connection::Connections;
use crate::directory::StateDirectory;
use crate::flags::FlagNumbers;
use crate::purge::Purger;
use imapmig_core::ids::WorkerId;
use std::sync::Arc;

/// The state database of one state directory. Any number of threads may use it, and any number of processes.
#[derive(Debug)]
pub struct SqliteStore {
    directory: StateDirectory,
    connections: Arc<Connections>,
    flags: Arc<FlagNumbers>,
    purger: Arc<Purger>,
    /// The worker under whose lease everything is written here.
    lease: Option<WorkerId>,
}
