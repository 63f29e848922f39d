//! What a server may store late, and the second copies that are being taken back.

use crate::support::{Place, added_mailbox, added_user, reported};
use imapmig_core::folder::FolderPath;
use imapmig_core::message::{Flags, InternalDate, TargetValidity, Uid, UidValidity};
use imapmig_core::ports::store::{Catalog, Diary, LateDuplicates, Ledger, LedgerResult, StoreError};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{LedgerEntry, LedgerState, Level, SkippedKind, TargetId, UserProgress};

fn uids(numbers: &[u32]) -> Vec<Uid> {
    numbers.iter().copied().map(Uid).collect()
}

#[test]
fn of_messages_that_are_sent_again_and_again_the_first_place_and_the_last_time_count() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let (inbox, sent) = (added_mailbox(&store, user, "INBOX"), added_mailbox(&store, user, "Sent"));

    store.note_sent_again(inbox, &uids(&[7, 3]), Uid(40), UnixMs(1_000)).unwrap();
    store.note_sent_again(inbox, &uids(&[7]), Uid(60), UnixMs(2_000)).unwrap();
    let found = place.open().late_duplicates(inbox).unwrap();

    let expected = LateDuplicates {
        sent_again: uids(&[3, 7]),
        from: Uid(40),
        since: UnixMs(2_000),
        second_copies: Vec::new(),
    };
    assert_eq!(found, expected);
    assert_eq!(store.late_duplicates(sent).unwrap().sent_again, []);
}

#[test]
fn only_what_was_sent_again_long_ago_is_forgotten() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let inbox = added_mailbox(&store, user, "INBOX");
    store.note_sent_again(inbox, &uids(&[1]), Uid(10), UnixMs(1_000)).unwrap();
    store.note_sent_again(inbox, &uids(&[2]), Uid(20), UnixMs(2_000)).unwrap();

    store.forget_sent_again(inbox, UnixMs(2_000)).unwrap();

    let left = store.late_duplicates(inbox).unwrap();
    assert_eq!((left.sent_again, left.from), (uids(&[2]), Uid(20)));
}

#[test]
fn second_copies_are_replaced_as_a_whole() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let inbox = added_mailbox(&store, user, "INBOX");

    store.set_second_copies(inbox, &uids(&[90, 80])).unwrap();
    let both = place.open().late_duplicates(inbox).unwrap().second_copies;
    store.set_second_copies(inbox, &[]).unwrap();

    assert_eq!(both, uids(&[80, 90]));
    assert_eq!(store.late_duplicates(inbox).unwrap().second_copies, []);
}

#[test]
fn a_mailbox_with_anything_undecided_in_doubt_or_not_verified_is_not_finished() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let mailbox = |name| added_mailbox(&store, user, name);
    let (decided, empty) = (mailbox("INBOX"), mailbox("Empty"));
    let others = [mailbox("Intent"), mailbox("Doubt"), mailbox("Stray"), mailbox("NotVerified")];
    for (mailbox, state) in [
        (decided, LedgerState::Copied),
        (decided, LedgerState::Adopted),
        (decided, LedgerState::Skipped),
        (others[0], LedgerState::Copied),
        (others[1], LedgerState::Copied),
        (others[2], LedgerState::Copied),
        (others[3], LedgerState::Copied),
    ] {
        let entry = entry(state as u32 + 1, state);
        let target = (state != LedgerState::Skipped).then_some(TargetId::Uid(entry.uid));
        let result = LedgerResult { uid: entry.uid, state, target, digest: None };
        store.record(mailbox, &[result], &[entry]).unwrap();
        if mailbox != others[3] {
            store.raise_levels(mailbox, &[(Uid(1)..=Uid(9), Level::Listed)]).unwrap();
        }
    }
    store.raise_levels(decided, &[(Uid(3)..=Uid(3), Level::Compared)]).unwrap();
    store.add_intents(others[0], &[entry(9, LedgerState::Intent)], Uid(1)).unwrap();
    store.note_sent_again(others[1], &uids(&[2]), Uid(1), UnixMs(1)).unwrap();
    store.set_second_copies(others[2], &uids(&[8])).unwrap();

    let finished = store.finished(user).unwrap();

    let numbers = UserProgress {
        total_items: 3,
        total_bytes: 300,
        synced_items: 2,
        adopted_items: 1,
        skipped_items: 1,
        bytes_transferred: 100,
        verified_items: 2,
        compared_items: 1,
    };
    assert_eq!(finished, [(decided, numbers), (empty, UserProgress::default())]);
}

fn entry(uid: u32, state: LedgerState) -> LedgerEntry {
    LedgerEntry {
        uid: Uid(uid),
        state,
        target: None,
        size: 100,
        internal_date: InternalDate::utc(0),
        digest: None,
        flags: Flags::default(),
        level: Level::NotVerified,
    }
}

#[test]
fn they_go_with_their_mailbox_and_when_it_begins_anew() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let (reset, removed) = (added_mailbox(&store, user, "INBOX"), added_mailbox(&store, user, "Sent"));
    for mailbox in [reset, removed] {
        store.note_sent_again(mailbox, &uids(&[1]), Uid(10), UnixMs(1_000)).unwrap();
        store.set_second_copies(mailbox, &uids(&[80])).unwrap();
    }

    store.reset_mailbox(reset, UidValidity(7), TargetValidity::Uids(UidValidity(8))).unwrap();
    let after_reset = store.late_duplicates(reset).unwrap();
    store.remove_batch(store.user_by_id(user).unwrap().unwrap().batch).unwrap();
    let after_removal = store.late_duplicates(removed).unwrap();
    let error = store.note_sent_again(removed, &uids(&[1]), Uid(10), UnixMs(1_000)).unwrap_err();

    assert_eq!((after_reset.sent_again, after_reset.second_copies), (uids(&[]), uids(&[])));
    assert_eq!((after_removal.sent_again, after_removal.second_copies), (uids(&[]), uids(&[])));
    assert!(matches!(&error, StoreError::Gone(what) if what.contains("mailbox")), "{error:?}");
}

#[test]
fn items_of_a_kind_are_taken_back_for_one_folder() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let stay =
        [reported("INBOX", Some(1), SkippedKind::Altered), reported("Sent", Some(1), SkippedKind::Doubled)];
    store
        .add_skipped(
            user,
            &[stay[0].clone(), reported("INBOX", Some(1), SkippedKind::Doubled), stay[1].clone()],
        )
        .unwrap();

    store.remove_items(user, &FolderPath::inbox(), SkippedKind::Doubled).unwrap();

    assert_eq!(store.skipped(user, None).unwrap(), stay);
}
