//! Tampering with one side of a folder, and what the comparison says about it.

use super::*;
use imapmig_core::message::Flags;
use proptest::prelude::*;

/// A message: which content, when, with which flags.
type Mail = (u8, i64, u8);

const WORDS: [&str; 3] = ["\\Seen", "\\Flagged", "$Work"];

fn set(bits: u8) -> Flags {
    Flags::from_wire(
        WORDS.into_iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, word)| word),
    )
}

fn messages(flags: &mut FlagSets, mail: &[Mail]) -> Vec<Facts> {
    let look = |(content, date, bits): &Mail| Facts {
        size: 100 + u64::from(*content % 2),
        date: InternalDate::utc(*date),
        flags: flags.number(&set(*bits)),
        content: Some(Digest::of(&[*content])),
        // Contents 2n and 2n + 1 have one header.
        header: Some(Digest::of(&[0xFF, *content / 2])),
        key: Some(Digest::of(&[0xFE, *content / 2])),
    };
    mail.iter().map(look).collect()
}

fn compared(source: &[Mail], target: &[Mail]) -> Comparison {
    let mut flags = FlagSets::default();
    let source = messages(&mut flags, source);
    let target = messages(&mut flags, target);
    compare(&source, &target, &flags)
}

fn altered(source: usize, target: usize, content: bool, date: bool, flags: bool) -> Comparison {
    let pair = Pair { source, target, content, undelivered: (false, false), date, flags };
    Comparison { altered: vec![pair], ..Comparison::default() }
}

#[test]
fn a_removed_message_is_missing_and_an_added_one_is_foreign() {
    let found = compared(&[(0, 1, 0), (2, 2, 0)], &[(2, 2, 0), (4, 3, 0)]);

    assert_eq!(found, Comparison { matched: 1, missing: vec![0], foreign: vec![1], ..Comparison::default() });
}

#[test]
fn a_second_copy_is_doubled_even_when_it_was_altered() {
    for copy in [(0, 1, 0), (1, 1, 0), (0, 9, 3)] {
        let found = compared(&[(0, 1, 0)], &[(0, 1, 0), copy]);

        assert_eq!(found, Comparison { matched: 1, doubled: vec![1], ..Comparison::default() }, "{copy:?}");
    }
}

#[test]
fn each_of_content_date_and_flags_is_named_alone() {
    assert_eq!(compared(&[(0, 1, 1)], &[(1, 1, 1)]), altered(0, 0, true, false, false));
    assert_eq!(compared(&[(0, 1, 1)], &[(0, 2, 1)]), altered(0, 0, false, true, false));
    assert_eq!(compared(&[(0, 1, 1)], &[(0, 1, 0)]), altered(0, 0, false, false, true));
}

#[test]
fn a_message_whose_header_was_changed_too_is_still_found_by_size_and_date() {
    assert_eq!(compared(&[(0, 1, 1)], &[(6, 1, 1)]), altered(0, 0, true, false, false));
}

#[test]
fn messages_that_took_each_other_s_place_are_both_altered() {
    let found = compared(&[(0, 1, 0), (2, 2, 1)], &[(2, 1, 0), (0, 2, 1)]);

    let pairs: Vec<_> = found.altered.iter().map(|pair| (pair.source, pair.target, pair.content)).collect();
    assert_eq!((pairs, found.matched), (vec![(0, 1, false), (1, 0, false)], 0));
}

#[test]
fn flags_that_only_the_target_has_are_counted_and_leave_twins_the_same() {
    let found = compared(&[(0, 1, 0b10), (0, 1, 0)], &[(0, 1, 0b101), (0, 1, 0b111)]);

    let added = BTreeMap::from([("\\Seen".to_owned(), 2), ("$Work".to_owned(), 2)]);
    assert_eq!(found, Comparison { matched: 2, flags_added: added, ..Comparison::default() });
}

#[test]
fn an_unknown_date_agrees_with_every_other_and_unread_content_with_none() {
    let mut flags = FlagSets::default();
    let target = messages(&mut flags, &[(0, 5, 0)]);
    let undated = [Facts { date: InternalDate::UNKNOWN, ..target[0] }];
    let unread = [Facts { content: None, header: None, key: None, ..target[0] }];

    assert_eq!(compare(&undated, &target, &flags).matched, 1);
    let mut undelivered = altered(0, 0, true, false, false);
    undelivered.altered[0].undelivered = (true, false);
    assert_eq!(compare(&unread, &target, &flags), undelivered);
}

/// Mails that are all different, so that each change has one explanation.
fn different() -> impl Strategy<Value = Vec<Mail>> {
    proptest::collection::vec(0_u8..8, 4..40).prop_map(|bits| {
        let mail = |(at, bits): (usize, u8)| (u8::try_from(at * 2).unwrap_or(0), at as i64 * 10, bits);
        bits.into_iter().enumerate().map(mail).collect()
    })
}

fn few() -> impl Strategy<Value = Vec<Mail>> {
    proptest::collection::vec((0_u8..4, 0_i64..3, 0_u8..8), 0..25)
}

proptest! {
    #[test]
    fn an_untouched_copy_is_the_same_in_any_order(mail in few(), turn in 0_usize..25) {
        let mut copy = mail.clone();
        copy.reverse();
        let len = copy.len().max(1);
        copy.rotate_left(turn % len);

        let found = compared(&mail, &copy);

        prop_assert_eq!(found, Comparison { matched: mail.len() as u64, ..Comparison::default() });
    }

    #[test]
    fn every_message_of_either_side_is_in_exactly_one_part(source in few(), target in few()) {
        let found = compared(&source, &target);

        let paired = found.matched as usize + found.altered.len();
        prop_assert_eq!(paired + found.missing.len(), source.len());
        prop_assert_eq!(paired + found.doubled.len() + found.foreign.len(), target.len());
    }

    #[test]
    fn flags_that_users_add_make_no_message_altered(mail in few(), added in proptest::collection::vec(0_u8..8, 25)) {
        let target: Vec<_> = mail.iter().zip(added).map(|((c, d, bits), more)| (*c, *d, bits | more)).collect();

        let found = compared(&mail, &target);

        // Of twins the copies may have got flags so that more than one pairing is possible; only content and dates are certain.
        prop_assert!(found.altered.iter().all(|pair| !pair.content));
        prop_assert!(found.missing.is_empty() && found.doubled.is_empty() && found.foreign.is_empty());
    }

    #[test]
    fn each_tampering_is_named_and_nothing_else(
        mail in different(), removed in 0_usize..4, doubled in 0_usize..4, changed in 0_usize..4,
    ) {
        prop_assume!(removed != doubled && doubled != changed && removed != changed);
        let mut target = mail.clone();
        target[changed].0 += 1;
        target.push(mail[doubled]);
        target.push((199, 7, 0));
        target.remove(removed);

        let found = compared(&mail, &target);

        prop_assert_eq!(found.missing, vec![removed]);
        prop_assert_eq!(found.altered.iter().map(|pair| pair.source).collect::<Vec<_>>(), vec![changed]);
        prop_assert_eq!(found.doubled.len(), 1);
        prop_assert_eq!(found.foreign, vec![target.len() - 1]);
        prop_assert_eq!(found.matched as usize, mail.len() - 2);
    }
}
