//! Checkpoints, and ledgers that begin anew.

use crate::support::{Place, added_mailbox, added_user, entries, intent, new_checkpoint, states};
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::{MailboxId, UserId};
use imapmig_core::message::{ModSeq, TargetValidity, Uid, UidValidity};
use imapmig_core::ports::store::{Catalog, Diary, Ledger, LedgerResult, Store};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{Checkpoint, LedgerState, SkippedItem, SkippedKind, TargetId};

fn skipped(folder: &str, uid: Option<u32>, kind: SkippedKind) -> SkippedItem {
    SkippedItem {
        folder: FolderPath::new([folder]),
        uid: uid.map(Uid),
        kind,
        size: 1 << 33,
        subject: "Grüße".to_owned(),
        sender: "from@x.example".to_owned(),
        recipient: "to@x.example".to_owned(),
        date_sent: Some(UnixMs(-1)),
        date_received: None,
        reason: "NO [LIMIT] too large".to_owned(),
        kept_file: Some("kept/1".to_owned()),
    }
}

#[test]
fn a_checkpoint_is_added_once_for_a_user_and_folder() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let new = new_checkpoint(user, "INBOX");

    let first = store.checkpoint(&new).unwrap();
    let again = store.checkpoint(&Checkpoint { source_validity: UidValidity(99), ..new.clone() }).unwrap();
    let other = store.checkpoint(&new_checkpoint(user, "Sent")).unwrap();

    assert_eq!(first, Checkpoint { id: first.id, ..new });
    assert_eq!(again, first);
    assert_eq!(store.checkpoints(user).unwrap(), [first, other]);
}

#[test]
fn folders_that_differ_only_in_where_a_segment_ends_are_two() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let one = Checkpoint { source: FolderPath::new(["a/b"]), ..new_checkpoint(user, "x") };
    let two = Checkpoint { source: FolderPath::new(["a", "b"]), ..new_checkpoint(user, "x") };

    let ids = [store.checkpoint(&one).unwrap().id, store.checkpoint(&two).unwrap().id];

    assert_ne!(ids[0], ids[1]);
    assert_eq!(store.checkpoints(user).unwrap()[1].source, two.source);
}

#[test]
fn a_saved_checkpoint_comes_back() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let id = added_mailbox(&store, user, "INBOX");
    let saved = Checkpoint {
        id,
        source_validity: UidValidity(u32::MAX),
        target: FolderPath::new(["Elsewhere"]),
        target_validity: TargetValidity::Names,
        target_known_below: Uid(u32::MAX),
        source_modseq: Some(ModSeq(i64::MAX as u64)),
        complete: true,
        ..new_checkpoint(user, "INBOX")
    };

    store.save_checkpoint(&saved).unwrap();
    let found = store.checkpoints(user).unwrap();
    store.save_checkpoint(&Checkpoint { source_modseq: None, ..saved.clone() }).unwrap();

    assert_eq!(found, [saved]);
    assert_eq!(store.checkpoints(user).unwrap()[0].source_modseq, None);
}

#[test]
fn a_reset_mailbox_starts_over_and_leaves_the_others_alone() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let (reset, other) = (added_mailbox(&store, user, "INBOX"), added_mailbox(&store, user, "Sent"));
    for mailbox in [reset, other] {
        store.add_intents(mailbox, &[intent(5)], Uid(40)).unwrap();
        let there = store.checkpoints(user).unwrap().into_iter().find(|c| c.id == mailbox).unwrap();
        store.save_checkpoint(&Checkpoint { source_modseq: Some(ModSeq(3)), ..there }).unwrap();
    }
    let items =
        [skipped("INBOX", Some(1), SkippedKind::Altered), skipped("Sent", Some(1), SkippedKind::Refused)];
    store.add_skipped(user, &items).unwrap();

    store.reset_mailbox(reset, UidValidity(70), TargetValidity::Uids(UidValidity(80))).unwrap();

    let found = store.checkpoints(user).unwrap();
    let expected = Checkpoint {
        id: reset,
        source_validity: UidValidity(70),
        target_validity: TargetValidity::Uids(UidValidity(80)),
        target_known_below: Uid(0),
        ..new_checkpoint(user, "INBOX")
    };
    assert_eq!(found[0], expected);
    assert_eq!((found[1].target_known_below, found[1].source_modseq), (Uid(40), Some(ModSeq(3))));
    assert_eq!((entries(&store, reset).len(), entries(&store, other).len()), (0, 1));
    assert_eq!(store.skipped(user, None).unwrap(), [items[1].clone()]);
}

