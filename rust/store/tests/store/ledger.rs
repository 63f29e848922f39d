//! The ledger: intents, results, sizes, what is durable.

use crate::support::{Place, added_mailbox, added_user, entries, intent};
use imapmig_core::ids::MailboxId;
use imapmig_core::message::{Digest, Flags, InternalDate, Uid};
use imapmig_core::ports::store::{Ledger, LedgerResult};
use imapmig_core::user::{LedgerEntry, LedgerState, Level, TargetId};
use imapmig_store::SqliteStore;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use std::collections::HashMap;
use std::ops::ControlFlow;

fn result(uid: u32, state: LedgerState, target: Option<TargetId>) -> LedgerResult {
    LedgerResult { uid: Uid(uid), state, target, digest: None }
}

fn with_mailbox(test: impl FnOnce(&SqliteStore, MailboxId)) {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let mailbox = added_mailbox(&store, user, "INBOX");
    test(&store, mailbox);
}

#[test]
fn an_intent_becomes_what_its_result_says() {
    with_mailbox(|store, mailbox| {
        store.add_intents(mailbox, &[intent(3), intent(1), intent(2)], Uid(11)).unwrap();

        let digest = Some(Digest([9; 16]));
        let results = [
            LedgerResult { digest, ..result(1, LedgerState::Copied, Some(TargetId::Uid(Uid(11)))) },
            result(3, LedgerState::Adopted, Some(TargetId::File("1.imapmig".to_owned()))),
        ];
        store.record(mailbox, &results, &[]).unwrap();

        let expected = [
            LedgerEntry {
                state: LedgerState::Copied,
                target: results[0].target.clone(),
                digest,
                ..intent(1)
            },
            intent(2),
            LedgerEntry { state: LedgerState::Adopted, target: results[1].target.clone(), ..intent(3) },
        ];
        assert_eq!(entries(store, mailbox), expected);
    });
}

#[test]
fn levels_of_what_is_at_the_target_are_raised_and_never_lowered() {
    with_mailbox(|store, mailbox| {
        let at = |uid: u32| Some(TargetId::Uid(Uid(uid + 100)));
        store.add_intents(mailbox, &[1, 2, 3, 4, 5, 6].map(intent), Uid(1)).unwrap();
        let results = [
            result(1, LedgerState::Copied, at(1)),
            result(2, LedgerState::Adopted, at(2)),
            result(3, LedgerState::Copied, None),
            result(4, LedgerState::Skipped, None),
            result(6, LedgerState::Copied, at(6)),
        ];
        store.record(mailbox, &results, &[]).unwrap();

        let (listed, compared) = (Uid(1)..=Uid(5), Uid(2)..=Uid(2));
        store.raise_levels(mailbox, &[(listed.clone(), Level::Listed), (compared, Level::Compared)]).unwrap();
        store.raise_levels(mailbox, &[(listed, Level::Listed)]).unwrap();

        let none = Level::NotVerified;
        let levels: Vec<_> = entries(store, mailbox).into_iter().map(|entry| entry.level).collect();
        assert_eq!(levels, [Level::Listed, Level::Compared, none, none, none, none]);
    });
}

#[test]
fn only_what_is_at_the_target_and_not_verified_is_read_for_verification_and_all_is_counted() {
    with_mailbox(|store, mailbox| {
        let at = |uid: u32| Some(TargetId::Uid(Uid(uid + 10_000)));
        let uids: Vec<u32> = (1..=5_000).collect();
        let intents: Vec<_> = uids.iter().map(|uid| intent(*uid)).collect();
        store.add_intents(mailbox, &intents, Uid(1)).unwrap();
        let results: Vec<_> = uids[..4_990]
            .iter()
            .map(|uid| match uid % 4 {
                0 => result(*uid, LedgerState::Copied, at(*uid)),
                1 => result(*uid, LedgerState::Adopted, at(*uid)),
                2 => result(*uid, LedgerState::Copied, None),
                _ => result(*uid, LedgerState::Skipped, None),
            })
            .collect();
        store.record(mailbox, &results, &[]).unwrap();
        let levels = [(Uid(1)..=Uid(100), Level::Listed), (Uid(4)..=Uid(4), Level::Compared)];
        store.raise_levels(mailbox, &levels).unwrap();

        let mut read = Vec::new();
        store
            .unverified(mailbox, &mut |entry| {
                read.push(entry);
                ControlFlow::Continue(())
            })
            .unwrap();
        let mut numbers = store.ledger_numbers(mailbox).unwrap();

        let all = entries(store, mailbox);
        let unverified =
            all.iter().filter(|entry| entry.level == Level::NotVerified && entry.target.is_some());
        assert!(read.iter().eq(unverified), "{} entries were read", read.len());
        let mut counted = HashMap::new();
        for entry in &all {
            *counted.entry((entry.state as u8, entry.level)).or_insert(0_u64) += 1;
        }
        numbers.retain(|(state, level, number)| counted.get(&(*state as u8, *level)) != Some(number));
        assert_eq!((read.len(), numbers), (2_445, vec![]));
    });
}

