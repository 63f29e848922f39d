//! `imapmig_config_get`, `imapmig_config_set`.

use crate::endpoint::Limit;
use serde::{Deserialize, Serialize};

/// Set-MigrationConfig; absent properties stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ConfigUpdateRequest {
    /// The target of batches that name none; `Local` goes back to the local store.
    pub target_endpoint: Option<String>,
    /// How many initial syncs may run at once over all endpoints.
    pub max_concurrent_migrations: Option<Limit>,
    /// How many batches there may be.
    pub max_number_of_batches: Option<u32>,
}

/// Get-MigrationConfig.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(missing_docs, reason = "the properties of Exchange's Get-MigrationConfig, by their names")]
pub struct ConfigView {
    pub identity: String,
    pub max_number_of_batches: u32,
    pub max_concurrent_migrations: Limit,
    pub features: Vec<String>,
    pub can_submit_new_batch: bool,
    pub has_batches: bool,
    pub endpoint_count: u32,
    /// The target of batches that name none.
    pub target_endpoint: String,
    pub state_directory: String,
    /// The worker that holds the lease, for people; absent when none runs.
    pub worker: Option<String>,
    pub worker_heartbeat_unix_ms: Option<i64>,
}
