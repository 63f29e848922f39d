//! The port [`Diary`], method by method: which transaction, how durable, which sealing key.

use super::SqliteStore;
use crate::connection::Durability;
use crate::{reports, skipped, suspects, users};
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::{BatchId, MailboxId, UserId};
use imapmig_core::ports::store::{ItemPosition, LinePosition, ReportLine, StoreResult};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{SkippedItem, SkippedKind, User};

use imapmig_core::ports::store::Diary;

impl Diary for SqliteStore {
    fn having_items(&self, users: &[UserId]) -> StoreResult<Vec<UserId>> {
        self.read(|c| skipped::having(c, users))
    }

    fn users_with_reported_items(&self, batch: BatchId) -> StoreResult<Vec<User>> {
        self.read(|c| users::with_reported_items(c, batch))
    }

    fn add_skipped(&self, user: UserId, items: &[SkippedItem]) -> StoreResult<()> {
        self.write(Durability::Process, |t| skipped::add(t, user, items))
    }

    fn skipped(&self, user: UserId, limit: Option<u32>) -> StoreResult<Vec<SkippedItem>> {
        self.read(|c| skipped::of_user(c, user, limit))
    }

    fn skipped_after(
        &self,
        user: UserId,
        after: Option<&ItemPosition>,
        limit: u32,
    ) -> StoreResult<Vec<SkippedItem>> {
        self.read(|c| skipped::after(c, user, after, limit))
    }

    fn forget_skipped(&self, user: UserId, folder: Option<&FolderPath>) -> StoreResult<()> {
        self.write(Durability::Process, |t| {
            skipped::forget(t, user, folder)?;
            suspects::forget(t, user, folder)
        })
    }

    fn folder_item(
        &self,
        user: UserId,
        folder: &FolderPath,
        kind: SkippedKind,
    ) -> StoreResult<Option<SkippedItem>> {
        self.read(|c| skipped::of_folder(c, user, folder, kind))
    }

    fn forget_given_up(&self, user: UserId) -> StoreResult<()> {
        self.write(Durability::Process, |t| skipped::forget_given_up(t, user))
    }

    fn remove_folder_item(&self, user: UserId, folder: &FolderPath, kind: SkippedKind) -> StoreResult<()> {
        self.write(Durability::Process, |t| skipped::remove(t, user, folder, false, kind))
    }

    fn remove_items(&self, user: UserId, folder: &FolderPath, kind: SkippedKind) -> StoreResult<()> {
        self.write(Durability::Process, |t| skipped::remove(t, user, folder, true, kind))
    }

    fn remove_refuted_items(&self, mailbox: MailboxId) -> StoreResult<()> {
        self.write(Durability::Process, |t| {
            suspects::forget_ended(t, mailbox)?;
            skipped::remove_refuted(t, mailbox)
        })
    }

    fn add_report(&self, user: UserId, at: UnixMs, text: &str) -> StoreResult<()> {
        self.write(Durability::Process, |t| reports::add(t, user, at, text))
    }

    fn report(&self, user: UserId) -> StoreResult<Vec<ReportLine>> {
        self.read(|c| reports::of_user(c, user))
    }

    fn report_after(
        &self,
        user: UserId,
        after: Option<LinePosition>,
        limit: u32,
    ) -> StoreResult<(Vec<ReportLine>, Option<LinePosition>)> {
        self.read(|c| reports::after(c, user, after, limit))
    }
}
