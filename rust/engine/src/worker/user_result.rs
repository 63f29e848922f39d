//! Applies a finished job's result to the user's state.

use super::confirmations;
use super::retry::{Failures, Verdict};
use super::schedule::Stage;
use super::state::State;
use super::user_job::{Done, Ended};
use crate::analysis::Analysis;
use crate::errors::of_store;
use crate::messages::reports::{self, Synced};
use crate::messages::terms::plain;
use crate::messages::{engine_failures, failures};
use crate::sync::AccountProbe;
use imapmig_core::api::ApiError;
use imapmig_core::batch::Batch;
use imapmig_core::failure::{Failure, FailureKind, Scope};
use imapmig_core::ids::UserId;
use imapmig_core::ports::store::{BatchChange, UserChange};
use imapmig_core::status::{BatchStatus, UserEvent, UserStatus};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{User, UserFailure};
use std::time::Duration;

/// How long after a sync the next one is due.
const INCREMENTAL_EVERY: Duration = Duration::from_hours(24);

/// Writes down how a user's thread ended.
pub(super) fn note_end(state: &mut State, ended: &Ended) -> Result<(), ApiError> {
    let now = state.context.now();
    let Some(user) = state.context.catalog.user_by_id(ended.user).map_err(of_store)? else {
        state.crew.remove(ended.user);
        return Ok(());
    };
    if ended.stage.is_confirmation() {
        return confirmations::note_end(state, &user, ended);
    }
    let batch = state.context.catalog.batch_by_id(ended.batch).map_err(of_store)?;
    let batch = batch.as_ref();
    let stopping = is_stopping(state, ended, batch);
    let work_time = match ended.stage {
        Stage::Probe | Stage::Confirm { .. } => 0,
        Stage::Initial | Stage::Incremental => user.started.map_or(0, |since| (now.0 - since.0).max(0)),
    };
    let base = UserChange { add_in_progress_ms: work_time, waiting: Some(None), ..UserChange::default() };
    match &ended.result {
        Ok(Done::Synced) => note_synced(state, &user, ended, batch, stopping, base)?,
        Ok(Done::Analyzed(analysis)) => {
            let base = UserChange { add_in_progress_ms: 0, ..base };
            note_analyzed(state, &user, ended, batch, analysis, stopping, base)?;
        }
        Ok(Done::Confirmed) => {}
        Ok(Done::Probed(probes)) => note_probed(state, &user, ended, probes, stopping, base)?,
        Err(failure) if stopping || failure.is_cancelled() => {
            note_stopped(state, &user, ended, stopping, base)?;
        }
        Err(failure) => note_failure(state, &user, ended, failure, base)?,
    }
    state.crew.remove(ended.user);
    Ok(())
}

/// Whether the user, or its batch, was asked to stop.
fn is_stopping(state: &State, ended: &Ended, batch: Option<&Batch>) -> bool {
    if state.crew.is_cancelled() {
        return false;
    }
    let asked = state.crew.is_user_cancelled(ended.user);
    let ends =
        |status| matches!(status, BatchStatus::Stopping | BatchStatus::Stopped | BatchStatus::Removing);
    asked || batch.is_none_or(|batch| ends(batch.status))
}

