//! How far each message at the target was verified: listed, compared byte by byte, or not at all.

#![allow(clippy::unwrap_used, reason = "tests")]

mod sync_support;

use imapmig_core::message::{Keywords, Uid};
use imapmig_core::ports::store::{Ledger, LedgerResult};
use imapmig_core::user::{LedgerEntry, Level, SkippedKind};
use std::ops::ControlFlow;
use sync_support::Rig;
use sync_support::account::{Account, Message, message, path};

fn entries(rig: &Rig) -> Vec<LedgerEntry> {
    let mut entries = Vec::new();
    for mailbox in rig.store.checkpoints(rig.user().id).unwrap() {
        rig.store
            .ledger(mailbox.id, &mut |entry| {
                entries.push(entry);
                ControlFlow::Continue(())
            })
            .unwrap();
    }
    entries
}

fn levels(rig: &Rig) -> Vec<(u32, Level)> {
    entries(rig).into_iter().map(|entry| (entry.uid.0, entry.level)).collect()
}

/// What a worker leaves behind that copied the message and died before it verified it.
fn forget_level(rig: &Rig, uid: u32) {
    let mailbox = rig.store.checkpoints(rig.user().id).unwrap()[0].id;
    let entry = entries(rig).into_iter().find(|entry| entry.uid == Uid(uid)).unwrap();
    let result =
        LedgerResult { uid: entry.uid, state: entry.state, target: entry.target, digest: entry.digest };
    rig.store.record(mailbox, &[result], &[]).unwrap();
}

#[test]
fn copied_messages_are_listed_and_adopted_ones_compared() {
    let source = Account::new().with("INBOX", ["a", "b", "c"].map(message));
    let target = Account::new().with("INBOX", [message("b")]);
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap().progress;

    assert_eq!((done.synced_items, done.adopted_items), (3, 1));
    assert_eq!((done.verified_items, done.compared_items), (3, 1));
    assert_eq!(levels(&rig), [(1, Level::Listed), (2, Level::Compared), (3, Level::Listed)]);
}

#[test]
fn a_target_that_names_no_uids_has_every_message_compared() {
    let source = Account::new().with("INBOX", ["a", "b"].map(message));
    let target = Account::new().having(|t| t.uidplus = false);
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap().progress;

    assert_eq!((done.verified_items, done.compared_items), (2, 2));
}

#[test]
fn a_size_that_differs_from_the_source_s_is_decided_by_comparing_the_bytes() {
    let source = Account::new().with("INBOX", ["a", "b"].map(message)).having(|s| s.wrong_sizes = true);
    let target = Account::new().with("INBOX", [message("a")]);
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    forget_level(&rig, 1);
    forget_level(&rig, 2);

    let done = rig.incremental().unwrap().progress;

    assert_eq!((done.verified_items, done.compared_items), (2, 2));
    assert_eq!(rig.reported(), []);
}

#[test]
fn what_a_worker_copied_before_it_died_is_verified_by_the_next_sync() {
    let source = Account::new().with("INBOX", ["a", "b"].map(message));
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    forget_level(&rig, 1);
    forget_level(&rig, 2);
    target.expunge("INBOX", 2);

    let done = rig.incremental().unwrap().progress;

    // The newest was copied first.
    assert_eq!(rig.reported(), [("INBOX".to_owned(), Some(1), SkippedKind::Missing)]);
    assert_eq!((done.synced_items, done.skipped_items, done.verified_items), (1, 1, 1));
    assert_eq!(levels(&rig), [(1, Level::NotVerified), (2, Level::Listed)]);
}

#[test]
fn what_an_adopted_message_lacks_at_the_target_is_an_item() {
    let source =
        Account::new().with("INBOX", [message("a").flagged("\\Seen Work"), message("b").at(1_100_000_000)]);
    let target = Account::new().with("INBOX", ["a", "b"].map(message)).having(|t| {
        t.keywords = Keywords::Only(Vec::new());
    });
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap().progress;

    assert_eq!(done.adopted_items, 2);
    assert_eq!(target.mail("INBOX")[0].2, "\\Seen");
    assert_eq!(
        rig.reported(),
        [
            ("INBOX".to_owned(), Some(1), SkippedKind::FlagsReduced),
            ("INBOX".to_owned(), Some(2), SkippedKind::DateChanged)
        ]
    );
}

