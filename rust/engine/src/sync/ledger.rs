//! Everything that is written to one folder's ledger, and counted with it.
//!
//! An intent is durable before its message is appended ([`FolderLedger::intend`]); every other write says how a message ended.

use crate::messages::engine_failures;
use crate::sync::decide::item::{FlagSets, Item, TargetKey};
use crate::sync::decide::poison::PoisonTracker;
use crate::sync::decide::sided_failure::SidedFailure;
use crate::sync::failure::SyncResult;
use crate::sync::lock::lock;
use crate::sync::progress::Progress;
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::MailboxId;
use imapmig_core::message::{Digest, Flags, Uid};
use imapmig_core::ports::store::{Ledger, LedgerResult};
use imapmig_core::user::{Checkpoint, LedgerState, TargetId, UserProgress};
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// A message whose copy has ended: its state, its place at the target and its digest.
pub(crate) type Final = (Item, LedgerState, Option<TargetId>, Option<Digest>);

/// How many of a folder's ledger entries are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LedgerCounts {
    /// Copied or adopted.
    pub(crate) synced: u64,
    /// Left out.
    pub(crate) skipped: u64,
    /// Undecided.
    pub(crate) intents: u64,
}

/// One folder's ledger.
pub(crate) struct FolderLedger<'a> {
    store: &'a dyn Ledger,
    mailbox: MailboxId,
    progress: &'a Progress<'a>,
    /// The folder's place among the user's.
    number: usize,
    poison: &'a Mutex<PoisonTracker>,
    /// Where the target begins to be unknown, for the intents of this run.
    known_below: AtomicU32,
    targets: Mutex<Targets>,
}

/// The target messages that belong to a source message.
#[derive(Debug, Default)]
struct Targets {
    /// Those in the ledger.
    known: HashSet<TargetKey>,
    /// Those that the target named in this run and that are not in the ledger yet.
    claimed: HashSet<TargetKey>,
}

impl Targets {
    fn recorded<'t>(&mut self, targets: impl Iterator<Item = Option<&'t TargetId>>) {
        for key in targets.flatten().map(TargetKey::of) {
            self.claimed.remove(&key);
            self.known.insert(key);
        }
    }
}

impl<'a> FolderLedger<'a> {
    pub(crate) fn new(
        store: &'a dyn Ledger,
        checkpoint: &Checkpoint,
        progress: &'a Progress<'a>,
        number: usize,
        poison: &'a Mutex<PoisonTracker>,
    ) -> Self {
        let known_below = AtomicU32::new(checkpoint.target_known_below.0);
        let targets = Mutex::default();
        Self { store, mailbox: checkpoint.id, progress, number, poison, known_below, targets }
    }

    /// Begins with the target messages that the ledger held when it was read. From now on they are kept here, so that the ledger
    /// is not read again to distinguish known messages from unknown ones.
    pub(crate) fn begin(&self, known: &[TargetKey]) {
        lock(&self.targets).known = known.iter().copied().collect();
    }

    /// Claims the message that the target says it stored. Returns `false` if another source message has it already: then the
    /// answer is wrong for one of the two, and the message has to be looked for.
    pub(crate) fn claim(&self, id: &TargetId) -> bool {
        let key = TargetKey::of(id);
        // The names of files are made here, and a file that is written once more is the same message.
        if key.uid().is_none() {
            return true;
        }
        let mut targets = lock(&self.targets);
        !targets.known.contains(&key) && targets.claimed.insert(key)
    }

    /// Returns `true` if the ledger holds the target message.
    pub(crate) fn knows(&self, key: TargetKey) -> bool {
        lock(&self.targets).known.contains(&key)
    }

    /// The target messages that the ledger holds, in order.
    pub(crate) fn known_targets(&self) -> Vec<TargetKey> {
        let mut known: Vec<_> = lock(&self.targets).known.iter().copied().collect();
        known.sort_unstable();
        known
    }

    /// Everything at the target below this UID is known.
    pub(crate) fn known_below(&self) -> Uid {
        Uid(self.known_below.load(Ordering::Acquire))
    }

    /// Notes that everything at the target below this UID is known.
    pub(crate) fn set_known_below(&self, uid: Uid) {
        self.known_below.store(uid.0, Ordering::Release);
    }

