//! Get-, Set-, Start-, Stop- and Remove-MigrationBatch; New-MigrationBatch is in `create`.
//!
//! What a command does at once and what it wishes for: the state shown changes at once, the wish is added, a worker fulfils it.

mod create;
mod rows;

pub(crate) use create::create;

use crate::endpoints;
use crate::errors::{self, of_store};
use crate::operations::Operations;
use crate::parts::Parts;
use crate::views::{self, EndpointNames};
use crate::worker::launch;
use imapmig_core::api::batch::{BatchList, BatchListRequest, BatchUpdateRequest, BatchView};
use imapmig_core::api::operation::OperationStarted;
use imapmig_core::api::{ApiError, ErrorCategory, IdentityRequest};
use imapmig_core::batch::{Batch, BatchOptions, WishKind};
use imapmig_core::ports::store::{BatchChange, BatchFilter, UserFilter};
use imapmig_core::status::BatchStatus;
use imapmig_core::time::UnixMs;

/// The batch with this name or Guid.
pub(crate) fn find(parts: &Parts, identity: &str) -> Result<Batch, ApiError> {
    let filter = BatchFilter { identity: Some(identity.to_owned()), ..BatchFilter::default() };
    let found = parts.store.batches(&filter).map_err(of_store)?;
    found.into_iter().next().ok_or_else(|| errors::no_batch(identity))
}

/// Get-MigrationBatch.
pub(crate) fn list(parts: &Parts, request: &BatchListRequest) -> Result<BatchList, ApiError> {
    let identity = request.identity.as_deref().filter(|identity| !identity.is_empty());
    if let Some(identity) = identity {
        // A batch that is there but in another state is no error.
        find(parts, identity)?;
    }
    let mut local_only = false;
    let endpoint = match request.endpoint.as_deref() {
        Some(name) if endpoints::is_local(name) => {
            local_only = true;
            None
        }
        Some(name) => Some(endpoints::find(parts, name)?.id),
        None => None,
    };
    let filter = BatchFilter { identity: identity.map(str::to_owned), endpoint, ..BatchFilter::default() };
    let mut batches = parts.store.batches(&filter).map_err(of_store)?;
    show_asked_syncs(parts, &mut batches)?;
    batches.retain(|batch| {
        (!local_only || batch.target.is_none()) && request.status.is_none_or(|status| batch.status == status)
    });
    batches.truncate(request.result_size.map_or(usize::MAX, |size| size as usize));
    let names = EndpointNames::read(parts)?;
    let mut list = BatchList::default();
    for batch in batches {
        let id = batch.id;
        let mut view = views::batch(parts, &names, batch)?;
        if request.include_report {
            let users = UserFilter { batch: Some(id), ..UserFilter::default() };
            for user in parts.store.users(&users).map_err(of_store)? {
                view.reports.append(&mut views::report(parts, &user)?);
            }
        }
        list.batches.push(view);
    }
    Ok(list)
}

