//! Set-MigrationBatch.

use super::batch_lifecycle::{refused, request as make_requests};
use super::batch_list::view;
use super::batch_rows as rows;
use crate::context::Context;
use crate::lookup;
use crate::messages::batches::{self as messages, being_removed, doing};
use crate::operations::Operations;
use crate::worker::launch;
use imapmig_core::api::ApiError;
use imapmig_core::api::batch::BatchUpdateRequest;
use imapmig_core::api::operation::OperationStarted;
use imapmig_core::batch::{BatchOptions, RequestKind};
use imapmig_core::ports::store::BatchChange;
use imapmig_core::status::{BatchEvent, BatchStatus};
use imapmig_core::time::UnixMs;

/// Set-MigrationBatch.
pub(crate) fn update(
    context: &Context,
    operations: &Operations,
    request: BatchUpdateRequest,
) -> Result<OperationStarted, ApiError> {
    let batch = lookup::batch(context, &request.identity)?;
    if batch.status == BatchStatus::Removing {
        return Err(being_removed(&batch.name));
    }
    if request.sync_now && batch.after(BatchEvent::SyncRequested, context.now()).is_none() {
        return Err(refused(&batch.name, &[RequestKind::SyncNow], batch.status));
    }
    if request.add_users_csv_base64.is_some() && request.csv_base64.is_some() {
        return Err(messages::files_for_two_purposes());
    }
    let context = context.clone();
    operations.start(move |operation| {
        let mut warnings = Vec::new();
        let mut added = 0;
        if let Some(csv) = &request.add_users_csv_base64 {
            operation.doing(doing::READING);
            let rows = rows::read(&context, &batch, csv, request.allow_unknown_columns_in_csv, operation)?;
            operation.check()?;
            operation.doing(doing::ADDING);
            added = context.catalog.add_users(batch.id, &rows.users, context.now()).map_err(rows::of_add)?;
            warnings = rows.warnings;
        }
        let mut started_over = false;
        if let Some(csv) = &request.csv_base64 {
            operation.doing(doing::READING);
            let changed =
                rows::change(&context, &batch, csv, request.allow_unknown_columns_in_csv, operation)?;
            started_over = changed.started_over;
            warnings = changed.warnings;
        }
        let options = changed_options(&batch.options, &request);
        let completes = request.complete_after_unix_ms.is_some() && options.is_to_be_completed(context.now());
        let change = BatchChange {
            options: (options != batch.options).then_some(options),
            add_warnings: warnings,
            ..BatchChange::default()
        };
        let is_started = batch.status.is_started();
        let mut requests = Vec::new();
        if request.sync_now {
            requests.push(RequestKind::SyncNow);
        }
        if request.update && is_started {
            requests.push(RequestKind::Start);
        }
        make_requests(&context, &batch, &requests, &change)?;
        // The worker finds added users by itself, and those that start over.
        if is_started && (added > 0 || started_over || completes || request.update || request.sync_now) {
            launch::ensure(&context)?;
        }
        view(&context, &batch.name)
    })
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
