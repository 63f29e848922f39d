//! The users at work: a thread for each, what it takes of the limits, and the report of its end.

use super::limits::Slot;
use super::schedule::Stage;
use super::user_job::{Ended, Event, Job, UserWork};
use crate::messages::engine_failures::fault;
use imapmig_core::batch::Batch;
use imapmig_core::cancel::{Cancel, Condition};
use imapmig_core::failure::Failure;
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::user::User;
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// A user at work.
#[derive(Debug)]
struct Running {
    batch: BatchId,
    slot: Slot,
    cancel: Cancel,
}

/// The users at work, and what their threads reported.
pub(super) struct Crew {
    work: Arc<dyn UserWork>,
    /// Thrown when the worker ends.
    cancel: Cancel,
    /// Holds while users may send mail.
    may_send: Condition,
    running: HashMap<UserId, Running>,
    events: crossbeam_channel::Receiver<Event>,
    reports: crossbeam_channel::Sender<Event>,
    /// Reported, but not noted yet: the store may have been locked.
    unnoted: VecDeque<Event>,
}

impl Crew {
    pub(super) fn new(work: Arc<dyn UserWork>, cancel: Cancel) -> Self {
        let (reports, events) = crossbeam_channel::unbounded();
        Self {
            work,
            cancel,
            may_send: Arc::new(|| true),
            running: HashMap::new(),
            events,
            reports,
            unnoted: VecDeque::new(),
        }
    }

    /// Lets users send mail only while this holds; those that find that it does not are put back in the queue.
    pub(super) fn send_while(&mut self, may_send: Condition) {
        self.may_send = may_send;
    }

    /// Starts the thread of a user of a batch. `elder`: a user whose mailbox is probed before.
    pub(super) fn set_to_work(&mut self, batch: &Batch, user: User, stage: Stage, elder: Option<User>) {
        let (id, analyze) = (user.id, batch.options.analyze);
        let running = Running { batch: batch.id, slot: slot(batch, stage), cancel: self.cancel.child() };
        let cancel = running.cancel.child_while(Arc::clone(&self.may_send));
        self.running.insert(id, running);
        let work = Arc::clone(&self.work);
        let reports = self.reports.clone();
        let batch = batch.id;
        let name = format!("user {}", user.email_address);
        let run = move || {
            let job = Job { user, cancel, analyze };
            let result = catch_unwind(AssertUnwindSafe(|| Ended::run(work.as_ref(), &job, stage, elder)));
            let result = result.unwrap_or_else(|_| Err(fault()));
            // A closed channel means that the worker has ended.
            let _ = reports.send(Event::Ended(Ended { user: id, batch, stage, result }));
        };
        if let Err(error) = thread::Builder::new().name(name).spawn(run) {
            let result = Err(Failure::no_thread(&error));
            self.unnoted.push_back(Event::Ended(Ended { user: id, batch, stage, result }));
        }
    }

    /// Where other threads of the worker report to.
    pub(super) fn reports(&self) -> crossbeam_channel::Sender<Event> {
        self.reports.clone()
    }

    /// Waits for a report, at most for a moment. Returns `true` if there was one.
    pub(super) fn receive(&mut self, moment: Duration) -> bool {
        let event = self.events.recv_timeout(moment).ok();
        let reported = event.is_some();
        self.unnoted.extend(event);
        reported
    }

    /// The first report that is not noted yet.
    pub(super) fn first_report(&mut self) -> Option<&Event> {
        self.unnoted.extend(self.events.try_iter());
        self.unnoted.front()
    }

    /// The first report was noted.
    pub(super) fn noted(&mut self) {
        self.unnoted.pop_front();
    }

    /// The user's thread has ended, and how was noted.
    pub(super) fn remove(&mut self, user: UserId) {
        self.running.remove(&user);
    }

    /// Asks the worker and every user to stop.
    pub(super) fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Whether the worker was asked to stop.
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Asks a user's thread to stop.
    pub(super) fn cancel_user(&self, user: UserId) {
        if let Some(running) = self.running.get(&user) {
            running.cancel.cancel();
        }
    }

    /// Asks all of a batch's users to stop.
    pub(super) fn cancel_all_of(&self, batch: BatchId) {
        self.of_batch(batch).for_each(|(_, running)| running.cancel.cancel());
    }

    /// Asks those of a batch's users to stop that are being compared.
    pub(super) fn cancel_confirmations_of(&self, batch: BatchId) {
        let compared = |running: &&Running| running.slot.stage.is_confirmation();
        self.of_batch(batch).map(|(_, running)| running).filter(compared).for_each(|r| r.cancel.cancel());
    }

    /// Whether the user was asked to stop.
    pub(super) fn is_user_cancelled(&self, user: UserId) -> bool {
        self.running.get(&user).is_some_and(|running| running.cancel.is_cancelled())
    }

    /// What the users at work take of the limits.
    pub(super) fn slots(&self) -> Vec<Slot> {
        self.running.values().map(|running| running.slot).collect()
    }

    /// How many users are at work.
    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    /// Whether any user is at work, or a report is not noted yet.
    pub(super) fn is_busy(&self) -> bool {
        !self.running.is_empty() || !self.unnoted.is_empty()
    }

    pub(super) fn is_at_work(&self, user: UserId) -> bool {
        self.running.contains_key(&user)
    }

    /// Whether a thread syncs the user, or probes its mailbox before that.
    pub(super) fn is_syncing(&self, user: UserId) -> bool {
        self.running.get(&user).is_some_and(|running| !running.slot.stage.is_confirmation())
    }

    pub(super) fn is_being_confirmed(&self, user: UserId) -> bool {
        self.running.get(&user).is_some_and(|running| running.slot.stage.is_confirmation())
    }

    /// Whether any user of the batch is at work in a stage like this.
    pub(super) fn runs_any_of(&self, batch: BatchId, is_meant: impl Fn(Stage) -> bool) -> bool {
        self.of_batch(batch).any(|(_, running)| is_meant(running.slot.stage))
    }

    /// The users of a batch that are being synced or probed.
    pub(super) fn syncing_of(&self, batch: BatchId) -> Vec<UserId> {
        let syncing = |(_, running): &(UserId, &Running)| !running.slot.stage.is_confirmation();
        self.of_batch(batch).filter(syncing).map(|(user, _)| user).collect()
    }

    fn of_batch(&self, batch: BatchId) -> impl Iterator<Item = (UserId, &Running)> {
        self.running.iter().filter(move |(_, r)| r.batch == batch).map(|(user, running)| (*user, running))
    }
}

/// What a user of the batch takes of the limits.
pub(super) const fn slot(batch: &Batch, stage: Stage) -> Slot {
    Slot { stage, source: batch.source, target: batch.target }
}
