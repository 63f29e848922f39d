//! `imapmig_statistics_get`, `imapmig_report_export`.

use serde::{Deserialize, Serialize};

/// Get-MigrationStatistics: the users of all batches, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(missing_docs, reason = "the properties of Exchange's Get-MigrationStatistics, by their names")]
pub struct StatisticsView {
    pub total_count: u32,
    pub active_count: u32,
    pub stopped_count: u32,
    pub synced_count: u32,
    /// Of the synced users: those whose final sync is done.
    pub finalized_count: u32,
    pub failed_count: u32,
    pub pending_count: u32,
}

/// Export-MigrationReport.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ReportExportRequest {
    /// A batch, for all its users, or a user: name, EmailAddress or Guid.
    pub identity: String,
    /// The first row, counted from 0; absent: the first.
    pub starting_row_index: Option<u32>,
    /// Maximum number of rows; absent: no limit.
    pub row_count: Option<u32>,
}

/// The reply of `imapmig_report_export`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReportExport {
    /// A CSV file: a header and one row per user.
    pub csv: String,
    /// How many rows it has, without the header.
    pub row_count: u32,
}
