//! The port of confirmations, method by method.

use super::SqliteStore;
use crate::connection::Durability;
use crate::{batches, confirmations};
use imapmig_core::confirmation::{BatchFinding, Confirmation, ConfirmedFolder, Finding, UserConfirmation};
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::{BatchId, ConfirmationId, UserId};
use imapmig_core::ports::store::{Confirmations, StoreResult};
use imapmig_core::time::UnixMs;

impl Confirmations for SqliteStore {
    fn request_confirmation(&self, batch: BatchId, bytes: bool, now: UnixMs) -> StoreResult<Confirmation> {
        self.write(Durability::Power, |t| {
            batches::renew(t, batch, now)?;
            confirmations::request(t, batch, bytes, now)
        })
    }

    fn confirmation(&self, batch: BatchId) -> StoreResult<Option<Confirmation>> {
        self.read(|c| confirmations::of_batch(c, batch))
    }

    fn open_confirmations(&self) -> StoreResult<Vec<Confirmation>> {
        self.read(confirmations::open)
    }

    fn stop_confirmation(&self, batch: BatchId) -> StoreResult<bool> {
        self.write(Durability::Power, |t| confirmations::stop(t, batch))
    }

    fn end_confirmation(&self, of: ConfirmationId, now: UnixMs) -> StoreResult<()> {
        self.write(Durability::Process, |t| confirmations::end(t, of, now))
    }

    fn user_confirmations(&self, batch: BatchId) -> StoreResult<Vec<UserConfirmation>> {
        self.read(|c| confirmations::users_of(c, batch))
    }

    fn note_compared(&self, of: ConfirmationId, user: UserId, messages: u64) -> StoreResult<()> {
        self.write(Durability::Process, |t| {
            confirmations::check(t, of, user)?;
            confirmations::note_compared(t, user, messages)
        })
    }

    fn end_user_confirmation(
        &self,
        of: ConfirmationId,
        user: UserId,
        error: Option<&str>,
        now: UnixMs,
    ) -> StoreResult<()> {
        self.write(Durability::Process, |t| {
            confirmations::check(t, of, user)?;
            confirmations::end_user(t, user, error, now)
        })
    }

    fn confirmed_folders(&self, user: UserId) -> StoreResult<Vec<ConfirmedFolder>> {
        self.read(|c| confirmations::folders(c, user))
    }

    fn clear_findings(&self, of: ConfirmationId, user: UserId, folder: &FolderPath) -> StoreResult<()> {
        self.write(Durability::Process, |t| {
            confirmations::check(t, of, user)?;
            confirmations::clear(t, user, folder)
        })
    }

    fn add_findings(&self, of: ConfirmationId, user: UserId, findings: &[Finding]) -> StoreResult<()> {
        self.write(Durability::Process, |t| {
            confirmations::check(t, of, user)?;
            confirmations::add(t, user, findings)
        })
    }

    fn add_confirmed_folder(
        &self,
        of: ConfirmationId,
        user: UserId,
        folder: &ConfirmedFolder,
    ) -> StoreResult<()> {
        self.write(Durability::Process, |t| {
            confirmations::check(t, of, user)?;
            confirmations::add_folder(t, user, folder)
        })
    }

    fn findings(&self, batch: BatchId, after: Option<i64>, limit: u32) -> StoreResult<Vec<BatchFinding>> {
        self.read(|c| confirmations::findings(c, batch, after, limit))
    }
}