    /// Makes the intents to append these messages durable.
    pub(crate) fn intend(&self, items: &[Item], flags: &FlagSets) -> SyncResult {
        let entries: Vec<_> = items.iter().map(|i| flags.entry(i, LedgerState::Intent)).collect();
        Ok(self.store.add_intents(self.mailbox, &entries, self.known_below())?)
    }

    /// Removes intents of messages that were certainly not stored and will not be.
    pub(crate) fn drop_intents(&self, uids: &[Uid]) -> SyncResult {
        Ok(self.store.drop_intents(self.mailbox, uids)?)
    }

    /// Records results of intents; `bytes` were copied with them.
    pub(crate) fn record(&self, results: &[LedgerResult], bytes: u64) -> SyncResult {
        if results.is_empty() {
            return Ok(());
        }
        self.store.record(self.mailbox, results, &[])?;
        lock(&self.targets).recorded(results.iter().map(|r| r.target.as_ref()));
        let count = |state| results.iter().filter(|r| r.state == state).count() as u64;
        let (copied, adopted) = (count(LedgerState::Copied), count(LedgerState::Adopted));
        self.progress.step();
        if copied > 0 {
            lock(self.poison).stored();
        }
        self.progress.change(self.number, |n| {
            n.synced_items += copied + adopted;
            n.adopted_items += adopted;
            n.bytes_transferred += bytes;
        })
    }

    /// Records how messages ended, whether the ledger holds intents for them or not.
    pub(crate) fn finish(&self, flags: &FlagSets, finals: Vec<Final>) -> SyncResult {
        if finals.is_empty() {
            return Ok(());
        }
        let count = |state| finals.iter().filter(|f| f.1 == state).count() as u64;
        let (copied, adopted) = (count(LedgerState::Copied), count(LedgerState::Adopted));
        self.progress.step();
        if copied > 0 {
            lock(self.poison).stored();
        }
        let skipped = count(LedgerState::Skipped);
        let bytes: u64 = finals.iter().filter(|f| f.1 == LedgerState::Copied).map(|f| f.0.size).sum();
        let entries: Vec<_> = finals.iter().map(|f| flags.entry(&f.0, f.1)).collect();
        let result =
            |(item, state, target, digest): Final| LedgerResult { uid: item.uid, state, target, digest };
        let results: Vec<_> = finals.into_iter().map(result).collect();
        self.store.record(self.mailbox, &results, &entries)?;
        lock(&self.targets).recorded(results.iter().map(|r| r.target.as_ref()));
        self.progress.change(self.number, |n| {
            n.synced_items += copied + adopted;
            n.adopted_items += adopted;
            n.skipped_items += skipped;
            n.bytes_transferred += bytes;
        })
    }

    /// Records that these messages are not at the target after all. With each, whether it was adopted.
    pub(crate) fn is_missing(&self, messages: impl Iterator<Item = (Item, bool)> + Clone) -> SyncResult {
        let left_out = |(item, _): (Item, bool)| LedgerResult {
            uid: item.uid,
            state: LedgerState::Skipped,
            target: None,
            digest: None,
        };
        let results: Vec<_> = messages.clone().map(left_out).collect();
        self.store.record(self.mailbox, &results, &[])?;
        self.progress.change(self.number, |n| {
            for (item, adopted) in messages {
                n.synced_items -= 1;
                n.skipped_items += 1;
                n.adopted_items -= u64::from(adopted);
                n.bytes_transferred -= if adopted { 0 } else { n.bytes_transferred.min(item.size) };
            }
        })
    }

    /// Writes which flags the source's messages have now.
    pub(crate) fn set_flags(&self, flags: &[(Uid, Flags)]) -> SyncResult {
        Ok(self.store.set_ledger_flags(self.mailbox, flags)?)
    }

    /// Fails unless every message that was counted has ended in one way, and the ledger says the same.
    pub(crate) fn check(
        &self,
        folder: &FolderPath,
        numbers: &UserProgress,
        ledger: LedgerCounts,
    ) -> SyncResult {
        let counted =
            LedgerCounts { synced: numbers.synced_items, skipped: numbers.skipped_items, intents: 0 };
        if counted == ledger && numbers.total_items == numbers.synced_items + numbers.skipped_items {
            return Ok(());
        }
        Err(SidedFailure::own(engine_failures::counts_differ(
            folder,
            numbers,
            [ledger.synced, ledger.skipped, ledger.intents],
        )))
    }
}
