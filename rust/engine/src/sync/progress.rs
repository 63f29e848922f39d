//! The numbers of a user while its sync runs, and what it waits for, written to the store about once a second.

use crate::messages::reports;
use crate::sync::UserSync;
use crate::sync::decide::sided_failure::{Side, SidedFailure};
use crate::sync::failure::SyncResult;
use crate::sync::lock::lock;
use imapmig_core::failure::Failure;
use imapmig_core::ports::store::UserChange;
use imapmig_core::time::UnixMs;
use imapmig_core::user::UserProgress;
use std::sync::Mutex;
use std::time::Duration;

/// How often the numbers are written.
const EVERY: Duration = Duration::from_secs(1);

/// The numbers, one set for each folder.
pub(crate) struct Progress<'a> {
    sync: &'a UserSync,
    state: Mutex<State>,
}

struct State {
    folders: Vec<UserProgress>,
    saved: UnixMs,
    /// Grows with every step forward.
    steps: u64,
    /// Every folder was counted in this run.
    complete: bool,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(sync: &'a UserSync) -> Self {
        let state = State { folders: Vec::new(), saved: UnixMs(i64::MIN), steps: 0, complete: false };
        Self { sync, state: Mutex::new(state) }
    }

    /// Begins with these folders' numbers.
    pub(crate) fn begin(&self, folders: Vec<UserProgress>) -> SyncResult {
        lock(&self.state).folders = folders;
        self.save(true)
    }

    /// Changes the numbers of a folder.
    pub(crate) fn change(&self, folder: usize, change: impl FnOnce(&mut UserProgress)) -> SyncResult {
        let mut state = lock(&self.state);
        change(&mut state.folders[folder]);
        drop(state);
        self.save(false)
    }

    pub(crate) fn folder(&self, folder: usize) -> UserProgress {
        lock(&self.state).folders[folder]
    }

    /// Every folder was looked at: from now on the numbers are this run's alone.
    pub(crate) fn all_done(&self) {
        lock(&self.state).complete = true;
    }

    /// Something was brought to its end, or learnt that brings the sync forward.
    pub(crate) fn step(&self) {
        lock(&self.state).steps += 1;
    }

    /// Returns how much was done so far; two different values mean progress between them.
    pub(crate) fn steps(&self) -> u64 {
        lock(&self.state).steps
    }

    /// Grows with every message and byte that was copied; a message costs as much as 16 kB.
    pub(crate) fn work_done(&self) -> u64 {
        let sum = self.sum();
        (sum.synced_items + sum.verified_items)
            .saturating_mul(16 * 1024)
            .saturating_add(sum.bytes_transferred)
    }

    pub(crate) fn sum(&self) -> UserProgress {
        let mut sum = UserProgress::default();
        for folder in &lock(&self.state).folders {
            sum = sum.plus(folder);
        }
        sum
    }

    /// Until every folder had its turn, what earlier runs counted is not taken back.
    fn shown(&self) -> UserProgress {
        let (sum, before) = (self.sum(), self.sync.sides.user.progress);
        if lock(&self.state).complete {
            return sum;
        }
        UserProgress {
            total_items: sum.total_items.max(before.total_items),
            total_bytes: sum.total_bytes.max(before.total_bytes),
            synced_items: sum.synced_items.max(before.synced_items),
            adopted_items: sum.adopted_items.max(before.adopted_items),
            skipped_items: sum.skipped_items.max(before.skipped_items),
            bytes_transferred: sum.bytes_transferred.max(before.bytes_transferred),
            verified_items: sum.verified_items.max(before.verified_items),
            compared_items: sum.compared_items.max(before.compared_items),
        }
    }

    /// Writes the numbers, now or when the last writing is a second ago.
    pub(crate) fn save(&self, now: bool) -> SyncResult {
        let at = self.sync.sides.clock.now();
        {
            let mut state = lock(&self.state);
            if !now && state.saved.after(EVERY) > at {
                return Ok(());
            }
            state.saved = at;
        }
        let change = UserChange { progress: Some(self.shown()), ..UserChange::default() };
        self.sync.users.change_user(self.sync.sides.user.id, &[], &change)?;
        Ok(())
    }

    /// A line for the user's report.
    pub(crate) fn report(&self, text: &str) -> SyncResult {
        Ok(self.sync.diary.add_report(self.sync.sides.user.id, self.sync.sides.clock.now(), text)?)
    }

    /// Returns `true` if either side asked for a pause that is still in force.
    pub(crate) fn is_paused(&self) -> bool {
        [Side::Source, Side::Target]
            .into_iter()
            .any(|side| self.sync.sides.throttles.until(self.sync.sides.keys(side)).is_some())
    }

    /// Waits until the account on that side may be talked to, and shows so meanwhile.
    pub(crate) fn wait_for(&self, side: Side) -> SyncResult {
        let asked = if side == Side::Source {
            imapmig_core::failure::Side::Source
        } else {
            imapmig_core::failure::Side::Target
        };
        self.wait(self.sync.sides.keys(side), |until| reports::waits_for_server(asked, until))
    }

    /// Shows that the next try comes after this pause, and why.
    pub(crate) fn show_retry(&self, pause: Duration, failure: &Failure) -> SyncResult {
        let at = self.sync.sides.clock.now().after(pause);
        self.show_waiting(Some(reports::waits_for_next_try(failure, at)))
    }

    fn wait(&self, keys: &[String], why: impl Fn(UnixMs) -> String) -> SyncResult {
        if self.sync.sides.cancel.is_cancelled() {
            return Err(SidedFailure::own(Failure::cancelled()));
        }
        let mut shown = Ok(());
        let mut waited = false;
        let result = self.sync.sides.throttles.wait(keys, &self.sync.sides.cancel, &mut |until| {
            waited = true;
            shown = self.show_waiting(Some(why(until)));
        });
        shown?;
        if waited {
            self.show_waiting(None)?;
        }
        result.map_err(SidedFailure::own)
    }

    /// Shows what is waited for.
    pub(crate) fn show_waiting(&self, waiting: Option<String>) -> SyncResult {
        let change = UserChange { waiting: Some(waiting), ..UserChange::default() };
        self.sync.users.change_user(self.sync.sides.user.id, &[], &change)?;
        Ok(())
    }
}
