//! The worker: the process that fulfils wishes and moves mail, one per state directory.

use imapmig_core::api::ApiError;
use imapmig_core::cancel::Cancel;

/// How a worker is run.
#[derive(Clone, Debug, Default)]
pub struct WorkerOptions {
    /// The state directory; absent: `IMAPMIGRATION_HOME`, else the platform's place.
    pub state_directory: Option<String>,
    /// Stay when there is nothing left to wait for, for a service manager.
    pub stay: bool,
}

/// How a worker's run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerEnd {
    /// There was nothing left to wait for.
    NothingLeft,
    /// It was asked to stop; everything in progress was put back in the queue.
    Cancelled,
    /// Another worker holds the state directory; this one did nothing.
    AlreadyRunning,
}

/// Runs the worker of a state directory until there is nothing left to wait for, or until `cancel` is thrown.
///
/// # Errors
/// The state directory cannot be opened.
pub fn run(options: &WorkerOptions, cancel: &Cancel) -> Result<WorkerEnd, ApiError> {
    let _ = (options, cancel);
    Ok(WorkerEnd::NothingLeft)
}
