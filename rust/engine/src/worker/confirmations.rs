//! Confirmations: whose mail is compared next, and what is written when a comparison ends.
//!
//! The table of confirmations is the request, so the next worker continues what a killed one had begun. Comparing changes no
//! status of a user or batch. A user is never synced and compared at the same time; syncs of others go on.

use super::crew;
use super::limits::Limits;
use super::schedule::Stage;
use super::state::State;
use super::user_job::Ended;
use crate::errors::of_store;
use crate::messages::failures;
use crate::messages::items::confirmation::never_synced;
use crate::messages::terms::plain;
use imapmig_core::api::ApiError;
use imapmig_core::batch::Batch;
use imapmig_core::confirmation::{Confirmation, UserConfirmation};
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::ports::store::{Confirmations as Port, StoreError, StoreResult};
use imapmig_core::status::BatchStatus;
use imapmig_core::user::User;
use std::collections::VecDeque;

/// A confirmation under way.
#[derive(Debug)]
struct Confirming {
    confirmation: Confirmation,
    /// Users that are not compared yet, in order of their rows.
    queue: VecDeque<UserId>,
}

/// The confirmations under way, in the order of asking.
#[derive(Debug, Default)]
pub(super) struct Confirmations {
    under_way: Vec<Confirming>,
}

impl Confirmations {
    /// Takes up confirmations that were requested since the last turn, and ends the threads of those that were stopped.
    pub(super) fn find(&mut self, state: &mut State) -> Result<(), ApiError> {
        let open = state.context.confirmations.open_confirmations().map_err(of_store)?;
        let (go_on, over) = std::mem::take(&mut self.under_way)
            .into_iter()
            .partition::<Vec<_>, _>(|one| open.contains(&one.confirmation));
        self.under_way = go_on;
        for one in over {
            state.crew.cancel_confirmations_of(one.confirmation.batch);
        }
        for confirmation in open {
            let known = self.under_way.iter().any(|one| one.confirmation == confirmation);
            // Threads of one that was replaced end first.
            if known || confirms_any_of(state, confirmation.batch) {
                continue;
            }
            let queue = unconfirmed(state.context.confirmations.as_ref(), confirmation.batch)?;
            self.under_way.push(Confirming { confirmation, queue });
            state.dirty = true;
        }
        Ok(())
    }

    /// Takes up users of confirmations as far as limits allow, and ends confirmations that are through.
    pub(super) fn take_up_users(
        &mut self,
        state: &mut State,
        batches: &[Batch],
        limits: &Limits,
    ) -> Result<(), ApiError> {
        let mut result = Ok(());
        self.under_way.retain_mut(|one| {
            let batch = batches.iter().find(|batch| batch.id == one.confirmation.batch);
            let goes_on = match (&result, batch) {
                (Ok(()), Some(batch)) => go_on_with(state, one, batch, limits),
                _ => Ok(batch.is_some()),
            };
            goes_on.unwrap_or_else(|error| {
                result = Err(error);
                true
            })
        });
        result
    }
}

/// Returns `false` if the confirmation has ended.
fn go_on_with(
    state: &mut State,
    one: &mut Confirming,
    batch: &Batch,
    limits: &Limits,
) -> Result<bool, ApiError> {
    if matches!(batch.status, BatchStatus::Stopping | BatchStatus::Removing) || state.crew.is_cancelled() {
        return Ok(true);
    }
    let stage = Stage::Confirm { of: one.confirmation.id, bytes: one.confirmation.bytes };
    while limits.allow(&state.crew.slots(), &crew::slot(batch, stage)) {
        let Some(at) = one.queue.iter().position(|user| !state.crew.is_at_work(*user)) else { break };
        let Some(id) = one.queue.get(at).copied() else { break };
        let user =
            state.context.catalog.user_by_id(id).map_err(of_store)?.filter(|user| user.batch == batch.id);
        match user {
            Some(user) if user.started.is_none() => {
                let now = state.context.now();
                unless_over(state.context.confirmations.end_user_confirmation(
                    one.confirmation.id,
                    id,
                    Some(&never_synced()),
                    now,
                ))?;
            }
            Some(user) => state.crew.set_to_work(batch, user, stage, None),
            None => {}
        }
        one.queue.remove(at);
    }
    if !one.queue.is_empty() || confirms_any_of(state, batch.id) {
        return Ok(true);
    }
    // Users that were added to the batch meanwhile, or were put back, are compared too.
    one.queue = unconfirmed(state.context.confirmations.as_ref(), batch.id)?;
    if one.queue.is_empty() {
        state
            .context
            .confirmations
            .end_confirmation(one.confirmation.id, state.context.now())
            .map_err(of_store)?;
        return Ok(false);
    }
    state.dirty = true;
    Ok(true)
}

/// Records how the comparison of a user ended. An interrupted one is resumed later.
pub(super) fn note_end(state: &mut State, user: &User, ended: &Ended) -> Result<(), ApiError> {
    let Stage::Confirm { of, .. } = ended.stage else { return Ok(()) };
    let error = match &ended.result {
        Ok(_) => None,
        Err(failure) if failure.is_cancelled() => {
            state.crew.remove(user.id);
            return Ok(());
        }
        Err(failure) => Some(failures::told(failure)),
    };
    let now = state.context.now();
    unless_over(state.context.confirmations.end_user_confirmation(of, user.id, error.as_deref(), now))?;
    tracing::info!(
        user = user.email_address,
        batch = user.batch_name,
        error = error.as_deref().map(plain),
        "both sides were compared"
    );
    state.crew.remove(user.id);
    Ok(())
}

fn confirms_any_of(state: &State, batch: BatchId) -> bool {
    state.crew.runs_any_of(batch, Stage::is_confirmation)
}

fn unconfirmed(store: &dyn Port, batch: BatchId) -> Result<VecDeque<UserId>, ApiError> {
    let users = store.user_confirmations(batch).map_err(of_store)?;
    let open = |one: &UserConfirmation| one.ended.is_none();
    Ok(users.into_iter().filter(open).map(|one| one.user.id).collect())
}

/// What belongs to a confirmation that was stopped or replaced is not written; the next turn finds out which one there is now.
fn unless_over(written: StoreResult<()>) -> Result<(), ApiError> {
    match written {
        Err(StoreError::ConfirmationOver) => Ok(()),
        other => other.map_err(of_store),
    }
}
