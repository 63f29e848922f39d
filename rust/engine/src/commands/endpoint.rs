//! New-, Get-, Set- and Remove-MigrationEndpoint.
//!
//! Decides what an endpoint may look like; `Local` is always there, is not stored, and can be neither changed nor removed.

use super::endpoint_draft::{DEFAULT_INCREMENTAL_SYNCS, DEFAULT_MIGRATIONS, Draft};
use super::{names, server_test, views};
use crate::context::Context;
use crate::errors::of_store;
use crate::messages::{common, endpoints as messages};
use crate::operations::Operations;
use crate::{lookup, settings};
use imapmig_core::api::endpoint::{
    EndpointCreateRequest, EndpointList, EndpointListRequest, EndpointUpdateRequest,
};
use imapmig_core::api::operation::OperationStarted;
use imapmig_core::api::{ApiError, IdentityRequest};
use imapmig_core::endpoint::{Endpoint, EndpointSecrets, EndpointSettings, EndpointType, Limit, is_local};
use imapmig_core::ids::EndpointId;
use imapmig_core::ports::store::StoreError;

/// New-MigrationEndpoint.
pub(crate) fn create(
    context: &Context,
    operations: &Operations,
    request: EndpointCreateRequest,
) -> Result<OperationStarted, ApiError> {
    let name = names::check("migration endpoint", &request.name)?;
    if is_local(name) || context.catalog.endpoint(name).map_err(of_store)?.is_some() {
        return Err(messages::name_in_use(name));
    }
    let endpoint_type = request.endpoint_type.unwrap_or(EndpointType::Imap);
    let now = context.now();
    let mut draft = Draft {
        endpoint: Endpoint {
            id: EndpointId::new(),
            name: name.to_owned(),
            endpoint_type,
            settings: EndpointSettings::default(),
            max_concurrent_migrations: Limit::At(DEFAULT_MIGRATIONS),
            max_concurrent_incremental_syncs: Limit::At(DEFAULT_INCREMENTAL_SYNCS),
            created: now,
            changed: now,
        },
        secrets: EndpointSecrets::default(),
    };
    let limits = (request.max_concurrent_migrations, request.max_concurrent_incremental_syncs);
    let verify = !request.skip_verification;
    draft.fill(request)?;
    draft.limit(limits.0, limits.1)?;
    draft.check()?;
    let context = context.clone();
    operations.start(move |operation| {
        let Draft { endpoint, secrets } = &draft;
        if verify {
            server_test::verify(&context, operation, endpoint, secrets)?;
        }
        operation.check()?;
        context.catalog.add_endpoint(endpoint, secrets).map_err(|error| match error {
            StoreError::NameInUse(name) => messages::name_in_use(&name),
            other => of_store(other),
        })?;
        views::endpoint(&context, endpoint)
    })
}

/// Get-MigrationEndpoint.
pub(crate) fn list(context: &Context, request: &EndpointListRequest) -> Result<EndpointList, ApiError> {
    let identity = lookup::named("Identity", request.identity.as_deref())?;
    let endpoints = match identity {
        Some(identity) if is_local(identity) => vec![views::local_endpoint(context)?],
        Some(identity) => vec![views::endpoint(context, &lookup::endpoint(context, identity)?)?],
        None => context
            .catalog
            .endpoints()
            .map_err(of_store)?
            .iter()
            .map(|endpoint| views::endpoint(context, endpoint))
            .collect::<Result<_, _>>()?,
    };
    let wanted = |kind| request.endpoint_type.is_none_or(|wanted| wanted == kind);
    Ok(EndpointList { endpoints: endpoints.into_iter().filter(|e| wanted(e.endpoint_type)).collect() })
}

/// Set-MigrationEndpoint.
pub(crate) fn update(
    context: &Context,
    operations: &Operations,
    request: EndpointUpdateRequest,
) -> Result<OperationStarted, ApiError> {
    if is_local(&request.identity) {
        return Err(messages::not_for_local("changed"));
    }
    let before = lookup::endpoint(context, &request.identity)?;
    let (stored, lost) = match context.catalog.endpoint_secrets(before.id) {
        Ok(stored) => (stored, None),
        // What is entered now takes the place of what cannot be opened any more.
        Err(StoreError::Key) => (EndpointSecrets::default(), Some(StoreError::Key)),
        Err(error) => return Err(of_store(error)),
    };
    let mut draft = Draft { endpoint: before.clone(), secrets: stored.clone() };
    let limits = (request.max_concurrent_migrations, request.max_concurrent_incremental_syncs);
    let skip = request.skip_verification;
    draft.change(request)?;
    if let Some(error) = lost
        && draft.secrets == stored
    {
        return Err(of_store(error));
    }
    draft.limit(limits.0, limits.1)?;
    draft.check()?;
    draft.endpoint.changed = context.now();
    let reached_otherwise = draft.endpoint.settings != before.settings || draft.secrets != stored;
    let context = context.clone();
    operations.start(move |operation| {
        let Draft { endpoint, secrets } = &draft;
        if reached_otherwise && !skip {
            server_test::verify(&context, operation, endpoint, secrets)?;
        }
        operation.check()?;
        context.catalog.change_endpoint(endpoint, secrets).map_err(of_store)?;
        views::endpoint(&context, endpoint)
    })
}

/// Remove-MigrationEndpoint.
pub(crate) fn remove(context: &Context, request: &IdentityRequest) -> Result<(), ApiError> {
    let Some(identity) = request.identity.as_deref().filter(|identity| !identity.is_empty()) else {
        return Err(common::empty_identity(common::Named::EndpointToRemove));
    };
    if is_local(identity) {
        return Err(messages::not_for_local("removed"));
    }
    let endpoint = lookup::endpoint(context, identity)?;
    if settings::target(context)?.is_some_and(|target| target.id == endpoint.id) {
        return Err(messages::is_default_target(&endpoint.name));
    }
    context.catalog.remove_endpoint(endpoint.id).map_err(|error| match error {
        StoreError::EndpointInUse { endpoint, batch } => messages::used_by_batch(&endpoint, &batch),
        other => of_store(other),
    })
}
