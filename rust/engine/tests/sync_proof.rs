//! What the target claims is not believed: OK, UIDs and headers are hints, and what is not seen there is not counted as synced.

#![allow(clippy::unwrap_used, reason = "tests")]

mod sync_support;

use imapmig_core::failure::FailureKind;
use imapmig_core::ports::store::Ledger;
use imapmig_core::ports::target::RefusalKind;
use imapmig_core::user::{SkippedKind, TargetId};
use std::ops::ControlFlow;
use sync_support::Rig;
use sync_support::account::{Account, Fault, message, raw};

fn five() -> Account {
    Account::new().with("INBOX", ["a", "b", "c", "d", "e"].map(message))
}

#[test]
fn a_message_that_the_target_says_it_stored_and_does_not_show_is_sent_again() {
    let (source, target) = (five(), Account::new());
    target.state().uidplus = false;
    target.state().swallows = Some(|append| append == 2);
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(source.mail("INBOX"), target.mail("INBOX"));
    assert_eq!(rig.reported(), []);
}

#[test]
fn a_message_that_is_never_shown_is_an_item_and_not_synced() {
    for uidplus in [true, false] {
        let (source, target) = (five(), Account::new());
        target.state().uidplus = uidplus;
        // The second of the newest first, and every one that is sent alone afterwards.
        target.state().swallows = Some(|append| append == 2 || append > 5);
        let rig = Rig::new(&source, &target);

        let done = rig.initial().unwrap().progress;

        assert_eq!(
            (done.total_items, done.synced_items, done.skipped_items),
            (5, 4, 1),
            "UIDPLUS: {uidplus}"
        );
        assert_eq!(rig.reported(), [("INBOX".to_owned(), Some(4), SkippedKind::Missing)]);
        assert_eq!(rig.kept(&rig.items()[0]), message("d").bytes);
    }
}

/// The target UIDs that the ledger of the one folder holds, in order.
fn claims(rig: &Rig) -> Vec<u32> {
    let mailbox = rig.store.checkpoints(rig.user().id).unwrap()[0].id;
    let mut uids = Vec::new();
    rig.store
        .ledger(mailbox, &mut |entry| {
            uids.extend(entry.target.iter().map(|target| match target {
                TargetId::Uid(uid) => uid.0,
                TargetId::File(name) => panic!("{name} is no UID"),
            }));
            ControlFlow::Continue(())
        })
        .unwrap();
    uids.sort_unstable();
    uids
}

#[test]
fn a_uid_that_the_target_gives_twice_in_one_sync_belongs_to_one_message() {
    let (source, target) = (five(), Account::new());
    target.state().names = Some(|append, uid| if append == 2 { 1 } else { uid });
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(source.mail("INBOX"), target.mail("INBOX"));
    assert_eq!(claims(&rig), [1, 2, 3, 4, 5]);
    assert_eq!(rig.reported(), []);
}

#[test]
fn a_uid_that_the_target_gave_in_an_earlier_sync_belongs_to_the_earlier_message() {
    let (source, target) = (five(), Account::new());
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    target.state().names = Some(|_, _| 1);
    source.deliver("INBOX", message("f"));

    rig.incremental().unwrap();

    assert_eq!(source.mail("INBOX"), target.mail("INBOX"));
    assert_eq!(claims(&rig), [1, 2, 3, 4, 5, 6]);
    assert_eq!(rig.reported(), []);
}

#[test]
fn a_uid_that_is_given_twice_for_a_message_that_is_not_stored_does_not_hide_that() {
    let (source, target) = (five(), Account::new());
    target.state().names = Some(|append, uid| if append == 2 { 1 } else { uid });
    target.state().swallows = Some(|append| append == 2);
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(source.mail("INBOX"), target.mail("INBOX"));
    assert_eq!(claims(&rig), [1, 2, 3, 4, 5]);
}

#[test]
fn a_target_that_stores_nothing_and_says_ok_stops_the_user() {
    let (source, target) = (five(), Account::new());
    target.state().uidplus = false;
    target.state().swallows = Some(|_| true);
    let rig = Rig::new(&source, &target);

    let failure = rig.initial().unwrap_err();

    assert_eq!(failure.kind, FailureKind::Refused);
    assert_eq!(rig.reported(), []);
}

#[test]
fn a_body_that_is_stored_in_part_is_reported() {
    for uidplus in [true, false] {
        let (source, target) = (five(), Account::new());
        target.state().uidplus = uidplus;
        target.state().alter = Some(|bytes| bytes[..bytes.len() - 4].to_vec());
        let rig = Rig::new(&source, &target);

        let done = rig.initial().unwrap().progress;

        let altered: Vec<_> =
            (1..=5).map(|uid| ("INBOX".to_owned(), Some(uid), SkippedKind::Altered)).collect();
        assert_eq!((done.synced_items, rig.reported()), (5, altered), "UIDPLUS: {uidplus}");
        let originals: Vec<_> = rig.items().iter().map(|item| rig.kept(item)).collect();
        assert_eq!(originals, ["a", "b", "c", "d", "e"].map(|subject| message(subject).bytes));
    }
}

