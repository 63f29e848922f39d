//! Get- and Set-MigrationConfig: settings of the whole installation.

use crate::context::Context;
use crate::errors::of_store;
use crate::messages::common;
use crate::messages::terms::Term;
use crate::settings::{
    MAX_CONCURRENT_MIGRATIONS, MAX_NUMBER_OF_BATCHES, MOST_BATCHES, TARGET_ENDPOINT,
    max_concurrent_migrations, max_number_of_batches, target,
};
use crate::{lookup, worker};
use imapmig_core::api::ApiError;
use imapmig_core::api::config::{ConfigUpdateRequest, ConfigView};
use imapmig_core::endpoint::{LOCAL_ENDPOINT, Limit, is_local};
use imapmig_core::ports::store::BatchFilter;

/// Get-MigrationConfig.
pub(crate) fn get(context: &Context) -> Result<ConfigView, ApiError> {
    let batches = context.catalog.batches(&BatchFilter::default()).map_err(of_store)?.len();
    let max_number_of_batches = max_number_of_batches(context)?;
    let worker = context.requests.worker().map_err(of_store)?;
    let endpoints = context.catalog.endpoints().map_err(of_store)?.len();
    Ok(ConfigView {
        identity: String::new(),
        max_number_of_batches,
        max_concurrent_migrations: max_concurrent_migrations(context)?,
        features: vec!["MultiBatch".to_owned(), "Endpoints".to_owned()],
        can_submit_new_batch: batches < max_number_of_batches as usize,
        has_batches: batches > 0,
        endpoint_count: u32::try_from(endpoints).unwrap_or(u32::MAX),
        target_endpoint: target(context)?.map_or_else(|| LOCAL_ENDPOINT.to_owned(), |endpoint| endpoint.name),
        state_directory: context.directory.root().display().to_string(),
        worker_heartbeat_unix_ms: worker.as_ref().map(|lease| lease.heartbeat.0),
        worker: worker.filter(|lease| worker::is_fresh(lease, context.now())).map(|lease| lease.holder),
    })
}

/// Set-MigrationConfig.
pub(crate) fn set(context: &Context, request: &ConfigUpdateRequest) -> Result<(), ApiError> {
    let target = match request.target_endpoint.as_deref() {
        None => None,
        Some(identity) if is_local(identity) => Some(None),
        Some(identity) => Some(Some(lookup::endpoint(context, identity)?.id.to_string())),
    };
    if request.max_concurrent_migrations == Some(Limit::At(0)) {
        return Err(common::at_least_one(&[Term::MaxConcurrentMigrations]));
    }
    if let Some(number) = request.max_number_of_batches
        && !(1..=MOST_BATCHES).contains(&number)
    {
        return Err(common::out_of_range(Term::MaxNumberOfBatches, MOST_BATCHES));
    }
    if let Some(target) = target {
        context.catalog.set_setting(TARGET_ENDPOINT, target.as_deref()).map_err(of_store)?;
    }
    if let Some(limit) = request.max_concurrent_migrations {
        let text =
            serde_json::to_string(&limit).map_err(|error| common::fault_because(&error.to_string()))?;
        context.catalog.set_setting(MAX_CONCURRENT_MIGRATIONS, Some(&text)).map_err(of_store)?;
    }
    if let Some(number) = request.max_number_of_batches {
        context.catalog.set_setting(MAX_NUMBER_OF_BATCHES, Some(&number.to_string())).map_err(of_store)?;
    }
    Ok(())
}
