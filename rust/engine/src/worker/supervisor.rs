//! The worker's scheduling loop: each turn fulfils requests, starts users as far as limits allow, and records how they ended.
//!
//! One thread decides and writes states; users run on threads of their own and report back. A turn never waits.

use super::limits::Running;
use super::retry::Failures;
use super::schedule::{Confirming, Schedule, Stage};
use super::user_job::{Event, UserWork};
use crate::context::Context;
use crate::errors::of_store;
use imapmig_core::api::ApiError;
use imapmig_core::batch::Batch;
use imapmig_core::cancel::{Cancel, Condition};
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::ports::store::{BatchChange, BatchFilter};
use imapmig_core::status::{BatchEvent, BatchStatus, UserCounts};
use imapmig_core::time::UnixMs;
use imapmig_core::user::UserProgress;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the store is looked at when nothing happens.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often the database's version is read by a worker at rest: a request reaches it within twice this time.
const WATCH_EVERY: Duration = Duration::from_millis(8);

/// The worker's mind.
pub(super) struct Supervisor {
    pub(super) context: Context,
    pub(super) work: Arc<dyn UserWork>,
    pub(super) cancel: Cancel,
    /// Holds while users may send mail.
    pub(super) may_send: Condition,
    pub(super) schedules: HashMap<BatchId, Schedule>,
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
    pub(super) first: usize,
}

impl Supervisor {
    pub(super) fn new(context: Context, work: Arc<dyn UserWork>, cancel: Cancel) -> Self {
        let (tell, events) = crossbeam_channel::unbounded();
        Self {
            context,
            work,
            cancel,
            may_send: Arc::new(|| true),
            schedules: HashMap::new(),
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
        let now = self.context.now();
        if !self.dirty && self.looked.is_some_and(|looked| now.since(looked) < LOOK_EVERY && now >= looked) {
            return Ok(false);
        }
        self.dirty = false;
        self.looked = Some(now);
        let batches = self.context.store.batches(&BatchFilter::default()).map_err(of_store)?;
        let started: HashSet<_> =
            batches.iter().filter(|batch| batch.status.is_started()).map(|batch| batch.id).collect();
        self.schedules.retain(|id, _| started.contains(id));
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
            let version = self.context.store.version().ok();
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
                if self
                    .schedules
                    .get(&batch.id)
                    .is_none_or(|schedule| !schedule.knows_all(batch.counts.pending))
                {
                    let earlier = self.schedules.remove(&batch.id);
                    self.schedules.insert(batch.id, Schedule::load(&self.context, batch.id, earlier)?);
                }
                self.complete(batch)?;
                self.find_due(batch.id)
            }
            _ => Ok(()),
        }
    }

    fn find_due(&mut self, batch: BatchId) -> Result<(), ApiError> {
        let busy = self.running.values().any(|r| r.batch == batch && r.stage == Stage::Incremental);
        let Some(schedule) = self.schedules.get_mut(&batch) else { return Ok(()) };
        let met = schedule.find_due(&self.context, batch)?;
        if met && !busy {
            for request in std::mem::take(&mut schedule.sync_now) {
                self.context.store.remove_request(request).map_err(of_store)?;
            }
        }
        Ok(())
    }

    /// Gives a started batch the state that follows from its users.
    fn settle(&self, id: BatchId) -> Result<(), ApiError> {
        let Some(batch) = self.context.store.batch_by_id(id).map_err(of_store)? else { return Ok(()) };
        if !batch.status.follows_users() || !self.schedules.contains_key(&id) {
            return Ok(());
        }
        let now = self.context.now();
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
            .then(|| self.context.store.batch_progress(id).map(|sum| analyzed(&batch.counts, &sum)))
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