#[test]
fn the_number_of_a_removed_mailbox_is_never_given_again() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let removed = added_mailbox(&store, user, "INBOX");
    let batch = store.user_by_id(user).unwrap().unwrap().batch;

    store.remove_batch(batch).unwrap();
    let next = crate::support::added_batch(&store, "next", &["n@x.example"]);
    let next_user = crate::support::users_of(&store, next.id)[0].id;

    assert!(added_mailbox(&store, next_user, "INBOX") > removed);
}

#[test]
fn a_skipped_item_comes_back_and_a_second_one_replaces_it() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let first = skipped("INBOX", Some(7), SkippedKind::LargeItem);
    let folder = skipped("INBOX", None, SkippedKind::FolderFailed);
    let second = SkippedItem { reason: "another".to_owned(), kept_file: None, ..first.clone() };
    let other_kind = skipped("INBOX", Some(7), SkippedKind::Altered);

    store.add_skipped(user, &[first, folder.clone(), other_kind.clone()]).unwrap();
    store.add_skipped(user, &[second.clone(), folder.clone()]).unwrap();

    assert_eq!(store.skipped(user, None).unwrap(), [folder.clone(), other_kind, second]);
    assert_eq!(store.skipped(user, Some(1)).unwrap(), [folder]);
    assert_eq!(store.skipped(UserId::new(), None).unwrap(), []);
}

fn skip(store: &dyn Store, mailbox: MailboxId, uids: &[u32]) {
    let results: Vec<_> = uids
        .iter()
        .map(|uid| LedgerResult { uid: Uid(*uid), state: LedgerState::Skipped, target: None, digest: None })
        .collect();
    let entries: Vec<_> = uids.iter().map(|uid| intent(*uid)).collect();
    store.record(mailbox, &results, &entries).unwrap();
}

#[test]
fn forgotten_items_can_be_tried_again_and_notes_about_copied_messages_stay() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let (inbox, sent) = (added_mailbox(&store, user, "INBOX"), added_mailbox(&store, user, "Sent"));
    let altered = skipped("INBOX", Some(9), SkippedKind::Altered);
    let refused = skipped("Sent", Some(1), SkippedKind::Refused);
    store.add_intents(inbox, &[intent(9)], Uid(1)).unwrap();
    skip(&store, inbox, &[1, 2]);
    skip(&store, sent, &[1]);
    let items = [
        skipped("INBOX", Some(1), SkippedKind::LargeItem),
        skipped("INBOX", Some(2), SkippedKind::SourceUnreadable),
        altered.clone(),
        refused.clone(),
    ];
    store.add_skipped(user, &items).unwrap();

    store.forget_skipped(user, Some(&FolderPath::inbox())).unwrap();
    let one_folder = store.skipped(user, None).unwrap();
    let left = states(&store, user);
    store.forget_skipped(user, None).unwrap();

    assert_eq!(one_folder, [altered.clone(), refused]);
    assert_eq!(left, [LedgerState::Intent, LedgerState::Skipped]);
    assert_eq!(store.skipped(user, None).unwrap(), [altered]);
    assert_eq!((entries(&store, inbox).len(), entries(&store, sent).len()), (1, 0));
}

#[test]
fn a_report_is_told_line_by_line_in_order_of_telling() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);

    store.add_report(user, UnixMs(2), "second instant, told first").unwrap();
    store.add_report(user, UnixMs(1), "first instant, told second").unwrap();

    let lines: Vec<_> = store.report(user).unwrap().into_iter().map(|l| (l.at.0, l.text)).collect();
    assert_eq!(
        lines,
        [(2, "second instant, told first".to_owned()), (1, "first instant, told second".to_owned())]
    );
}

#[test]
fn what_was_copied_is_still_known_after_its_place_was_forgotten() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let mailbox = added_mailbox(&store, user, "INBOX");
    store.add_intents(mailbox, &[intent(1), intent(2)], Uid(50)).unwrap();
    let target = Some(TargetId::Uid(Uid(60)));
    let result = LedgerResult { uid: Uid(1), state: LedgerState::Copied, target, digest: None };
    store.record(mailbox, &[result], &[]).unwrap();

    store.forget_targets(mailbox).unwrap();

    let kept: Vec<_> = entries(&store, mailbox).into_iter().map(|e| (e.uid.0, e.state, e.target)).collect();
    assert_eq!(kept, [(1, LedgerState::Copied, None), (2, LedgerState::Intent, None)]);
    let checkpoint = store.checkpoints(user).unwrap().remove(0);
    assert_eq!(
        (checkpoint.target_validity, checkpoint.target_known_below),
        (TargetValidity::Removed, Uid(0))
    );
    assert_eq!(checkpoint.source_validity, UidValidity(7));
}