#[test]
fn what_is_recorded_anew_or_loses_its_place_is_not_verified() {
    with_mailbox(|store, mailbox| {
        let at = |uid: u32| Some(TargetId::Uid(Uid(uid + 100)));
        store.add_intents(mailbox, &[1, 2].map(intent), Uid(1)).unwrap();
        let copied = [1, 2].map(|uid| result(uid, LedgerState::Copied, at(uid)));
        store.record(mailbox, &copied, &[]).unwrap();
        store.raise_levels(mailbox, &[(Uid(1)..=Uid(2), Level::Compared)]).unwrap();

        store.record(mailbox, &[result(1, LedgerState::Copied, at(7))], &[]).unwrap();
        let recorded: Vec<_> = entries(store, mailbox).into_iter().map(|entry| entry.level).collect();
        store.forget_targets(mailbox).unwrap();
        let forgotten: Vec<_> = entries(store, mailbox).into_iter().map(|entry| entry.level).collect();

        assert_eq!(recorded, [Level::NotVerified, Level::Compared]);
        assert_eq!(forgotten, [Level::NotVerified; 2]);
    });
}

#[test]
fn what_is_known_of_the_target_is_noted_with_intents_and_stays_with_results() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let mailbox = added_mailbox(&store, user, "INBOX");
    let known = || store.checkpoints(user).unwrap()[0].target_known_below.0;

    store.add_intents(mailbox, &[], Uid(5)).unwrap();
    let by_intents = known();
    store.record(mailbox, &[], &[]).unwrap();

    assert_eq!((by_intents, known()), (5, 5));
}

#[test]
fn a_new_intent_replaces_an_intent_and_a_skipped_entry_but_nothing_that_is_at_the_target() {
    with_mailbox(|store, mailbox| {
        store.add_intents(mailbox, &[1, 2, 3, 4].map(intent), Uid(1)).unwrap();
        let results = [
            result(2, LedgerState::Skipped, None),
            result(3, LedgerState::Copied, None),
            result(4, LedgerState::Adopted, None),
        ];
        store.record(mailbox, &results, &[]).unwrap();

        let new = [1, 2, 3, 4].map(|uid| LedgerEntry { size: 1, ..intent(uid) });
        store.add_intents(mailbox, &new, Uid(1)).unwrap();

        let found: Vec<_> = entries(store, mailbox).iter().map(|e| (e.state, e.size)).collect();
        assert_eq!(
            found,
            [
                (LedgerState::Intent, 1),
                (LedgerState::Intent, 1),
                (LedgerState::Copied, intent(3).size),
                (LedgerState::Adopted, intent(4).size),
            ]
        );
    });
}

#[test]
fn a_result_without_an_intent_is_added_from_its_entry() {
    with_mailbox(|store, mailbox| {
        let results = [
            result(1, LedgerState::Adopted, Some(TargetId::Uid(Uid(50)))),
            result(2, LedgerState::Skipped, None),
        ];

        store.record(mailbox, &results, &[intent(1), intent(2)]).unwrap();

        let expected = [
            LedgerEntry { state: LedgerState::Adopted, target: results[0].target.clone(), ..intent(1) },
            LedgerEntry { state: LedgerState::Skipped, ..intent(2) },
        ];
        assert_eq!(entries(store, mailbox), expected);
    });
}

#[test]
fn a_result_for_an_entry_that_nobody_knows_is_refused_with_all_the_others() {
    with_mailbox(|store, mailbox| {
        store.add_intents(mailbox, &[intent(1)], Uid(1)).unwrap();

        let results = [result(1, LedgerState::Copied, None), result(2, LedgerState::Copied, None)];
        let refused = store.record(mailbox, &results, &[]);

        assert!(refused.unwrap_err().to_string().contains("Gone(\"ledger entry\")"));
        assert_eq!(entries(store, mailbox), [intent(1)]);
    });
}

#[test]
fn two_messages_never_claim_one_message_at_the_target() {
    with_mailbox(|store, mailbox| {
        let at = |uid| Some(TargetId::Uid(Uid(uid)));
        store.add_intents(mailbox, &[intent(1), intent(2)], Uid(1)).unwrap();
        store.record(mailbox, &[result(1, LedgerState::Copied, at(7))], &[]).unwrap();

        let refused = store.record(mailbox, &[result(2, LedgerState::Copied, at(7))], &[]);

        assert!(refused.is_err());
        let states: Vec<_> = entries(store, mailbox).into_iter().map(|e| (e.state, e.target)).collect();
        assert_eq!(states, [(LedgerState::Copied, at(7)), (LedgerState::Intent, None)]);
    });
}

#[test]
fn dropped_intents_are_gone_and_copied_entries_stay() {
    with_mailbox(|store, mailbox| {
        store.add_intents(mailbox, &[1, 2, 3].map(intent), Uid(1)).unwrap();
        store.record(mailbox, &[result(2, LedgerState::Copied, None)], &[]).unwrap();

        store.drop_intents(mailbox, &[Uid(1), Uid(2), Uid(77)]).unwrap();

        let left: Vec<_> = entries(store, mailbox).iter().map(|e| e.uid.0).collect();
        assert_eq!(left, [2, 3]);
    });
}