/// A batch whose users are to be synced now is not at rest before they were, even if none has begun yet.
fn show_asked_syncs(parts: &Parts, batches: &mut [Batch]) -> Result<(), ApiError> {
    for wish in parts.store.wishes().map_err(of_store)? {
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

/// Set-MigrationBatch.
pub(crate) fn update(
    parts: &Parts,
    operations: &Operations,
    request: BatchUpdateRequest,
) -> Result<OperationStarted, ApiError> {
    let batch = find(parts, &request.identity)?;
    if batch.status == BatchStatus::Removing {
        return Err(being_removed(&batch.name));
    }
    if request.add_users_csv_base64.is_some() && request.csv_base64.is_some() {
        return Err(errors::invalid(
            "A CSV file holds either users to add, or new logins and passwords of users that are in the batch. Please give one of them at a time.",
        ));
    }
    let parts = parts.clone();
    operations.start(move |operation| {
        let mut warnings = Vec::new();
        let mut added = 0;
        if let Some(csv) = &request.add_users_csv_base64 {
            operation.doing("Reading the CSV file");
            let rows = rows::read(&parts, &batch, csv, request.allow_unknown_columns_in_csv, operation)?;
            operation.check()?;
            operation.doing("Adding the users");
            added = parts.store.add_users(batch.id, &rows.users, parts.now()).map_err(rows::of_add)?;
            warnings = rows.warnings;
            if added > 0 {
                under_way_again(&parts, &batch)?;
            }
        }
        let mut started_over = false;
        if let Some(csv) = &request.csv_base64 {
            operation.doing("Reading the CSV file");
            let changed = rows::change(&parts, &batch, csv, request.allow_unknown_columns_in_csv, operation)?;
            started_over = changed.started_over;
            warnings = changed.warnings;
            if started_over {
                under_way_again(&parts, &batch)?;
            }
        }
        let options = changed_options(&batch.options, &request);
        let change = BatchChange {
            options: (options != batch.options).then_some(options),
            add_warnings: warnings,
            ..BatchChange::default()
        };
        parts.store.change_batch(batch.id, &change).map_err(of_store)?;
        let is_started = started(batch.status);
        if request.sync_now {
            if !is_started {
                return Err(not_started(&batch));
            }
            wish(&parts, WishKind::SyncNow, &batch)?;
        }
        if request.update && is_started {
            wish(&parts, WishKind::Start, &batch)?;
        }
        // The worker finds added users by itself, and those that begin anew.
        if is_started && (added > 0 || started_over || request.update || request.sync_now) {
            launch::ensure(&parts)?;
        }
        view(&parts, &batch.name)
    })
}

/// Start-MigrationBatch.
pub(crate) fn start(parts: &Parts, request: &IdentityRequest) -> Result<(), ApiError> {
    let batch = named_or_only(parts, request, |_| true)?;
    match batch.status {
        BatchStatus::Removing => return Err(being_removed(&batch.name)),
        // A worker that is stopping it starts it again when it comes to this wish.
        status if started(status) || status == BatchStatus::Stopping => {
            let counts = &batch.counts;
            if counts.pending + counts.failed + counts.incremental_failed > 0 {
                under_way_again(parts, &batch)?;
            }
        }
        status => show_from(parts, &batch, &[status], BatchStatus::Starting)?,
    }
    wish(parts, WishKind::Start, &batch)?;
    launch::ensure(parts)
}

/// Stop-MigrationBatch.
pub(crate) fn stop(parts: &Parts, request: &IdentityRequest) -> Result<(), ApiError> {
    let batch = named_or_only(parts, request, |batch| started(batch.status))?;
    match batch.status {
        BatchStatus::Removing => return Err(being_removed(&batch.name)),
        BatchStatus::Stopping => {}
        status if started(status) => show_from(parts, &batch, &[status], BatchStatus::Stopping)?,
        status => {
            let message = format!(
                "The migration batch \"{}\" can't be stopped because none of its users is being migrated: its status is {status}.",
                batch.name
            );
            return Err(invalid_state("MigrationBatchCannotBeStoppedException", message, &batch.name));
        }
    }
    wish(parts, WishKind::Stop, &batch)?;
    launch::ensure(parts)
}

/// Remove-MigrationBatch.
pub(crate) fn remove(parts: &Parts, request: &IdentityRequest) -> Result<(), ApiError> {
    let batch = named_or_only(parts, request, |_| true)?;
    if batch.status != BatchStatus::Removing {
        let removing = BatchChange { status: Some(BatchStatus::Removing), ..BatchChange::default() };
        parts.store.change_batch(batch.id, &removing).map_err(of_store)?;
    }
    wish(parts, WishKind::Remove, &batch)?;
    launch::ensure(parts)
}

/// How a batch is shown after it was made or changed.
fn view(parts: &Parts, name: &str) -> Result<BatchView, ApiError> {
    views::batch(parts, &EndpointNames::read(parts)?, find(parts, name)?)
}

/// The batch that is named; else the only one that `fits`.
fn named_or_only(
    parts: &Parts,
    request: &IdentityRequest,
    fits: impl Fn(&Batch) -> bool,
) -> Result<Batch, ApiError> {
    if let Some(identity) = request.identity.as_deref().filter(|identity| !identity.is_empty()) {
        return find(parts, identity);
    }
    let mut all = parts.store.batches(&BatchFilter::default()).map_err(of_store)?;
    if all.len() > 1 {
        all.retain(fits);
    }
    match all.len() {
        1 => Ok(all.remove(0)),
        0 => {
            let message = "There is no migration batch that this could be done to.";
            Err(ApiError::new("ManagementObjectNotFoundException", ErrorCategory::ObjectNotFound, message))
        }
        _ => {
            let names: Vec<_> = all.iter().map(|batch| format!("\"{}\"", batch.name)).collect();
            let message = format!(
                "There are several migration batches. Please name one with -Identity: {}.",
                names.join(", ")
            );
            Err(errors::invalid(message))
        }
    }
}

/// Whether a worker has the batch in its care: Start was asked for, and neither Stop nor a failure of all users came after.
pub(crate) const fn started(status: BatchStatus) -> bool {
    matches!(
        status,
        BatchStatus::Starting
            | BatchStatus::Waiting
            | BatchStatus::Syncing
            | BatchStatus::Synced
            | BatchStatus::IncrementalSyncing
            | BatchStatus::SyncedWithErrors
    )
}

/// Whoever waits for the batch must not find it at rest before a worker has seen that there is more to do.
fn under_way_again(parts: &Parts, batch: &Batch) -> Result<(), ApiError> {
    let at_rest = [BatchStatus::Synced, BatchStatus::SyncedWithErrors, BatchStatus::IncrementalSyncing];
    show_from(parts, batch, &at_rest, BatchStatus::Syncing)
}

/// Shows a state unless the batch has come to another one than those since it was looked at: what is asked for is in the wish, and a
/// Stop or Remove that somebody else asked for meanwhile must not be undone.
fn show_from(
    parts: &Parts,
    batch: &Batch,
    from: &[BatchStatus],
    status: BatchStatus,
) -> Result<(), ApiError> {
    parts.store.move_batch(batch.id, from, status).map(|_| ()).map_err(of_store)
}

fn wish(parts: &Parts, kind: WishKind, batch: &Batch) -> Result<(), ApiError> {
    parts.store.add_wish(kind, batch.id, None, parts.now()).map_err(of_store)
}

fn changed_options(before: &BatchOptions, request: &BatchUpdateRequest) -> BatchOptions {
    let mut options = before.clone();
    if let Some(emails) = &request.notification_emails {
        options.notification_emails.clone_from(emails);
    }
    options.start_after = request.start_after_unix_ms.map(UnixMs).or(options.start_after);
    options.complete_after = request.complete_after_unix_ms.map(UnixMs).or(options.complete_after);
    options.allow_incremental_syncs =
        request.allow_incremental_syncs.unwrap_or(options.allow_incremental_syncs);
    options.report_interval_ms = request.report_interval_ms.or(options.report_interval_ms);
    options
}

fn being_removed(name: &str) -> ApiError {
    let message = format!("The migration batch \"{name}\" is being removed.");
    invalid_state("MigrationBatchBeingRemovedException", message, name)
}

fn not_started(batch: &Batch) -> ApiError {
    let message = format!(
        "The migration batch \"{}\" can't be synced now because its status is {}. Please start it with Start-MigrationBatch first.",
        batch.name, batch.status
    );
    invalid_state("MigrationBatchNotStartedException", message, &batch.name)
}

fn invalid_state(code: &str, message: String, name: &str) -> ApiError {
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
        let before = find(&rig.parts, "B").unwrap();

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
