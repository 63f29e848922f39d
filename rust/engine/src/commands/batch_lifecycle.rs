//! Start-, Stop-, Complete- and Remove-MigrationBatch.
//!
//! What a command does at once and what it wishes for: the state shown changes at once, the wish is added, a worker fulfils it.

use crate::context::Context;
use crate::errors::of_store;
use crate::lookup;
use crate::worker::launch;
use imapmig_core::api::batch::BatchCompleteRequest;
use imapmig_core::api::{ApiError, ErrorCategory, IdentityRequest};
use imapmig_core::batch::{Batch, BatchOptions, WishKind};
use imapmig_core::ports::store::BatchChange;
use imapmig_core::status::BatchStatus;
use imapmig_core::user::User;

/// Start-MigrationBatch.
pub(crate) fn start(context: &Context, request: &IdentityRequest) -> Result<(), ApiError> {
    let batch = lookup::only_batch(context, request, |_| true)?;
    if batch.options.analyze && batch.status != BatchStatus::Removing {
        return migrate_analyzed(context, &batch);
    }
    match batch.status {
        BatchStatus::Removing => return Err(being_removed(&batch.name)),
        // A worker that is stopping it starts it again when it comes to this wish.
        status if status.is_started() || status == BatchStatus::Stopping => {
            let counts = &batch.counts;
            if counts.pending + counts.failed + counts.incremental_failed > 0
                && status != BatchStatus::Completing
            {
                under_way_again(context, &batch)?;
            }
        }
        status => show_from(context, &batch, &[status], BatchStatus::Starting)?,
    }
    wish(context, WishKind::Start, &batch)?;
    launch::ensure(context)
}

/// Makes an analysis a migration. What the analysis reported is found again by the sync where it is still so.
fn migrate_analyzed(context: &Context, batch: &Batch) -> Result<(), ApiError> {
    let store = &context.store;
    for user in store.users_with_reported_items(batch.id).map_err(of_store)? {
        store.forget_skipped(user.id, None).map_err(of_store)?;
    }
    let options = BatchOptions { analyze: false, ..batch.options.clone() };
    let change = BatchChange { options: Some(options), ..BatchChange::default() };
    store.change_batch(batch.id, &change).map_err(of_store)?;
    let from =
        [BatchStatus::Created, BatchStatus::Stopped, BatchStatus::Failed, BatchStatus::SyncedWithErrors];
    show_from(context, batch, &from, BatchStatus::Starting)?;
    wish(context, WishKind::Start, batch)?;
    launch::ensure(context)
}

/// Stop-MigrationBatch.
pub(crate) fn stop(context: &Context, request: &IdentityRequest) -> Result<(), ApiError> {
    let batch = lookup::only_batch(context, request, |batch| batch.status.is_started())?;
    match batch.status {
        BatchStatus::Removing => return Err(being_removed(&batch.name)),
        BatchStatus::Stopping => {}
        status if status.is_started() => show_from(context, &batch, &[status], BatchStatus::Stopping)?,
        status => {
            let message = format!(
                "The migration batch \"{}\" can't be stopped because none of its users is being migrated: its status is {status}.",
                batch.name
            );
            return Err(invalid_state("MigrationBatchCannotBeStoppedException", message, &batch.name));
        }
    }
    wish(context, WishKind::Stop, &batch)?;
    launch::ensure(context)
}

/// Complete-MigrationBatch: CompleteAfter becomes now, so that the worker gives each user its final sync.
pub(crate) fn complete(context: &Context, request: BatchCompleteRequest) -> Result<(), ApiError> {
    let identity = IdentityRequest { identity: request.identity };
    let batch = lookup::only_batch(context, &identity, |batch| batch.status.is_started())?;
    match batch.status {
        BatchStatus::Removing => return Err(being_removed(&batch.name)),
        BatchStatus::Completed | BatchStatus::CompletedWithErrors => return Ok(()),
        status if status.is_started() => {}
        status => {
            let message = format!(
                "The migration batch \"{}\" can't be completed because its status is {status}. Please start it with Start-MigrationBatch first.",
                batch.name
            );
            return Err(invalid_state("MigrationBatchCannotBeCompletedException", message, &batch.name));
        }
    }
    let counts = &batch.counts;
    let behind = counts.total - counts.synced + counts.incremental_failed;
    if request.sync_and_complete && behind > 0 {
        let message = format!(
            "The migration batch \"{}\" can't be completed with -SyncAndComplete because {behind} of its {} users are not synced. Please look at them with Get-MigrationUser.",
            batch.name, counts.total
        );
        return Err(invalid_state("MigrationBatchCannotBeCompletedException", message, &batch.name));
    }
    let mut options = batch.options.clone();
    let now = context.now();
    options.complete_after = Some(options.complete_after.map_or(now, |after| after.min(now)));
    options.notification_emails = request.notification_emails.unwrap_or(options.notification_emails);
    let change = BatchChange { options: Some(options), ..BatchChange::default() };
    context.store.change_batch(batch.id, &change).map_err(of_store)?;
    to_be_completed(context, &batch)?;
    launch::ensure(context)
}

