//! Takes up users as far as limits allow.

use super::crew;
use super::limits::Limits;
use super::schedule::Stage;
use super::state::State;
use crate::context::Context;
use crate::errors::of_store;
use crate::settings;
use imapmig_core::api::ApiError;
use imapmig_core::batch::Batch;
use imapmig_core::ids::UserId;
use imapmig_core::ports::store::UserChange;
use imapmig_core::status::{UserEvent, UserStatus};
use imapmig_core::time::UnixMs;
use imapmig_core::user::User;

/// The limits as they are now.
pub(super) fn limits(context: &Context) -> Result<Limits, ApiError> {
    let endpoints = context.catalog.endpoints().map_err(of_store)?;
    Ok(Limits::new(endpoints, settings::max_concurrent_migrations(context)?))
}

/// Takes up users, one of each batch in turn, until a limit is reached everywhere.
pub(super) fn take_up_users<'a>(
    state: &mut State,
    batches: impl Iterator<Item = &'a Batch> + Clone,
    limits: &Limits,
) -> Result<(), ApiError> {
    let mut took_up = true;
    while took_up && !state.crew.is_cancelled() {
        took_up = false;
        for batch in batches.clone() {
            let Some((user, stage)) = pick(state, batch, limits) else { continue };
            if state.crew.is_at_work(user) {
                state.schedules.take(batch.id, user);
            } else {
                take_up(state, batch, user, stage)?;
            }
            took_up = true;
        }
    }
    Ok(())
}

fn pick(state: &mut State, batch: &Batch, limits: &Limits) -> Option<(UserId, Stage)> {
    let crew = &state.crew;
    let schedule = state.schedules.get_mut(batch.id)?;
    let taken = crew.slots();
    let is_allowed = |stage| limits.allow(&taken, &crew::slot(batch, stage));
    let free = |user| !crew.is_being_confirmed(user);
    if is_allowed(Stage::Initial)
        && let Some(next) = schedule.next_initial(state.context.now(), free)
    {
        return Some(next);
    }
    let next = schedule.next_incremental(free)?;
    is_allowed(Stage::Incremental).then_some((next, Stage::Incremental))
}

/// Starts a user's thread, unless its state in the store says otherwise by now.
fn take_up(state: &mut State, batch: &Batch, id: UserId, stage: Stage) -> Result<(), ApiError> {
    let now = state.context.now();
    // It may have been moved to another batch meanwhile.
    let user = state.context.catalog.user_by_id(id).map_err(of_store)?.filter(|user| user.batch == batch.id);
    let Some(user) = user else {
        state.schedules.take(batch.id, id);
        return Ok(());
    };
    let (when, mut change) = change_at_start(&user, stage, now);
    if batch.options.analyze && stage == Stage::Initial {
        (change.status, change.started) = (user.status.on(UserEvent::ProbeBegan), None);
    }
    let fits = state.context.catalog.change_user(id, &[when], &change).map_err(of_store)?;
    state.schedules.take(batch.id, id);
    if !fits {
        return Ok(());
    }
    // Its login may have been changed since it was read; from now on it cannot.
    let Some(user) = state.context.catalog.user_by_id(id).map_err(of_store)? else { return Ok(()) };
    let schedule = state.schedules.get(batch.id).filter(|_| stage == Stage::Probe);
    let elder = schedule.and_then(|schedule| schedule.shared_mailboxes.elder(id));
    let elder =
        elder.map(|elder| state.context.catalog.user_by_id(elder)).transpose().map_err(of_store)?.flatten();
    state.crew.set_to_work(batch, user, stage, elder);
    Ok(())
}

/// The state that a user has to be in, and what changes when it is taken up.
fn change_at_start(user: &User, stage: Stage, now: UnixMs) -> (UserStatus, UserChange) {
    let waited = |user: &User| user.queued.map_or(0, |since| (now.0 - since.0).max(0));
    let base = UserChange { waiting: Some(None), ..UserChange::default() };
    match stage {
        Stage::Confirm { .. } => (user.status, UserChange::default()),
        Stage::Probe => {
            (UserStatus::Queued, UserChange { status: user.status.on(UserEvent::ProbeBegan), ..base })
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
