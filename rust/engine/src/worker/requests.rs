//! Requests of commands, fulfilled: start, stop, remove, sync now.
//!
//! A request has changed its batch's state already, in one transaction with itself; here its work is done.

use super::limits::Running;
use super::schedule::{self, Schedule};
use super::supervisor::Supervisor;
use super::user_job::Event;
use crate::errors::of_store;
use imapmig_core::api::ApiError;
use imapmig_core::batch::{Batch, Request, RequestKind};
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::ports::store::{BatchChange, UserChange};
use imapmig_core::status::{BatchEvent, BatchStatus, UserEvent, UserStatus};
use std::sync::Arc;
use std::thread;

impl Supervisor {
    /// Fulfils what was requested since the last turn, in the order of asking.
    pub(super) fn fulfil_requests(&mut self) -> Result<(), ApiError> {
        for request in self.context.store.requests().map_err(of_store)? {
            let under_way = self.schedules.values().any(|schedule| schedule.sync_now.contains(&request.id));
            if under_way {
                continue;
            }
            self.dirty = true;
            let Some(batch) = self.context.store.batch_by_id(request.batch).map_err(of_store)? else {
                self.context.store.remove_request(request.id).map_err(of_store)?;
                continue;
            };
            if self.fulfil(&request, &batch)? {
                self.context.store.remove_request(request.id).map_err(of_store)?;
            }
        }
        Ok(())
    }

    /// Does what is requested, or starts it; returns whether the request is done.
    fn fulfil(&mut self, request: &Request, batch: &Batch) -> Result<bool, ApiError> {
        if batch.status == BatchStatus::Removing && request.kind != RequestKind::Remove {
            return Ok(true);
        }
        tracing::info!(batch = batch.name, request = ?request.kind, "a request");
        match request.kind {
            RequestKind::Start => {
                if batch.status == BatchStatus::Stopping {
                    // It is stopped first.
                    return Ok(false);
                }
                match request.user {
                    Some(user) => self.start_user(batch, user)?,
                    None => self.begin(batch)?,
                }
                Ok(true)
            }
            RequestKind::Stop => {
                match request.user {
                    Some(user) => self.stop_user(user)?,
                    None => self.stop(batch)?,
                }
                Ok(true)
            }
            RequestKind::Remove => match request.user {
                Some(user) => self.remove_user(user),
                None => {
                    self.cancel_all_of(batch);
                    Ok(true)
                }
            },
            RequestKind::SyncNow => match request.user {
                Some(user) => self.sync_user_now(user, batch),
                None => self.sync_now(request, batch),
            },
        }
    }

    /// Whether StartAfter has come.
    pub(super) fn may_begin(&self, batch: &Batch) -> bool {
        batch.options.start_after.is_none_or(|after| after <= self.context.now())
    }

    /// Starts, resumes, or tries failed users again.
    pub(super) fn begin(&mut self, batch: &Batch) -> Result<(), ApiError> {
        if !self.may_begin(batch) {
            return self.event(batch.id, BatchEvent::StartPostponed, &BatchChange::default());
        }
        let now = self.context.now();
        let store = Arc::clone(&self.context.store);
        store.change_user_statuses(batch.id, UserEvent::Started, now).map_err(of_store)?;
        self.retry_skipped(batch)?;
        let earlier = self.schedules.remove(&batch.id);
        let mut schedule = Schedule::load(&self.context, batch.id, earlier)?;
        // A start ends all pauses.
        for user in schedule.let_go() {
            self.failures.remove(&user);
        }
        self.schedules.insert(batch.id, schedule);
        let was_started = batch.status.follows_users() && batch.started.is_some();
        let change = BatchChange {
            started: (!was_started).then_some(now),
            message: Some(None),
            ..BatchChange::default()
        };
        self.event(batch.id, BatchEvent::Begun, &change)
    }

    /// Messages that were left out are tried again with the user's next sync, which is due now.
    fn retry_skipped(&self, batch: &Batch) -> Result<(), ApiError> {
        let store = &self.context.store;
        let now = self.context.now();
        for user in store.users_with_reported_items(batch.id).map_err(of_store)? {
            let idle =
                matches!(user.status, UserStatus::Queued | UserStatus::Synced) && !self.is_syncing(user.id);
            if !idle || user.progress.skipped_items == 0 {
                continue;
            }
            store.forget_skipped(user.id, None).map_err(of_store)?;
            if user.status == UserStatus::Synced {
                let due = UserChange { next_sync: Some(Some(now)), ..UserChange::default() };
                store.change_user(user.id, &[UserStatus::Synced], &due).map_err(of_store)?;
            }
        }
        Ok(())
    }

