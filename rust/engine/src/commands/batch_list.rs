//! Get-MigrationBatch.

use super::views::{self, EndpointNames};
use crate::context::Context;
use crate::errors::of_store;
use crate::lookup;
use imapmig_core::api::ApiError;
use imapmig_core::api::batch::{BatchList, BatchListRequest, BatchView};
use imapmig_core::batch::{Batch, WishKind};
use imapmig_core::endpoint::is_local;
use imapmig_core::ports::store::{BatchFilter, UserFilter};
use imapmig_core::status::BatchStatus;

/// Get-MigrationBatch.
pub(crate) fn list(context: &Context, request: &BatchListRequest) -> Result<BatchList, ApiError> {
    let identity = request.identity.as_deref().filter(|identity| !identity.is_empty());
    if let Some(identity) = identity {
        // A batch that is there but in another state is no error.
        lookup::batch(context, identity)?;
    }
    let mut local_only = false;
    let endpoint = match request.endpoint.as_deref() {
        Some(name) if is_local(name) => {
            local_only = true;
            None
        }
        Some(name) => Some(lookup::endpoint(context, name)?.id),
        None => None,
    };
    let filter = BatchFilter { identity: identity.map(str::to_owned), endpoint, ..BatchFilter::default() };
    let mut batches = context.store.batches(&filter).map_err(of_store)?;
    show_asked_syncs(context, &mut batches)?;
    batches.retain(|batch| {
        (!local_only || batch.target.is_none()) && request.status.is_none_or(|status| batch.status == status)
    });
    batches.truncate(request.result_size.map_or(usize::MAX, |size| size as usize));
    let names = EndpointNames::read(context)?;
    let mut list = BatchList::default();
    for batch in batches {
        let id = batch.id;
        let mut view = views::batch(context, &names, batch)?;
        if request.include_report {
            let users = UserFilter { batch: Some(id), ..UserFilter::default() };
            for user in context.store.users(&users).map_err(of_store)? {
                view.reports.append(&mut views::report(context, &user)?);
            }
        }
        list.batches.push(view);
    }
    Ok(list)
}

/// A batch whose users are to be synced now is not at rest before they were, even if none has begun yet.
fn show_asked_syncs(context: &Context, batches: &mut [Batch]) -> Result<(), ApiError> {
    for wish in context.store.wishes().map_err(of_store)? {
        let at_rest = |batch: &&mut Batch| {
            batch.id == wish.batch
                && wish.kind == WishKind::SyncNow
                && matches!(batch.status, BatchStatus::Synced | BatchStatus::SyncedWithErrors)
        };
        if let Some(batch) = batches.iter_mut().find(at_rest) {
            batch.status = BatchStatus::IncrementalSyncing;
        }
    }
    Ok(())
}

/// How a batch is shown after it was made or changed.
pub(super) fn view(context: &Context, name: &str) -> Result<BatchView, ApiError> {
    views::batch(context, &EndpointNames::read(context)?, lookup::batch(context, name)?)
}
