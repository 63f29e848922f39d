//! Single messages, each with one thing that differs; and listings in any order that show what is expected.

use super::*;
use imapmig_core::message::Digest;
use proptest::prelude::*;

const DATE: i64 = 1_500_000_000;

/// What the target shows of a message.
#[derive(Clone, Debug)]
struct Shown {
    id: TargetId,
    size: u64,
    date: i64,
    flags: Flags,
}

fn flags(words: &str) -> Flags {
    Flags::from_wire(words.split_whitespace())
}

fn entry(uid: u32, state: LedgerState, words: &str) -> LedgerEntry {
    LedgerEntry {
        uid: Uid(uid),
        state,
        target: Some(TargetId::Uid(Uid(1_000 + uid))),
        size: 100,
        internal_date: InternalDate::utc(DATE),
        digest: Some(Digest::of(b"content")),
        flags: flags(words),
        level: Level::NotVerified,
    }
}

/// What the target shows if all is well.
fn shown(entry: &LedgerEntry) -> Shown {
    let date = entry.internal_date.unix_seconds;
    Shown { id: entry.target.clone().unwrap(), size: entry.size, date, flags: entry.flags.clone() }
}

/// The differences that a listing shows, and the UIDs of what it does not show.
fn verdict(entries: &[LedgerEntry], known: Known, listing: &[Shown]) -> (Differences, Vec<u32>) {
    let mut sets = FlagSets::default();
    let mut expected: Vec<_> = entries.iter().filter_map(|entry| Expected::of(entry, &mut sets)).collect();
    expected.sort_unstable_by_key(|one| one.key);
    let mut differences = Differences::default();
    for Shown { id, size, date, flags } in listing {
        let listed = Listed { id, size: *size, date: InternalDate::utc(*date), flags };
        differences.note(&mut expected, &sets, |_| known, listed);
    }
    let unseen = expected.iter().filter(|one| !one.seen).map(|one| one.item.uid.0).collect();
    (differences, unseen)
}

fn of_one(entry: &LedgerEntry, known: Known, listed: Shown) -> Differences {
    verdict(std::slice::from_ref(entry), known, &[listed]).0
}

/// How many flags, dates, sizes, unread messages and kinds of added flags differ.
fn counts(of: &Differences) -> [usize; 5] {
    [of.flags.len(), of.dates.len(), of.sizes.len(), of.unread.len(), of.added.len()]
}

const KNOWN: Known = Known { size: 100, compared: false, gave_flags: false };

#[test]
fn what_the_ledger_does_not_place_at_the_target_is_not_expected() {
    let pending = [entry(1, LedgerState::Intent, ""), entry(2, LedgerState::Skipped, "")];
    let nowhere = LedgerEntry { target: None, ..entry(3, LedgerState::Copied, "") };

    assert!(verdict(&[&pending[..], &[nowhere]].concat(), KNOWN, &[]).1.is_empty());
    assert_eq!(verdict(&[entry(4, LedgerState::Copied, "")], KNOWN, &[]).1, [4]);
}

#[test]
fn a_flag_that_a_copy_lacks_is_restored_as_far_as_the_mailbox_takes_it() {
    let copied = entry(1, LedgerState::Copied, "\\Seen work");
    let found = of_one(&copied, KNOWN, Shown { flags: flags("\\Flagged"), ..shown(&copied) });
    let one = &found.flags[0];

    assert_eq!(found.restored(one, &Keywords::Any), Some(flags("\\Flagged \\Seen work")));
    assert_eq!(found.restored(one, &Keywords::Only(Vec::new())), Some(flags("\\Flagged \\Seen")));
    assert_eq!(found.lost(one, &flags("\\Flagged \\Seen")), flags("work"));
    assert_eq!(found.added, BTreeMap::from([("\\Flagged".to_owned(), 1)]));

    let keyword = of_one(&copied, KNOWN, Shown { flags: flags("\\Seen"), ..shown(&copied) });
    assert_eq!(keyword.restored(&keyword.flags[0], &Keywords::Only(Vec::new())), None);
}

