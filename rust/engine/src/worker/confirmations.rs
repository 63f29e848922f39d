//! Confirmations: whose mail is compared next, and what is written when a comparison ends.
//!
//! The table of confirmations is the request, so a worker that was killed is followed by one that goes on. Comparing changes no
//! status of a user or batch. A user is never synced and compared at the same time; syncs of others go on.

use super::limits::{Limits, MOST_THREADS};
use super::schedule::{Confirming, Stage};
use super::supervisor::Supervisor;
use super::user_job::Ended;
use crate::errors::{self, of_store};
use imapmig_core::api::ApiError;
use imapmig_core::batch::Batch;
use imapmig_core::confirmation::UserConfirmation;
use imapmig_core::failure::FailureKind;
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::ports::store::{StoreError, StoreResult};
use imapmig_core::status::BatchStatus;
use imapmig_core::user::User;
use std::collections::VecDeque;
use std::sync::Arc;

/// Why a user without any sync is not compared.
const NEVER_SYNCED: &str = "The user was never synced, so its mail was not compared.";

/// What belongs to a confirmation that was stopped or replaced is not written; the next turn finds out which one there is now.
fn unless_over(written: StoreResult<()>) -> Result<(), ApiError> {
    match written {
        Err(StoreError::ConfirmationOver) => Ok(()),
        other => other.map_err(of_store),
    }
}

impl Supervisor {
    /// Takes up confirmations that were requested since the last turn, and ends the threads of those that were stopped.
    pub(super) fn find_confirmations(&mut self) -> Result<(), ApiError> {
        let open = self.context.store.open_confirmations().map_err(of_store)?;
        let (go_on, over) = std::mem::take(&mut self.confirming)
            .into_iter()
            .partition::<Vec<_>, _>(|one| open.contains(&one.confirmation));
        self.confirming = go_on;
        for one in over {
            self.cancel_confirmation(one.confirmation.batch);
        }
        for confirmation in open {
            let known = self.confirming.iter().any(|one| one.confirmation == confirmation);
            // Threads of one that was replaced end first.
            if known || self.confirms_any_of(confirmation.batch) {
                continue;
            }
            let queue = self.unconfirmed(confirmation.batch)?;
            self.confirming.push(Confirming { confirmation, queue });
            self.dirty = true;
        }
        Ok(())
    }

    /// Takes up users of confirmations as far as limits allow, and ends confirmations that are through.
    pub(super) fn schedule_confirmations(
        &mut self,
        batches: &[Batch],
        limits: &Limits,
    ) -> Result<(), ApiError> {
        let mut confirming = std::mem::take(&mut self.confirming);
        let mut result = Ok(());
        confirming.retain_mut(|one| {
            let batch = batches.iter().find(|batch| batch.id == one.confirmation.batch);
            let goes_on = match (&result, batch) {
                (Ok(()), Some(batch)) => self.go_on_with(one, batch, limits),
                _ => Ok(batch.is_some()),
            };
            goes_on.unwrap_or_else(|error| {
                result = Err(error);
                true
            })
        });
        self.confirming = confirming;
        result
    }

    /// Returns whether the confirmation goes on.
    fn go_on_with(&mut self, one: &mut Confirming, batch: &Batch, limits: &Limits) -> Result<bool, ApiError> {
        if matches!(batch.status, BatchStatus::Stopping | BatchStatus::Removing) || self.cancel.is_cancelled()
        {
            return Ok(true);
        }
        let store = Arc::clone(&self.context.store);
        let stage = Stage::Confirm { of: one.confirmation.id, bytes: one.confirmation.bytes };
        while self.running.len() < MOST_THREADS && limits.allow(&self.running, batch, stage) {
            let Some(at) = one.queue.iter().position(|user| !self.running.contains_key(user)) else { break };
            let Some(id) = one.queue.get(at).copied() else { break };
            let user = store.user_by_id(id).map_err(of_store)?.filter(|user| user.batch == batch.id);
            match user {
                Some(user) if user.started.is_none() => {
                    unless_over(store.end_user_confirmation(
                        one.confirmation.id,
                        id,
                        Some(NEVER_SYNCED),
                        self.context.now(),
                    ))?;
                }
                Some(user) => self.set_to_work(batch, user, stage, None),
                None => {}
            }
            one.queue.remove(at);
        }
        if !one.queue.is_empty() || self.confirms_any_of(batch.id) {
            return Ok(true);
        }
        // Users that were added to the batch meanwhile, or were put back, are compared too.
        one.queue = self.unconfirmed(batch.id)?;
        if one.queue.is_empty() {
            store.end_confirmation(one.confirmation.id, self.context.now()).map_err(of_store)?;
            return Ok(false);
        }
        self.dirty = true;
        Ok(true)
    }

    /// Writes down how the comparison of a user ended. One that was interrupted is gone on with later.
    pub(super) fn note_confirmed(&mut self, user: &User, ended: &Ended) -> Result<(), ApiError> {
        let store = &self.context.store;
        let Stage::Confirm { of, .. } = ended.stage else { return Ok(()) };
        let error = match &ended.result {
            Ok(_) => None,
            Err(failure) if failure.kind == FailureKind::Cancelled => {
                self.running.remove(&user.id);
                return Ok(());
            }
            Err(failure) => Some(errors::told(failure)),
        };
        let now = self.context.now();
        unless_over(store.end_user_confirmation(of, user.id, error.as_deref(), now))?;
        tracing::info!(user = user.email_address, batch = user.batch_name, error, "both sides were compared");
        self.running.remove(&user.id);
        Ok(())
    }

    /// Whether a thread syncs the user, or looks at its mailbox before that.
    pub(super) fn is_syncing(&self, user: UserId) -> bool {
        self.running.get(&user).is_some_and(|running| !running.stage.is_confirmation())
    }

    fn confirms_any_of(&self, batch: BatchId) -> bool {
        self.running.values().any(|running| running.batch == batch && running.stage.is_confirmation())
    }

    fn cancel_confirmation(&self, batch: BatchId) {
        for running in self.running.values().filter(|running| running.batch == batch) {
            if running.stage.is_confirmation() {
                running.cancel.cancel();
            }
        }
    }

    fn unconfirmed(&self, batch: BatchId) -> Result<VecDeque<UserId>, ApiError> {
        let users = self.context.store.user_confirmations(batch).map_err(of_store)?;
        let open = |one: &UserConfirmation| one.ended.is_none();
        Ok(users.into_iter().filter(open).map(|one| one.user.id).collect())
    }
}
