//! Start-, Stop-, Complete- and Remove-MigrationBatch.
//!
//! A command adds its request and sets the batch's state accordingly, in one transaction; the worker carries it out.

use crate::context::Context;
use crate::errors::of_store;
use crate::lookup;
use crate::messages::batches::{self as messages, being_removed};
use crate::worker::launch;
use imapmig_core::api::batch::BatchCompleteRequest;
use imapmig_core::api::{ApiError, IdentityRequest};
use imapmig_core::batch::{Batch, BatchOptions, RequestKind};
use imapmig_core::ports::store::{BatchChange, Outcome};
use imapmig_core::status::BatchStatus;

/// Start-MigrationBatch.
pub(crate) fn start(context: &Context, request: &IdentityRequest) -> Result<(), ApiError> {
    let batch = lookup::only_batch(context, request, |_| true)?;
    if batch.options.analyze {
        return migrate_analyzed(context, &batch);
    }
    self::request(context, &batch, &[RequestKind::Start], &BatchChange::default())?;
    launch::ensure(context)
}

/// Turns an analysis into a migration. What the analysis reported is found again by the sync where it is still so.
fn migrate_analyzed(context: &Context, batch: &Batch) -> Result<(), ApiError> {
    for user in context.diary.users_with_reported_items(batch.id).map_err(of_store)? {
        context.diary.forget_skipped(user.id, None).map_err(of_store)?;
    }
    let options = BatchOptions { analyze: false, ..batch.options.clone() };
    let change = BatchChange { options: Some(options), ..BatchChange::default() };
    self::request(context, batch, &[RequestKind::Start], &change)?;
    launch::ensure(context)
}

/// Stop-MigrationBatch.
pub(crate) fn stop(context: &Context, request: &IdentityRequest) -> Result<(), ApiError> {
    let batch = lookup::only_batch(context, request, |batch| batch.status.is_started())?;
    self::request(context, &batch, &[RequestKind::Stop], &BatchChange::default())?;
    launch::ensure(context)
}

/// Complete-MigrationBatch: sets CompleteAfter to now, so that the worker runs each user's final sync.
pub(crate) fn complete(context: &Context, request: BatchCompleteRequest) -> Result<(), ApiError> {
    let identity = IdentityRequest { identity: request.identity };
    let batch = lookup::only_batch(context, &identity, |batch| batch.status.is_started())?;
    match batch.status {
        BatchStatus::Removing => return Err(being_removed(&batch.name)),
        BatchStatus::Completed | BatchStatus::CompletedWithErrors => return Ok(()),
        status if status.is_started() => {}
        status => return Err(messages::cannot_complete(&batch.name, status)),
    }
    let counts = &batch.counts;
    let behind = counts.total - counts.synced + counts.incremental_failed;
    if request.sync_and_complete && behind > 0 {
        return Err(messages::users_behind(&batch.name, behind, counts.total));
    }
    let mut options = batch.options.clone();
    let now = context.now();
    options.complete_after = Some(options.complete_after.map_or(now, |after| after.min(now)));
    options.notification_emails = request.notification_emails.unwrap_or(options.notification_emails);
    let change = BatchChange { options: Some(options), ..BatchChange::default() };
    self::request(context, &batch, &[], &change)?;
    launch::ensure(context)
}

/// Remove-MigrationBatch.
pub(crate) fn remove(context: &Context, request: &IdentityRequest) -> Result<(), ApiError> {
    let batch = lookup::only_batch(context, request, |_| true)?;
    self::request(context, &batch, &[RequestKind::Remove], &BatchChange::default())?;
    launch::ensure(context)
}

/// Makes requests together with a change of the batch.
pub(super) fn request(
    context: &Context,
    batch: &Batch,
    kinds: &[RequestKind],
    change: &BatchChange,
) -> Result<(), ApiError> {
    match context.requests.request(batch.id, kinds, change, context.now()).map_err(of_store)? {
        Outcome::Done(_) => Ok(()),
        Outcome::Refused(status) => Err(refused(&batch.name, kinds, status)),
    }
}

/// Why a request is refused in this state.
pub(super) fn refused(name: &str, kinds: &[RequestKind], status: BatchStatus) -> ApiError {
    if status == BatchStatus::Removing {
        return being_removed(name);
    }
    if kinds.contains(&RequestKind::Stop) {
        return messages::cannot_stop(name, status);
    }
    if kinds.contains(&RequestKind::SyncNow) {
        return messages::cannot_sync(name, status);
    }
    messages::cannot_start(name, status)
}
