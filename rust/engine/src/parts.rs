//! What the use cases work with: the state directory, its database, the clock, and the ways to servers and workers.

use crate::availability::{ServerProbe, Servers};
use crate::clock::SystemClock;
use crate::errors;
use crate::worker::launch::{Launch, Launcher};
use imapmig_core::api::ApiError;
use imapmig_core::ports::Clock;
use imapmig_core::ports::store::Store;
use imapmig_core::time::UnixMs;
use imapmig_store::{SqliteStore, StateDirectory};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The parts of an engine. Tests put others in.
#[derive(Clone)]
pub struct Parts {
    /// Where the state is.
    pub directory: StateDirectory,
    /// The database.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The way to servers.
    pub servers: Arc<dyn ServerProbe>,
    /// The way to a worker.
    pub launcher: Arc<dyn Launch>,
}

impl Parts {
    /// The parts of an engine that does real work.
    ///
    /// # Errors
    /// The state directory cannot be made, read or written.
    pub fn open(state_directory: Option<&Path>, worker: Option<PathBuf>) -> Result<Self, ApiError> {
        let directory =
            StateDirectory::locate(state_directory).map_err(|error| errors::of_directory(&error))?;
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&directory).map_err(errors::of_store)?);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let servers = Arc::new(Servers::new(&directory, Arc::clone(&clock)));
        let launcher = Arc::new(Launcher::new(&directory, worker));
        Ok(Self { directory, store, clock, servers, launcher })
    }

    pub(crate) fn now(&self) -> UnixMs {
        self.clock.now()
    }
}
