//! Get- and Set-MigrationConfig: settings of the whole installation.

use crate::errors::{self, of_store};
use crate::parts::Parts;
use crate::{endpoints, worker};
use imapmig_core::api::ApiError;
use imapmig_core::api::config::{ConfigUpdateRequest, ConfigView};
use imapmig_core::endpoint::{Endpoint, LOCAL_ENDPOINT, Limit};
use imapmig_core::ports::store::BatchFilter;

const TARGET_ENDPOINT: &str = "TargetEndpoint";
const MAX_CONCURRENT_MIGRATIONS: &str = "MaxConcurrentMigrations";
const MAX_NUMBER_OF_BATCHES: &str = "MaxNumberOfBatches";

/// Exchange Online's numbers for an organisation.
const DEFAULT_MIGRATIONS: Limit = Limit::At(300);
const DEFAULT_BATCHES: u32 = 100;
const MOST_BATCHES: u32 = 1_000;

/// The target of batches that name none; absent: `Local`.
pub(crate) fn target(parts: &Parts) -> Result<Option<Endpoint>, ApiError> {
    match parts.store.setting(TARGET_ENDPOINT).map_err(of_store)? {
        Some(id) => parts.store.endpoint(&id).map_err(of_store),
        None => Ok(None),
    }
}

/// How many initial syncs may run at once over all endpoints.
pub(crate) fn max_concurrent_migrations(parts: &Parts) -> Result<Limit, ApiError> {
    let stored = parts.store.setting(MAX_CONCURRENT_MIGRATIONS).map_err(of_store)?;
    Ok(stored.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(DEFAULT_MIGRATIONS))
}

/// How many batches there may be.
pub(crate) fn max_number_of_batches(parts: &Parts) -> Result<u32, ApiError> {
    let stored = parts.store.setting(MAX_NUMBER_OF_BATCHES).map_err(of_store)?;
    Ok(stored.and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_BATCHES))
}

/// Get-MigrationConfig.
pub(crate) fn get(parts: &Parts) -> Result<ConfigView, ApiError> {
    let batches = parts.store.batches(&BatchFilter::default()).map_err(of_store)?.len();
    let max_number_of_batches = max_number_of_batches(parts)?;
    let worker = parts.store.worker().map_err(of_store)?;
    let endpoints = parts.store.endpoints().map_err(of_store)?.len();
    Ok(ConfigView {
        identity: String::new(),
        max_number_of_batches,
        max_concurrent_migrations: max_concurrent_migrations(parts)?,
        features: vec!["MultiBatch".to_owned(), "Endpoints".to_owned()],
        can_submit_new_batch: batches < max_number_of_batches as usize,
        has_batches: batches > 0,
        endpoint_count: u32::try_from(endpoints).unwrap_or(u32::MAX),
        target_endpoint: target(parts)?.map_or_else(|| LOCAL_ENDPOINT.to_owned(), |endpoint| endpoint.name),
        state_directory: parts.directory.root().display().to_string(),
        worker_heartbeat_unix_ms: worker.as_ref().map(|lease| lease.heartbeat.0),
        worker: worker.filter(|lease| worker::is_fresh(lease, parts.now())).map(|lease| lease.holder),
    })
}

/// Set-MigrationConfig.
pub(crate) fn set(parts: &Parts, request: &ConfigUpdateRequest) -> Result<(), ApiError> {
    let target = match request.target_endpoint.as_deref() {
        None => None,
        Some(identity) if endpoints::is_local(identity) => Some(None),
        Some(identity) => Some(Some(endpoints::find(parts, identity)?.id.to_string())),
    };
    if request.max_concurrent_migrations == Some(Limit::At(0)) {
        return Err(errors::invalid("MaxConcurrentMigrations is at least 1."));
    }
    if let Some(number) = request.max_number_of_batches
        && !(1..=MOST_BATCHES).contains(&number)
    {
        return Err(errors::invalid(format!("MaxNumberOfBatches is between 1 and {MOST_BATCHES}.")));
    }
    let store = &parts.store;
    if let Some(target) = target {
        store.set_setting(TARGET_ENDPOINT, target.as_deref()).map_err(of_store)?;
    }
    if let Some(limit) = request.max_concurrent_migrations {
        let text =
            serde_json::to_string(&limit).map_err(|error| errors::fault_because(&error.to_string()))?;
        store.set_setting(MAX_CONCURRENT_MIGRATIONS, Some(&text)).map_err(of_store)?;
    }
    if let Some(number) = request.max_number_of_batches {
        store.set_setting(MAX_NUMBER_OF_BATCHES, Some(&number.to_string())).map_err(of_store)?;
    }
    Ok(())
}
