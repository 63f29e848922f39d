//! The port, method by method: which transaction, how durable, which sealing key. What is done inside stands in the
//! file of its noun.

mod open;

use crate::connection::{Connections, Durability};
use crate::directory::StateDirectory;
use crate::flags::FlagNumbers;
use crate::purge::Purger;
use crate::seal::Sealer;
use crate::{
    batches, checkpoints, doubts, endpoints, ledger, logins, moves, passwords, reports, requests, settings,
    skipped, users, workers,
};
use imapmig_core::batch::{Batch, Request, RequestKind};
use imapmig_core::endpoint::{Endpoint, EndpointSecrets};
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::{BatchId, EndpointId, MailboxId, UserId, WorkerId};
use imapmig_core::message::{Flags, ModSeq, Uid, UidValidity};
use imapmig_core::ports::store::{
    BatchChange, BatchFilter, Doubts, LedgerCounts, LedgerResult, LoginChange, Outcome, ReportLine, Store,
    StoreResult, UserChange, UserFilter, WorkerLease,
};
use imapmig_core::status::{BatchEvent, UserEvent, UserStatus};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{
    Checkpoint, LedgerEntry, NewUser, SkippedItem, SkippedKind, User, UserProgress, UserSecrets,
};
use std::ops::ControlFlow;
use std::sync::Arc;

/// The state database of one state directory. Any number of threads may use it, and any number of processes.
#[derive(Debug)]
pub struct SqliteStore {
    directory: StateDirectory,
    connections: Arc<Connections>,
    flags: FlagNumbers,
    purger: Purger,
}

impl Store for SqliteStore {
    fn version(&self) -> StoreResult<i64> {
        self.connections.version().map_err(|fault| fault.at(&self.directory))
    }

    fn setting(&self, name: &str) -> StoreResult<Option<String>> {
        self.read(|c| settings::get(c, name))
    }

    fn set_setting(&self, name: &str, value: Option<&str>) -> StoreResult<()> {
        self.write(Durability::Power, |t| settings::set(t, name, value))
    }

    fn add_endpoint(&self, endpoint: &Endpoint, secrets: &EndpointSecrets) -> StoreResult<()> {
        self.write(Durability::Power, |t| {
            endpoints::add(t, self.sealer_for(secrets)?.as_ref(), endpoint, secrets)
        })
    }

    fn endpoints(&self) -> StoreResult<Vec<Endpoint>> {
        self.read(endpoints::all)
    }

    fn endpoint(&self, identity: &str) -> StoreResult<Option<Endpoint>> {
        self.read(|c| endpoints::find(c, identity))
    }

    fn endpoint_by_id(&self, id: EndpointId) -> StoreResult<Option<Endpoint>> {
        self.read(|c| endpoints::by_id(c, id))
    }

    fn endpoint_secrets(&self, id: EndpointId) -> StoreResult<EndpointSecrets> {
        self.read(|c| endpoints::secrets(c, &self.directory, id))
    }

    fn change_endpoint(&self, endpoint: &Endpoint, secrets: &EndpointSecrets) -> StoreResult<()> {
        self.write(Durability::Power, |t| {
            endpoints::change(t, self.sealer_for(secrets)?.as_ref(), endpoint, secrets)
        })?;
        if endpoints::any(secrets) { self.empty_log() } else { Ok(()) }
    }

    fn remove_endpoint(&self, id: EndpointId) -> StoreResult<()> {
        self.write(Durability::Power, |t| endpoints::remove(t, id))?;
        self.empty_log()
    }

    fn add_batch(&self, batch: &Batch, new_users: &[NewUser]) -> StoreResult<()> {
        self.write(Durability::Power, |t| {
            batches::add(t, batch)?;
            users::add(t, &Sealer::existing_or_new(&self.directory)?, batch.id, new_users, batch.created)
        })
        .map(drop)
    }

    fn add_batch_of(&self, batch: &Batch, moved: &[UserId]) -> StoreResult<()> {
        self.write(Durability::Power, |t| moves::add_batch_of(t, &self.directory, batch, moved))?;
        self.purger.start();
        Ok(())
    }

