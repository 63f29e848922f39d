//! `imapmig_user_list`, `_statistics`, `_statistics_list`, `_update`; `_start`, `_stop` and `_remove` take an `IdentityRequest`.

use super::ApiError;
use crate::status::{UserStatus, UserStatusSummary};
use serde::{Deserialize, Serialize};

/// Get-MigrationUser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct UserListRequest {
    /// EmailAddress or Guid. One that does not exist is an error.
    pub identity: Option<String>,
    /// Only of this batch, by name or Guid. One that does not exist is an error.
    pub batch_id: Option<String>,
    /// Only in this state.
    pub status: Option<UserStatus>,
    /// Only in states of this summary.
    pub status_summary: Option<UserStatusSummary>,
    /// Maximum number of users to return; absent: no limit.
    pub result_size: Option<u32>,
    /// Returns the users after those of an earlier reply: its `Next`.
    pub after: Option<String>,
}

/// The reply of `imapmig_user_list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserList {
    /// By batch, in order of the rows.
    pub users: Vec<UserView>,
    /// `After` of the request for the next page; absent when there are no more users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A user as shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(missing_docs, reason = "the properties of Exchange's Get-MigrationUser, by their names")]
pub struct UserView {
    pub identity: String,
    pub guid: String,
    pub batch_id: String,
    pub batch_guid: String,
    pub email_address: String,
    /// The login at the source.
    pub user_name: String,
    pub status: UserStatus,
    pub status_summary: UserStatusSummary,
    pub state: String,
    pub error_summary: Option<String>,
    /// What the user waits for, e.g. a pause that the server stated.
    pub waiting: Option<String>,
    pub skipped_item_count: u64,
    pub synced_item_count: u64,
    pub last_successful_sync_unix_ms: Option<i64>,
    /// Perfect, Good, Investigate or Poor. Absent before the first sync has ended, while one runs, and after one that failed.
    pub data_consistency_score: Option<String>,
}

/// Set-MigrationUser; absent properties stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct UserUpdateRequest {
    /// EmailAddress or Guid.
    pub identity: String,
    /// Run an incremental sync now.
    pub sync_now: bool,
    /// Give the user its final sync; an instant that has passed.
    pub complete_after_unix_ms: Option<i64>,
    /// An instant that has passed: start the user now.
    pub start_after_unix_ms: Option<i64>,
}

/// Get-MigrationUserStatistics.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct UserStatisticsRequest {
    /// EmailAddress or Guid.
    pub identity: String,
    /// Fill `Report`.
    pub include_report: bool,
    /// Fill `SkippedItems`.
    pub include_skipped_items: bool,
    /// Maximum number of skipped items to return; absent: no limit.
    pub limit_skipped_items_to: Option<u32>,
    /// Returns the skipped items after those of an earlier reply: its `NextSkippedItems`.
    pub skipped_items_after: Option<String>,
    /// Maximum number of report lines to return; absent: no limit.
    pub limit_report_to: Option<u32>,
    /// Returns the report lines after those of an earlier reply: its `NextReport`.
    pub report_after: Option<String>,
}

/// Get-MigrationUserStatistics for many users at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct UserStatisticsListRequest {
    /// EmailAddresses or Guids, at most [`MAX_STATISTICS_IDENTITIES`].
    pub identities: Vec<String>,
    /// Fill `Report`.
    pub include_report: bool,
    /// Fill `SkippedItems`.
    pub include_skipped_items: bool,
    /// Maximum number of skipped items to return for each user; absent: no limit.
    pub limit_skipped_items_to: Option<u32>,
    /// Maximum number of report lines to return for each user; absent: no limit.
    pub limit_report_to: Option<u32>,
}

/// How many users `imapmig_user_statistics_list` takes at once, so that no call blocks for long.
pub const MAX_STATISTICS_IDENTITIES: usize = 500;

/// The reply of `imapmig_user_statistics_list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserStatisticsList {
    /// One for each identity of the request, in its order.
    pub results: Vec<UserStatisticsResult>,
}

/// What was found of one identity: its statistics, or why there are none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserStatisticsResult {
    /// As in the request.
    pub identity: String,
    /// Absent after an error.
    pub statistics: Option<UserStatisticsView>,
    /// An unknown user.
    pub error: Option<ApiError>,
}

/// A user with its numbers. `SyncedItemCount + SkippedItemCount` reaches `TotalItemsInSourceMailboxCount` when done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(missing_docs, reason = "the properties of Exchange's Get-MigrationUserStatistics, by their names")]
pub struct UserStatisticsView {
    #[serde(flatten)]
    pub user: UserView,
    pub total_items_in_source_mailbox_count: u64,
    pub estimated_total_transfer_bytes: u64,
    pub bytes_transferred: u64,
    pub percentage_complete: u32,
    /// Of the synced items: found already there, not copied again.
    pub adopted_item_count: u64,
    /// Of the synced items: their UID, size, date and flags were listed at the target after they were stored or found there.
    pub verified_item_count: u64,
    /// Of the verified items: their bytes were read at the target and compared with those of the source as well.
    pub compared_item_count: u64,
    /// The synced items that are not verified.
    pub not_verified_item_count: u64,
    pub average_bytes_transferred_per_hour: Option<u64>,
    pub current_bytes_transferred_per_minute: Option<u64>,
    pub queued_ms: i64,
    pub in_progress_ms: i64,
    pub synced_ms: i64,
    pub error: Option<String>,
    /// When a sync failed last, also if a later one was done.
    pub last_failure_unix_ms: Option<i64>,
    pub last_updated_unix_ms: Option<i64>,
    pub initial_seeding_completed_unix_ms: Option<i64>,
    /// Of `error`, as are the next five.
    pub error_unix_ms: Option<i64>,
    /// The kind of failure, a member of [`crate::failure::FailureKind`].
    pub error_code: Option<String>,
    /// The exception's name.
    pub error_type: Option<String>,
    /// Source or Target.
    pub error_side: Option<String>,
    /// The same for equal errors of different users.
    pub error_hash: Option<String>,
    pub error_help_url: Option<String>,
    pub skipped_items: Vec<SkippedItemView>,
    /// `SkippedItemsAfter` of the request for the next page; absent when there are no more items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_skipped_items: Option<String>,
    pub report: Vec<ReportEntry>,
    /// `ReportAfter` of the request for the next page; absent when there are no more lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_report: Option<String>,
    /// Where the mail lies, for a Maildir target.
    pub target_path: Option<String>,
}

/// A reported item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(missing_docs, reason = "the properties of Exchange's skipped items, by their names")]
pub struct SkippedItemView {
    /// A member of [`crate::user::SkippedKind`].
    pub kind: String,
    /// Whether the message is missing at the target.
    pub left_out: bool,
    pub folder_name: String,
    pub uid: Option<u32>,
    pub subject: String,
    pub sender: String,
    pub recipient: String,
    pub message_size: u64,
    pub date_sent_unix_ms: Option<i64>,
    pub date_received_unix_ms: Option<i64>,
    /// The reason, with the server's literal answer.
    pub failure: String,
    /// The original, kept in the state directory.
    pub kept_file: Option<String>,
}

/// A line of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReportEntry {
    /// Whose.
    pub identity: String,
    /// When.
    pub creation_unix_ms: i64,
    /// What happened.
    pub message: String,
}
