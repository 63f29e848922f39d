//! How many users may run at once: at an endpoint, and altogether. Pure.

use super::schedule::Stage;
use imapmig_core::endpoint::{Endpoint, Limit};
use imapmig_core::ids::EndpointId;
use std::collections::HashMap;

/// The most users at work, whatever the endpoints allow: each has a thread.
const MOST_THREADS: usize = 300;

/// What one user at work takes of the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) stage: Stage,
    pub(super) source: EndpointId,
    pub(super) target: Option<EndpointId>,
}

impl Slot {
    fn is_at(&self, endpoint: EndpointId) -> bool {
        self.source == endpoint || self.target == Some(endpoint)
    }

    fn is_incremental(&self) -> bool {
        self.stage == Stage::Incremental
    }
}

/// How many users may run at once.
pub(super) struct Limits {
    endpoints: HashMap<EndpointId, Endpoint>,
    all: Limit,
}

impl Limits {
    /// The limits of these endpoints. `all`: of initial syncs at all endpoints together.
    pub(super) fn new(endpoints: Vec<Endpoint>, all: Limit) -> Self {
        Self { endpoints: endpoints.into_iter().map(|endpoint| (endpoint.id, endpoint)).collect(), all }
    }

    /// Whether another slot is free. Probing a mailbox counts as an initial sync, and so does comparing.
    pub(super) fn allow(&self, taken: &[Slot], wanted: &Slot) -> bool {
        let alike = |concerns: &dyn Fn(&Slot) -> bool| {
            let same_kind = |slot: &&Slot| slot.is_incremental() == wanted.is_incremental();
            let number = taken.iter().filter(same_kind).filter(|slot| concerns(slot)).count();
            u32::try_from(number).unwrap_or(u32::MAX)
        };
        let at_endpoint = |id: EndpointId| {
            let Some(endpoint) = self.endpoints.get(&id) else { return true };
            let limit = if wanted.is_incremental() {
                endpoint.max_concurrent_incremental_syncs
            } else {
                endpoint.max_concurrent_migrations
            };
            limit.allows_more_than(alike(&|slot| slot.is_at(id)))
        };
        taken.len() < MOST_THREADS
            && (wanted.is_incremental() || self.all.allows_more_than(alike(&|_| true)))
            && at_endpoint(wanted.source)
            && wanted.target.is_none_or(at_endpoint)
    }
}

#[cfg(test)]
mod tests;
