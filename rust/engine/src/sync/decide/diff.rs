//! What is to be done in one folder: the source's messages laid beside the ledger's entries.
//!
//! Every source message is either final in the ledger (its flags may have changed), or pending: new, or an intent whose answer
//! never came.

use crate::sync::decide::flag_delta::FlagChange;
use crate::sync::decide::item::{FlagSets, Item, TargetKey};
use imapmig_core::message::{Digest, Flags, Uid};
use imapmig_core::user::{LedgerEntry, LedgerState, UserProgress};

/// What the source said about its messages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    pub(crate) flags: FlagSets,
    /// One for each message, in order of UID.
    items: Vec<Item>,
    /// Whether these are all messages, and not only those that changed.
    all: bool,
}

impl Listing {
    /// The listing of these items in the order in which they arrived. Of a message that was listed twice the last item counts.
    pub(crate) fn new(flags: FlagSets, mut items: Vec<Item>, all: bool) -> Self {
        items.reverse();
        items.sort_by_key(|i| i.uid);
        items.dedup_by_key(|i| i.uid);
        Self { flags, items, all }
    }

    /// Returns `true` if all messages are listed, and not only those that changed.
    pub(crate) fn is_complete(&self) -> bool {
        self.all
    }

    /// How many of the messages that the source counted it did not list.
    pub(crate) fn undescribed(&self, exists: u32) -> u64 {
        if self.all { u64::from(exists).saturating_sub(self.items.len() as u64) } else { 0 }
    }
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
    /// Intents of messages that the source does not list any more.
    pub(crate) gone: Vec<Uid>,
    /// Messages of the ledger whose UID now stands for one of another size or date, with the digest of what was copied.
    pub(crate) other_looks: Vec<(Uid, Option<Digest>)>,
    /// What the ledger has brought to an end before, and the total with what is pending.
    pub(crate) numbers: UserProgress,
}

impl Plan {
    /// Returns `true` if the ledger knows the target message.
    pub(crate) fn knows(&self, key: TargetKey) -> bool {
        self.known.binary_search(&key).is_ok()
    }

    /// Takes the messages out of what is pending whose copy was interrupted.
    pub(crate) fn take_interrupted(&mut self) -> Vec<Item> {
        let (interrupted, fresh) =
            std::mem::take(&mut self.pending).into_iter().partition(|item| item.intent);
        self.pending = fresh;
        interrupted
    }
}

/// Builds a plan from the ledger's entries, one by one.
#[derive(Debug)]
pub(crate) struct Planner {
    plan: Plan,
    items: Vec<Item>,
    all: bool,
    /// The first item that no entry has reached.
    at: usize,
}

impl Planner {
    /// Begins with what the source listed.
    pub(crate) fn new(listing: Listing) -> Self {
        let plan = Plan { flags: listing.flags, ..Plan::default() };
        Self { plan, items: listing.items, all: listing.all, at: 0 }
    }

    /// Takes in the next entry, in order of UID.
    pub(crate) fn entry(&mut self, entry: &LedgerEntry) {
        while self.at < self.items.len() && self.items[self.at].uid < entry.uid {
            self.plan.pending.push(self.items[self.at]);
            self.at += 1;
        }
        let item = self.items.get(self.at).filter(|i| i.uid == entry.uid).copied();
        self.at += usize::from(item.is_some());
        if entry.state != LedgerState::Intent {
            self.already_final(entry, item);
        } else if let Some(mut item) = item {
            item.intent = true;
            if item.flags_known && *self.plan.flags.of(&item) != entry.flags {
                self.plan.intended.push((entry.uid, entry.flags.clone()));
            }
            self.plan.pending.push(item);
        } else if self.all {
            self.plan.gone.push(entry.uid);
        } else {
            let item = self.plan.flags.item_of_entry(entry);
            self.plan.pending.push(item);
        }
    }

    /// The plan, after the last entry.
    pub(crate) fn finish(mut self) -> Plan {
        let plan = &mut self.plan;
        plan.pending.extend_from_slice(&self.items[self.at..]);
        plan.pending.shrink_to_fit();
        plan.known.sort_unstable();
        plan.numbers.total_items += plan.pending.len() as u64;
        plan.numbers.total_bytes += plan.pending.iter().map(|i| i.size).sum::<u64>();
        self.plan
    }

