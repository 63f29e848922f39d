//! Runs a user's folders side by side on its lanes.

use crate::messages::engine_failures;
use crate::sync::UserSync;
use crate::sync::decide::poison_folders::OverMessages;
use crate::sync::decide::sided_failure::{Side, SidedFailure};
use crate::sync::failure::SyncResult;
use crate::sync::folder;
use crate::sync::lanes::{Job, LanePool};
use crate::sync::lock::lock;
use crate::sync::sessions::Lane;
use crate::sync::steps::append_pipeline;
use crate::sync::work::FolderTask;
use imapmig_core::failure::FailureKind;
use imapmig_core::folder::FolderPath;
use std::thread;

/// How often a connection may end over a folder before the failure names the folder.
const NAMED: u32 = 3;

/// Called on the lane's thread with each folder that ended.
pub(crate) type Ended<'f> = dyn Fn(&FolderTask<'_>, Result<(), SidedFailure>) -> SyncResult + Sync + 'f;

/// Syncs all folders of the pool. Fails with the first failure that is not one folder's.
pub(crate) fn run(sync: &UserSync, pool: LanePool<'_>, first: Lane, ended: &Ended<'_>) -> SyncResult {
    pool.open_more();
    thread::scope(|scope| {
        let pool = &pool;
        if pool.may_grow() {
            let start_arrived = move || {
                let _guard = EndOnPanic(pool);
                while let Some(lane) = pool.arrived() {
                    let started = thread::Builder::new().spawn_scoped(scope, move || {
                        // A lane that panics must not leave the others waiting.
                        let _guard = EndOnPanic(pool);
                        work(sync, pool, lane, ended);
                    });
                    if let Err(error) = started {
                        pool.lane_failed(&error);
                    }
                }
            };
            if let Err(error) = thread::Builder::new().spawn_scoped(scope, start_arrived) {
                tracing::debug!(%error, "no thread that starts further lanes");
            }
        }
        let _guard = EndOnPanic(pool);
        work(sync, pool, first, ended);
    });
    pool.into_failure().map_or(Ok(()), Err)
}

/// Does on this lane what there is to do.
fn work<'a>(sync: &UserSync, pool: &LanePool<'a>, mut lane: Lane, ended: &Ended<'_>) {
    while let Some(job) = pool.next() {
        let result = match job {
            Job::Folder(task) => {
                let result = folder(sync, pool, &task, &mut lane, ended);
                pool.folder_ended();
                result
            }
            Job::Help(round) => {
                let helped = append_pipeline::run(&round, &mut lane, &|| pool.has_too_many());
                let failed = helped.is_err();
                if let Err(failure) = helped {
                    round.fail(failure);
                }
                round.leave_helper();
                if failed { reconnect(sync, &mut lane) } else { Ok(()) }
            }
        };
        if let Err(failure) = result {
            pool.fail(failure);
        }
    }
}

/// Syncs one folder. Its own failures are the folder's; the lane reconnects after one, because it may be in the middle
/// of anything.
fn folder<'a>(
    sync: &UserSync,
    pool: &LanePool<'a>,
    task: &FolderTask<'a>,
    lane: &mut Lane,
    ended: &Ended<'_>,
) -> SyncResult {
    let path = &task.mapping.source.path;
    let blamed = lock(task.poison).blamed(path);
    match folder::run(task, lane, pool) {
        Err(failure) if !failure.concerns_only_the_folder() => {
            // While messages are under way, they are suspected and not their folder.
            let is_suspect = failure.is_lost_connection()
                && failure.side != Side::Own
                && lock(task.poison).blamed(path) == blamed;
            let numbers = task.progress.folder(task.number);
            let reading_ends = lock(task.poison).reading_ends(path);
            let finished = numbers.synced_items + numbers.skipped_items + reading_ends;
            if !is_suspect {
                return over_messages(sync, task, lane, (failure, finished), ended);
            }
            if !lock(task.poison_folders).ended(path, finished) {
                return Err(named(failure, path, lock(task.poison_folders).suspicion(path)));
            }
            // A line that breaks all the time breaks over any folder, most likely over the one that is under way longest.
            let mut alone = Lane::connect(&sync.sides)?;
            if !folder::ends_connections(task, &mut alone) {
                lock(task.poison_folders).opened(path);
                return Err(failure);
            }
            pass_over(sync, task, lane, &failure, ended)
        }
        Err(failure) => {
            ended(task, Err(failure))?;
            reconnect(sync, lane)
        }
        Ok(()) => {
            lock(task.poison_folders).passed();
            ended(task, Ok(()))
        }
    }
}

/// What follows when a connection ended while messages of the folder were under way, or for another reason.
fn over_messages(
    sync: &UserSync,
    task: &FolderTask<'_>,
    lane: &mut Lane,
    (failure, finished): (SidedFailure, u64),
    ended: &Ended<'_>,
) -> SyncResult {
    let path = &task.mapping.source.path;
    let broke = matches!(
        failure.failure.kind,
        FailureKind::Disconnected | FailureKind::TimedOut | FailureKind::Protocol | FailureKind::Broken
    );
    if !broke || !failure.is_lost_connection() || failure.side == Side::Own {
        return Err(failure);
    }
    let verdict = lock(task.poison_folders).ended_over_messages(path, finished);
    match verdict {
        OverMessages::Again => Err(failure),
        OverMessages::PassOver => pass_over(sync, task, lane, &failure, ended),
        OverMessages::Hopeless => Err(named(failure, path, NAMED)),
    }
}

/// Leaves the folder out, until the next sync.
fn pass_over(
    sync: &UserSync,
    task: &FolderTask<'_>,
    lane: &mut Lane,
    failure: &SidedFailure,
    ended: &Ended<'_>,
) -> SyncResult {
    let failure = engine_failures::folder_ends_connections(&failure.failure);
    ended(task, Err(SidedFailure { side: Side::Source, failure }))?;
    reconnect(sync, lane)
}

/// Names the folder over which connections ended again and again, so that a user that fails for it shows which it is.
fn named(sided: SidedFailure, path: &FolderPath, times: u32) -> SidedFailure {
    if times < NAMED {
        return sided;
    }
    SidedFailure { failure: engine_failures::during_folder(sided.failure, path, times), ..sided }
}

fn reconnect(sync: &UserSync, lane: &mut Lane) -> SyncResult {
    *lane = Lane::connect(&sync.sides)?;
    Ok(())
}

struct EndOnPanic<'p, 'a>(&'p LanePool<'a>);

impl Drop for EndOnPanic<'_, '_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.panicked();
        }
    }
}