    fn start_user(&mut self, batch: &Batch, id: UserId) -> Result<(), ApiError> {
        let store = Arc::clone(&self.context.store);
        let Some(user) = store.user_by_id(id).map_err(of_store)? else { return Ok(()) };
        if self.is_syncing(id) {
            return Ok(());
        }
        let now = self.context.now();
        let status = user.status.on(UserEvent::Started).unwrap_or(user.status);
        let change = UserChange {
            status: Some(status),
            error: Some(None),
            waiting: Some(None),
            queued: (status == UserStatus::Queued).then_some(Some(now)),
            next_sync: status.has_next_sync().then_some(Some(now)),
            ..UserChange::default()
        };
        store.change_user(id, &[user.status], &change).map_err(of_store)?;
        self.failures.remove(&id);
        let earlier = self.schedules.remove(&batch.id);
        self.schedules.insert(batch.id, Schedule::load(&self.context, batch.id, earlier)?);
        if batch.status.is_started() {
            return Ok(());
        }
        self.event(batch.id, BatchEvent::StartRequested, &BatchChange::default())?;
        self.event(batch.id, BatchEvent::Begun, &BatchChange::default())
    }

    fn stop_user(&mut self, id: UserId) -> Result<(), ApiError> {
        if let Some(running) = self.running.get(&id).filter(|running| !running.stage.is_confirmation()) {
            running.cancel.cancel();
            return self.stop_requested(id);
        }
        let Some(user) = self.context.store.user_by_id(id).map_err(of_store)? else { return Ok(()) };
        let status = user.status.on(UserEvent::Stopped);
        let change = UserChange { status, waiting: Some(None), ..UserChange::default() };
        self.context.store.change_user(id, &[user.status], &change).map_err(of_store)?;
        if let Some(schedule) = self.schedules.get_mut(&user.batch) {
            schedule.take(id);
            schedule.shared_mailboxes.pass_over(id);
        }
        Ok(())
    }

    fn stop(&mut self, batch: &Batch) -> Result<(), ApiError> {
        if batch.status != BatchStatus::Stopping {
            return Ok(());
        }
        self.context.store.stop_confirmation(batch.id).map_err(of_store)?;
        self.cancel_all_of(batch);
        self.forget_sync_now(batch)?;
        let of_batch = |running: &Running| running.batch == batch.id && !running.stage.is_confirmation();
        for (id, _) in self.running.iter().filter(|(_, running)| of_batch(running)) {
            self.stop_requested(*id)?;
        }
        Ok(())
    }

    /// Shows that a user at work is being stopped.
    fn stop_requested(&self, id: UserId) -> Result<(), ApiError> {
        let Some(user) = self.context.store.user_by_id(id).map_err(of_store)? else { return Ok(()) };
        let change = UserChange { status: user.status.on(UserEvent::StopRequested), ..UserChange::default() };
        self.context.store.change_user(id, &[user.status], &change).map(|_| ()).map_err(of_store)
    }

    fn cancel_all_of(&self, batch: &Batch) {
        for running in self.running.values().filter(|running| running.batch == batch.id) {
            running.cancel.cancel();
        }
    }

    fn forget_sync_now(&mut self, batch: &Batch) -> Result<(), ApiError> {
        let Some(schedule) = self.schedules.remove(&batch.id) else { return Ok(()) };
        for request in schedule.sync_now {
            self.context.store.remove_request(request).map_err(of_store)?;
        }
        Ok(())
    }

    /// The request is kept until every user was synced, so that it outlives a worker that is killed meanwhile.
    fn sync_now(&mut self, request: &Request, batch: &Batch) -> Result<bool, ApiError> {
        if !batch.status.is_started() || batch.status == BatchStatus::Waiting {
            return Ok(true);
        }
        let now = self.context.now();
        let Some(schedule) = self.schedules.get_mut(&batch.id) else {
            // A batch that is only being taken up comes first.
            return Ok(false);
        };
        self.context.store.make_due(batch.id, now).map_err(of_store)?;
        schedule.sync_now.push(request.id);
        Ok(false)
    }