#[test]
fn an_adopted_message_is_not_marked_as_deleted() {
    let source = Account::new().with("INBOX", [message("a").flagged("\\Deleted \\Flagged")]);
    let target = Account::new().with("INBOX", [message("a")]);
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(target.mail("INBOX")[0].2, "\\Flagged");
    assert_eq!(rig.reported(), []);
}

#[test]
fn messages_whose_folder_was_removed_at_the_target_are_not_verified_any_more() {
    let source = Account::new().with("INBOX", [message("a")]).with("Old", ["b", "c"].map(message));
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    let before = rig.initial().unwrap().progress;
    target.state().folders.remove(&path("Old"));

    let done = rig.incremental().unwrap().progress;

    assert_eq!((before.synced_items, before.verified_items), (3, 3));
    assert_eq!((done.synced_items, done.verified_items), (3, 1));
}

#[test]
fn a_folder_that_holds_more_than_the_source_ever_described_is_listed_again() {
    let source = Account::new().with("INBOX", [message("a")]).having(|s| s.condstore = true);
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    {
        // Arrives with a mod-sequence that was passed already.
        let mut state = source.state();
        let mailbox = state.folders.get_mut(&path("INBOX")).unwrap();
        mailbox.messages.push(Message { uid: mailbox.next, modseq: 1, ..message("late") });
        mailbox.next += 1;
    }

    let done = rig.incremental().unwrap().progress;

    assert_eq!(target.subjects("INBOX"), ["a", "late"]);
    assert_eq!((done.total_items, done.verified_items), (2, 2));
}

#[test]
fn a_flag_that_the_target_adds_is_reported_once_for_its_folder() {
    let source = Account::new().with("INBOX", ["a", "b"].map(message)).with("Work", [message("c")]);
    let target = Account::new().having(|t| t.adds_flag = Some("$NotJunk"));
    let rig = Rig::new(&source, &target);
    let about = |rig: &Rig| {
        let lines = rig.report();
        lines.into_iter().filter(|line| line.contains("$NotJunk")).collect::<Vec<_>>()
    };

    rig.initial().unwrap();
    source.deliver("INBOX", message("d"));
    rig.incremental().unwrap();

    let added = |folder: &str| (folder.to_owned(), None, SkippedKind::FlagsAdded);
    assert_eq!(rig.reported(), [added("INBOX"), added("Work")]);
    assert_eq!(about(&rig).len(), 2, "{:?}", about(&rig));
    assert!(about(&rig)[0].contains("$NotJunk on 2 messages"), "{:?}", about(&rig));
    assert!(rig.items()[0].reason.contains("$NotJunk"), "{:?}", rig.items()[0]);
}

#[test]
fn another_flag_that_the_target_adds_later_joins_the_first() {
    let source = Account::new().with("INBOX", [message("a").flagged("todo")]);
    let target = Account::new().having(|t| t.adds_flag = Some("$NotJunk"));
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    target.state().adds_flag = Some("$Junk");
    source.deliver("INBOX", message("b"));

    rig.incremental().unwrap();

    let items = rig.items();
    assert_eq!(items.iter().map(|i| i.subject.as_str()).collect::<Vec<_>>(), ["$Junk $NotJunk"]);
}

#[test]
fn flags_of_messages_that_were_at_the_target_before_are_not_reported() {
    let source = Account::new().with("INBOX", [message("a")]);
    let target = Account::new().with("INBOX", [message("a").flagged("\\Flagged")]);
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(rig.reported(), []);
    assert_eq!(target.mail("INBOX")[0].2, "\\Flagged");
}
