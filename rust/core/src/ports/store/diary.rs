//! What is reported of users: items that were left out or differ, and the lines of their reports.

use super::StoreResult;
use crate::folder::FolderPath;
use crate::ids::{BatchId, MailboxId, UserId};
use crate::message::Uid;
use crate::time::UnixMs;
use crate::user::{SkippedItem, SkippedKind, User};

/// Where a page of reported items ends; also when the item there is taken back later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemPosition {
    /// Its folder.
    pub folder: FolderPath,
    /// Its UID; none for the folder itself.
    pub uid: Option<Uid>,
    /// Its kind.
    pub kind: SkippedKind,
}

/// Where a page of report lines ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinePosition(pub i64);

/// A line of a user's or batch's report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportLine {
    /// When.
    pub at: UnixMs,
    /// What happened, in one line without secrets.
    pub text: String,
}

/// What is reported of users: items that were left out or differ, and the lines of their reports.
#[allow(missing_docs, reason = "each name and its types say what it does; the errors are StoreError's")]
pub trait Diary: Send + Sync {
    /// Of these users, those that have reported items.
    fn having_items(&self, users: &[UserId]) -> StoreResult<Vec<UserId>>;
    /// Those users of a batch that have reported items, in order of their rows.
    fn users_with_reported_items(&self, batch: BatchId) -> StoreResult<Vec<User>>;

    // Skipped items and reports.
    /// One item for a folder and UID and kind; a second replaces the first.
    fn add_skipped(&self, user: UserId, items: &[SkippedItem]) -> StoreResult<()>;
    fn skipped(&self, user: UserId, limit: Option<u32>) -> StoreResult<Vec<SkippedItem>>;
    /// The next items after a position, in the order of [`Self::skipped`].
    fn skipped_after(
        &self,
        user: UserId,
        after: Option<&ItemPosition>,
        limit: u32,
    ) -> StoreResult<Vec<SkippedItem>>;
    /// Removes skipped items and their ledger entries, so that a new start tries them again; `folder` None: all of the user.
    fn forget_skipped(&self, user: UserId, folder: Option<&FolderPath>) -> StoreResult<()>;
    /// The item of this kind about a folder itself.
    fn folder_item(
        &self,
        user: UserId,
        folder: &FolderPath,
        kind: SkippedKind,
    ) -> StoreResult<Option<SkippedItem>>;
    /// Removes the ledger entries of messages that a server refused or could not deliver, so that they are tried again. Their items
    /// stay until they are copied.
    fn forget_given_up(&self, user: UserId) -> StoreResult<()>;
    /// Removes the item about a folder itself, which no longer applies.
    fn remove_folder_item(&self, user: UserId, folder: &FolderPath, kind: SkippedKind) -> StoreResult<()>;
    /// Removes the items of this kind about a folder's messages.
    fn remove_items(&self, user: UserId, folder: &FolderPath, kind: SkippedKind) -> StoreResult<()>;
    /// Removes the items of a mailbox's messages that the ledger does not know as left out: what a worker noted before it
    /// died, and a later one copied.
    fn remove_refuted_items(&self, mailbox: MailboxId) -> StoreResult<()>;
    fn add_report(&self, user: UserId, at: UnixMs, text: &str) -> StoreResult<()>;
    fn report(&self, user: UserId) -> StoreResult<Vec<ReportLine>>;
    /// The next lines after a position, and where that page ends.
    fn report_after(
        &self,
        user: UserId,
        after: Option<LinePosition>,
        limit: u32,
    ) -> StoreResult<(Vec<ReportLine>, Option<LinePosition>)>;
}