/// Shows a batch in step as `Completing`.
pub(super) fn to_be_completed(context: &Context, batch: &Batch) -> Result<(), ApiError> {
    let in_step = [BatchStatus::Synced, BatchStatus::SyncedWithErrors, BatchStatus::IncrementalSyncing];
    show_from(context, batch, &in_step, BatchStatus::Completing)
}

/// Remove-MigrationBatch.
pub(crate) fn remove(context: &Context, request: &IdentityRequest) -> Result<(), ApiError> {
    let batch = lookup::only_batch(context, request, |_| true)?;
    if batch.status != BatchStatus::Removing {
        let removing = BatchChange { status: Some(BatchStatus::Removing), ..BatchChange::default() };
        context.store.change_batch(batch.id, &removing).map_err(of_store)?;
    }
    wish(context, WishKind::Remove, &batch)?;
    launch::ensure(context)
}

/// Whoever waits for the batch must not find it at rest before a worker has seen that there is more to do.
pub(super) fn under_way_again(context: &Context, batch: &Batch) -> Result<(), ApiError> {
    let at_rest = [BatchStatus::Synced, BatchStatus::SyncedWithErrors, BatchStatus::IncrementalSyncing];
    show_from(context, batch, &at_rest, BatchStatus::Syncing)
}

/// Shows a state unless the batch has come to another one than those since it was looked at: what is asked for is in the wish, and a
/// Stop or Remove that somebody else asked for meanwhile must not be undone.
pub(super) fn show_from(
    context: &Context,
    batch: &Batch,
    from: &[BatchStatus],
    status: BatchStatus,
) -> Result<(), ApiError> {
    context.store.move_batch(batch.id, from, status).map(|_| ()).map_err(of_store)
}

pub(super) fn wish(context: &Context, kind: WishKind, batch: &Batch) -> Result<(), ApiError> {
    context.store.add_wish(kind, batch.id, None, context.now()).map_err(of_store)
}

/// Asks a worker to do something for one user of a batch.
pub(super) fn wish_for_user(context: &Context, kind: WishKind, user: &User) -> Result<(), ApiError> {
    context.store.add_wish(kind, user.batch, Some(user.id), context.now()).map_err(of_store)
}

pub(super) fn being_removed(name: &str) -> ApiError {
    let message = format!("The migration batch \"{name}\" is being removed.");
    invalid_state("MigrationBatchBeingRemovedException", message, name)
}

pub(super) fn invalid_state(code: &str, message: String, name: &str) -> ApiError {
    ApiError::new(code, ErrorCategory::InvalidOperation, message).target(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Rig;

    #[test]
    fn what_was_asked_for_while_a_file_was_read_is_not_undone() {
        let rig = Rig::new();
        let source = rig.endpoint("E", 20, 10);
        let id = rig.batch("B", source, &["ann@x.org"]);
        let set = |status| {
            let change = BatchChange { status: Some(status), ..BatchChange::default() };
            rig.parts.store.change_batch(id, &change).unwrap();
        };
        set(BatchStatus::Synced);
        let before = lookup::batch(&rig.parts, "B").unwrap();

        for asked in [BatchStatus::Stopping, BatchStatus::Removing] {
            set(asked);
            under_way_again(&rig.parts, &before).unwrap();
            assert_eq!(rig.batch_status(id), asked);
        }
        set(BatchStatus::SyncedWithErrors);
        under_way_again(&rig.parts, &before).unwrap();
        assert_eq!(rig.batch_status(id), BatchStatus::Syncing);
    }
}