    fn add_users(&self, batch: BatchId, new_users: &[NewUser], now: UnixMs) -> StoreResult<u32> {
        self.write(Durability::Power, |t| {
            let added = users::add(t, &Sealer::existing_or_new(&self.directory)?, batch, new_users, now)?;
            if added > 0 {
                batches::event(t, batch, &[BatchEvent::UsersRequeued], &BatchChange::default(), now)?;
            }
            Ok(added)
        })
    }

    fn change_logins(&self, batch: BatchId, rows: &[&NewUser], now: UnixMs) -> StoreResult<Vec<LoginChange>> {
        let changes = self.write(Durability::Power, |t| {
            let changes = logins::change(t, &Sealer::existing_or_new(&self.directory)?, batch, rows, now)?;
            if changes.contains(&LoginChange::Login) {
                batches::event(t, batch, &[BatchEvent::UsersRequeued], &BatchChange::default(), now)?;
            }
            Ok(changes)
        })?;
        if changes.contains(&LoginChange::Login) {
            self.purger.start();
        }
        self.empty_log()?;
        Ok(changes)
    }

    fn addresses_in_use(
        &self,
        addresses: &[&str],
        except: Option<BatchId>,
    ) -> StoreResult<Vec<(String, String)>> {
        self.read(|c| users::in_use(c, addresses, except))
    }

    fn batches(&self, filter: &BatchFilter) -> StoreResult<Vec<Batch>> {
        self.read(|c| batches::list(c, filter))
    }

    fn batch_by_id(&self, id: BatchId) -> StoreResult<Option<Batch>> {
        self.read(|c| batches::by_id(c, id))
    }

    fn change_batch(&self, id: BatchId, change: &BatchChange) -> StoreResult<()> {
        self.write(Durability::Process, |t| batches::change(t, id, change))
    }

    fn batch_event(
        &self,
        id: BatchId,
        event: BatchEvent,
        change: &BatchChange,
        now: UnixMs,
    ) -> StoreResult<Outcome> {
        self.write(Durability::Process, |t| batches::event(t, id, &[event], change, now))
    }

    /// The batch is gone when this returns; its ledger is deleted in the background.
    fn remove_batch(&self, id: BatchId) -> StoreResult<()> {
        self.write(Durability::Power, |t| batches::remove(t, id))?;
        self.purger.start();
        self.empty_log()
    }

    fn remove_user(&self, id: UserId) -> StoreResult<()> {
        self.write(Durability::Power, |t| users::remove(t, id))?;
        self.purger.start();
        self.empty_log()
    }

    fn users(&self, filter: &UserFilter) -> StoreResult<Vec<User>> {
        self.read(|c| users::list(c, filter))
    }

    fn batch_progress(&self, batch: BatchId) -> StoreResult<UserProgress> {
        self.read(|c| users::progress(c, batch))
    }

    fn users_with_reported_items(&self, batch: BatchId) -> StoreResult<Vec<User>> {
        self.read(|c| users::with_reported_items(c, batch))
    }

    fn user_by_id(&self, id: UserId) -> StoreResult<Option<User>> {
        self.read(|c| users::by_id(c, id))
    }

    fn user_secrets(&self, id: UserId) -> StoreResult<UserSecrets> {
        self.read(|c| passwords::open(c, &self.directory, id))
    }

    fn change_user(&self, id: UserId, when: &[UserStatus], change: &UserChange) -> StoreResult<bool> {
        self.write(Durability::Process, |t| users::change(t, id, when, change))
    }

    fn change_user_statuses(&self, batch: BatchId, event: UserEvent, now: UnixMs) -> StoreResult<u32> {
        self.write(Durability::Process, |t| users::change_all(t, batch, event, now))
    }

    fn users_with_equal_passwords(&self, batch: BatchId) -> StoreResult<Vec<Vec<UserId>>> {
        self.read(|c| passwords::equal(c, batch))
    }

