//! The folders of a user side by side on several pairs of connections.
//!
//! Every lane takes the next folder that waits. One whose connection breaks puts its folder behind the others and ends; what was
//! read of the folder is kept, here or for the next attempt. Anything worse ends all lanes.

use super::UserConfirm;
use super::folder::{self, Partly};
use super::meter::Meter;
use super::plan::Plan;
use super::sessions::Sessions;
use crate::sync::decide::growth;
use crate::sync::decide::sided_failure::{Side, SidedFailure};
use crate::sync::failure::SyncResult;
use crate::sync::lock::lock;
use crate::sync::sessions::Connectors;
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::Failure;
use imapmig_core::folder::FolderPath;
use imapmig_core::mapping::Mapping;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Number of failed attempts in a row after which a folder is passed over. A message that breaks the connection is found earlier.
const GIVE_UP_FOLDER_AFTER: u32 = 6;

/// Folders that were begun and are not compared yet.
#[derive(Default)]
pub(super) struct Begun(HashMap<FolderPath, BegunFolder>);

#[derive(Default)]
struct BegunFolder {
    partly: Partly,
    /// How many attempts in a row failed at it without progress, and the last failure.
    failed: u32,
    last: Option<Failure>,
}

impl BegunFolder {
    /// The failure because of which the folder is passed over.
    fn given_up(&self) -> Option<&Failure> {
        self.last.as_ref().filter(|_| self.failed >= GIVE_UP_FOLDER_AFTER)
    }
}

impl Begun {
    /// Grows with everything that need not be done again.
    pub(super) fn progress(&self) -> u64 {
        self.0.values().map(|folder| folder.partly.progress()).sum()
    }

    fn failed(&self, path: &FolderPath) -> u32 {
        self.0.get(path).map_or(0, |folder| folder.failed)
    }
}

/// What the lanes share.
struct Pool<'a> {
    confirm: &'a UserConfirm,
    plan: &'a Plan,
    meter: &'a Meter<'a>,
    /// Ends all lanes.
    cancel: Cancel,
    state: Mutex<State<'a>>,
}

struct State<'a> {
    waiting: VecDeque<&'a Mapping>,
    begun: &'a mut Begun,
    /// How many folders are under way.
    active: usize,
    /// The last connection that broke.
    lost: Option<SidedFailure>,
    /// What ended all lanes.
    failure: Option<SidedFailure>,
}

/// Opens a connection to each side.
pub(super) fn connect(confirm: &UserConfirm, cancel: &Cancel) -> SyncResult<Sessions> {
    let (source, target) = Connectors::under(&confirm.sides, cancel).connect()?;
    Ok(Sessions { source, target })
}

/// Compares these folders, those first that did not fail before. `first` is connected under `cancel`, which ends all lanes.
pub(super) fn run(
    confirm: &UserConfirm,
    plan: &Plan,
    mut folders: Vec<&Mapping>,
    meter: &Meter<'_>,
    cancel: Cancel,
    first: Sessions,
    begun: &mut Begun,
) -> SyncResult {
    folders.sort_by_key(|mapping| begun.failed(&mapping.source.path));
    let lanes = lanes(confirm, &first, folders.len());
    let waiting = folders.into();
    let state = State { waiting, begun, active: 0, lost: None, failure: None };
    let pool = Pool { confirm, plan, meter, cancel, state: Mutex::new(state) };
    thread::scope(|scope| {
        let pool = &pool;
        for _ in 1..lanes {
            scope.spawn(move || match connect(pool.confirm, &pool.cancel) {
                Ok(sessions) => pool.work(sessions),
                Err(failure) => tracing::debug!(failure = %failure.failure, "no further lane"),
            });
        }
        pool.work(first);
    });
    pool.end()
}

/// How many lanes have enough to do: as many as for syncing, which reads and writes what is read twice here.
fn lanes(confirm: &UserConfirm, sessions: &Sessions, folders: usize) -> usize {
    if !sessions.target.profile().parallel {
        return 1;
    }
    let load = confirm.sides.user.progress.total_items + folders as u64 * growth::load(0);
    let most = confirm.lanes.most().min(folders);
    (2..=most).rev().find(|lanes| growth::is_worth(*lanes, load)).unwrap_or(1)
}

impl<'a> Pool<'a> {
    /// Compares on these connections what waits, until nothing does or they break.
    fn work(&self, mut sessions: Sessions) {
        // One that panics must not leave connections that are still being opened waiting.
        let _guard = EndWithoutWork(self);
        while let Some((mapping, mut folder)) = self.next() {
            let before = folder.partly.progress();
            let result = self.compare(&mut sessions, mapping, &mut folder);
            let mut state = lock(&self.state);
            state.active -= 1;
            let Err(failure) = result else { continue };
            let ended_by_others = self.cancel.is_cancelled();
            if !ended_by_others {
                let forward = folder.partly.progress() != before;
                folder.failed = if forward { 0 } else { folder.failed + 1 };
                folder.last = Some(failure.failure.clone());
            }
            state.begun.0.insert(mapping.source.path.clone(), folder);
            if failure.is_lost_connection() && failure.side != Side::Own && !ended_by_others {
                state.waiting.push_back(mapping);
                state.lost = Some(failure);
            } else {
                state.failure.get_or_insert(failure);
                self.cancel.cancel();
            }
            return;
        }
    }

    fn next(&self) -> Option<(&'a Mapping, BegunFolder)> {
        let mut state = lock(&self.state);
        if state.failure.is_some() {
            return None;
        }
        let mapping = state.waiting.pop_front()?;
        state.active += 1;
        Some((mapping, state.begun.0.remove(&mapping.source.path).unwrap_or_default()))
    }

    fn compare(&self, sessions: &mut Sessions, mapping: &Mapping, folder: &mut BegunFolder) -> SyncResult {
        if let Some(failure) = folder.given_up() {
            folder::could_not(self.confirm, mapping, failure)?;
            return Ok(());
        }
        let meter = self.meter.folder();
        let each = |messages| meter.read(messages);
        let of = folder::Task {
            confirm: self.confirm,
            cancel: &self.cancel,
            mapping,
            known: self.plan.known.get(&mapping.source.path).copied(),
            reported: &self.plan.reported,
            each: &each,
        };
        let counts = of.run(sessions, &mut folder.partly)?;
        meter.ended(counts.source_items)
    }

    fn end(self) -> SyncResult {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        match (state.failure, state.lost) {
            (Some(failure), _) => Err(failure),
            (None, Some(lost)) if !state.waiting.is_empty() => Err(lost),
            _ => Ok(()),
        }
    }
}

/// Ends the opening of further connections once nothing waits for them.
struct EndWithoutWork<'p, 'a>(&'p Pool<'a>);

impl Drop for EndWithoutWork<'_, '_> {
    fn drop(&mut self) {
        let state = lock(&self.0.state);
        if thread::panicking() || (state.waiting.is_empty() && state.active == 0) {
            self.0.cancel.cancel();
        }
    }
}