#[test]
fn an_adopted_message_keeps_its_user_s_flags_unless_it_was_given_the_source_s() {
    let adopted = entry(1, LedgerState::Adopted, "\\Seen \\Deleted");
    let listed = Shown { flags: flags("\\Flagged"), ..shown(&adopted) };

    assert_eq!(counts(&of_one(&adopted, KNOWN, listed.clone())), [0; 5]);
    let given = of_one(&adopted, Known { gave_flags: true, ..KNOWN }, listed);
    assert_eq!(counts(&given), [1, 0, 0, 0, 0]);
    assert_eq!(given.lost(&given.flags[0], &flags("")), flags("\\Seen"), "and never the mark of deletion");
}

#[test]
fn another_second_is_another_date_and_no_date_at_the_source_is_none_to_compare() {
    let copied = entry(1, LedgerState::Copied, "");
    let undated = LedgerEntry { internal_date: InternalDate::UNKNOWN, ..copied.clone() };

    let found = of_one(&copied, KNOWN, Shown { date: DATE + 1, ..shown(&copied) });
    assert_eq!(found.dates.iter().map(|(_, date)| date.unix_seconds).collect::<Vec<_>>(), [DATE + 1]);
    assert_eq!(counts(&of_one(&undated, KNOWN, Shown { date: DATE, ..shown(&undated) })), [0; 5]);
}

#[test]
fn another_size_and_bytes_that_were_never_read_are_compared_once() {
    let copied = entry(1, LedgerState::Copied, "");
    let unread = LedgerEntry { digest: None, ..copied.clone() };
    let larger = Shown { size: 101, ..shown(&copied) };

    assert_eq!(counts(&of_one(&copied, KNOWN, larger.clone())), [0, 0, 1, 0, 0]);
    assert_eq!(counts(&of_one(&copied, Known { size: 101, ..KNOWN }, larger.clone())), [0; 5]);
    assert_eq!(counts(&of_one(&unread, KNOWN, larger.clone())), [0, 0, 0, 1, 0]);
    for entry in [copied, unread] {
        assert_eq!(counts(&of_one(&entry, Known { compared: true, ..KNOWN }, larger.clone())), [0; 5]);
    }
}

#[test]
fn a_message_that_is_listed_twice_counts_as_it_was_listed_first() {
    let copied = entry(1, LedgerState::Copied, "\\Seen");
    let twice = [shown(&copied), Shown { flags: flags(""), size: 7, ..shown(&copied) }];

    assert_eq!(counts(&verdict(&[copied], KNOWN, &twice).0), [0; 5]);
}

proptest! {
    #[test]
    fn a_listing_in_any_order_that_shows_everything_among_others_shows_no_difference(
        (entries, listing) in prop::collection::btree_map(1_u32..500, (any::<bool>(), 0_usize..4), 0..40)
            .prop_flat_map(|messages| {
                let entry = |(uid, (adopted, words)): (u32, (bool, usize))| {
                    let state = if adopted { LedgerState::Adopted } else { LedgerState::Copied };
                    entry(uid, state, ["", "\\Seen", "\\Seen work", "\\Draft"][words])
                };
                let entries: Vec<_> = messages.into_iter().map(entry).collect();
                let mut listing: Vec<_> = entries.iter().map(shown).collect();
                listing.extend((600..610).map(|uid| shown(&super::tests::entry(uid, LedgerState::Copied, "\\Flagged"))));
                (Just(entries), Just(listing).prop_shuffle())
            }),
    ) {
        let (differences, unseen) = verdict(&entries, Known { gave_flags: true, ..KNOWN }, &listing);

        prop_assert_eq!(counts(&differences), [0; 5]);
        prop_assert!(unseen.is_empty());
    }

    #[test]
    fn ranges_give_each_message_its_level_and_none_to_what_is_not_verified(
        messages in prop::collection::btree_map(1_u32..200, 0_u8..3, 0..60),
    ) {
        let level = |n: u8| [Level::NotVerified, Level::Listed, Level::Compared][usize::from(n)];
        let ranges = levels(messages.iter().map(|(uid, n)| (Uid(*uid), level(*n))));

        for (uid, n) in &messages {
            let holding = ranges.iter().filter(|(range, _)| range.contains(&Uid(*uid)));
            let raised = holding.map(|(_, level)| *level).max().unwrap_or(Level::NotVerified);
            prop_assert_eq!(raised, level(*n), "UID {}", uid);
        }
        let breaks = messages.values().filter(|n| **n == 0).count();
        let listed = ranges.iter().filter(|(_, level)| *level == Level::Listed).count();
        prop_assert!(listed <= breaks + 1, "{} ranges", listed);
    }
}