#[test]
fn flags_are_replaced() {
    with_mailbox(|store, mailbox| {
        store.add_intents(mailbox, &[intent(1), intent(2)], Uid(1)).unwrap();
        let new = Flags::from_wire(["\\Flagged", "Größe"]);

        store.set_ledger_flags(mailbox, &[(Uid(1), new.clone()), (Uid(2), Flags::default())]).unwrap();

        let found: Vec<_> = entries(store, mailbox).into_iter().map(|e| e.flags).collect();
        assert_eq!(found, [new, Flags::default()]);
    });
}

#[test]
fn a_long_ledger_is_told_whole_in_order_and_stops_when_asked() {
    with_mailbox(|store, mailbox| {
        let uids = (1..=10_000).map(|n| n * 3).chain([u32::MAX]);
        let all: Vec<_> = uids.rev().map(intent).collect();
        for part in all.chunks(2_500) {
            store.add_intents(mailbox, part, Uid(1)).unwrap();
        }

        let mut told = 0;
        store
            .ledger(mailbox, &mut |entry| {
                told += 1;
                if entry.uid.0 == 9_000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
            .unwrap();

        let found: Vec<_> = entries(store, mailbox).iter().map(|e| e.uid).collect();
        assert_eq!(found, all.iter().rev().map(|e| e.uid).collect::<Vec<_>>());
        assert_eq!(told, 3_000);
    });
}

#[test]
fn a_caller_may_use_the_store_while_the_ledger_is_told() {
    with_mailbox(|store, mailbox| {
        store.add_intents(mailbox, &[1, 2, 3].map(intent), Uid(1)).unwrap();

        store
            .ledger(mailbox, &mut |entry| {
                store.drop_intents(mailbox, &[entry.uid]).unwrap();
                assert!(!entries(store, mailbox).contains(&entry));
                ControlFlow::Continue(())
            })
            .unwrap();

        assert_eq!(entries(store, mailbox), []);
    });
}

/// The numbers of the docs: 500,000 messages of a user in some 30 MB.
#[test]
fn a_ledger_entry_takes_at_most_seventy_bytes() {
    const NUMBER: u32 = 50_000;
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let mailbox = added_mailbox(&store, user, "INBOX");
    let size = || {
        let connection = rusqlite::Connection::open(place.directory.database()).unwrap();
        let pages: u64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        let bytes: u64 = connection.pragma_query_value(None, "page_size", |row| row.get(0)).unwrap();
        pages * bytes
    };
    let before = size();

    // Newest first, as mail is moved; the target numbers it in the order in which it arrives.
    let uids: Vec<u32> = (3_000_000..3_000_000 + NUMBER).rev().collect();
    for part in uids.chunks(500) {
        let entries: Vec<_> = part.iter().map(|uid| intent(*uid)).collect();
        let results: Vec<_> = part
            .iter()
            .map(|uid| result(*uid, LedgerState::Copied, Some(TargetId::Uid(Uid(4_000_000 - uid)))))
            .collect();
        store.add_intents(mailbox, &entries, Uid(1)).unwrap();
        store.record(mailbox, &results, &[]).unwrap();
    }

    let per_entry = (size() - before) / u64::from(NUMBER);
    assert!(per_entry <= 70, "{per_entry} bytes");
}

fn any_target() -> impl Strategy<Value = Option<TargetId>> {
    prop_oneof![
        Just(None),
        any::<u32>().prop_map(|uid| Some(TargetId::Uid(Uid(uid)))),
        any::<String>().prop_map(|name| Some(TargetId::File(name))),
    ]
}

fn any_flags() -> impl Strategy<Value = Flags> {
    proptest::collection::vec("[!-~&&[^\\\\]]{1,5}|\\\\Seen|\\\\Draft", 0..4)
        .prop_map(|names| Flags::from_wire(names.iter().map(String::as_str)))
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]

    #[test]
    fn every_entry_comes_back_as_it_was_recorded(
        rows in proptest::collection::vec(
            (any_target(), 0..=u64::MAX / 2, any::<i64>(), any::<i16>(), any::<Option<[u8; 16]>>(), any_flags()),
            1..20,
        )
    ) {
        let state = LedgerState::Copied;
        let given: Vec<_> = (0..).zip(rows).map(|(uid, (target, size, unix_seconds, offset_minutes, digest, flags))| {
            let internal_date = InternalDate { unix_seconds, offset_minutes };
            let (digest, level) = (digest.map(Digest), Level::NotVerified);
            LedgerEntry { uid: Uid(uid), state, target, size, internal_date, digest, flags, level }
        }).collect();
        let results: Vec<_> = given.iter().map(|e| LedgerResult {
            uid: e.uid, state, target: e.target.clone(), digest: e.digest
        }).collect();

        with_mailbox(|store, mailbox| {
            store.record(mailbox, &results, &given).unwrap();
            assert_eq!(entries(store, mailbox), given);
        });
    }
}