#[test]
fn another_message_s_bytes_under_the_uid_that_the_target_names_are_reported() {
    let (source, target) = (five(), Account::new());
    target.state().alter =
        Some(|bytes| if bytes == message("b").bytes { message("other").bytes } else { bytes.to_vec() });
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(rig.reported(), [("INBOX".to_owned(), Some(2), SkippedKind::Altered)]);
    assert_eq!(rig.kept(&rig.items()[0]), message("b").bytes);
}

#[test]
fn another_message_s_bytes_are_not_taken_for_the_message() {
    let (source, target) = (five(), Account::new());
    target.state().uidplus = false;
    target.state().alter =
        Some(|bytes| if bytes == message("b").bytes { message("other").bytes } else { bytes.to_vec() });
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap().progress;

    assert_eq!((done.synced_items, done.skipped_items), (4, 1));
    assert_eq!(rig.reported(), [("INBOX".to_owned(), Some(2), SkippedKind::Missing)]);
}

#[test]
fn the_same_header_above_another_body_is_another_message() {
    let draft =
        |body: &str| raw(format!("Message-ID: <d@example.com>\r\nSubject: d\r\n\r\n{body}\r\n").as_bytes());
    let source = Account::new().with("INBOX", [draft("two")]);
    let target = Account::new().with("INBOX", [draft("one")]);
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    let bodies: Vec<_> = target.mail("INBOX").into_iter().map(|mail| mail.0).collect();
    assert_eq!(bodies, [draft("one").bytes, draft("two").bytes]);
}

#[test]
fn a_target_that_refuses_everything_with_the_same_words_stops_the_user_and_nothing_is_left_out() {
    let (source, target) = (five(), Account::new());
    target.state().judge = Some(Box::new(|_, _| Some((RefusalKind::Message, "out of order"))));
    let rig = Rig::new(&source, &target);

    let failure = rig.initial().unwrap_err();
    assert_eq!((failure.kind, failure.server_text.as_deref()), (FailureKind::Refused, Some("out of order")));
    assert_eq!(rig.reported(), []);

    target.state().judge = None;
    rig.initial().unwrap();
    assert_eq!(source.mail("INBOX"), target.mail("INBOX"));
}

#[test]
fn uids_that_a_restored_source_uses_again_are_noticed_and_the_new_messages_arrive() {
    let (source, target) = (five(), Account::new());
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    let restored = Account::new().with("INBOX", ["a", "other", "another one"].map(message));
    source.state().folders = restored.state().folders.clone();

    rig.incremental().unwrap();

    let mut subjects = target.subjects("INBOX");
    subjects.sort();
    assert_eq!(subjects, ["a", "another one", "b", "c", "d", "e", "other"]);
}

#[test]
fn a_message_that_is_counted_and_not_described_is_an_item() {
    let (source, target) = (five(), Account::new());
    source.state().claimed = Some(6);
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap().progress;

    assert_eq!((done.total_items, done.synced_items, done.skipped_items), (6, 5, 1));
    assert_eq!(rig.reported(), [("INBOX".to_owned(), None, SkippedKind::SourceUnreadable)]);

    source.state().claimed = None;
    let done = rig.incremental().unwrap().progress;
    assert_eq!((done.total_items, rig.reported()), (5, vec![]));
}

#[test]
fn a_size_that_the_source_only_claims_leaves_nothing_out() {
    for claimed in [37_440_393, u64::MAX] {
        let (source, target) = (five(), Account::new());
        source.state().claimed_size = Some(claimed);
        let rig = Rig::new(&source, &target);

        let done = rig.initial().unwrap().progress;

        assert_eq!((done.synced_items, done.skipped_items), (5, 0), "{claimed}");
        assert_eq!(source.mail("INBOX"), target.mail("INBOX"));
    }
}

#[test]
fn an_empty_body_where_the_source_claims_a_size_is_an_item() {
    let source = Account::new().with("INBOX", [message("a"), raw(b"")]);
    let target = Account::new();
    source.state().claimed_size = Some(100);
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(target.subjects("INBOX"), ["a"]);
    assert_eq!(rig.reported(), [("INBOX".to_owned(), Some(2), SkippedKind::SourceUnreadable)]);
}

#[test]
fn a_notice_instead_of_a_message_is_an_item() {
    let notice = b"From: Microsoft Exchange Server 2010\r\n\
        Subject: Retrieval using the IMAP4 protocol failed for the following\r\n message: 2\r\n\r\nIt failed.\r\n";
    let source = Account::new().with("INBOX", [message("a"), raw(notice)]);
    let target = Account::new();
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(target.subjects("INBOX"), ["a"]);
    assert_eq!(rig.reported(), [("INBOX".to_owned(), Some(2), SkippedKind::SourceUnreadable)]);
    assert!(rig.items()[0].reason.contains("Retrieval using the IMAP4 protocol failed"));
}

#[test]
fn a_target_folder_that_was_made_anew_with_the_same_uidvalidity_is_filled_again() {
    let (source, target) = (five(), Account::new());
    target.state().faults.push(Fault::AtAppend(4));
    let mut rig = Rig::new(&source, &target);
    rig.retries.attempts = 0;
    rig.initial().unwrap_err();
    for mailbox in target.state().folders.values_mut() {
        mailbox.messages.clear();
        mailbox.next = 1;
    }

    rig.initial().unwrap();

    assert_eq!(source.mail("INBOX"), target.mail("INBOX"));
}
