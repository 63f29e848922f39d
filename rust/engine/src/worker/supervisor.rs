//! The worker's scheduling loop: each turn fulfils requests, starts users as far as limits allow, and records how they ended.
//!
//! One thread decides and writes states; users run on threads of their own and report back. A turn never waits.

use super::confirmations::Confirmations;
use super::crew::Crew;
use super::schedule::Stage;
use super::state::State;
use super::user_job::{Event, UserWork};
use super::{dispatch, expiry, recover, requests, user_result};
use crate::context::Context;
use crate::errors::of_store;
use crate::messages::reports::analyzed_batch;
use imapmig_core::api::ApiError;
use imapmig_core::batch::Batch;
use imapmig_core::cancel::{Cancel, Condition};
use imapmig_core::ids::BatchId;
use imapmig_core::ports::store::{BatchChange, BatchFilter};
use imapmig_core::status::{BatchEvent, BatchStatus};
use imapmig_core::time::UnixMs;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the store is looked at when nothing happens.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often the database's version is read by a worker at rest: a request reaches it within twice this time.
const WATCH_EVERY: Duration = Duration::from_millis(8);

/// The worker's scheduling loop.
pub(super) struct Supervisor {
    pub(super) state: State,
    confirmations: Confirmations,
    recovered: bool,
    looked: Option<UnixMs>,
    /// The database's version when requests were read last.
    version: Option<i64>,
    /// Which batch is first in the next turn.
    first: usize,
}

impl Supervisor {
    pub(super) fn new(context: Context, work: Arc<dyn UserWork>, cancel: Cancel) -> Self {
        Self {
            state: State::new(context, Crew::new(work, cancel)),
            confirmations: Confirmations::default(),
            recovered: false,
            looked: None,
            version: None,
            first: 0,
        }
    }

    /// Lets users send mail only while this holds; those that find that it does not are put back in the queue.
    pub(super) fn sending_while(mut self, may_send: Condition) -> Self {
        self.state.crew.send_while(may_send);
        self
    }

    /// Asks every user to stop; none is taken up any more.
    pub(super) fn cancel(&self) {
        self.state.crew.cancel();
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.state.crew.is_cancelled()
    }

    /// One turn. Returns `true` if it went through all batches, which it does when something happened or a second has gone by.
    pub(super) fn turn(&mut self) -> Result<bool, ApiError> {
        let state = &mut self.state;
        if !self.recovered {
            recover::recover(state)?;
            self.recovered = true;
        }
        note_reports(state)?;
        requests::fulfil_all(state)?;
        self.confirmations.find(state)?;
        let now = state.context.now();
        if !state.dirty && self.looked.is_some_and(|looked| now.since(looked) < LOOK_EVERY && now >= looked) {
            return Ok(false);
        }
        state.dirty = false;
        self.looked = Some(now);
        let batches = state.context.catalog.batches(&BatchFilter::default()).map_err(of_store)?;
        let started: HashSet<_> =
            batches.iter().filter(|batch| batch.status.is_started()).map(|batch| batch.id).collect();
        state.schedules.retain(|batch| started.contains(&batch));
        for batch in &batches {
            if !expiry::expire(state, batch, now)? {
                attend(state, batch)?;
            }
        }
        if !batches.is_empty() {
            let limits = dispatch::limits(&state.context)?;
            let first = self.first % batches.len();
            let in_turn = batches[first..].iter().chain(&batches[..first]);
            dispatch::take_up_users(state, in_turn, &limits)?;
            self.first = first + 1;
            self.confirmations.take_up_users(state, &batches, &limits)?;
        }
        for batch in &batches {
            follow_users(state, batch.id)?;
        }
        Ok(true)
    }

    /// Waits until a thread reports something or the database changes, at most for a moment.
    pub(super) fn rest(&mut self, moment: Duration) {
        let state = &mut self.state;
        let end = Instant::now() + moment;
        loop {
            // It fails while the database is locked or gone; the next turn finds out why.
            let version = state.context.requests.version().ok();
            if version != self.version {
                self.version = version;
                // What this worker's own threads wrote is no request, so a busy worker looks a little later.
                state.crew.receive(if state.crew.len() == 0 { Duration::ZERO } else { WATCH_EVERY });
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || state.crew.receive(WATCH_EVERY.min(left)) {
                return;
            }
        }
    }

    /// Whether any thread is at work.
    pub(super) fn is_busy(&self) -> bool {
        self.state.crew.is_busy() || !self.state.removing.is_empty()
    }

    /// Notes what the threads reported.
    pub(super) fn note_reports(&mut self) -> Result<(), ApiError> {
        note_reports(&mut self.state)
    }
}

fn note_reports(state: &mut State) -> Result<(), ApiError> {
    while let Some(event) = state.crew.first_report() {
        match event {
            Event::Ended(ended) => {
                let ended = ended.clone();
                user_result::note_end(state, &ended)?;
                state.dirty = true;
            }
            Event::Removed(batch, result) => {
                let batch = *batch;
                match result {
                    Ok(()) => state.dirty = true,
                    // With the next turn through all batches, not at once: it may fail for as long as the disk is full.
                    Err(error) => tracing::error!(%error, "a batch could not be removed; trying again"),
                }
                state.removing.remove(&batch);
            }
        }
        state.crew.noted();
    }
    Ok(())
}

/// Does what a batch's state asks for apart from taking up users.
fn attend(state: &mut State, batch: &Batch) -> Result<(), ApiError> {
    match batch.status {
        BatchStatus::Stopping => requests::finish_stop(state, batch),
        BatchStatus::Removing => {
            requests::finish_removal(state, batch);
            Ok(())
        }
        BatchStatus::Starting => requests::begin(state, batch),
        BatchStatus::Waiting if requests::may_begin(state, batch) => requests::begin(state, batch),
        status if status.is_started() && status != BatchStatus::Waiting => {
            let is_known =
                state.schedules.get(batch.id).is_some_and(|known| known.knows_all(batch.counts.pending));
            if !is_known {
                state.schedules.load(state.context.catalog.as_ref(), batch.id)?;
            }
            requests::complete(state, batch)?;
            find_due(state, batch.id)
        }
        _ => Ok(()),
    }
}

fn find_due(state: &mut State, batch: BatchId) -> Result<(), ApiError> {
    let met = state.schedules.find_due(state.context.catalog.as_ref(), batch, state.context.now())?;
    let busy = state.crew.runs_any_of(batch, |stage| stage == Stage::Incremental);
    if let Some(schedule) = state.schedules.get_mut(batch).filter(|_| met && !busy) {
        for request in std::mem::take(&mut schedule.sync_now) {
            state.context.requests.remove_request(request).map_err(of_store)?;
        }
    }
    Ok(())
}

/// Changes a started batch to the state that follows from its users.
fn follow_users(state: &State, id: BatchId) -> Result<(), ApiError> {
    let Some(batch) = state.context.catalog.batch_by_id(id).map_err(of_store)? else { return Ok(()) };
    if !batch.status.follows_users() || state.schedules.get(id).is_none() {
        return Ok(());
    }
    let now = state.context.now();
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
        .then(|| state.context.catalog.batch_progress(id).map(|sum| analyzed_batch(&batch.counts, &sum)))
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
        state.event(id, BatchEvent::UsersChanged, &change)?;
    }
    Ok(())
}
