//! Requests of commands, fulfilled: start, stop, remove, sync now.
//!
//! A request has changed its batch's state already, in one transaction with itself; here its work is done.

use super::state::State;
use super::user_job::Event;
use crate::errors::of_store;
use imapmig_core::api::ApiError;
use imapmig_core::batch::{Batch, Request, RequestKind};
use imapmig_core::ids::UserId;
use imapmig_core::ports::store::{BatchChange, UserChange};
use imapmig_core::status::{BatchEvent, BatchStatus, UserEvent, UserStatus};
use std::sync::Arc;
use std::thread;

/// The states of users that a sync follows.
const WITH_NEXT_SYNC: [UserStatus; 4] =
    [UserStatus::Synced, UserStatus::Completing, UserStatus::Syncing, UserStatus::IncrementalSyncing];

/// Fulfils what was requested since the last turn, in the order of asking.
pub(super) fn fulfil_all(state: &mut State) -> Result<(), ApiError> {
    for request in state.context.requests.requests().map_err(of_store)? {
        if state.schedules.is_under_way(request.id) || waits_for_user(state, &request)? {
            continue;
        }
        state.dirty = true;
        let Some(batch) = state.context.catalog.batch_by_id(request.batch).map_err(of_store)? else {
            state.context.requests.remove_request(request.id).map_err(of_store)?;
            continue;
        };
        if fulfil(state, &request, &batch)? {
            state.context.requests.remove_request(request.id).map_err(of_store)?;
        }
    }
    Ok(())
}

/// Does what is requested, or starts it; returns whether the request is done.
fn fulfil(state: &mut State, request: &Request, batch: &Batch) -> Result<bool, ApiError> {
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
                Some(user) => start_user(state, batch, user)?,
                None => begin(state, batch)?,
            }
            Ok(true)
        }
        RequestKind::Stop => {
            match request.user {
                Some(user) => stop_user(state, user)?,
                None => stop(state, batch)?,
            }
            Ok(true)
        }
        RequestKind::Remove => match request.user {
            Some(user) => remove_user(state, user),
            None => {
                state.crew.cancel_all_of(batch.id);
                Ok(true)
            }
        },
        RequestKind::SyncNow => match request.user {
            Some(user) => sync_user_now(state, user, batch),
            None => sync_now(state, request, batch),
        },
        RequestKind::Complete => request.user.map_or(Ok(true), |user| complete_user(state, user, batch)),
    }
}

/// Whether a user is to be completed that is not in step yet.
fn waits_for_user(state: &State, request: &Request) -> Result<bool, ApiError> {
    let Some(user) = request.user.filter(|_| request.kind == RequestKind::Complete) else { return Ok(false) };
    let found = state.context.catalog.user_by_id(user).map_err(of_store)?;
    Ok(found.is_some_and(|user| user.status.is_on_its_way()))
}

/// Whether StartAfter has come.
pub(super) fn may_begin(state: &State, batch: &Batch) -> bool {
    batch.options.start_after.is_none_or(|after| after <= state.context.now())
}

/// Starts, resumes, or tries failed users again.
pub(super) fn begin(state: &mut State, batch: &Batch) -> Result<(), ApiError> {
    if !may_begin(state, batch) {
        return state.event(batch.id, BatchEvent::StartPostponed, &BatchChange::default());
    }
    let now = state.context.now();
    state.context.catalog.change_user_statuses(batch.id, UserEvent::Started, now).map_err(of_store)?;
    retry_skipped(state, batch)?;
    let schedule = state.schedules.load(state.context.catalog.as_ref(), batch.id)?;
    // A start ends all pauses.
    for user in schedule.let_go() {
        state.failures.remove(&user);
    }
    let was_started = batch.status.follows_users() && batch.started.is_some();
    let change =
        BatchChange { started: (!was_started).then_some(now), message: Some(None), ..BatchChange::default() };
    state.event(batch.id, BatchEvent::Begun, &change)
}

