//! `imapmig_batch_create`, `_list`, `_update`, `_start`, `_stop`, `_remove`.

use crate::batch::ValidationWarning;
use crate::secret::Secret;
use crate::status::BatchStatus;
use serde::{Deserialize, Serialize};

/// New-MigrationBatch. Starts an operation that gives a [`BatchView`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct BatchCreateRequest {
    /// Its name, at most 64 characters.
    pub name: String,
    /// The CSV file, base64. It holds passwords.
    pub csv_base64: Secret,
    /// Instead of a CSV file: users of earlier batches, by EmailAddress or Guid.
    pub user_ids: Vec<String>,
    /// Look at the mailboxes of both sides first, and copy nothing before Start-MigrationBatch.
    pub analyze: bool,
    /// Check the request and the CSV file, and make nothing.
    pub validate_only: bool,
    /// Where mail comes from.
    pub source_endpoint: Option<String>,
    /// Where mail goes; absent: as configured, else `Local`.
    pub target_endpoint: Option<String>,
    /// Folders to leave out.
    pub exclude_folders: Vec<String>,
    /// Folders to take alone.
    pub include_folders: Vec<String>,
    /// Start it at once.
    pub auto_start: bool,
    /// Ignore unknown columns.
    pub allow_unknown_columns_in_csv: bool,
    /// Kept and shown.
    pub notification_emails: Vec<String>,
    /// Not before this instant.
    pub start_after_unix_ms: Option<i64>,
    /// From this instant on users get their final sync as soon as they are in step.
    pub complete_after_unix_ms: Option<i64>,
    /// The same as completing from now on.
    pub auto_complete: bool,
    /// False: stop after the initial sync.
    pub allow_incremental_syncs: Option<bool>,
    /// Kept and shown.
    pub report_interval_ms: Option<i64>,
    /// Kept and shown; UTC unless given.
    pub time_zone: Option<String>,
    /// Who makes it.
    pub submitted_by: Option<String>,
}

/// Set-MigrationBatch; absent properties stay. Starts an operation that gives a [`BatchView`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct BatchUpdateRequest {
    /// Its name or Guid.
    pub identity: String,
    /// Add the users of this CSV file, base64.
    pub add_users_csv_base64: Option<Secret>,
    /// Give users of the batch the logins and passwords of this CSV file, base64.
    pub csv_base64: Option<Secret>,
    /// Ignore unknown columns.
    pub allow_unknown_columns_in_csv: bool,
    /// Run incremental syncs now.
    pub sync_now: bool,
    /// Take up changed settings now.
    pub update: bool,
    /// Kept and shown.
    pub notification_emails: Option<Vec<String>>,
    /// Not before this instant.
    pub start_after_unix_ms: Option<i64>,
    /// From this instant on users get their final sync as soon as they are in step.
    pub complete_after_unix_ms: Option<i64>,
    /// False: stop after the initial sync.
    pub allow_incremental_syncs: Option<bool>,
    /// Kept and shown.
    pub report_interval_ms: Option<i64>,
}

/// Complete-MigrationBatch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct BatchCompleteRequest {
    /// Its name or Guid; absent: the only batch there is.
    pub identity: Option<String>,
    /// Refuse unless every user is in step.
    pub sync_and_complete: bool,
    /// Kept and shown.
    pub notification_emails: Option<Vec<String>>,
}

/// Get-MigrationBatch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct BatchListRequest {
    /// Name or Guid; absent: all. One that does not exist is an error.
    pub identity: Option<String>,
    /// Only in this state; `Stopped` finds batches that were never started too, `Created` finds those alone.
    pub status: Option<BatchStatus>,
    /// Only with this source or target.
    pub endpoint: Option<String>,
    /// At most this many; absent: no limit.
    pub result_size: Option<u32>,
    /// Fill `Reports`.
    pub include_report: bool,
    /// If none of the batches is at rest, wait until one is. The longest wait in milliseconds; 200 at most.
    pub wait_ms: u32,
}

/// The reply of `imapmig_batch_list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct BatchList {
    /// In order of creation.
    pub batches: Vec<BatchView>,
}

/// A batch as shown. Counts add up: `TotalCount` = pending + active + synced + failed + stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(missing_docs, reason = "the properties of Exchange's Get-MigrationBatch, by their names")]
pub struct BatchView {
    pub identity: String,
    pub batch_guid: String,
    pub status: BatchStatus,
    /// Whether nothing more happens by itself, apart from incremental syncs: what a waiting caller looks at.
    pub is_at_rest: bool,
    /// Whether the batch was created and not started; `Status` is `Stopped` then, as in Exchange Online.
    pub never_started: bool,
    /// Exchange's MigrationState: Active, Waiting, Completed, Stopped, Failed, Corrupted.
    pub state: String,
    /// Perfect, Good, Investigate or Poor: the worst of its users'. Absent while a sync runs and before the first one has ended. Perfect
    /// and Good need every user to have a score.
    pub data_consistency_score: Option<String>,
    pub total_count: u32,
    pub active_count: u32,
    pub stopped_count: u32,
    pub synced_count: u32,
    pub failed_count: u32,
    pub pending_count: u32,
    /// Of the synced users: those whose final sync is done.
    pub finalized_count: u32,
    pub validation_warnings: Vec<ValidationWarning>,
    pub message: Option<String>,
    pub creation_unix_ms: i64,
    pub start_unix_ms: Option<i64>,
    pub initial_sync_unix_ms: Option<i64>,
    pub initial_sync_duration_ms: Option<i64>,
    pub last_synced_unix_ms: Option<i64>,
    /// When the batch was completed.
    pub finalized_unix_ms: Option<i64>,
    pub start_after_unix_ms: Option<i64>,
    pub complete_after_unix_ms: Option<i64>,
    /// When the batch is stopped if it is synced, or removed if it is at rest, unless an administrator acts on it before.
    pub expiration_unix_ms: Option<i64>,
    pub submitted_by_user: String,
    pub notification_emails: Vec<String>,
    pub exclude_folders: Vec<String>,
    pub include_folders: Vec<String>,
    pub source_endpoint: String,
    pub target_endpoint: String,
    pub allow_incremental_syncs: bool,
    pub report_interval_ms: Option<i64>,
    pub time_zone: String,
    /// Items of all users together.
    pub total_items: u64,
    pub synced_items: u64,
    pub skipped_items: u64,
    pub bytes_transferred: u64,
    pub reports: Vec<super::user::ReportEntry>,
}