    fn request(
        &self,
        batch: BatchId,
        kinds: &[RequestKind],
        change: &BatchChange,
        now: UnixMs,
    ) -> StoreResult<Outcome> {
        let events: Vec<_> = kinds.iter().map(|kind| kind.event()).collect();
        self.write(Durability::Power, |t| {
            let outcome = batches::event(t, batch, &events, change, now)?;
            if matches!(outcome, Outcome::Done(_)) {
                for kind in kinds {
                    requests::add(t, *kind, batch, now)?;
                }
            }
            Ok(outcome)
        })
    }

    fn request_for_user(
        &self,
        kind: RequestKind,
        user: UserId,
        (user_event, batch_event): (Option<UserEvent>, Option<BatchEvent>),
        now: UnixMs,
    ) -> StoreResult<()> {
        self.write(Durability::Power, |t| {
            requests::add_for_user(t, kind, user, now)?;
            let Some(found) = users::by_id(t, user)? else { return Ok(()) };
            if let Some(event) = user_event {
                let change = UserChange { status: found.status.on(event), ..UserChange::default() };
                users::change(t, user, &[], &change)?;
            }
            if let Some(event) = batch_event {
                batches::event(t, found.batch, &[event], &BatchChange::default(), now)?;
            }
            Ok(())
        })
    }

    fn requests(&self) -> StoreResult<Vec<Request>> {
        self.read(requests::all)
    }

    fn remove_request(&self, id: i64) -> StoreResult<()> {
        self.write(Durability::Process, |t| requests::remove(t, id))
    }

    fn lease(&self, worker: WorkerId, holder: &str, now: UnixMs, stale_before: UnixMs) -> StoreResult<bool> {
        self.write(Durability::Process, |t| workers::lease(t, worker, holder, now, stale_before))
    }

    fn release(&self, worker: WorkerId) -> StoreResult<()> {
        self.write(Durability::Process, |t| workers::release(t, worker))
    }

    fn worker(&self) -> StoreResult<Option<WorkerLease>> {
        self.read(workers::current)
    }

    fn checkpoints(&self, user: UserId) -> StoreResult<Vec<Checkpoint>> {
        self.read(|c| checkpoints::of_user(c, user))
    }

    fn checkpoint(&self, new: &Checkpoint) -> StoreResult<Checkpoint> {
        self.write(Durability::Process, |t| checkpoints::get_or_add(t, new))
    }

    fn save_checkpoint(&self, checkpoint: &Checkpoint) -> StoreResult<()> {
        self.write(Durability::Process, |t| checkpoints::save(t, checkpoint))
    }

    fn reset_mailbox(&self, mailbox: MailboxId, source: UidValidity, target: UidValidity) -> StoreResult<()> {
        self.write(Durability::Process, |t| checkpoints::reset(t, mailbox, source, target))
    }

    fn forget_targets(&self, mailbox: MailboxId) -> StoreResult<()> {
        self.write(Durability::Process, |t| checkpoints::forget_targets(t, mailbox))
    }

    fn add_intents(
        &self,
        mailbox: MailboxId,
        entries: &[LedgerEntry],
        target_known_below: Uid,
    ) -> StoreResult<()> {
        let numbers = self.flag_numbers(entries.iter().map(|entry| &entry.flags))?;
        self.write(Durability::Power, |t| {
            ledger::add_intents(t, mailbox, entries, &numbers, target_known_below)
        })
    }

    fn record(
        &self,
        mailbox: MailboxId,
        results: &[LedgerResult],
        entries: &[LedgerEntry],
        target_known_below: Option<Uid>,
    ) -> StoreResult<()> {
        let numbers = self.flag_numbers(entries.iter().map(|entry| &entry.flags))?;
        self.write(Durability::Process, |t| {
            ledger::record(t, mailbox, results, entries, &numbers, target_known_below)
        })
    }

    fn drop_intents(&self, mailbox: MailboxId, uids: &[Uid]) -> StoreResult<()> {
        self.write(Durability::Process, |t| ledger::drop_intents(t, mailbox, uids))
    }

