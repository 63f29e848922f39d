//! `imapmig_batch_confirm` and `imapmig_batch_confirmation`.

use crate::confirmation::{ConfirmationResult, FindingKind};
use serde::{Deserialize, Serialize};

/// Confirm-MigrationBatch. The reply is a [`ConfirmationView`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct BatchConfirmRequest {
    /// The batch's name or Guid; absent: the only batch there is.
    pub identity: Option<String>,
    /// Compare whole contents, not only sizes, dates, flags and headers.
    pub bytes: bool,
    /// Stop the confirmation that is under way. The next request without it resumes there.
    pub stop: bool,
}

/// Get-MigrationBatchConfirmation. The reply is a [`ConfirmationList`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct BatchConfirmationRequest {
    /// Name or Guid of a batch; absent: of all that were ever confirmed. A batch that does not exist, or was never confirmed, is an error.
    pub identity: Option<String>,
    /// Fill `Findings`.
    pub include_findings: bool,
    /// Maximum number of findings to return for a batch; absent: no limit.
    pub limit_findings_to: Option<u32>,
    /// Returns the findings after those of an earlier reply: its `NextFindings`.
    pub findings_after: Option<String>,
    /// If all of the confirmations are under way, wait until one has ended. The longest wait in milliseconds; 200 at most.
    pub wait_ms: u32,
}

/// The reply of `imapmig_batch_confirmation`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConfirmationList {
    /// In order of the batches' creation.
    pub confirmations: Vec<ConfirmationView>,
}

/// How far a confirmation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ConfirmationStatus {
    /// The worker compares, or will as soon as the endpoints' limits allow.
    InProgress,
    /// It was stopped, and can be resumed.
    Stopped,
    /// It has ended.
    Ended,
}

/// The numbers of a user or batch. `SourceItemCount` = matched + missing + altered + those exceptions that the source has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(missing_docs, reason = "see the fields of ConfirmationCounts")]
pub struct ConfirmationCountsView {
    pub source_item_count: u64,
    pub target_item_count: u64,
    pub matched_item_count: u64,
    pub missing_item_count: u64,
    pub doubled_item_count: u64,
    pub altered_item_count: u64,
    pub foreign_item_count: u64,
    /// Missing, doubled or altered messages that the migration itself reported.
    pub reported_item_count: u64,
    /// Flags that messages of a folder have at the target only, each counted once a folder.
    pub added_flag_count: u64,
}

/// The last confirmation of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConfirmationView {
    /// The batch's name.
    pub identity: String,
    /// The batch's Guid.
    pub batch_guid: String,
    /// How far it is.
    pub status: ConfirmationStatus,
    /// Whether nothing more happens by itself: what a waiting caller looks at.
    pub is_at_rest: bool,
    /// The worst of its users'; absent before the end.
    pub result: Option<ConfirmationResult>,
    /// Whether a login or endpoint was changed since its end, so that it should be done again.
    pub is_outdated: bool,
    /// Whether whole contents are compared.
    pub bytes: bool,
    /// When it was requested.
    pub requested_unix_ms: i64,
    /// When it ended.
    pub ended_unix_ms: Option<i64>,
    /// Number of users.
    pub total_count: u32,
    /// Number of users whose comparison has ended.
    pub ended_count: u32,
    /// Messages of the source that were looked at so far.
    pub compared_item_count: u64,
    /// Messages of the source at the last sync: what `ComparedItemCount` is expected to reach.
    pub expected_item_count: u64,
    /// The sums of its users' numbers.
    #[serde(flatten)]
    pub counts: ConfirmationCountsView,
    /// In order of their rows.
    pub users: Vec<UserConfirmationView>,
    /// In the order in which they were found.
    pub findings: Vec<FindingView>,
    /// `FindingsAfter` of the request for the next page; absent when there are no more findings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_findings: Option<String>,
}

/// A user within a confirmation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserConfirmationView {
    /// The user's EmailAddress.
    pub identity: String,
    /// Absent before the user's mail was compared.
    pub result: Option<ConfirmationResult>,
    /// Why the user's mail could not be compared; `Result` is `Incomplete` then.
    pub error_summary: Option<String>,
    /// When its comparison ended.
    pub ended_unix_ms: Option<i64>,
    /// Messages of the source that were looked at so far.
    pub compared_item_count: u64,
    /// Messages of the source at the last sync.
    pub expected_item_count: u64,
    /// The numbers of the folders that were compared.
    #[serde(flatten)]
    pub counts: ConfirmationCountsView,
}

/// One thing that differs between both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FindingView {
    /// The user's EmailAddress.
    pub identity: String,
    /// What it is.
    pub kind: FindingKind,
    /// Whether it leaves the migration complete: the migration reported it, or others did it at the target.
    pub is_exception: bool,
    /// The source folder.
    pub folder_name: String,
    /// The target folder.
    pub target_folder_name: String,
    /// The message's UID at the source, where it is there.
    pub uid: Option<u32>,
    /// Its UID or file name at the target, where it is there.
    pub target_id: Option<String>,
    /// From its header.
    pub subject: String,
    /// From its header.
    pub message_id: String,
    /// Its size in bytes.
    pub message_size: u64,
    /// Its internal date.
    pub date_received_unix_ms: Option<i64>,
    /// What differs.
    pub details: String,
    /// What the migration reported about it.
    pub explanation: Option<String>,
}
