//! The worker: the process that fulfils wishes and moves mail, one per state directory.
//!
//! [`run`] is its life: lock, lease, putting right what an earlier one left, then turns until there is nothing left.

mod care;
pub mod launch;
mod lock;
mod log;
mod outcome;
mod retry;
mod sameness;
mod supervisor;
mod wishes;
mod work;

#[cfg(test)]
mod tests;

pub use work::{Job, UserWork};

use crate::context::Context;
use crate::errors::{self, of_store};
use imapmig_core::api::ApiError;
use imapmig_core::cancel::Cancel;
use imapmig_core::ids::WorkerId;
use imapmig_core::ports::store::WorkerLease;
use imapmig_core::time::UnixMs;
use lock::WorkerLock;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use supervisor::Supervisor;
use work::RealWork;

/// How often the heartbeat is written, and how old it may be.
const HEARTBEAT: Duration = Duration::from_secs(2);
const STALE: Duration = Duration::from_secs(10);
/// How long a turn rests when nothing happens.
const REST: Duration = Duration::from_millis(250);
/// How long users get to end when the worker is asked to.
const FAREWELL: Duration = Duration::from_secs(5);
/// A store that cannot be used for so long ends the worker.
const PATIENCE: Duration = Duration::from_mins(2);

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
/// The state directory cannot be opened, or its database cannot be used for minutes.
pub fn run(options: &WorkerOptions, cancel: &Cancel) -> Result<WorkerEnd, ApiError> {
    let detached = launch::leave_terminal();
    let parts = Context::open(options.state_directory.as_deref().map(Path::new), None)?;
    log::start(detached.then(|| parts.directory.worker_log()));
    let work = Arc::new(RealWork::new(&parts));
    run_with(&parts, work, options.stay, cancel)
}

/// Runs a worker of these parts with this work; [`run`] with the real ones.
///
/// # Errors
/// As [`run`].
pub fn run_with(
    parts: &Context,
    work: Arc<dyn UserWork>,
    stay: bool,
    cancel: &Cancel,
) -> Result<WorkerEnd, ApiError> {
    let Some(_lock) = WorkerLock::take(&parts.directory, cancel)? else {
        return Ok(if cancel.is_cancelled() { WorkerEnd::Cancelled } else { WorkerEnd::AlreadyRunning });
    };
    tracing::info!(process = std::process::id(), "the worker begins");
    loop {
        let heart = Heart::start(parts, &cancel.child())?;
        let mut supervisor = Supervisor::new(parts.clone(), Arc::clone(&work), heart.cancel.clone());
        let end = live(parts, &mut supervisor, stay);
        farewell(&mut supervisor);
        drop(heart);
        tracing::info!(?end, "the worker ends");
        // Whoever added a wish meanwhile may have seen the lease and counted on this worker.
        if end != Ok(WorkerEnd::NothingLeft) || !launch::has_work(parts)? {
            return end;
        }
    }
}

/// Whether a worker's heartbeat is so young that the worker lives.
pub(crate) fn is_fresh(lease: &WorkerLease, now: UnixMs) -> bool {
    now.since(lease.heartbeat) < STALE
}

/// Turns until there is nothing left or the end is asked for.
fn live(parts: &Context, supervisor: &mut Supervisor, stay: bool) -> Result<WorkerEnd, ApiError> {
    let mut trouble_since = None;
    loop {
        let turned = supervisor
            .turn()
            .and_then(|looked| Ok(looked && !stay && !supervisor.is_busy() && !launch::has_work(parts)?));
        let mut done = false;
        match turned {
            Ok(nothing_left) => {
                done = nothing_left;
                trouble_since = None;
            }
            Err(error) if error.retryable => {
                let since = *trouble_since.get_or_insert_with(Instant::now);
                tracing::warn!(%error, "the worker waits for the state database");
                if since.elapsed() > PATIENCE {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
        if supervisor.cancel.is_cancelled() {
            return Ok(WorkerEnd::Cancelled);
        }
        if done {
            return Ok(WorkerEnd::NothingLeft);
        }
        supervisor.rest(REST);
    }
}

/// Asks every user to stop, and notes how they ended as far as they do in time. What does not is put right by the next worker.
fn farewell(supervisor: &mut Supervisor) {
    supervisor.cancel.cancel();
    let deadline = Instant::now() + FAREWELL;
    while supervisor.is_busy() && Instant::now() < deadline {
        supervisor.rest(REST);
        if let Err(error) = supervisor.note_events() {
            tracing::warn!(%error, "how users ended cannot be noted");
        }
    }
}

/// The heartbeat: a thread that renews the lease, and stops the worker when somebody else has it.
struct Heart {
    cancel: Cancel,
    still: Cancel,
    thread: Option<JoinHandle<()>>,
}

impl Heart {
    fn start(parts: &Context, cancel: &Cancel) -> Result<Self, ApiError> {
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
                    Ok(false) => lost.cancel(),
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
