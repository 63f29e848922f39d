//! The worker's mind: turn by turn it fulfils requests, takes up users as far as limits allow, and notes how they ended.
//!
//! One thread decides and writes states; users run on threads of their own and report back. A turn never waits.

use super::confirmations::Confirming;
use super::limits::{Limits, Running};
use super::retry::Failures;
use super::schedule::{Care, Stage};
use super::user_job::{Ended, Event, Job, UserWork};
use crate::context::Context;
use crate::errors::{self, of_store};
use imapmig_core::api::ApiError;
use imapmig_core::batch::Batch;
use imapmig_core::cancel::{Cancel, Condition};
use imapmig_core::failure::{Failure, FailureKind, Scope};
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::ports::store::{BatchChange, BatchFilter, UserChange};
use imapmig_core::status::{BatchEvent, BatchStatus, UserCounts, UserEvent, UserStatus};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{User, UserProgress};
use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How often the store is looked at when nothing happens.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often the database's version is read by a worker at rest: a request reaches it within twice this time.
const WATCH_EVERY: Duration = Duration::from_millis(8);
/// The most threads of users, whatever the endpoints allow.
pub(super) const MOST_THREADS: usize = 300;
/// The most connections to each side for one user, and for all users together before each gets one only.
const LANES: usize = 8;
const ALL_LANES: usize = 16;

/// The worker's mind.
pub(super) struct Supervisor {
    pub(super) parts: Context,
    pub(super) work: Arc<dyn UserWork>,
    pub(super) cancel: Cancel,
    /// Holds while users may send mail.
    may_send: Condition,
    pub(super) care: HashMap<BatchId, Care>,
    pub(super) running: HashMap<UserId, Running>,
    pub(super) failures: HashMap<UserId, Failures>,
    pub(super) removing: HashSet<BatchId>,
    /// Confirmations under way, in the order of asking.
    pub(super) confirming: Vec<Confirming>,
    pub(super) events: crossbeam_channel::Receiver<Event>,
    pub(super) tell: crossbeam_channel::Sender<Event>,
    /// Told, but not noted yet: the store may have been locked.
    pub(super) unnoted: VecDeque<Event>,
    recovered: bool,
    looked: Option<UnixMs>,
    /// The database's version when requests were read last.
    version: Option<i64>,
    /// Something happened that the next turn has to look at.
    pub(super) dirty: bool,
    /// Which batch is first in the next turn.
    first: usize,
}

impl Supervisor {
    pub(super) fn new(parts: Context, work: Arc<dyn UserWork>, cancel: Cancel) -> Self {
        let (tell, events) = crossbeam_channel::unbounded();
        Self {
            parts,
            work,
            cancel,
            may_send: Arc::new(|| true),
            care: HashMap::new(),
            running: HashMap::new(),
            failures: HashMap::new(),
            removing: HashSet::new(),
            confirming: Vec::new(),
            events,
            tell,
            unnoted: VecDeque::new(),
            recovered: false,
            looked: None,
            version: None,
            dirty: true,
            first: 0,
        }
    }

    /// Lets users send mail only while this holds; those that find that it does not are put back in the queue.
    pub(super) fn sending_while(self, may_send: Condition) -> Self {
        Self { may_send, ..self }
    }

    /// One turn; tells whether it looked at all batches, which it does when something happened or a second has gone by.
    pub(super) fn turn(&mut self) -> Result<bool, ApiError> {
        if !self.recovered {
            self.recover()?;
            self.recovered = true;
        }
        self.note_events()?;
        self.fulfil_requests()?;
        self.find_confirmations()?;
        let now = self.parts.now();
        if !self.dirty && self.looked.is_some_and(|looked| now.since(looked) < LOOK_EVERY && now >= looked) {
            return Ok(false);
        }
        self.dirty = false;
        self.looked = Some(now);
        let batches = self.parts.store.batches(&BatchFilter::default()).map_err(of_store)?;
        let started = |id| batches.iter().any(|batch| batch.id == id && batch.status.is_started());
        self.care.retain(|id, _| started(*id));
        for batch in &batches {
            self.attend(batch)?;
        }
        self.schedule(&batches)?;
        for batch in &batches {
            self.settle(batch.id)?;
        }
        Ok(true)
    }