    /// Reads a page at a time, so that a caller who takes long holds up neither the database nor its log.
    fn ledger(
        &self,
        mailbox: MailboxId,
        each: &mut dyn FnMut(LedgerEntry) -> ControlFlow<()>,
    ) -> StoreResult<()> {
        let mut from = Some(Uid(0));
        while let Some(start) = from {
            let page = self.read(|c| ledger::page(c, mailbox, start))?;
            from = page.get(ledger::PAGE - 1).and_then(|last| last.uid.0.checked_add(1)).map(Uid);
            for entry in page {
                if each(entry).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn settled(&self, user: UserId) -> StoreResult<Vec<(MailboxId, UserProgress)>> {
        self.read(|c| ledger::settled(c, user))
    }

    fn ledger_counts(&self, user: UserId) -> StoreResult<LedgerCounts> {
        self.read(|c| ledger::counts(c, user))
    }

    fn set_ledger_flags(&self, mailbox: MailboxId, flags: &[(Uid, Flags)]) -> StoreResult<()> {
        let numbers = self.flag_numbers(flags.iter().map(|(_, flags)| flags))?;
        self.write(Durability::Process, |t| {
            ledger::set_flags(t, mailbox, flags.iter().map(|(uid, _)| *uid), &numbers)
        })
    }

    fn set_source_modseq(&self, mailbox: MailboxId, modseq: Option<ModSeq>) -> StoreResult<()> {
        self.write(Durability::Process, |t| checkpoints::set_source_modseq(t, mailbox, modseq))
    }

    fn add_doubts(&self, mailbox: MailboxId, messages: &[Uid], from: Uid, now: UnixMs) -> StoreResult<()> {
        self.write(Durability::Power, |t| doubts::add(t, mailbox, messages, from, now))
    }

    fn doubts(&self, mailbox: MailboxId) -> StoreResult<Doubts> {
        self.read(|c| doubts::of_mailbox(c, mailbox))
    }

    fn set_strays(&self, mailbox: MailboxId, strays: &[Uid]) -> StoreResult<()> {
        self.write(Durability::Power, |t| doubts::set_strays(t, mailbox, strays))
    }

    fn forget_doubts(&self, mailbox: MailboxId, before: UnixMs) -> StoreResult<()> {
        self.write(Durability::Process, |t| doubts::forget(t, mailbox, before))
    }

    fn add_skipped(&self, user: UserId, items: &[SkippedItem]) -> StoreResult<()> {
        self.write(Durability::Process, |t| skipped::add(t, user, items))
    }

    fn skipped(&self, user: UserId, limit: Option<u32>) -> StoreResult<Vec<SkippedItem>> {
        self.read(|c| skipped::of_user(c, user, limit))
    }

    fn forget_skipped(&self, user: UserId, folder: Option<&FolderPath>) -> StoreResult<()> {
        self.write(Durability::Process, |t| skipped::forget(t, user, folder))
    }

    fn remove_folder_item(&self, user: UserId, folder: &FolderPath, kind: SkippedKind) -> StoreResult<()> {
        self.write(Durability::Process, |t| skipped::remove(t, user, folder, false, kind))
    }

    fn remove_items(&self, user: UserId, folder: &FolderPath, kind: SkippedKind) -> StoreResult<()> {
        self.write(Durability::Process, |t| skipped::remove(t, user, folder, true, kind))
    }

    fn remove_refuted_items(&self, mailbox: MailboxId) -> StoreResult<()> {
        self.write(Durability::Process, |t| skipped::remove_refuted(t, mailbox))
    }

    fn add_report(&self, user: UserId, at: UnixMs, text: &str) -> StoreResult<()> {
        self.write(Durability::Process, |t| reports::add(t, user, at, text))
    }

    fn report(&self, user: UserId) -> StoreResult<Vec<ReportLine>> {
        self.read(|c| reports::of_user(c, user))
    }
}