/// Messages that were left out are tried again with the user's next sync, which is due now.
fn retry_skipped(state: &State, batch: &Batch) -> Result<(), ApiError> {
    let now = state.context.now();
    for user in state.context.diary.users_with_reported_items(batch.id).map_err(of_store)? {
        let idle =
            matches!(user.status, UserStatus::Queued | UserStatus::Synced) && !state.crew.is_syncing(user.id);
        if !idle || user.progress.skipped_items == 0 {
            continue;
        }
        state.context.diary.forget_skipped(user.id, None).map_err(of_store)?;
        if user.status == UserStatus::Synced {
            let due = UserChange { next_sync: Some(Some(now)), ..UserChange::default() };
            state.context.catalog.change_user(user.id, &[UserStatus::Synced], &due).map_err(of_store)?;
        }
    }
    Ok(())
}

fn start_user(state: &mut State, batch: &Batch, id: UserId) -> Result<(), ApiError> {
    let Some(user) = state.context.catalog.user_by_id(id).map_err(of_store)? else { return Ok(()) };
    if state.crew.is_syncing(id) {
        return Ok(());
    }
    let now = state.context.now();
    let status = user.status.on(UserEvent::Started).unwrap_or(user.status);
    let change = UserChange {
        status: Some(status),
        error: Some(None),
        waiting: Some(None),
        queued: (status == UserStatus::Queued).then_some(Some(now)),
        next_sync: status.has_next_sync().then_some(Some(now)),
        ..UserChange::default()
    };
    state.context.catalog.change_user(id, &[user.status], &change).map_err(of_store)?;
    state.failures.remove(&id);
    state.schedules.load(state.context.catalog.as_ref(), batch.id)?;
    if batch.status.is_started() {
        return Ok(());
    }
    state.event(batch.id, BatchEvent::StartRequested, &BatchChange::default())?;
    state.event(batch.id, BatchEvent::Begun, &BatchChange::default())
}

fn stop_user(state: &mut State, id: UserId) -> Result<(), ApiError> {
    if state.crew.is_syncing(id) {
        state.crew.cancel_user(id);
        return stop_requested(state, id);
    }
    let Some(user) = state.context.catalog.user_by_id(id).map_err(of_store)? else { return Ok(()) };
    let status = user.status.on(UserEvent::Stopped);
    let change = UserChange { status, waiting: Some(None), ..UserChange::default() };
    state.context.catalog.change_user(id, &[user.status], &change).map_err(of_store)?;
    state.schedules.drop_user(user.batch, id);
    Ok(())
}

fn stop(state: &mut State, batch: &Batch) -> Result<(), ApiError> {
    if batch.status != BatchStatus::Stopping {
        return Ok(());
    }
    state.context.confirmations.stop_confirmation(batch.id).map_err(of_store)?;
    state.crew.cancel_all_of(batch.id);
    forget_sync_now(state, batch)?;
    for user in state.crew.syncing_of(batch.id) {
        stop_requested(state, user)?;
    }
    Ok(())
}

/// Shows that a user at work is being stopped.
fn stop_requested(state: &State, id: UserId) -> Result<(), ApiError> {
    let Some(user) = state.context.catalog.user_by_id(id).map_err(of_store)? else { return Ok(()) };
    let change = UserChange { status: user.status.on(UserEvent::StopRequested), ..UserChange::default() };
    state.context.catalog.change_user(id, &[user.status], &change).map(|_| ()).map_err(of_store)
}

fn forget_sync_now(state: &mut State, batch: &Batch) -> Result<(), ApiError> {
    let Some(schedule) = state.schedules.remove(batch.id) else { return Ok(()) };
    for request in schedule.sync_now {
        state.context.requests.remove_request(request).map_err(of_store)?;
    }
    Ok(())
}

/// The request is kept until every user was synced, so that it outlives a worker that is killed meanwhile.
fn sync_now(state: &mut State, request: &Request, batch: &Batch) -> Result<bool, ApiError> {
    if !batch.status.is_started() || batch.status == BatchStatus::Waiting {
        return Ok(true);
    }
    let now = state.context.now();
    let Some(schedule) = state.schedules.get_mut(batch.id) else {
        // A batch that is only being taken up comes first.
        return Ok(false);
    };
    state.context.catalog.make_due(batch.id, now).map_err(of_store)?;
    schedule.sync_now.push(request.id);
    Ok(false)
}

