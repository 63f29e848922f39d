//! The lock and the lease with its heartbeat.
//!
//! The lock makes a worker the only one of its state directory, on this machine and against every accident.
//!
//! The operating system gives the lock back when the process ends, however it ends.

use crate::context::Context;
use crate::errors::{self, of_store};
use fs4::{FileExt, TryLockError};
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_core::cancel::Cancel;
use imapmig_core::ids::WorkerId;
use imapmig_core::ports::store::{StoreError, WorkerLease};
use imapmig_core::time::UnixMs;
use imapmig_store::StateDirectory;
use std::fs::{File, OpenOptions};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often the heartbeat is written, and how old it may be.
const HEARTBEAT: Duration = Duration::from_secs(2);
const STALE: Duration = Duration::from_secs(10);
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

/// Whether a worker's heartbeat is so young that the worker lives.
pub(crate) fn is_fresh(lease: &WorkerLease, now: UnixMs) -> bool {
    now.since(lease.heartbeat) < STALE
}

/// The heartbeat: a thread that renews the lease, and stops the worker when somebody else has it.
pub(super) struct Heart {
    pub(super) cancel: Cancel,
    still: Cancel,
    thread: Option<JoinHandle<()>>,
}

impl Heart {
    pub(super) fn start(parts: &Context, cancel: &Cancel) -> Result<Self, ApiError> {
        let worker = WorkerId::new();
        let holder = format!("process {} on {}", std::process::id(), host());
        // Whoever held the lease before has lost the lock, so it is taken however fresh it is; a clock that was set back makes
        // it come from the future.
        parts.store.lease(worker, &holder, parts.now(), UnixMs(i64::MAX)).map_err(of_store)?;
        let (cancel, still) = (cancel.clone(), Cancel::new());
        let (parts, stop, lost) = (parts.clone(), still.clone(), cancel.clone());
        let beat = move || {
            let mut last = Instant::now();
            while !stop.is_cancelled() {
                thread::park_timeout(HEARTBEAT.saturating_sub(last.elapsed()));
                if last.elapsed() < HEARTBEAT {
                    continue;
                }
                last = Instant::now();
                let now = parts.now();
                match parts.store.lease(worker, &holder, now, UnixMs(i64::MIN)) {
                    Ok(true) => {}
                    Ok(false) | Err(StoreError::Replaced) => lost.cancel(),
                    Err(error) => tracing::warn!(%error, "no heartbeat"),
                }
            }
            if let Err(error) = parts.store.release(worker) {
                tracing::warn!(%error, "the lease ends by itself");
            }
        };
        let thread = thread::Builder::new()
            .name("heartbeat".to_owned())
            .spawn(beat)
            .map_err(|error| errors::fault_because(&format!("no thread can be started: {error}")))?;
        Ok(Self { cancel, still, thread: Some(thread) })
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        self.still.cancel();
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic there has been reported by its hook; the lease ends by itself.
            let _ = thread.join();
        }
    }
}

fn host() -> String {
    let named = std::env::var("HOSTNAME").or_else(|_| std::env::var("COMPUTERNAME"));
    named.unwrap_or_else(|_| "this machine".to_owned())
}
