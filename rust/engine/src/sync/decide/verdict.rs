//! What a listing of the target says of the messages that were copied or adopted: which of them it shows, what differs, and how far
//! each one is verified.

use crate::sync::decide::flag_delta::{lacking, taken, undeleted, united};
use crate::sync::decide::item::{FlagSets, Item, TargetKey};
use imapmig_core::message::{Flags, InternalDate, Keywords, Uid};
use imapmig_core::user::{LedgerEntry, LedgerState, Level, TargetId};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// What the target is expected to show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    pub(crate) key: TargetKey,
    pub(crate) item: Item,
    pub(crate) adopted: bool,
    /// Its bytes were never compared, although they should have been.
    unread: bool,
    pub(crate) seen: bool,
}

impl Expected {
    /// Returns what the ledger expects at the target; `None` if the message is not there by the ledger.
    pub(crate) fn of(entry: &LedgerEntry, flags: &mut FlagSets) -> Option<Self> {
        let target = entry.target.as_ref()?;
        let adopted = match entry.state {
            LedgerState::Copied => false,
            LedgerState::Adopted => true,
            LedgerState::Intent | LedgerState::Skipped => return None,
        };
        let item = flags.item_of_entry(entry);
        Some(Self { key: TargetKey::of(target), item, adopted, unread: entry.digest.is_none(), seen: false })
    }

    /// The flags that it must have: what was adopted is never marked as deleted.
    fn wanted(&self, flags: &FlagSets) -> Flags {
        let flags = flags.of(&self.item);
        if self.adopted { undeleted(flags) } else { flags.clone() }
    }
}

/// What this sync knows of a message beyond its ledger entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// The size that the target is expected to show.
    pub(crate) size: u64,
    /// Its bytes at the target were compared with those of the source.
    pub(crate) compared: bool,
    /// It was adopted, and has its flags from the source all the same.
    pub(crate) gave_flags: bool,
}

/// A message as the target lists it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listed<'a> {
    pub(crate) id: &'a TargetId,
    pub(crate) size: u64,
    pub(crate) date: InternalDate,
    pub(crate) flags: &'a Flags,
}

/// A message without some of its flags; these are numbers of [`Differences::sets`], as every message may be one of these.
#[derive(Clone, Debug)]
pub(crate) struct Dropped {
    pub(crate) item: Item,
    pub(crate) id: TargetId,
    wanted: u32,
    has: u32,
}

/// What the target shows otherwise than expected.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    pub(crate) flags: Vec<Dropped>,
    sets: FlagSets,
    pub(crate) dates: Vec<(Item, InternalDate)>,
    pub(crate) sizes: Vec<(Item, TargetId)>,
    pub(crate) unread: Vec<(Item, TargetId)>,
    /// Flags beyond the source's on messages that were copied, and on how many.
    pub(crate) added: BTreeMap<String, u64>,
}

impl Differences {
    /// Compares a listed message with what is expected of it. `expected` is sorted by key; what is not in it, and what was seen
    /// before, is passed over.
    pub(crate) fn note(
        &mut self,
        expected: &mut [Expected],
        flags: &FlagSets,
        known: impl FnOnce(&Item) -> Known,
        listed: Listed<'_>,
    ) {
        let key = TargetKey::of(listed.id);
        let Ok(at) = expected.binary_search_by_key(&key, |e| e.key) else { return };
        let one = &mut expected[at];
        if std::mem::replace(&mut one.seen, true) {
            return;
        }
        let known = known(&one.item);
        let wanted = one.wanted(flags);
        if !one.adopted {
            for flag in lacking(listed.flags, &wanted).wire() {
                *self.added.entry(flag.to_owned()).or_default() += 1;
            }
        }
        // What was adopted may be the user's own, with flags as the user wants them.
        let has_source_flags = !one.adopted || known.gave_flags;
        if has_source_flags && !lacking(&wanted, listed.flags).is_empty() {
            let (wanted, has) = (self.sets.number(&wanted), self.sets.number(listed.flags));
            self.flags.push(Dropped { item: one.item, id: listed.id.clone(), wanted, has });
        }
        let date = one.item.date();
        // Without a date at the source the target sets one.
        if date != InternalDate::UNKNOWN && listed.date.unix_seconds != date.unix_seconds {
            self.dates.push((one.item, listed.date));
        }
        if known.compared {
            return;
        }
        if one.unread {
            self.unread.push((one.item, listed.id.clone()));
        } else if listed.size != known.size {
            self.sizes.push((one.item, listed.id.clone()));
        }
    }

    /// Returns the flags that the message had when it was listed.
    pub(crate) fn had(&self, one: &Dropped) -> &Flags {
        self.sets.set(one.has)
    }

    /// Returns the flags to be set once more; `None` if the mailbox takes none of those that are lacking.
    pub(crate) fn restored(&self, one: &Dropped, keywords: &Keywords) -> Option<Flags> {
        let may = taken(self.sets.set(one.wanted), keywords);
        let has = self.had(one);
        (!lacking(&may, has).is_empty()).then(|| united(has, &may))
    }

    /// Returns the flags of the source that the message lacks, now that it has these.
    pub(crate) fn lost(&self, one: &Dropped, now: &Flags) -> Flags {
        lacking(self.sets.set(one.wanted), now)
    }
}

/// Returns the levels of these messages, ascending by UID, in few ranges: what lies between two messages is verified already, or
/// not at the target. A later range raises what an earlier one holds.
pub(crate) fn levels(messages: impl Iterator<Item = (Uid, Level)>) -> Vec<(RangeInclusive<Uid>, Level)> {
    let (mut listed, mut compared) = (Vec::new(), Vec::new());
    let mut range: Option<RangeInclusive<Uid>> = None;
    for (uid, level) in messages {
        if level == Level::NotVerified {
            listed.extend(range.take().map(|range| (range, Level::Listed)));
            continue;
        }
        range = Some(range.map_or(uid, |range| *range.start())..=uid);
        if level == Level::Compared {
            compared.push((uid..=uid, level));
        }
    }
    listed.extend(range.map(|range| (range, Level::Listed)));
    listed.append(&mut compared);
    listed
}

#[cfg(test)]
mod tests;
