//! The lock that makes a worker the only one of its state directory, on this machine and against every accident.
//!
//! The operating system gives the lock back when the process ends, however it ends.

use crate::errors;
use fs4::{FileExt, TryLockError};
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_core::cancel::Cancel;
use imapmig_store::StateDirectory;
use std::fs::{File, OpenOptions};
use std::thread;
use std::time::{Duration, Instant};

/// How long a new worker waits for one that is about to leave, or for somebody who only looks.
const PATIENCE: Duration = Duration::from_secs(5);
const SLICE: Duration = Duration::from_millis(50);

/// The lock, held until dropped.
#[derive(Debug)]
pub(super) struct WorkerLock {
    _file: File,
}

impl WorkerLock {
    /// Takes the lock; `None` when another worker keeps it.
    pub(super) fn take(directory: &StateDirectory, cancel: &Cancel) -> Result<Option<Self>, ApiError> {
        let file = open(directory)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            if try_lock(directory, &file)? {
                return Ok(Some(Self { _file: file }));
            }
            if cancel.is_cancelled() || Instant::now() >= deadline {
                return Ok(None);
            }
            thread::sleep(SLICE);
        }
    }
}

/// Whether some process holds the lock now.
pub(super) fn is_held(directory: &StateDirectory) -> Result<bool, ApiError> {
    let file = open(directory)?;
    Ok(!try_lock(directory, &file)?)
}

fn try_lock(directory: &StateDirectory, file: &File) -> Result<bool, ApiError> {
    match FileExt::try_lock(file) {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(unusable(directory, &error)),
    }
}

fn open(directory: &StateDirectory) -> Result<File, ApiError> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(directory.worker_lock()).map_err(|error| unusable(directory, &error))
}

fn unusable(directory: &StateDirectory, error: &std::io::Error) -> ApiError {
    let message = format!("the worker's lock {} cannot be used: {error}", directory.worker_lock().display());
    ApiError::new("StateDirectoryException", ErrorCategory::WriteError, errors::sentence(&message))
}