/// Makes the final sync of a synced user due. Returns whether the request is done.
fn complete_user(state: &mut State, id: UserId, batch: &Batch) -> Result<bool, ApiError> {
    let Some(user) = state.context.catalog.user_by_id(id).map_err(of_store)? else { return Ok(true) };
    let change = UserChange { status: user.status.on(UserEvent::CompleteRequested), ..UserChange::default() };
    state.context.catalog.change_user(id, &[user.status], &change).map_err(of_store)?;
    sync_user_now(state, id, batch)
}

/// Makes a user's incremental or final sync due; one more after the sync that it is having. Returns whether the request is done.
fn sync_user_now(state: &mut State, id: UserId, batch: &Batch) -> Result<bool, ApiError> {
    if !batch.status.is_started() || batch.status == BatchStatus::Waiting {
        return Ok(true);
    }
    let now = state.context.now();
    // A batch that was only just started is read first.
    let Some(schedule) = state.schedules.get_mut(batch.id) else { return Ok(false) };
    let due = UserChange { next_sync: Some(Some(now)), ..UserChange::default() };
    state.context.catalog.change_user(id, &WITH_NEXT_SYNC, &due).map_err(of_store)?;
    schedule.take(id);
    schedule.expect(now);
    Ok(true)
}

/// Removes a user as soon as its thread has ended. Returns whether the request is done.
fn remove_user(state: &mut State, id: UserId) -> Result<bool, ApiError> {
    if state.crew.is_at_work(id) {
        state.crew.cancel_user(id);
        return Ok(false);
    }
    let Some(user) = state.context.catalog.user_by_id(id).map_err(of_store)? else { return Ok(true) };
    state.context.catalog.remove_user(id).map_err(of_store)?;
    state.failures.remove(&id);
    state.schedules.drop_user(user.batch, id);
    Ok(true)
}

/// Lets the users in step get their final sync once CompleteAfter has passed.
pub(super) fn complete(state: &mut State, batch: &Batch) -> Result<(), ApiError> {
    let (now, counts) = (state.context.now(), &batch.counts);
    let in_step = counts.synced > counts.completing + counts.completed + counts.incremental;
    if !in_step || !batch.options.is_to_be_completed(now) {
        return Ok(());
    }
    state
        .context
        .catalog
        .change_user_statuses(batch.id, UserEvent::CompleteRequested, now)
        .map_err(of_store)?;
    if let Some(schedule) = state.schedules.get_mut(batch.id) {
        schedule.expect(now);
    }
    Ok(())
}

/// The batch has stopped as soon as none of its users runs.
pub(super) fn finish_stop(state: &mut State, batch: &Batch) -> Result<(), ApiError> {
    if state.crew.runs_any_of(batch.id, |_| true) {
        return Ok(());
    }
    state
        .context
        .catalog
        .change_user_statuses(batch.id, UserEvent::Stopped, state.context.now())
        .map_err(of_store)?;
    for user in state.users(batch.id, &[UserStatus::Stopped, UserStatus::IncrementalStopped])? {
        if user.waiting.is_some() {
            let change = UserChange { waiting: Some(None), ..UserChange::default() };
            state.context.catalog.change_user(user.id, &[], &change).map_err(of_store)?;
        }
    }
    state.schedules.remove(batch.id);
    state.dirty = true;
    state.event(batch.id, BatchEvent::WorkEnded, &BatchChange::default())
}

/// The batch is removed as soon as none of its users runs; that may take long, so a thread does it.
pub(super) fn finish_removal(state: &mut State, batch: &Batch) {
    if state.crew.runs_any_of(batch.id, |_| true) {
        state.crew.cancel_all_of(batch.id);
        return;
    }
    if !state.removing.insert(batch.id) {
        return;
    }
    state.schedules.remove(batch.id);
    let (catalog, reports, id) = (Arc::clone(&state.context.catalog), state.crew.reports(), batch.id);
    let spawned = thread::Builder::new().name("removal".to_owned()).spawn(move || {
        let result = catalog.remove_batch(id);
        // A closed channel means that the worker has ended; the next one resumes the removal by the batch's state.
        let _ = reports.send(Event::Removed(id, result));
    });
    if spawned.is_err() {
        state.removing.remove(&batch.id);
    }
}
