//! The life of a worker process: takes the lock and the lease, turns until nothing is left to do, and leaves in order.

use super::lease::{Lease, WorkerLock};
use super::supervisor::Supervisor;
use super::user_job::{RealWork, UserWork};
use super::{launch, log};
use crate::context::Context;
use crate::open;
use imapmig_core::api::ApiError;
use imapmig_core::cancel::Cancel;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

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
    /// Another worker took the state directory over, e.g. while this one was suspended, and continues the work.
    TakenOver,
}

/// Runs the worker of a state directory until there is nothing left to wait for, or until `cancel` is thrown.
///
/// # Errors
/// The state directory cannot be opened, or its database cannot be used for minutes.
pub fn run(options: &WorkerOptions, cancel: &Cancel) -> Result<WorkerEnd, ApiError> {
    let detached = launch::leave_terminal();
    leave_no_core();
    let context = open::open(options.state_directory.as_deref().map(Path::new), None)?;
    log::start(detached.then(|| context.directory.worker_log()));
    run_with(&context, &|context| Arc::new(RealWork::new(context)), options.stay, cancel)
}

/// Keeps passwords out of core dumps. The limit can always be lowered, so nothing is done about a failure.
fn leave_no_core() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
}

/// Runs a worker in this context with the work that is made for each lease; [`run`] with the real ones.
///
/// # Errors
/// As [`run`].
pub fn run_with(
    context: &Context,
    work: &dyn Fn(&Context) -> Arc<dyn UserWork>,
    stay: bool,
    cancel: &Cancel,
) -> Result<WorkerEnd, ApiError> {
    let Some(_lock) = WorkerLock::take(&context.directory, cancel)? else {
        return Ok(if cancel.is_cancelled() { WorkerEnd::Cancelled } else { WorkerEnd::AlreadyRunning });
    };
    tracing::info!(process = std::process::id(), "the worker begins");
    loop {
        let lease = Lease::take(context, cancel)?;
        let fenced = lease.context();
        let mut supervisor =
            Supervisor::new(fenced.clone(), work(&fenced), lease.cancel()).sending_while(lease.condition());
        let mut end = live(&fenced, &mut supervisor, stay);
        if end != Ok(WorkerEnd::NothingLeft) && lease.is_lost() {
            tracing::warn!("another worker has taken over the state directory");
            end = Ok(WorkerEnd::TakenOver);
        }
        farewell(&mut supervisor);
        drop(lease);
        tracing::info!(?end, "the worker ends");
        // A command that made a request meanwhile may have seen the lease and relied on this worker.
        if end != Ok(WorkerEnd::NothingLeft) || !launch::has_work(context)? {
            return end;
        }
    }
}

/// Turns until there is nothing left or the end is asked for.
fn live(context: &Context, supervisor: &mut Supervisor, stay: bool) -> Result<WorkerEnd, ApiError> {
    let mut failing_since = None;
    loop {
        let turned = supervisor
            .turn()
            .and_then(|looked| Ok(looked && !stay && !supervisor.is_busy() && !launch::has_work(context)?));
        let mut done = false;
        match turned {
            Ok(nothing_left) => {
                done = nothing_left;
                failing_since = None;
            }
            Err(error) if error.retryable => {
                let since = *failing_since.get_or_insert_with(Instant::now);
                tracing::warn!(%error, "the worker waits for the state database");
                if since.elapsed() > PATIENCE {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
        if supervisor.is_cancelled() {
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
    supervisor.cancel();
    let deadline = Instant::now() + FAREWELL;
    while supervisor.is_busy() && Instant::now() < deadline {
        supervisor.rest(REST);
        if let Err(error) = supervisor.note_reports() {
            tracing::warn!(%error, "how users ended cannot be noted");
        }
    }
}
