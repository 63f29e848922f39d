//! New-MigrationBatch.

use super::batch_list::view;
use super::batch_rows::{self as rows, Rows};
use super::names;
use super::views::{self, EndpointNames};
use crate::context::Context;
use crate::errors::of_store;
use crate::messages::batches::{self as messages, doing};
use crate::messages::common;
use crate::operations::Operations;
use crate::worker::launch;
use crate::{lookup, settings};
use imapmig_core::api::ApiError;
use imapmig_core::api::batch::BatchCreateRequest;
use imapmig_core::api::operation::OperationStarted;
use imapmig_core::batch::{Batch, BatchOptions};
use imapmig_core::endpoint::{Endpoint, is_local};
use imapmig_core::folder_filter::FolderFilter;
use imapmig_core::ids::BatchId;
use imapmig_core::ports::store::{BatchFilter, StoreError};
use imapmig_core::status::{BatchStatus, UserCounts, UserStatus};
use imapmig_core::time::UnixMs;
use imapmig_core::user::User;

/// New-MigrationBatch.
pub(crate) fn create(
    context: &Context,
    operations: &Operations,
    request: BatchCreateRequest,
) -> Result<OperationStarted, ApiError> {
    let name = names::check("migration batch", &request.name)?.to_owned();
    check_free(context, &name)?;
    let moved = users_to_move(context, &request)?;
    let (source, target) = match moved.first() {
        Some(user) if request.source_endpoint.is_none() => ends_of(context, user, &request)?,
        _ => (
            source(context, request.source_endpoint.as_deref())?,
            target(context, request.target_endpoint.as_deref())?,
        ),
    };
    if target.as_ref().is_some_and(|target| target.id == source.id) {
        return Err(messages::one_endpoint_twice(&source.name));
    }
    FolderFilter::parse(&request.include_folders, &request.exclude_folders)
        .map_err(|error| common::invalid(common::sentence(&error.to_string())))?;
    let context = context.clone();
    operations.start(move |operation| {
        let rows = if moved.is_empty() {
            operation.doing(doing::READING);
            let allow_unknown = request.allow_unknown_columns_in_csv;
            rows::read_new(&context, &request.csv_base64, allow_unknown, &source, target.as_ref())?
        } else {
            Rows::default()
        };
        operation.check()?;
        let starts = request.auto_start || request.analyze;
        let mut batch = Batch {
            id: BatchId::new(),
            name: name.clone(),
            status: if starts { BatchStatus::Starting } else { BatchStatus::Created },
            source: source.id,
            target: target.map(|target| target.id),
            options: options(&request, context.now()),
            validation_warnings: rows.warnings,
            message: None,
            submitted_by: request.submitted_by.clone().unwrap_or_default(),
            created: context.now(),
            started: None,
            initial_synced: None,
            last_synced: None,
            active: context.now(),
            counts: UserCounts::default(),
            requests: Vec::new(),
        };
        let users = rows.users.len() + moved.len();
        if request.validate_only {
            batch.counts.add(UserStatus::Queued, u32::try_from(users).unwrap_or(u32::MAX));
            return views::batch(&context, &EndpointNames::read(&context)?, batch);
        }
        operation.doing(doing::storing(users));
        let added = if moved.is_empty() {
            context.catalog.add_batch(&batch, &rows.users)
        } else {
            let ids: Vec<_> = moved.iter().map(|user| user.id).collect();
            context.catalog.add_batch_of(&batch, &ids)
        };
        added.map_err(|error| match error {
            StoreError::NameInUse(name) => messages::name_in_use(&name),
            other => rows::of_add(other),
        })?;
        drop(rows.users);
        if starts {
            // Its status is the request: the worker begins whatever batch is Starting.
            launch::ensure(&context)?;
        }
        view(&context, &name)
    })
}

/// The users of earlier batches that are asked for, each once.
fn users_to_move(context: &Context, request: &BatchCreateRequest) -> Result<Vec<User>, ApiError> {
    if !request.user_ids.is_empty() && !request.csv_base64.is_empty() {
        return Err(messages::users_from_two_places());
    }
    let mut users: Vec<User> = Vec::new();
    for identity in &request.user_ids {
        let user = lookup::user(context, identity)?;
        if user.status.is_in_progress() {
            return Err(rows::of_add(StoreError::UserAtWork(user.email_address)));
        }
        if users.iter().all(|other| other.id != user.id) {
            users.push(user);
        }
    }
    Ok(users)
}

/// Source and target of the batch that a user comes from; the request may name another target.
fn ends_of(
    context: &Context,
    user: &User,
    request: &BatchCreateRequest,
) -> Result<(Endpoint, Option<Endpoint>), ApiError> {
    let endpoint = |id| {
        context
            .catalog
            .endpoint_by_id(id)
            .map_err(of_store)?
            .ok_or_else(|| common::no_endpoint(&user.batch_name))
    };
    let batch = context.catalog.batch_by_id(user.batch).map_err(of_store)?;
    let batch = batch.ok_or_else(|| common::no_batch(&user.batch_name))?;
    let target = match request.target_endpoint.as_deref() {
        Some(identity) => target(context, Some(identity))?,
        None => batch.target.map(endpoint).transpose()?,
    };
    Ok((endpoint(batch.source)?, target))
}

fn options(request: &BatchCreateRequest, now: UnixMs) -> BatchOptions {
    BatchOptions {
        exclude_folders: request.exclude_folders.clone(),
        include_folders: request.include_folders.clone(),
        notification_emails: request.notification_emails.clone(),
        start_after: request.start_after_unix_ms.map(UnixMs),
        complete_after: request.complete_after_unix_ms.map(UnixMs).or(request.auto_complete.then_some(now)),
        analyze: request.analyze,
        allow_incremental_syncs: request.allow_incremental_syncs.unwrap_or(true),
        report_interval_ms: request.report_interval_ms,
        time_zone: request.time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
    }
}

fn check_free(context: &Context, name: &str) -> Result<(), ApiError> {
    let batches = context.catalog.batches(&BatchFilter::default()).map_err(of_store)?;
    if batches.iter().any(|batch| batch.name.to_lowercase() == name.to_lowercase()) {
        return Err(messages::name_in_use(name));
    }
    if batches.len() >= settings::max_number_of_batches(context)? as usize {
        return Err(messages::too_many());
    }
    Ok(())
}

fn source(context: &Context, identity: Option<&str>) -> Result<Endpoint, ApiError> {
    match identity.filter(|identity| !identity.is_empty()) {
        Some(identity) if is_local(identity) => Err(messages::local_source()),
        Some(identity) => lookup::endpoint(context, identity),
        None => Err(messages::no_source()),
    }
}

fn target(context: &Context, identity: Option<&str>) -> Result<Option<Endpoint>, ApiError> {
    match identity.filter(|identity| !identity.is_empty()) {
        Some(identity) if is_local(identity) => Ok(None),
        Some(identity) => lookup::endpoint(context, identity).map(Some),
        None => settings::target(context),
    }
}