    fn already_final(&mut self, entry: &LedgerEntry, item: Option<Item>) {
        let plan = &mut self.plan;
        plan.numbers.count(entry.state, entry.level, 1, entry.size);
        let looks_other = |item: Item| {
            (item.size, item.date().unix_seconds) != (entry.size, entry.internal_date.unix_seconds)
        };
        if item.is_some_and(looks_other) {
            plan.other_looks.push((entry.uid, entry.digest));
        }
        if entry.state == LedgerState::Skipped {
            return;
        }
        let Some(target) = &entry.target else { return };
        plan.known.push(TargetKey::of(target));
        if let Some(item) = item
            && item.flags_known
            && *plan.flags.of(&item) != entry.flags
        {
            plan.changes.push(FlagChange {
                uid: entry.uid,
                target: target.clone(),
                before: entry.flags.clone(),
                after: plan.flags.of(&item).clone(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imapmig_core::message::{InternalDate, MessageMeta};
    use imapmig_core::user::{Level, TargetId};
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn listing(uids: &[u32], all: bool) -> Listing {
        let mut flags = FlagSets::default();
        let items = uids.iter().map(|uid| flags.item(&meta(*uid, ""))).collect();
        Listing::new(flags, items, all)
    }

    fn meta(uid: u32, flags: &str) -> MessageMeta {
        MessageMeta {
            uid: Uid(uid),
            size: u64::from(uid),
            internal_date: InternalDate::utc(0),
            date: Default::default(),
            flags_known: true,
            flags: Flags::from_wire(flags.split_whitespace()),
            modseq: None,
        }
    }

    fn entry(uid: u32, state: LedgerState) -> LedgerEntry {
        let at_target = matches!(state, LedgerState::Copied | LedgerState::Adopted);
        LedgerEntry {
            uid: Uid(uid),
            state,
            target: at_target.then_some(TargetId::Uid(Uid(uid + 1000))),
            size: u64::from(uid),
            internal_date: InternalDate::utc(0),
            digest: None,
            flags: Flags::default(),
            level: Level::NotVerified,
        }
    }

    fn plan(listing: Listing, entries: &[LedgerEntry]) -> Plan {
        let mut planner = Planner::new(listing);
        entries.iter().for_each(|entry| planner.entry(entry));
        planner.finish()
    }

    #[test]
    fn of_a_message_listed_twice_the_last_flags_count() {
        let mut flags = FlagSets::default();
        let items = vec![flags.item(&meta(1, "")), flags.item(&meta(1, "\\Seen"))];

        let plan = plan(Listing::new(flags, items, true), &[entry(1, LedgerState::Copied)]);

        assert_eq!(plan.changes.len(), 1);
        assert_eq!(plan.changes[0].after.to_string(), "\\Seen");
    }

    #[test]
    fn flags_that_the_source_does_not_show_change_nothing() {
        for state in [LedgerState::Copied, LedgerState::Intent] {
            let mut flags = FlagSets::default();
            let items = vec![flags.item(&MessageMeta { flags_known: false, ..meta(1, "") })];
            let seen = LedgerEntry { flags: Flags::from_wire(["\\Seen"]), ..entry(1, state) };

            let plan = plan(Listing::new(flags, items, true), &[seen]);

            assert!(plan.changes.is_empty() && plan.intended.is_empty(), "{state:?}");
        }
    }

    #[test]
    fn an_intent_of_an_unchanged_message_is_pending_though_it_was_not_listed() {
        let plan = plan(listing(&[], false), &[entry(3, LedgerState::Intent)]);

        assert_eq!(plan.pending.iter().map(|i| (i.uid.0, i.intent)).collect::<Vec<_>>(), [(3, true)]);
        assert_eq!(plan.gone, []);
    }

    #[test]
    fn an_intent_of_a_message_that_is_gone_is_dropped() {
        assert_eq!(plan(listing(&[], true), &[entry(3, LedgerState::Intent)]).gone, [Uid(3)]);
    }

    proptest! {
        #[test]
        fn every_listed_message_is_final_or_pending_and_the_counts_add_up(
            listed in proptest::collection::btree_set(1_u32..40, 0..30),
            entries in proptest::collection::btree_map(1_u32..40, 0_u8..4, 0..30),
            all: bool,
        ) {
            let states = [LedgerState::Intent, LedgerState::Copied, LedgerState::Adopted, LedgerState::Skipped];
            let entries: BTreeMap<_, _> = entries.into_iter().map(|(uid, s)| (uid, states[s as usize])).collect();
            let ledger: Vec<_> = entries.iter().map(|(uid, state)| entry(*uid, *state)).collect();
            let uids: Vec<_> = listed.iter().copied().collect();

            let plan = plan(listing(&uids, all), &ledger);

            let is_final = |uid: &u32| entries.get(uid).is_some_and(|s| *s != LedgerState::Intent);
            let intent = |uid: &u32| entries.get(uid) == Some(&LedgerState::Intent);
            let expected: BTreeSet<u32> = listed.iter().copied().filter(|uid| !is_final(uid))
                .chain(entries.keys().copied().filter(|uid| intent(uid) && !all)).collect();
            let pending: BTreeSet<u32> = plan.pending.iter().map(|i| i.uid.0).collect();
            prop_assert_eq!(pending.len(), plan.pending.len());
            prop_assert_eq!(&pending, &expected);
            prop_assert!(plan.pending.iter().all(|i| i.intent == intent(&i.uid.0)));
            let finals = entries.keys().filter(|uid| is_final(uid)).count();
            prop_assert_eq!(plan.numbers.total_items as usize, finals + pending.len());
            prop_assert_eq!(
                plan.numbers.synced_items + plan.numbers.skipped_items + pending.len() as u64,
                plan.numbers.total_items
            );
        }
    }
}
