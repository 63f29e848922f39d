//! The source's metadata of its messages, in 32 bytes each, flags interned.

use imapmig_core::message::{DateOrigin, Digest, Flags, InternalDate, MessageMeta, Uid};
use imapmig_core::user::{LedgerEntry, LedgerState, Level, TargetId};
use std::cmp::Reverse;
use std::collections::HashMap;

/// No message is larger. A server that says so is wrong, and sums of what it says must stay numbers that a database holds.
const MOST_BYTES: u64 = 1 << 40;

/// One source message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    seconds: i64,
    /// Its size as the source says.
    pub(crate) size: u64,
    pub(crate) uid: Uid,
    flags: u32,
    offset_minutes: i16,
    /// Where its date comes from.
    pub(crate) date_origin: DateOrigin,
    /// Whether the source sent flags that can be read.
    pub(crate) flags_known: bool,
    /// The ledger holds an intent of an earlier run for it.
    pub(crate) intent: bool,
}

impl Item {
    pub(crate) fn date(&self) -> InternalDate {
        InternalDate { unix_seconds: self.seconds, offset_minutes: self.offset_minutes }
    }

    /// The newest first: by internal date, then by UID.
    pub(crate) fn newest_first(&self) -> impl Ord + use<> {
        Reverse((self.seconds, self.uid))
    }
}

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

/// Every combination of flags once.
#[derive(Clone, Debug, Default)]
pub(crate) struct FlagSets {
    numbers: HashMap<Flags, u32>,
    sets: Vec<Flags>,
}

impl FlagSets {
    pub(crate) fn number(&mut self, flags: &Flags) -> u32 {
        if let Some(number) = self.numbers.get(flags) {
            return *number;
        }
        let number = u32::try_from(self.sets.len()).expect("there are fewer combinations than messages");
        self.sets.push(flags.clone());
        self.numbers.insert(flags.clone(), number);
        number
    }

    pub(crate) fn set(&self, number: u32) -> &Flags {
        &self.sets[number as usize]
    }

    /// The item of a message that the source described.
    pub(crate) fn item(&mut self, meta: &MessageMeta) -> Item {
        Item {
            seconds: meta.internal_date.unix_seconds,
            size: meta.size.min(MOST_BYTES),
            uid: meta.uid,
            flags: self.number(&meta.flags),
            offset_minutes: meta.internal_date.offset_minutes,
            date_origin: meta.date,
            flags_known: meta.flags_known,
            intent: false,
        }
    }

    /// The item of a message that only the ledger knows in this run.
    pub(crate) fn item_of_entry(&mut self, entry: &LedgerEntry) -> Item {
        Item {
            seconds: entry.internal_date.unix_seconds,
            size: entry.size,
            uid: entry.uid,
            flags: self.number(&entry.flags),
            offset_minutes: entry.internal_date.offset_minutes,
            date_origin: DateOrigin::Told,
            flags_known: true,
            intent: entry.state == LedgerState::Intent,
        }
    }

    pub(crate) fn of(&self, item: &Item) -> &Flags {
        self.set(item.flags)
    }

    /// The ledger entry of an item.
    pub(crate) fn entry(&self, item: &Item, state: LedgerState) -> LedgerEntry {
        LedgerEntry {
            uid: item.uid,
            state,
            target: None,
            size: item.size,
            internal_date: item.date(),
            digest: None,
            flags: self.of(item).clone(),
            level: Level::NotVerified,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_a_million_messages_take_sixteen_megabytes() {
        assert_eq!(size_of::<Item>(), 32);
    }

    #[test]
    fn the_newest_come_first_and_of_the_same_second_the_higher_uid() {
        let mut flags = FlagSets::default();
        let mut item = |uid, at| {
            flags.item(&MessageMeta {
                uid: Uid(uid),
                size: 1,
                internal_date: InternalDate::utc(at),
                flags: Flags::default(),
                date: imapmig_core::message::DateOrigin::Told,
                flags_known: true,
                modseq: None,
            })
        };
        let mut items = [item(1, 50), item(2, 70), item(3, 50)];

        items.sort_by_key(Item::newest_first);

        assert_eq!(items.map(|i| i.uid.0), [2, 3, 1]);
    }

    proptest! {
        #[test]
        fn an_item_says_what_the_source_said(
            uid in 1_u32.., size: u64, seconds in -1_000_000_i64..4_000_000_000, offset_minutes in -720_i16..720,
            words in prop::sample::subsequence(vec!["\\Seen", "\\Draft", "work"], 0..3),
        ) {
            let mut sets = FlagSets::default();
            let meta = MessageMeta {
                uid: Uid(uid),
                size,
                internal_date: InternalDate { unix_seconds: seconds, offset_minutes },
                flags: Flags::from_wire(words),
                date: DateOrigin::Told,
                flags_known: true,
                modseq: None,
            };

            let item = sets.item(&meta);
            let again = sets.item(&meta);

            prop_assert_eq!(item, again);
            prop_assert_eq!(item.date(), meta.internal_date);
            prop_assert_eq!(sets.of(&item), &meta.flags);
            prop_assert_eq!(item.size, size.min(MOST_BYTES));
            prop_assert_eq!(sets.entry(&item, LedgerState::Copied).flags, meta.flags);
        }

        #[test]
        fn uids_and_file_names_never_share_a_key(uid in 1_u32.., name in "[a-z0-9.,:=]{1,40}") {
            let key = TargetKey::of(&TargetId::Uid(Uid(uid)));

            prop_assert_eq!(key.uid(), Some(Uid(uid)));
            prop_assert_eq!(TargetKey::of(&TargetId::File(name)).uid(), None);
        }
    }
}
