//! What is to be done in one folder: the source's messages laid beside the ledger.
//!
//! Every source message is either final in the ledger (its flags may have changed), or pending: new, or an intent whose answer
//! never came. Reads the source and the ledger once each; changes only the ledger's intents of messages that are gone.

use crate::sync::decide::item::{FlagSets, Item};
use crate::sync::failure::{Done, OnSide};
use imapmig_core::message::{Digest, Flags, Uid};
use imapmig_core::ports::source::{OpenSource, Scan, SourceSession};
use imapmig_core::ports::store::Store;
use imapmig_core::user::{Checkpoint, LedgerEntry, LedgerState, TargetId, UserProgress};
use std::ops::ControlFlow;

/// For how many messages there is room from the beginning: a server may say that there are as many as it likes.
const MOST_ROOM: usize = 1 << 20;

/// A target message's identity in 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TargetKey([u8; 16]);

impl TargetKey {
    /// The UID, where that is the identity.
    pub(crate) fn uid(self) -> Option<Uid> {
        u32::try_from(u128::from_be_bytes(self.0)).ok().map(Uid)
    }

    pub(crate) fn of(id: &TargetId) -> Self {
        match id {
            TargetId::Uid(uid) => Self(u128::from(uid.0).to_be_bytes()),
            TargetId::File(name) => {
                let mut digest = Digest::of(name.as_bytes()).0;
                digest[0] |= 0x80;
                Self(digest)
            }
        }
    }
}

/// Flags that changed at the source since the ledger was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FlagChange {
    pub(crate) uid: Uid,
    pub(crate) target: TargetId,
    pub(crate) before: Flags,
    pub(crate) after: Flags,
}

/// The work of one folder.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) flags: FlagSets,
    /// Messages that are not final yet.
    pub(crate) pending: Vec<Item>,
    pub(crate) changes: Vec<FlagChange>,
    /// Target messages that the ledger knows, sorted.
    pub(crate) known: Vec<TargetKey>,
    /// Intents whose flags were others than the source's now.
    pub(crate) intended: Vec<(Uid, Flags)>,
    /// What the ledger has brought to an end before, and the total with what is pending.
    pub(crate) numbers: UserProgress,
    /// Messages that the source counted and did not describe.
    pub(crate) undescribed: u64,
}

impl Plan {
    pub(crate) fn knows(&self, key: TargetKey) -> bool {
        self.known.binary_search(&key).is_ok()
    }
}

/// Whether only what changed has to be asked for.
fn scan_kind(checkpoint: &Checkpoint, open: &OpenSource) -> Scan {
    match (checkpoint.source_modseq, open.highest_modseq) {
        (Some(done), Some(now)) if checkpoint.complete && now >= done => Scan::ChangedSince(done),
        _ => Scan::All,
    }
}

/// Makes the plan of the folder that is open at the source.
pub(crate) fn make(
    source: &mut dyn SourceSession,
    open: &OpenSource,
    checkpoint: &Checkpoint,
    store: &dyn Store,
) -> Done<Plan> {
    let mut plan = Plan::default();
    let kind = scan_kind(checkpoint, open);
    let room = if kind == Scan::All { (open.exists as usize).min(MOST_ROOM) } else { 0 };
    let mut items = Vec::with_capacity(room);
    if open.exists > 0 {
        let each = &mut |meta| {
            items.push(plan.flags.item(&meta));
            ControlFlow::Continue(())
        };
        source.scan(kind, each).at_source()?;
    }
    // The last word of a server that tells of a message twice is the newest.
    items.reverse();
    items.sort_by_key(|i| i.uid);
    items.dedup_by_key(|i| i.uid);
    if kind == Scan::All {
        plan.undescribed = u64::from(open.exists).saturating_sub(items.len() as u64);
    }
    plan.merge(&items, kind, checkpoint, store)?;
    Ok(plan)
}

impl Plan {
    /// Lays the items (in order of UID) beside the ledger.
    fn merge(&mut self, items: &[Item], kind: Scan, checkpoint: &Checkpoint, store: &dyn Store) -> Done {
        let mut gone = Vec::new();
        let mut at = 0;
        store.ledger(checkpoint.id, &mut |entry| {
            while at < items.len() && items[at].uid < entry.uid {
                self.pending.push(items[at]);
                at += 1;
            }
            let item = items.get(at).filter(|i| i.uid == entry.uid).copied();
            at += usize::from(item.is_some());
            if entry.state != LedgerState::Intent {
                self.already_final(&entry, item);
            } else if let Some(mut item) = item {
                item.intent = true;
                if *self.flags.of(&item) != entry.flags {
                    self.intended.push((entry.uid, entry.flags));
                }
                self.pending.push(item);
            } else if kind == Scan::All {
                gone.push(entry.uid);
            } else {
                let item = self.flags.item_of_entry(&entry);
                self.pending.push(item);
            }
            ControlFlow::Continue(())
        })?;
        self.pending.extend_from_slice(&items[at..]);
        self.pending.shrink_to_fit();
        self.known.sort_unstable();
        self.numbers.total_items += self.pending.len() as u64;
        self.numbers.total_bytes += self.pending.iter().map(|i| i.size).sum::<u64>();
        if !gone.is_empty() {
            store.drop_intents(checkpoint.id, &gone)?;
        }
        Ok(())
    }

    fn already_final(&mut self, entry: &LedgerEntry, item: Option<Item>) {
        self.numbers.total_items += 1;
        self.numbers.total_bytes += entry.size;
        match entry.state {
            LedgerState::Skipped => self.numbers.skipped_items += 1,
            LedgerState::Adopted => self.numbers.adopted_items += 1,
            _ => self.numbers.bytes_transferred += entry.size,
        }
        if entry.state == LedgerState::Skipped {
            return;
        }
        self.numbers.synced_items += 1;
        let Some(target) = &entry.target else { return };
        self.known.push(TargetKey::of(target));
        if let Some(item) = item
            && *self.flags.of(&item) != entry.flags
        {
            self.changes.push(FlagChange {
                uid: entry.uid,
                target: target.clone(),
                before: entry.flags.clone(),
                after: self.flags.of(&item).clone(),
            });
        }
    }
}
