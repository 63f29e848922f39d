//! The state database, and how every call reaches it. Each port has a file below, which decides the transaction, its durability and
//! the sealing key. The statements are in the file of their noun.

mod catalog;
mod confirmations;
mod diary;
mod ledger;
mod requests;

use crate::connection::{Connections, Durability};
use crate::directory::StateDirectory;
use crate::endpoints;
use crate::errors::Fault;
use crate::flags::FlagNumbers;
use crate::purge::Purger;
use crate::seal::Sealer;
use crate::workers;
use imapmig_core::endpoint::EndpointSecrets;
use imapmig_core::ids::WorkerId;
use imapmig_core::message::Flags;
use imapmig_core::ports::store::StoreResult;
use rusqlite::{Connection, Transaction};
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

impl SqliteStore {
    /// Opens the database of `directory`, or creates it, and upgrades it to this version.
    ///
    /// # Errors
    /// See [`StoreError`](imapmig_core::ports::store::StoreError): locked, damaged, too new, a full disk.
    pub fn open(directory: &StateDirectory) -> StoreResult<Self> {
        let connections = Arc::new(Connections::open(directory)?);
        let purger = Arc::new(Purger::new(Arc::clone(&connections)));
        purger.start_if_needed()?;
        let flags = Arc::new(FlagNumbers::default());
        Ok(Self { directory: directory.clone(), connections, flags, purger, lease: None })
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> StoreResult<T> {
        Ok(self.connections.read(work)?)
    }

    fn write<T>(
        &self,
        durability: Durability,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> StoreResult<T> {
        let fenced = |transaction: &Transaction<'_>| {
            if let Some(worker) = self.lease {
                workers::require_lease(transaction, worker)?;
            }
            work(transaction)
        };
        Ok(self.connections.write(durability, fenced)?)
    }

    /// The same database for work under this worker's lease. Numbering flags and deleting in the background need no
    /// lease, as every process does the same.
    fn under_lease(&self, worker: WorkerId) -> Self {
        Self {
            directory: self.directory.clone(),
            connections: Arc::clone(&self.connections),
            flags: Arc::clone(&self.flags),
            purger: Arc::clone(&self.purger),
            lease: Some(worker),
        }
    }

    fn flag_numbers<'a>(&self, sets: impl Iterator<Item = &'a Flags> + Clone) -> StoreResult<Vec<i64>> {
        Ok(self.flags.of(&self.connections, sets)?)
    }

    /// Scrubs deleted and replaced values from the write-ahead log.
    fn empty_log(&self) -> StoreResult<()> {
        Ok(self.connections.empty_log()?)
    }

    fn sealer_for(&self, secrets: &EndpointSecrets) -> Result<Option<Sealer>, Fault> {
        endpoints::any(secrets).then(|| Sealer::existing_or_new(&self.directory)).transpose()
    }
}
