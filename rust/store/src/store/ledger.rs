//! The port [`Ledger`], method by method: which transaction, how durable, which sealing key.

use super::SqliteStore;
use crate::connection::Durability;
use crate::ledger::Which;
use crate::{checkpoints, late_duplicates, ledger, suspects};
use imapmig_core::ids::{MailboxId, UserId};
use imapmig_core::message::{Flags, TargetValidity, Uid, UidValidity};
use imapmig_core::ports::store::{LateDuplicates, LedgerResult, StoreResult};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{Checkpoint, LedgerEntry, LedgerState, Level, Suspect, UserProgress};
use std::ops::{ControlFlow, RangeInclusive};

use imapmig_core::ports::store::Ledger;

impl Ledger for SqliteStore {
    fn checkpoints(&self, user: UserId) -> StoreResult<Vec<Checkpoint>> {
        self.read(|c| checkpoints::of_user(c, user))
    }

    fn checkpoint(&self, new: &Checkpoint) -> StoreResult<Checkpoint> {
        self.write(Durability::Process, |t| checkpoints::get_or_add(t, new))
    }

    fn save_checkpoint(&self, checkpoint: &Checkpoint) -> StoreResult<()> {
        self.write(Durability::Process, |t| checkpoints::save(t, checkpoint))
    }

    fn reset_mailbox(
        &self,
        mailbox: MailboxId,
        source: UidValidity,
        target: TargetValidity,
    ) -> StoreResult<()> {
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
    ) -> StoreResult<()> {
        let numbers = self.flag_numbers(entries.iter().map(|entry| &entry.flags))?;
        self.write(Durability::Process, |t| ledger::record(t, mailbox, results, entries, &numbers))
    }

    fn drop_intents(&self, mailbox: MailboxId, uids: &[Uid]) -> StoreResult<()> {
        self.write(Durability::Process, |t| ledger::drop_intents(t, mailbox, uids))
    }

    fn ledger(
        &self,
        mailbox: MailboxId,
        each: &mut dyn FnMut(LedgerEntry) -> ControlFlow<()>,
    ) -> StoreResult<()> {
        entries(self, mailbox, Which::All, each)
    }

    fn unverified(
        &self,
        mailbox: MailboxId,
        each: &mut dyn FnMut(LedgerEntry) -> ControlFlow<()>,
    ) -> StoreResult<()> {
        entries(self, mailbox, Which::Unverified, each)
    }

    fn ledger_numbers(&self, mailbox: MailboxId) -> StoreResult<Vec<(LedgerState, Level, u64)>> {
        self.read(|c| ledger::numbers(c, mailbox))
    }

    fn raise_levels(&self, mailbox: MailboxId, levels: &[(RangeInclusive<Uid>, Level)]) -> StoreResult<()> {
        self.write(Durability::Process, |t| ledger::raise_levels(t, mailbox, levels))
    }

    fn finished(&self, user: UserId) -> StoreResult<Vec<(MailboxId, UserProgress)>> {
        self.read(|c| ledger::finished(c, user))
    }

    fn set_ledger_flags(&self, mailbox: MailboxId, flags: &[(Uid, Flags)]) -> StoreResult<()> {
        let numbers = self.flag_numbers(flags.iter().map(|(_, flags)| flags))?;
        self.write(Durability::Process, |t| {
            ledger::set_flags(t, mailbox, flags.iter().map(|(uid, _)| *uid), &numbers)
        })
    }

    fn note_sent_again(
        &self,
        mailbox: MailboxId,
        messages: &[Uid],
        from: Uid,
        now: UnixMs,
    ) -> StoreResult<()> {
        self.write(Durability::Power, |t| late_duplicates::add(t, mailbox, messages, from, now))
    }

    fn late_duplicates(&self, mailbox: MailboxId) -> StoreResult<LateDuplicates> {
        self.read(|c| late_duplicates::of_mailbox(c, mailbox))
    }

    fn set_second_copies(&self, mailbox: MailboxId, second_copies: &[Uid]) -> StoreResult<()> {
        self.write(Durability::Power, |t| late_duplicates::set_second_copies(t, mailbox, second_copies))
    }

    fn forget_sent_again(&self, mailbox: MailboxId, before: UnixMs) -> StoreResult<()> {
        self.write(Durability::Process, |t| late_duplicates::forget(t, mailbox, before))
    }

    fn save_suspects(&self, user: UserId, suspects: &[Suspect]) -> StoreResult<()> {
        self.write(Durability::Process, |t| suspects::save(t, user, suspects))
    }

    fn retry_suspects(&self, user: UserId) -> StoreResult<Vec<Suspect>> {
        if !self.read(|c| suspects::any(c, user))? {
            return Ok(Vec::new());
        }
        self.write(Durability::Process, |t| suspects::retry(t, user))
    }
}

/// Reads a page at a time, so that a caller who takes long holds up neither the database nor its log.
fn entries(
    store: &SqliteStore,
    mailbox: MailboxId,
    which: Which,
    each: &mut dyn FnMut(LedgerEntry) -> ControlFlow<()>,
) -> StoreResult<()> {
    let mut from = Some(Uid(0));
    while let Some(start) = from {
        let page = store.read(|c| ledger::page(c, mailbox, which, start))?;
        from = page.get(ledger::PAGE - 1).and_then(|last| last.uid.0.checked_add(1)).map(Uid);
        for entry in page {
            if each(entry).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}
