//! The part of the database that confirmations are kept in: requests for them, and what they found so far.

use super::StoreResult;
use crate::confirmation::{BatchFinding, Confirmation, ConfirmedFolder, Finding, UserConfirmation};
use crate::folder::FolderPath;
use crate::ids::{BatchId, ConfirmationId, UserId};
use crate::time::UnixMs;

/// Confirmations. Every method is one transaction. What writes results names the confirmation that they belong to, and fails with
/// [`StoreError::ConfirmationOver`](super::StoreError::ConfirmationOver) once it is not the open one of the user's batch.
#[allow(missing_docs, reason = "each name and its types say what it does; the errors are StoreError's")]
pub trait Confirmations: Send + Sync {
    /// Requests a confirmation, which is durable. One of the same kind that is under way continues, and one that was stopped
    /// is resumed; otherwise a new one begins.
    fn request_confirmation(&self, batch: BatchId, bytes: bool, now: UnixMs) -> StoreResult<Confirmation>;
    /// The last confirmation of a batch.
    fn confirmation(&self, batch: BatchId) -> StoreResult<Option<Confirmation>>;
    /// Those that a worker is to go on with, in the order of asking.
    fn open_confirmations(&self) -> StoreResult<Vec<Confirmation>>;
    /// Stops a confirmation that is under way. Returns `true` if there was one.
    fn stop_confirmation(&self, batch: BatchId) -> StoreResult<bool>;
    /// Ends a confirmation, unless it was stopped or replaced meanwhile.
    fn end_confirmation(&self, of: ConfirmationId, now: UnixMs) -> StoreResult<()>;
    /// All users of a batch with what was found about them, in order of their rows.
    fn user_confirmations(&self, batch: BatchId) -> StoreResult<Vec<UserConfirmation>>;
    /// Notes how many messages of a user were looked at.
    fn note_compared(&self, of: ConfirmationId, user: UserId, messages: u64) -> StoreResult<()>;
    /// Ends a user's part: all folders were compared, or they could not be.
    fn end_user_confirmation(
        &self,
        of: ConfirmationId,
        user: UserId,
        error: Option<&str>,
        now: UnixMs,
    ) -> StoreResult<()>;
    /// The folders of a user that were compared.
    fn confirmed_folders(&self, user: UserId) -> StoreResult<Vec<ConfirmedFolder>>;
    /// Removes what was found in a folder, which is compared from its beginning.
    fn clear_findings(&self, of: ConfirmationId, user: UserId, folder: &FolderPath) -> StoreResult<()>;
    fn add_findings(&self, of: ConfirmationId, user: UserId, findings: &[Finding]) -> StoreResult<()>;
    /// Notes that a folder was compared.
    fn add_confirmed_folder(
        &self,
        of: ConfirmationId,
        user: UserId,
        folder: &ConfirmedFolder,
    ) -> StoreResult<()>;
    /// What was found about the users of a batch, in the order of finding, after that number.
    fn findings(&self, batch: BatchId, after: Option<i64>, limit: u32) -> StoreResult<Vec<BatchFinding>>;
}
