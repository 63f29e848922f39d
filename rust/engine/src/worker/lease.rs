//! The lock and the lease with its heartbeat.
//!
//! The lock makes a worker the only one of its state directory. The operating system releases it when the process ends, however
//! it ends. Not every network share keeps locks, and a state directory may be restored or moved under a worker that is suspended;
//! so nothing is written but under the lease, which is checked in the same transaction, and nothing is sent by a worker that was
//! suspended before it has looked at its lease.

use crate::adapters::state::StateDirectory;
use crate::context::Context;
use crate::errors::of_store;
use crate::messages::{common, state};
use fs4::{FileExt, TryLockError};
use imapmig_core::api::ApiError;
use imapmig_core::cancel::{Cancel, Condition};
use imapmig_core::ids::WorkerId;
use imapmig_core::ports::store::{StoreError, WorkerLease};
use imapmig_core::time::UnixMs;
use std::fs::{File, OpenOptions};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often the heartbeat is written, and how old it may be.
const HEARTBEAT: Duration = Duration::from_secs(2);
const STALE: Duration = Duration::from_secs(10);
/// How long a worker sends mail without looking at its lease.
const TRUSTED: Duration = Duration::from_millis(250);
/// How long it sends mail while it cannot look; shorter than [`STALE`], so that it has stopped before another one begins.
const SAFE: Duration = Duration::from_secs(8);
/// How long a new worker waits for one that is about to end, or for a command that only checks the lock.
const PATIENCE: Duration = Duration::from_secs(5);
const SLICE: Duration = Duration::from_millis(5);

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
    // A shared lock, so that of two who look none takes the other for a worker.
    Ok(!obtained(directory, FileExt::try_lock_shared(&file))?)
}

fn try_lock(directory: &StateDirectory, file: &File) -> Result<bool, ApiError> {
    obtained(directory, FileExt::try_lock(file))
}

fn obtained(directory: &StateDirectory, result: Result<(), TryLockError>) -> Result<bool, ApiError> {
    match result {
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
    state::lock_error(&directory.worker_lock(), error)
}

/// Whether a worker's heartbeat is so young that the worker lives.
pub(crate) fn is_fresh(lease: &WorkerLease, now: UnixMs) -> bool {
    now.since(lease.heartbeat) < STALE
}

/// The lease, renewed by a thread that stops the worker when another one has taken it. Given back when dropped.
pub(super) struct Lease {
    hold: Arc<Hold>,
    ending: Cancel,
    thread: Option<JoinHandle<()>>,
}

impl Lease {
    /// Takes the lease. The worker that held it before has lost the lock, so it is taken however fresh it is; a clock that was set back
    /// makes it come from the future.
    pub(super) fn take(context: &Context, cancel: &Cancel) -> Result<Self, ApiError> {
        let worker = WorkerId::new();
        let holder = format!("process {} on {}", std::process::id(), host());
        let seen = Seen { at: Instant::now(), wall: context.now() };
        context.requests.lease(worker, &holder, seen.wall, UnixMs(i64::MAX)).map_err(of_store)?;
        let hold = Arc::new(Hold {
            worker,
            context: context.clone(),
            cancel: cancel.child(),
            lost: AtomicBool::new(false),
            seen: Mutex::new(seen),
        });
        let mut lease = Self { hold, ending: Cancel::new(), thread: None };
        let (hold, ending) = (Arc::clone(&lease.hold), lease.ending.clone());
        let thread = thread::Builder::new()
            .name("heartbeat".to_owned())
            .spawn(move || beat(&hold, &ending))
            .map_err(|error| common::no_thread(&error))?;
        lease.thread = Some(thread);
        Ok(lease)
    }

    /// The context of everything that is done under this lease: it writes nothing once another worker has taken over.
    pub(super) fn context(&self) -> Context {
        let context = &self.hold.context;
        context.clone().with_ports(context.requests.fenced(self.hold.worker))
    }

    /// Thrown when the worker is asked to end, and when another one has taken over.
    pub(super) fn cancel(&self) -> Cancel {
        self.hold.cancel.clone()
    }

    /// Holds for as long as mail may be sent under this lease.
    pub(super) fn condition(&self) -> Condition {
        let hold = Arc::clone(&self.hold);
        Arc::new(move || hold.may_send())
    }

    /// Looks whether another worker has taken over.
    pub(super) fn is_lost(&self) -> bool {
        self.hold.renew();
        self.hold.lost.load(Ordering::Acquire)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.ending.cancel();
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic there has been reported by its hook; the lease ends by itself.
            let _ = thread.join();
        }
        if let Err(error) = self.hold.context.requests.release(self.hold.worker) {
            tracing::warn!(%error, "the lease ends by itself");
        }
    }
}

fn beat(hold: &Hold, ending: &Cancel) {
    let mut last = Instant::now();
    while !ending.is_cancelled() {
        thread::park_timeout(HEARTBEAT.saturating_sub(last.elapsed()));
        if last.elapsed() >= HEARTBEAT {
            last = Instant::now();
            hold.renew();
        }
    }
}

/// The lease as its worker's threads see it.
struct Hold {
    worker: WorkerId,
    context: Context,
    cancel: Cancel,
    /// Another worker has it.
    lost: AtomicBool,
    seen: Mutex<Seen>,
}

/// When the lease was seen to be this worker's: by the monotonic clock, and by the one that runs on while the machine
/// sleeps.
#[derive(Clone, Copy)]
struct Seen {
    at: Instant,
    wall: UnixMs,
}

impl Hold {
    /// Whether the lease is this worker's still. One that was suspended finds out here, before it sends anything more; otherwise
    /// the answer is known from a moment ago.
    fn may_send(&self) -> bool {
        if self.lost.load(Ordering::Acquire) {
            return false;
        }
        let seen = self.seen();
        let now = Seen { at: Instant::now(), wall: self.context.now() };
        if now.at.duration_since(seen.at) < TRUSTED && now.wall.since(seen.wall) < TRUSTED {
            return true;
        }
        match self.context.requests.worker() {
            Ok(lease) => self.saw(lease.is_some_and(|lease| lease.worker == self.worker), now),
            // Not even the heartbeat can be written then, so another worker will take over.
            Err(_) => now.at.duration_since(seen.at) < SAFE,
        }
    }

    fn renew(&self) {
        let now = Seen { at: Instant::now(), wall: self.context.now() };
        match self.context.requests.renew_lease(self.worker, now.wall) {
            Ok(renewed) => drop(self.saw(renewed, now)),
            Err(StoreError::Replaced) => self.cancel.cancel(),
            Err(error) => tracing::warn!(%error, "no heartbeat"),
        }
    }

    fn seen(&self) -> Seen {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn saw(&self, is_ours: bool, now: Seen) -> bool {
        if is_ours {
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = now;
        } else {
            self.lost.store(true, Ordering::Release);
            self.cancel.cancel();
        }
        is_ours
    }
}

fn host() -> String {
    let named = std::env::var("HOSTNAME").or_else(|_| std::env::var("COMPUTERNAME"));
    named.unwrap_or_else(|_| "this machine".to_owned())
}
