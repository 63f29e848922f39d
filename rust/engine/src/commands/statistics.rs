//! Get-MigrationStatistics and Export-MigrationReport: all batches counted, and a batch's users as a CSV file.

use crate::context::Context;
use crate::errors::of_store;
use crate::lookup;
use crate::messages::common;
use imapmig_core::api::ApiError;
use imapmig_core::api::statistics::{ReportExport, ReportExportRequest, StatisticsView};
use imapmig_core::ports::store::{BatchFilter, UserFilter};
use imapmig_core::user::User;

const HEADER: [&str; 7] =
    ["EmailAddress", "Status", "ItemsMigrated", "ItemsSkipped", "LastSyncTime", "BatchId", "ErrorMessage"];

/// Get-MigrationStatistics.
pub(crate) fn get(context: &Context) -> Result<StatisticsView, ApiError> {
    let batches = context.catalog.batches(&BatchFilter::default()).map_err(of_store)?;
    Ok(batches.iter().fold(StatisticsView::default(), |sum, batch| {
        let counts = &batch.counts;
        StatisticsView {
            total_count: sum.total_count + counts.total,
            active_count: sum.active_count + counts.active,
            stopped_count: sum.stopped_count + counts.stopped,
            synced_count: sum.synced_count + counts.synced,
            finalized_count: sum.finalized_count + counts.completed,
            failed_count: sum.failed_count + counts.failed,
            pending_count: sum.pending_count + counts.pending,
        }
    }))
}

/// Export-MigrationReport.
pub(crate) fn export(context: &Context, request: &ReportExportRequest) -> Result<ReportExport, ApiError> {
    if request.identity.is_empty() {
        return Err(common::empty_identity(common::Named::BatchOrUser));
    }
    let users = match lookup::batch(context, &request.identity) {
        Ok(batch) => {
            let filter = UserFilter { batch: Some(batch.id), ..UserFilter::default() };
            context.catalog.users(&filter).map_err(of_store)?
        }
        // Only a name that is neither is an error; the batch's is the clearer one.
        Err(no_batch) => vec![lookup::user(context, &request.identity).map_err(|_| no_batch)?],
    };
    let first = request.starting_row_index.map_or(0, |index| index as usize);
    let most = request.row_count.map_or(usize::MAX, |count| count as usize);
    let rows: Vec<_> = users.iter().skip(first).take(most).collect();
    let csv = csv_of(&rows).map_err(|error| common::fault_because(&error.to_string()))?;
    Ok(ReportExport { csv, row_count: u32::try_from(rows.len()).unwrap_or(u32::MAX) })
}

fn csv_of(users: &[&User]) -> Result<String, Box<dyn std::error::Error>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for user in users {
        let synced = user.last_synced.and_then(|at| jiff::Timestamp::from_millisecond(at.0).ok());
        writer.write_record([
            &user.email_address,
            user.status.name(),
            &user.progress.synced_items.to_string(),
            &user.progress.skipped_items.to_string(),
            &synced.map(|at| at.to_string()).unwrap_or_default(),
            &user.batch_name,
            user.error.as_deref().unwrap_or_default(),
        ])?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}