fn note_synced(
    state: &mut State,
    user: &User,
    ended: &Ended,
    batch: Option<&Batch>,
    stopping: bool,
    base: UserChange,
) -> Result<(), ApiError> {
    let now = state.context.now();
    if batch.is_some_and(|batch| batch.message.is_some()) {
        // What was wrong with the whole batch is over.
        let message = BatchChange { message: Some(None), ..BatchChange::default() };
        state.context.catalog.change_batch(ended.batch, &message).map_err(of_store)?;
    }
    let repeats = batch.is_some_and(|batch| batch.options.allow_incremental_syncs);
    // A sync that was requested after this one began.
    let again =
        user.next_sync.filter(|asked| user.started.is_some_and(|began| *asked > began) && *asked <= now);
    let next = again.unwrap_or_else(|| now.after(INCREMENTAL_EVERY));
    let event = if stopping { UserEvent::SyncDoneWhileStopping } else { UserEvent::SyncDone };
    let completed = user.status.on(event) == Some(UserStatus::Completed);
    let repeats = (repeats || again.is_some()) && !completed;
    let change = UserChange {
        status: user.status.on(event),
        error: Some(None),
        initial_synced: user.initial_synced.is_none().then_some(now),
        last_synced: Some(now),
        next_sync: Some(repeats.then_some(next)),
        ..base
    };
    write(state, user, &change)?;
    state.failures.remove(&user.id);
    let which = match ended.stage {
        Stage::Incremental if completed => Synced::Final,
        Stage::Incremental => Synced::Incremental,
        Stage::Probe | Stage::Initial | Stage::Confirm { .. } => Synced::Initial,
    };
    report(state, user, reports::synced(which))?;
    if repeats
        && !stopping
        && let Some(schedule) = state.schedules.get_mut(ended.batch)
    {
        schedule.expect(next);
    }
    Ok(())
}

/// An analyzed user rests until its batch is started; one that was started meanwhile is queued.
fn note_analyzed(
    state: &mut State,
    user: &User,
    ended: &Ended,
    batch: Option<&Batch>,
    analysis: &Analysis,
    stopping: bool,
    base: UserChange,
) -> Result<(), ApiError> {
    let now = state.context.now();
    state.context.diary.add_skipped(user.id, &analysis.items).map_err(of_store)?;
    let rests = stopping || batch.is_none_or(|batch| batch.options.analyze);
    let event = if rests { UserEvent::Stopped } else { UserEvent::PutBack };
    let change = UserChange {
        status: user.status.on(event),
        error: Some(None),
        progress: Some(analysis.progress),
        queued: Some((!rests).then_some(now)),
        ..base
    };
    write(state, user, &change)?;
    state.failures.remove(&user.id);
    report(state, user, &analysis.summary())?;
    if !rests && let Some(schedule) = state.schedules.get_mut(ended.batch) {
        schedule.put_back(user.id, None);
    }
    Ok(())
}

fn note_stopped(
    state: &mut State,
    user: &User,
    ended: &Ended,
    stopping: bool,
    base: UserChange,
) -> Result<(), ApiError> {
    let now = state.context.now();
    let event = if stopping { UserEvent::Stopped } else { UserEvent::PutBack };
    let change = due(user.status.on(event), now, base);
    write(state, user, &change)?;
    if let Some(schedule) = state.schedules.get_mut(ended.batch) {
        match (ended.stage, stopping) {
            (Stage::Incremental, false) => schedule.expect(now),
            (_, false) => schedule.put_back(user.id, None),
            (_, true) => schedule.shared_mailboxes.pass_over(user.id),
        }
    }
    Ok(())
}

fn note_failure(
    state: &mut State,
    user: &User,
    ended: &Ended,
    failure: &Failure,
    base: UserChange,
) -> Result<(), ApiError> {
    let now = state.context.now();
    let dealt_with = user.progress.synced_items + user.progress.skipped_items;
    let began = user.started.unwrap_or(now);
    let failures = state.failures.entry(user.id).or_insert_with(|| Failures::new(began));
    let verdict = failures.judge(user.id, failure, dealt_with, now);
    let incremental = ended.stage == Stage::Incremental;
    let (change, text) = match &verdict {
        Verdict::Again { at, failures } => {
            let text = reports::waits_in_queue(failure, *at, *failures);
            let base = UserChange { waiting: Some(Some(text.clone())), ..base };
            let due_at = if incremental { *at } else { now };
            (due(user.status.on(UserEvent::PutBack), due_at, base), text)
        }
        Verdict::GiveUp { error, summary } => {
            let status = user.status.on(UserEvent::GivenUp);
            let error_pair = Some(Some((error.clone(), summary.clone())));
            (UserChange { status, error: error_pair, ..base }, error.clone())
        }
    };
    let change = UserChange { failure: Some(failed(failure, now)), ..change };
    write(state, user, &change)?;
    report(state, user, &text)?;
    if matches!(verdict, Verdict::Again { .. }) && concerns_a_server(failure.kind) {
        // The batch shows that a server is down, and when it is tried again.
        let message = BatchChange { message: Some(Some(text.clone())), ..BatchChange::default() };
        state.context.catalog.change_batch(ended.batch, &message).map_err(of_store)?;
    }
    if matches!(verdict, Verdict::GiveUp { .. }) {
        state.failures.remove(&user.id);
        if failure.scope == Scope::Batch {
            // It concerns every user of the batch, so it is said of the batch too.
            let message = BatchChange { message: Some(Some(text)), ..BatchChange::default() };
            state.context.catalog.change_batch(ended.batch, &message).map_err(of_store)?;
        }
    }
    let Some(schedule) = state.schedules.get_mut(ended.batch) else { return Ok(()) };
    schedule.shared_mailboxes.pass_over(user.id);
    match verdict {
        Verdict::Again { at, .. } if incremental => schedule.expect(at),
        Verdict::Again { at, .. } => schedule.put_back(user.id, Some(at)),
        Verdict::GiveUp { .. } => {}
    }
    Ok(())
}