    /// Makes a user's incremental or final sync due. Returns whether the request is done.
    fn sync_user_now(&mut self, id: UserId, batch: &Batch) -> Result<bool, ApiError> {
        if !batch.status.is_started() || batch.status == BatchStatus::Waiting {
            return Ok(true);
        }
        let now = self.context.now();
        // A batch that was only just started is read first.
        let Some(schedule) = self.schedules.get_mut(&batch.id) else { return Ok(false) };
        let due = UserChange { next_sync: Some(Some(now)), ..UserChange::default() };
        self.context
            .store
            .change_user(id, &[UserStatus::Synced, UserStatus::Completing], &due)
            .map_err(of_store)?;
        schedule.take(id);
        schedule.expect(now);
        Ok(true)
    }

    /// Removes a user as soon as its thread has ended. Returns whether the request is done.
    fn remove_user(&mut self, id: UserId) -> Result<bool, ApiError> {
        if let Some(running) = self.running.get(&id) {
            running.cancel.cancel();
            return Ok(false);
        }
        let Some(user) = self.context.store.user_by_id(id).map_err(of_store)? else { return Ok(true) };
        self.context.store.remove_user(id).map_err(of_store)?;
        self.failures.remove(&id);
        if let Some(schedule) = self.schedules.get_mut(&user.batch) {
            schedule.take(id);
            schedule.shared_mailboxes.pass_over(id);
        }
        Ok(true)
    }

    /// Lets the users in step get their final sync once CompleteAfter has passed.
    pub(super) fn complete(&mut self, batch: &Batch) -> Result<(), ApiError> {
        let (now, counts) = (self.context.now(), &batch.counts);
        let in_step = counts.synced > counts.completing + counts.completed + counts.incremental;
        if !in_step || !batch.options.is_to_be_completed(now) {
            return Ok(());
        }
        let store = &self.context.store;
        store.change_user_statuses(batch.id, UserEvent::CompleteRequested, now).map_err(of_store)?;
        if let Some(schedule) = self.schedules.get_mut(&batch.id) {
            schedule.expect(now);
        }
        Ok(())
    }

    /// The batch has stopped as soon as none of its users runs.
    pub(super) fn finish_stop(&mut self, batch: &Batch) -> Result<(), ApiError> {
        if self.runs_any_of(batch) {
            return Ok(());
        }
        let store = &self.context.store;
        store.change_user_statuses(batch.id, UserEvent::Stopped, self.context.now()).map_err(of_store)?;
        for user in
            schedule::users(&self.context, batch.id, &[UserStatus::Stopped, UserStatus::IncrementalStopped])?
        {
            if user.waiting.is_some() {
                let change = UserChange { waiting: Some(None), ..UserChange::default() };
                store.change_user(user.id, &[], &change).map_err(of_store)?;
            }
        }
        self.schedules.remove(&batch.id);
        self.dirty = true;
        self.event(batch.id, BatchEvent::WorkEnded, &BatchChange::default())
    }

    /// The batch is removed as soon as none of its users runs; that may take long, so a thread does it.
    pub(super) fn finish_removal(&mut self, batch: &Batch) {
        if self.runs_any_of(batch) {
            self.cancel_all_of(batch);
            return;
        }
        if !self.removing.insert(batch.id) {
            return;
        }
        self.schedules.remove(&batch.id);
        let (store, tell, id) = (Arc::clone(&self.context.store), self.tell.clone(), batch.id);
        let spawned = thread::Builder::new().name("removal".to_owned()).spawn(move || {
            let result = store.remove_batch(id);
            // The worker has ended when nobody listens any more; the batch's state brings the removal back.
            let _ = tell.send(Event::Removed(id, result));
        });
        if spawned.is_err() {
            self.removing.remove(&batch.id);
        }
    }

    fn runs_any_of(&self, batch: &Batch) -> bool {
        self.running.values().any(|running| running.batch == batch.id)
    }

    /// Lets something happen to a batch. An event that is refused by now, after another request, changes nothing.
    pub(super) fn event(
        &self,
        batch: BatchId,
        event: BatchEvent,
        change: &BatchChange,
    ) -> Result<(), ApiError> {
        self.context.store.batch_event(batch, event, change, self.context.now()).map(|_| ()).map_err(of_store)
    }
}
