//! The schedules of all started batches, read from the store.

use super::schedule::{BatchUsers, Schedule};
use crate::errors::of_store;
use imapmig_core::api::ApiError;
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::ports::store::Catalog;
use imapmig_core::time::UnixMs;
use std::collections::HashMap;

/// One schedule for each started batch that was taken up.
#[derive(Debug, Default)]
pub(super) struct Schedules {
    of_batch: HashMap<BatchId, Schedule>,
}

impl Schedules {
    /// Reads a batch again; pauses and pending requests are kept.
    pub(super) fn load(&mut self, catalog: &dyn Catalog, batch: BatchId) -> Result<&mut Schedule, ApiError> {
        let users = BatchUsers {
            turns: catalog.turns(batch).map_err(of_store)?,
            equal_passwords: catalog.users_with_equal_passwords(batch).map_err(of_store)?,
            equal_logins: catalog.users_with_equal_logins(batch).map_err(of_store)?,
        };
        let earlier = self.of_batch.remove(&batch);
        Ok(self.of_batch.entry(batch).or_insert(Schedule::new(users, earlier)))
    }

    pub(super) fn get(&self, batch: BatchId) -> Option<&Schedule> {
        self.of_batch.get(&batch)
    }

    pub(super) fn get_mut(&mut self, batch: BatchId) -> Option<&mut Schedule> {
        self.of_batch.get_mut(&batch)
    }

    pub(super) fn remove(&mut self, batch: BatchId) -> Option<Schedule> {
        self.of_batch.remove(&batch)
    }

    /// Removes the schedules of batches that are not started any more.
    pub(super) fn retain(&mut self, is_started: impl Fn(BatchId) -> bool) {
        self.of_batch.retain(|batch, _| is_started(*batch));
    }

    /// Whether a request to sync now is being fulfilled.
    pub(super) fn is_under_way(&self, request: i64) -> bool {
        self.of_batch.values().any(|schedule| schedule.sync_now.contains(&request))
    }

    /// The user is being taken up, or cannot be.
    pub(super) fn take(&mut self, batch: BatchId, user: UserId) {
        if let Some(schedule) = self.get_mut(batch) {
            schedule.take(user);
        }
    }

    /// The user is stopped or removed; others of its group do not wait for it.
    pub(super) fn drop_user(&mut self, batch: BatchId, user: UserId) {
        if let Some(schedule) = self.get_mut(batch) {
            schedule.take(user);
            schedule.shared_mailboxes.pass_over(user);
        }
    }

    /// Finds out whose incremental or final sync is due; returns `true` if a request to sync now is met.
    pub(super) fn find_due(
        &mut self,
        catalog: &dyn Catalog,
        batch: BatchId,
        now: UnixMs,
    ) -> Result<bool, ApiError> {
        let Some(schedule) = self.get_mut(batch).filter(|schedule| schedule.may_have_due(now)) else {
            return Ok(false);
        };
        let (due, next_due) = catalog.due_users(batch, now).map_err(of_store)?;
        Ok(schedule.add_due(due, next_due))
    }
}
