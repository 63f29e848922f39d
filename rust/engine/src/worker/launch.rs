//! Ensures that a worker runs while there is work for one.
//!
//! A worker is alive if its heartbeat is fresh and its lock is held. A command that finds none starts one, detached; if two are
//! started at once, the lock admits one of them.

use super::{is_fresh, lease, log};
use crate::adapters::state::StateDirectory;
use crate::context::{Context, Launch};
use crate::errors::of_store;
use crate::messages::worker::{ENDS_WITH_SESSION, not_found, not_started};
use imapmig_core::api::ApiError;
use imapmig_core::batch::Batch;
use imapmig_core::expiry;
use imapmig_core::ports::store::BatchFilter;
use imapmig_os::process::Started;
use imapmig_os::program::Program;
use std::env;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The environment variable that names the worker's executable.
const WORKER_VARIABLE: &str = "IMAPMIGRATION_WORKER";
/// Set for a worker that is to leave the caller's terminal.
const DETACHED_VARIABLE: &str = "IMAPMIGRATION_DETACHED";
/// A worker that ended at once is not started again sooner.
const PAUSE: Duration = Duration::from_secs(5);

/// Starts a worker if there is none, and says why it cannot.
pub(crate) fn ensure(context: &Context) -> Result<(), ApiError> {
    if is_alive(context)? { Ok(()) } else { context.launcher.launch(true) }
}

/// Starts a worker if there is work for one and none runs, e.g. after a restart of the machine. One that has the lock and no
/// lease yet is on its way; commands that look again and again would start one each until then. A command that only reads does not
/// fail over a worker that cannot be started; Start-MigrationBatch does.
pub(crate) fn bring_back(context: &Context) {
    let brought = has_work(context).and_then(|work| {
        if !work || lease::is_held(&context.directory)? { Ok(()) } else { context.launcher.launch(false) }
    });
    if let Err(error) = brought {
        tracing::debug!(%error, "no worker was started");
    }
}

/// Whether there is anything that a worker does or waits for.
pub(super) fn has_work(context: &Context) -> Result<bool, ApiError> {
    if !context.requests.requests().map_err(of_store)?.is_empty()
        || !context.confirmations.open_confirmations().map_err(of_store)?.is_empty()
    {
        return Ok(true);
    }
    let batches = context.catalog.batches(&BatchFilter::default()).map_err(of_store)?;
    let now = context.now();
    let expired = |batch: &Batch| expiry::of(batch).is_some_and(|(at, _)| at <= now);
    Ok(batches.iter().any(|batch| batch.status.needs_worker() || expired(batch)))
}

fn is_alive(context: &Context) -> Result<bool, ApiError> {
    let lease = context.requests.worker().map_err(of_store)?;
    Ok(lease.is_some_and(|lease| is_fresh(&lease, context.now())) && lease::is_held(&context.directory)?)
}

/// Starts `imapmig worker`.
pub(crate) struct Launcher {
    directory: StateDirectory,
    executable: Option<PathBuf>,
    last: Mutex<Option<(Started, Instant)>>,
}

impl Launcher {
    pub(crate) fn new(directory: &StateDirectory, executable: Option<PathBuf>) -> Self {
        Self { directory: directory.clone(), executable, last: Mutex::default() }
    }

    /// The executable that was named, else the one that the environment names, else the one beside this program.
    fn executable(&self) -> Result<PathBuf, ApiError> {
        let named = self.executable.clone().or_else(|| env::var_os(WORKER_VARIABLE).map(PathBuf::from));
        let found = named.clone().or_else(beside_this_program).filter(|path| path.is_file());
        found.ok_or_else(|| not_found(named.as_deref(), WORKER_VARIABLE))
    }

    fn spawn(&self) -> Result<Started, ApiError> {
        let executable = self.executable()?;
        let failed = |error: io::Error| not_started(&executable, &error);
        let log = log::open(&self.directory.worker_log()).map_err(failed)?;
        let mut note = log.try_clone().map_err(failed)?;
        let root = self.directory.root();
        let worker = Program {
            program: &executable,
            arguments: &["worker".into(), "--state-directory".into(), root.into()],
            directory: root,
            variable: (DETACHED_VARIABLE, "1"),
            log,
        };
        let started = Started::start(worker).map_err(failed)?;
        if started.ends_with_session() {
            // The log is where the reason is looked for once the worker is gone.
            let _ = writeln!(note, "{ENDS_WITH_SESSION}");
        }
        Ok(started)
    }
}

impl Launch for Launcher {
    fn launch(&self, insist: bool) -> Result<(), ApiError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((worker, started)) = last.as_mut()
            && (worker.is_running() || (!insist && started.elapsed() < PAUSE))
        {
            return Ok(());
        }
        *last = Some((self.spawn()?, Instant::now()));
        Ok(())
    }
}

/// `imapmig` in the folder of the running program, or of the program that loaded this library.
fn beside_this_program() -> Option<PathBuf> {
    let name = format!("imapmig{}", env::consts::EXE_SUFFIX);
    let program = env::current_exe().ok()?;
    Some(program.parent()?.join(name))
}

/// Moves a worker that [`Launcher`] started into a session of its own, so that it outlives the caller's terminal. One that was
/// started by hand stays where its Ctrl+C is. Returns `true` for the former.
pub(super) fn leave_terminal() -> bool {
    let detached = env::var_os(DETACHED_VARIABLE).is_some();
    #[cfg(unix)]
    if detached {
        // It fails for the first process of a group, which has left the terminal's already.
        let _ = rustix::process::setsid();
    }
    detached
}

#[cfg(test)]
mod tests;
