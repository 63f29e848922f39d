//! Takes up users as far as limits allow, and starts their threads.

use super::limits::{Limits, MOST_THREADS, Running};
use super::schedule::Stage;
use super::supervisor::Supervisor;
use super::user_job::{Ended, Event, Job};
use crate::errors::of_store;
use crate::messages::common;
use imapmig_core::api::ApiError;
use imapmig_core::batch::Batch;
use imapmig_core::failure::{Failure, FailureKind, Scope};
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::ports::store::UserChange;
use imapmig_core::status::{UserEvent, UserStatus};
use imapmig_core::time::UnixMs;
use imapmig_core::user::User;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

/// The most connections to each side for one user, and for all users together before each gets one only.
const LANES: usize = 8;
const ALL_LANES: usize = 16;

impl Supervisor {
    /// Takes up users, one of each batch in turn, until a limit is reached everywhere.
    pub(super) fn schedule(&mut self, batches: &[Batch]) -> Result<(), ApiError> {
        if batches.is_empty() {
            return Ok(());
        }
        let limits = Limits::read(&self.context)?;
        let first = self.first % batches.len();
        let order: Vec<_> = batches[first..].iter().chain(&batches[..first]).cloned().collect();
        let mut took_up = true;
        while took_up && !self.cancel.is_cancelled() {
            took_up = false;
            for batch in &order {
                let Some((user, stage)) = self.pick(batch, &limits) else { continue };
                if self.running.contains_key(&user) {
                    self.forget_turn(batch.id, user);
                } else {
                    self.take_up(batch, user, stage)?;
                }
                took_up = true;
            }
        }
        self.first = first + 1;
        self.schedule_confirmations(batches, &limits)
    }

    fn pick(&mut self, batch: &Batch, limits: &Limits) -> Option<(UserId, Stage)> {
        let running = &self.running;
        let schedule = self.schedules.get_mut(&batch.id)?;
        if running.len() >= MOST_THREADS {
            return None;
        }
        let free = |user| running.get(&user).is_none_or(|running| !running.stage.is_confirmation());
        if limits.allow(running, batch, Stage::Initial)
            && let Some(next) = schedule.next_initial(self.context.now(), free)
        {
            return Some(next);
        }
        let next = schedule.next_incremental(free)?;
        limits.allow(running, batch, Stage::Incremental).then_some((next, Stage::Incremental))
    }

    fn forget_turn(&mut self, batch: BatchId, user: UserId) {
        if let Some(schedule) = self.schedules.get_mut(&batch) {
            schedule.take(user);
        }
    }

    /// Starts a user's thread, unless its state in the store says otherwise by now.
    fn take_up(&mut self, batch: &Batch, id: UserId, stage: Stage) -> Result<(), ApiError> {
        let now = self.context.now();
        let store = Arc::clone(&self.context.store);
        let Some(user) = store.user_by_id(id).map_err(of_store)? else {
            self.forget_turn(batch.id, id);
            return Ok(());
        };
        if user.batch != batch.id {
            // It was moved to another batch meanwhile.
            self.forget_turn(batch.id, id);
            return Ok(());
        }
        let (when, mut change) = change_at_start(&user, stage, now);
        if batch.options.analyze && stage == Stage::Initial {
            (change.status, change.started) = (user.status.on(UserEvent::LookBegan), None);
        }
        let fits = store.change_user(id, &[when], &change).map_err(of_store)?;
        self.forget_turn(batch.id, id);
        if !fits {
            return Ok(());
        }
        // Its login may have been changed since it was read; from now on it cannot.
        let Some(user) = store.user_by_id(id).map_err(of_store)? else { return Ok(()) };
        let elder = self
            .schedules
            .get(&batch.id)
            .filter(|_| stage == Stage::Look)
            .and_then(|schedule| schedule.shared_mailboxes.elder(id));
        let elder = elder.map(|elder| store.user_by_id(elder)).transpose().map_err(of_store)?.flatten();
        self.set_to_work(batch, user, stage, elder);
        Ok(())
    }

    /// Starts the thread of a user.
    pub(super) fn set_to_work(&mut self, batch: &Batch, user: User, stage: Stage, elder: Option<User>) {
        let (id, analyze) = (user.id, batch.options.analyze);
        let lanes = (ALL_LANES / (self.running.len() + 1)).clamp(1, LANES);
        let running = Running {
            batch: batch.id,
            stage,
            cancel: self.cancel.child(),
            source: batch.source,
            target: batch.target,
        };
        let cancel = running.cancel.child_while(Arc::clone(&self.may_send));
        self.running.insert(id, running);
        let work = Arc::clone(&self.work);
        let tell = self.tell.clone();
        let batch = batch.id;
        let name = format!("user {}", user.email_address);
        let run = move || {
            let job = Job { user, cancel, lanes, analyze };
            let result = catch_unwind(AssertUnwindSafe(|| Ended::run(work.as_ref(), &job, stage, elder)));
            let result = result.unwrap_or_else(|_| Err(fault()));
            // The worker has ended when nobody listens any more.
            let _ = tell.send(Event::Ended(Ended { user: id, batch, stage, result }));
        };
        if let Err(error) = thread::Builder::new().name(name).spawn(run) {
            let result = Err(Failure::no_thread(&error));
            let ended = Ended { user: id, batch, stage, result };
            self.unnoted.push_back(Event::Ended(ended));
        }
    }
}

/// The state that a user has to be in, and what changes when it is taken up.
fn change_at_start(user: &User, stage: Stage, now: UnixMs) -> (UserStatus, UserChange) {
    let waited = |user: &User| user.queued.map_or(0, |since| (now.0 - since.0).max(0));
    let base = UserChange { waiting: Some(None), ..UserChange::default() };
    match stage {
        Stage::Confirm { .. } => (user.status, UserChange::default()),
        Stage::Look => {
            (UserStatus::Queued, UserChange { status: user.status.on(UserEvent::LookBegan), ..base })
        }
        Stage::Initial => (
            UserStatus::Queued,
            UserChange {
                status: user.status.on(UserEvent::SyncBegan),
                started: Some(now),
                queued: Some(None),
                add_queued_ms: waited(user),
                error: Some(None),
                ..base
            },
        ),
        Stage::Incremental if user.status == UserStatus::Completing => {
            (UserStatus::Completing, UserChange { started: Some(now), ..base })
        }
        Stage::Incremental => (
            UserStatus::Synced,
            UserChange { status: user.status.on(UserEvent::SyncBegan), started: Some(now), ..base },
        ),
    }
}

/// The failure of a thread that panicked.
fn fault() -> Failure {
    Failure::new(Scope::User, FailureKind::Local, common::fault().message)
}
