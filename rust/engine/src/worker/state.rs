//! What the worker's scheduling loop keeps between its turns, apart from the database.

use super::crew::Crew;
use super::retry::Failures;
use super::schedules::Schedules;
use crate::context::Context;
use crate::errors::of_store;
use imapmig_core::api::ApiError;
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::ports::store::{BatchChange, UserFilter};
use imapmig_core::status::{BatchEvent, UserStatus};
use imapmig_core::user::User;
use std::collections::{HashMap, HashSet};

/// What all parts of the loop work on.
pub(super) struct State {
    pub(super) context: Context,
    pub(super) crew: Crew,
    pub(super) schedules: Schedules,
    pub(super) failures: HashMap<UserId, Failures>,
    /// Batches that are being removed.
    pub(super) removing: HashSet<BatchId>,
    /// Something happened, so the next turn goes through all batches.
    pub(super) dirty: bool,
}

impl State {
    pub(super) fn new(context: Context, crew: Crew) -> Self {
        Self {
            context,
            crew,
            schedules: Schedules::default(),
            failures: HashMap::new(),
            removing: HashSet::new(),
            dirty: true,
        }
    }

    /// The users of a batch in these states.
    pub(super) fn users(&self, batch: BatchId, statuses: &[UserStatus]) -> Result<Vec<User>, ApiError> {
        let filter = UserFilter { batch: Some(batch), statuses: statuses.to_vec(), ..UserFilter::default() };
        self.context.catalog.users(&filter).map_err(of_store)
    }

    /// Changes a batch to the state that follows from an event. One that is refused by now, after another request, changes nothing.
    pub(super) fn event(
        &self,
        batch: BatchId,
        event: BatchEvent,
        change: &BatchChange,
    ) -> Result<(), ApiError> {
        self.context
            .catalog
            .batch_event(batch, event, change, self.context.now())
            .map(|_| ())
            .map_err(of_store)
    }
}
