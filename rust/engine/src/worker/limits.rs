//! How many users may run at once: at an endpoint, and altogether.

use super::schedule::Stage;
use crate::context::Context;
use crate::errors::of_store;
use crate::settings;
use imapmig_core::api::ApiError;
use imapmig_core::batch::Batch;
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::{Endpoint, Limit};
use imapmig_core::ids::{BatchId, EndpointId, UserId};
use std::collections::HashMap;

/// The most threads of users, whatever the endpoints allow.
pub(super) const MOST_THREADS: usize = 300;

/// A user at work.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) batch: BatchId,
    pub(super) stage: Stage,
    pub(super) cancel: Cancel,
    pub(super) source: EndpointId,
    pub(super) target: Option<EndpointId>,
}

/// How many users may run at once.
pub(super) struct Limits {
    endpoints: HashMap<EndpointId, Endpoint>,
    all: Limit,
}

impl Limits {
    pub(super) fn read(context: &Context) -> Result<Self, ApiError> {
        let endpoints = context.store.endpoints().map_err(of_store)?;
        let endpoints = endpoints.into_iter().map(|endpoint| (endpoint.id, endpoint)).collect();
        Ok(Self { endpoints, all: settings::max_concurrent_migrations(context)? })
    }

    /// Whether one more user of the batch may run. Looking at a mailbox counts as an initial sync, and so does comparing.
    pub(super) fn allow(&self, running: &HashMap<UserId, Running>, batch: &Batch, stage: Stage) -> bool {
        let same_kind =
            |other: &&Running| (other.stage == Stage::Incremental) == (stage == Stage::Incremental);
        let count = |concerns: &dyn Fn(&Running) -> bool| {
            let number = running.values().filter(same_kind).filter(|other| concerns(other)).count();
            u32::try_from(number).unwrap_or(u32::MAX)
        };
        let at_endpoint = |id: EndpointId| {
            let Some(endpoint) = self.endpoints.get(&id) else { return true };
            let limit = match stage {
                Stage::Incremental => endpoint.max_concurrent_incremental_syncs,
                Stage::Look | Stage::Initial | Stage::Confirm { .. } => endpoint.max_concurrent_migrations,
            };
            limit.allows_more_than(count(&|other| other.source == id || other.target == Some(id)))
        };
        let overall = stage == Stage::Incremental || self.all.allows_more_than(count(&|_| true));
        overall && at_endpoint(batch.source) && batch.target.is_none_or(at_endpoint)
    }
}
