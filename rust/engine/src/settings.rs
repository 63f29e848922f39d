//! The settings of the whole installation, as they are stored.

use crate::context::Context;
use crate::errors::of_store;
use imapmig_core::api::ApiError;
use imapmig_core::endpoint::{Endpoint, Limit};

pub(crate) const TARGET_ENDPOINT: &str = "TargetEndpoint";
pub(crate) const MAX_CONCURRENT_MIGRATIONS: &str = "MaxConcurrentMigrations";
pub(crate) const MAX_NUMBER_OF_BATCHES: &str = "MaxNumberOfBatches";

/// Exchange Online's numbers for an organisation.
const DEFAULT_MIGRATIONS: Limit = Limit::At(300);
const DEFAULT_BATCHES: u32 = 100;
pub(crate) const MOST_BATCHES: u32 = 1_000;

/// The target of batches that name none; absent: `Local`.
pub(crate) fn target(context: &Context) -> Result<Option<Endpoint>, ApiError> {
    match context.catalog.setting(TARGET_ENDPOINT).map_err(of_store)? {
        Some(id) => context.catalog.endpoint(&id).map_err(of_store),
        None => Ok(None),
    }
}

/// How many initial syncs may run at once over all endpoints.
pub(crate) fn max_concurrent_migrations(context: &Context) -> Result<Limit, ApiError> {
    let stored = context.catalog.setting(MAX_CONCURRENT_MIGRATIONS).map_err(of_store)?;
    Ok(stored.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(DEFAULT_MIGRATIONS))
}

/// How many batches there may be.
pub(crate) fn max_number_of_batches(context: &Context) -> Result<u32, ApiError> {
    let stored = context.catalog.setting(MAX_NUMBER_OF_BATCHES).map_err(of_store)?;
    Ok(stored.and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_BATCHES))
}
