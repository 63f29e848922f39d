//! Batches: a set of users, a source, a target, and what was asked for.

use crate::ids::{BatchId, EndpointId, UserId};
use crate::status::{BatchEvent, BatchFacts, BatchStatus, UserCounts};
use crate::time::UnixMs;
use serde::{Deserialize, Serialize};

/// What New-MigrationBatch and Set-MigrationBatch decide.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct BatchOptions {
    /// Folders to leave out, in Exchange's syntax.
    pub exclude_folders: Vec<String>,
    /// Folders to take alone, in Exchange's syntax.
    pub include_folders: Vec<String>,
    /// Whom to write to; kept and shown.
    pub notification_emails: Vec<String>,
    /// Not before this instant.
    pub start_after: Option<UnixMs>,
    /// From this instant on users get their final sync as soon as they are in step.
    pub complete_after: Option<UnixMs>,
    /// Only look at the mailboxes of both sides; cleared when the batch is started.
    pub analyze: bool,
    /// False: stop after the initial sync.
    pub allow_incremental_syncs: bool,
    /// Kept and shown, milliseconds.
    pub report_interval_ms: Option<i64>,
    /// The time zone's name, kept and shown.
    pub time_zone: String,
}

impl BatchOptions {
    /// Whether users in step get their final sync now.
    #[must_use]
    pub fn is_to_be_completed(&self, now: UnixMs) -> bool {
        self.complete_after.is_some_and(|after| after <= now)
    }
}

/// A row that could not be taken, or something worth knowing about one that was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ValidationWarning {
    /// The line in the CSV file, counted from 1 with the header.
    pub row_index: u64,
    /// The row's EmailAddress as it stands there.
    pub email_address: String,
    /// What is wrong, and the remedy.
    pub message: String,
}

/// A batch as the state directory keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its identity.
    pub id: BatchId,
    /// Its unique name, compared in any case.
    pub name: String,
    /// Its state.
    pub status: BatchStatus,
    /// Where mail comes from.
    pub source: EndpointId,
    /// Where mail goes; absent: `Local`.
    pub target: Option<EndpointId>,
    /// What was decided.
    pub options: BatchOptions,
    /// Rows that were not taken.
    pub validation_warnings: Vec<ValidationWarning>,
    /// The last thing worth telling about the whole batch.
    pub message: Option<String>,
    /// Who made it.
    pub submitted_by: String,
    /// When it was made.
    pub created: UnixMs,
    /// When it was started last.
    pub started: Option<UnixMs>,
    /// When the initial sync of its last user was done.
    pub initial_synced: Option<UnixMs>,
    /// When an incremental sync of its last user was done.
    pub last_synced: Option<UnixMs>,
    /// When its lifetime began: an administrator acted on it, or its state changed other than by incremental syncs.
    pub active: UnixMs,
    /// How many of its users are in which state. Read only: the store counts.
    pub counts: UserCounts,
    /// What was requested for the whole batch and is not done yet, in the order of asking. Read only.
    pub requests: Vec<RequestKind>,
}

impl Batch {
    /// The state after an event, from everything it depends on; `None` if the event is refused.
    #[must_use]
    pub fn after(&self, event: BatchEvent, now: UnixMs) -> Option<BatchStatus> {
        let pending = |kind| self.requests.contains(&kind);
        let facts = BatchFacts {
            counts: self.counts,
            start_pending: pending(RequestKind::Start),
            sync_pending: pending(RequestKind::SyncNow),
            repeats: self.options.allow_incremental_syncs,
            completes: self.options.is_to_be_completed(now),
        };
        self.status.on(event, &facts)
    }
}

/// What a command requests of the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RequestKind {
    /// Start, resume, or try failed users again.
    Start,
    /// Stop what runs.
    Stop,
    /// Remove the batch.
    Remove,
    /// Run incremental syncs now.
    SyncNow,
    /// Give a user its final sync once it is in step.
    Complete,
}

impl RequestKind {
    /// What the request for a whole batch means for the batch.
    #[must_use]
    pub const fn event(self) -> BatchEvent {
        match self {
            Self::Start => BatchEvent::StartRequested,
            Self::Stop => BatchEvent::StopRequested,
            Self::Remove => BatchEvent::RemoveRequested,
            Self::SyncNow => BatchEvent::SyncRequested,
            Self::Complete => BatchEvent::CompleteRequested,
        }
    }
}

/// A request, in the order of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its number.
    pub id: i64,
    /// What is requested.
    pub kind: RequestKind,
    /// For which batch.
    pub batch: BatchId,
    /// For one user of it only.
    pub user: Option<UserId>,
}
