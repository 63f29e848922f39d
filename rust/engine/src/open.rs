//! The composition root: the one place that chooses the real database, servers, clock and launcher.

use crate::adapters::Servers;
use crate::adapters::state::{self, StateDirectory};
use crate::clock::SystemClock;
use crate::context::Context;
use crate::errors;
use crate::messages;
use crate::worker::launch::Launcher;
use imapmig_core::api::ApiError;
use imapmig_core::ports::Clock;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Opens the context of an engine that does real work.
///
/// # Errors
/// The state directory cannot be made, read or written.
pub fn open(state_directory: Option<&Path>, worker: Option<PathBuf>) -> Result<Context, ApiError> {
    let directory =
        StateDirectory::locate(state_directory).map_err(|error| messages::state::directory_error(&error))?;
    let ports = state::open(&directory).map_err(|error| errors::of_opening(error, &directory))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let servers = Arc::new(Servers::new(&directory, Arc::clone(&clock)));
    let launcher = Arc::new(Launcher::new(&directory, worker));
    Ok(Context::new(directory, ports, clock, servers, launcher))
}