    /// Waits until a thread reports something or the database changes, at most for a moment.
    pub(super) fn rest(&mut self, moment: Duration) {
        let end = Instant::now() + moment;
        loop {
            // It fails while the database is locked or gone; the next turn finds out why.
            let version = self.parts.store.version().ok();
            if version != self.version {
                self.version = version;
                // What this worker's own threads wrote is no request, so a busy worker looks a little later.
                self.events_within(if self.running.is_empty() { Duration::ZERO } else { WATCH_EVERY });
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || self.events_within(WATCH_EVERY.min(left)) {
                return;
            }
        }
    }

    fn events_within(&mut self, moment: Duration) -> bool {
        let event = self.events.recv_timeout(moment).ok();
        let reported = event.is_some();
        self.unnoted.extend(event);
        reported
    }

    /// Whether any thread is at work.
    pub(super) fn is_busy(&self) -> bool {
        !self.running.is_empty() || !self.removing.is_empty() || !self.unnoted.is_empty()
    }

    /// Notes what the threads told.
    pub(super) fn note_events(&mut self) -> Result<(), ApiError> {
        self.unnoted.extend(self.events.try_iter());
        while let Some(event) = self.unnoted.front() {
            match event {
                Event::Ended(ended) => {
                    self.note_end(&ended.clone())?;
                    self.dirty = true;
                }
                Event::Removed(batch, result) => {
                    let batch = *batch;
                    match result {
                        Ok(()) => self.dirty = true,
                        // With the next look at everything, not at once: it may fail for as long as the disk is full.
                        Err(error) => tracing::error!(%error, "a batch could not be removed; trying again"),
                    }
                    self.removing.remove(&batch);
                }
            }
            self.unnoted.pop_front();
        }
        Ok(())
    }

    /// What a batch's state asks for apart from scheduling.
    fn attend(&mut self, batch: &Batch) -> Result<(), ApiError> {
        match batch.status {
            BatchStatus::Stopping => self.finish_stop(batch),
            BatchStatus::Removing => {
                self.finish_removal(batch);
                Ok(())
            }
            BatchStatus::Starting => self.begin(batch),
            BatchStatus::Waiting if self.may_begin(batch) => self.begin(batch),
            status if status.is_started() && status != BatchStatus::Waiting => {
                if self.care.get(&batch.id).is_none_or(|care| !care.knows_all(batch.counts.pending)) {
                    let earlier = self.care.remove(&batch.id);
                    self.care.insert(batch.id, Care::load(&self.parts, batch.id, earlier)?);
                }
                self.complete(batch)?;
                self.find_due(batch.id)
            }
            _ => Ok(()),
        }
    }

    fn find_due(&mut self, batch: BatchId) -> Result<(), ApiError> {
        let busy = self.running.values().any(|r| r.batch == batch && r.stage == Stage::Incremental);
        let Some(care) = self.care.get_mut(&batch) else { return Ok(()) };
        let met = care.find_due(&self.parts, batch)?;
        if met && !busy {
            for request in care.sync_now.take().map(|(requests, _)| requests).unwrap_or_default() {
                self.parts.store.remove_request(request).map_err(of_store)?;
            }
        }
        Ok(())
    }

    /// Takes up users, one of each batch in turn, until a limit is reached everywhere.
    fn schedule(&mut self, batches: &[Batch]) -> Result<(), ApiError> {
        if batches.is_empty() {
            return Ok(());
        }
        let mut limits = Limits::read(&self.parts)?;
        let first = self.first % batches.len();
        let order: Vec<_> = batches[first..].iter().chain(&batches[..first]).cloned().collect();
        let mut took_up = true;
        while took_up && !self.cancel.is_cancelled() {
            took_up = false;
            for batch in &order {
                let Some((user, stage)) = self.pick(batch, &mut limits) else { continue };
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

    fn pick(&self, batch: &Batch, limits: &mut Limits) -> Option<(UserId, Stage)> {
        let care = self.care.get(&batch.id)?;
        if self.running.len() >= MOST_THREADS {
            return None;
        }
        let free = |user| !self.is_being_confirmed(user);
        let allowed = |limits: &mut Limits, stage| limits.allow(&self.running, batch, stage);
        if allowed(limits, Stage::Initial)
            && let Some(next) = care.next_initial(self.parts.now(), free)
        {
            return Some(next);
        }
        let next = care.next_incremental(free)?;
        allowed(limits, Stage::Incremental).then_some((next, Stage::Incremental))
    }

    fn forget_turn(&mut self, batch: BatchId, user: UserId) {
        if let Some(care) = self.care.get_mut(&batch) {
            care.take(user);
        }
    }

    /// Starts a user's thread, unless its state in the store says otherwise by now.
    fn take_up(&mut self, batch: &Batch, id: UserId, stage: Stage) -> Result<(), ApiError> {
        let now = self.parts.now();
        let store = Arc::clone(&self.parts.store);
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
            .care
            .get(&batch.id)
            .filter(|_| stage == Stage::Look)
            .and_then(|care| care.sameness.elder(id));
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
            let message = format!("no thread can be started: {error}");
            let failure = Failure::new(Scope::User, FailureKind::Local, message)
                .retry(imapmig_core::failure::Retry::Reconnect);
            let ended = Ended { user: id, batch, stage, result: Err(failure) };
            self.unnoted.push_back(Event::Ended(ended));
        }
    }

    /// Gives a started batch the state that follows from its users.
    fn settle(&self, id: BatchId) -> Result<(), ApiError> {
        let Some(batch) = self.parts.store.batch_by_id(id).map_err(of_store)? else { return Ok(()) };
        if !batch.status.follows_users() || !self.care.contains_key(&id) {
            return Ok(());
        }
        let now = self.parts.now();
        let Some(status) = batch.after(BatchEvent::UsersChanged, now) else { return Ok(()) };
        let synced = matches!(
            BatchStatus::of_users(&batch.counts),
            BatchStatus::Synced
                | BatchStatus::SyncedWithErrors
                | BatchStatus::Completed
                | BatchStatus::CompletedWithErrors
        );
        let initial_done = batch.counts.pending + batch.counts.active == 0;
        let rests = matches!(status, BatchStatus::Stopped | BatchStatus::Failed) && status != batch.status;
        let message = (rests && batch.options.analyze)
            .then(|| self.parts.store.batch_progress(id).map(|sum| analyzed(&batch.counts, &sum)))
            .transpose()
            .map_err(of_store)?;
        let change = BatchChange {
            message: message.map(Some),
            initial_synced: (initial_done && batch.initial_synced.is_none() && batch.counts.synced > 0)
                .then_some(now),
            last_synced: (synced && status != batch.status && status.is_at_rest()).then_some(now),
            ..BatchChange::default()
        };
        if status != batch.status || change != BatchChange::default() {
            self.event(id, BatchEvent::UsersChanged, &change)?;
        }
        Ok(())
    }
}

/// The message of a batch whose users were all analyzed.
fn analyzed(counts: &UserCounts, sum: &UserProgress) -> String {
    let failed = match counts.failed {
        0 => String::new(),
        failed => format!(" {failed} users can't be migrated as things are; see their errors."),
    };
    format!(
        "The analysis is done: {} of {} users with {} messages and {} MB can be migrated.{failed} Start-MigrationBatch migrates them.",
        counts.stopped,
        counts.total,
        sum.total_items,
        sum.total_bytes.div_ceil(1024 * 1024)
    )
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
    Failure::new(Scope::User, FailureKind::Local, errors::fault().message)
}