fn note_probed(
    state: &mut State,
    user: &User,
    ended: &Ended,
    probes: &[(UserId, Option<AccountProbe>)],
    stopping: bool,
    base: UserChange,
) -> Result<(), ApiError> {
    let mut same = Vec::new();
    if let Some(schedule) = state.schedules.get_mut(ended.batch) {
        for (id, probe) in probes {
            same = schedule.shared_mailboxes.saw(*id, probe.clone());
        }
    }
    let mut others = Vec::new();
    for other in same {
        others.extend(state.context.catalog.user_by_id(other).map_err(of_store)?);
    }
    let Some(first) = others.first() else {
        if stopping {
            return note_stopped(state, user, ended, stopping, base);
        }
        write(state, user, &UserChange { status: user.status.on(UserEvent::ProbeDone), ..base })?;
        if let Some(schedule) = state.schedules.get_mut(ended.batch) {
            schedule.put_back(user.id, None);
        }
        return Ok(());
    };
    fail_as_same(state, user, first)?;
    for other in &others {
        let untouched =
            other.started.is_none() && matches!(other.status, UserStatus::Queued | UserStatus::Validating);
        if untouched {
            fail_as_same(state, other, user)?;
            state.schedules.take(ended.batch, other.id);
        }
    }
    Ok(())
}

fn fail_as_same(state: &State, user: &User, other: &User) -> Result<(), ApiError> {
    let failure = engine_failures::same_mailbox(user, other);
    let (error, summary) = failures::of_user(&failure);
    let change = UserChange {
        status: user.status.on(UserEvent::GivenUp),
        failure: Some(failed(&failure, state.context.now())),
        error: Some(Some((error.clone(), summary))),
        waiting: Some(None),
        ..UserChange::default()
    };
    write(state, user, &change)?;
    report(state, user, &error)
}

fn write(state: &State, user: &User, change: &UserChange) -> Result<(), ApiError> {
    state.context.catalog.change_user(user.id, &[], change).map(|_| ()).map_err(of_store)
}

fn report(state: &State, user: &User, text: &str) -> Result<(), ApiError> {
    tracing::info!(user = user.email_address, batch = user.batch_name, "{}", plain(text));
    state.context.diary.add_report(user.id, state.context.now(), text).map_err(of_store)
}

/// What is kept of a failure.
fn failed(failure: &Failure, at: UnixMs) -> UserFailure {
    UserFailure { at, kind: failure.kind, side: failure.place.as_ref().map(|place| place.side) }
}

/// Whether a failure is that of a server, so that the other users of the batch are likely to meet it as well.
const fn concerns_a_server(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Unreachable | FailureKind::TimedOut | FailureKind::Tls | FailureKind::Certificate
    )
}

/// A user that waits again: in the queue, or for an incremental sync that is due then.
fn due(status: Option<UserStatus>, at: UnixMs, base: UserChange) -> UserChange {
    UserChange {
        status,
        queued: (status == Some(UserStatus::Queued)).then_some(Some(at)),
        next_sync: status.is_some_and(UserStatus::has_next_sync).then_some(Some(at)),
        ..base
    }
}
