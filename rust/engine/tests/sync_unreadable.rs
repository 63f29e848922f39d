//! Messages that one side cannot deliver when they are compared: each costs itself alone, and is reported.

#![allow(clippy::unwrap_used, reason = "tests")]

mod sync_support;

use imapmig_core::failure::FailureKind;
use imapmig_core::ports::store::{Ledger, LedgerResult};
use imapmig_core::user::{LedgerEntry, Level, SkippedKind};
use std::ops::ControlFlow;
use sync_support::Rig;
use sync_support::account::{Account, Message, message, raw};

fn five() -> Account {
    Account::new().with("INBOX", ["a", "b", "c", "d", "e"].map(message))
}

/// A message that some servers change, so that it is read back.
fn odd(subject: &str) -> Message {
    raw(format!("Message-ID: <{subject}@example.com>\nSubject: {subject}\n\nAbout {subject}.\n").as_bytes())
}

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

fn not_verified(uid: u32) -> (String, Option<u32>, SkippedKind) {
    ("INBOX".to_owned(), Some(uid), SkippedKind::NotVerified)
}

/// Two accounts in step whose messages are to be verified anew, with a source that states wrong sizes, so that they are compared.
fn to_be_compared() -> (Account, Account, Rig) {
    let (source, target) = (five().having(|s| s.wrong_sizes = true), Account::new());
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    let mailbox = rig.store.checkpoints(rig.user().id).unwrap()[0].id;
    let result = |entry: LedgerEntry| LedgerResult {
        uid: entry.uid,
        state: entry.state,
        target: entry.target,
        digest: entry.digest,
    };
    let results: Vec<_> = entries(&rig).into_iter().map(result).collect();
    rig.store.record(mailbox, &results, &[]).unwrap();
    (source, target, rig)
}

#[test]
fn a_copy_over_which_the_target_ends_the_connection_is_not_verified_and_the_others_are() {
    let (source, target, rig) = to_be_compared();
    target.state().deadly.insert("c");

    let done = rig.incremental().unwrap().progress;

    // The newest was copied first: the target's UIDs run the other way.
    assert_eq!(rig.reported(), [not_verified(3)]);
    assert_eq!(rig.kept(&rig.items()[0]), message("c").bytes);
    assert!(rig.items()[0].reason.starts_with("the target ends the connection"), "{}", rig.items()[0].reason);
    assert_eq!((done.synced_items, done.verified_items, done.compared_items), (5, 4, 4));
    let level = |uid| if uid == 3 { Level::NotVerified } else { Level::Compared };
    assert_eq!(levels(&rig), [1, 2, 3, 4, 5].map(|uid| (uid, level(uid))));
    assert_eq!(source.mail("INBOX"), target.mail("INBOX"));
}

#[test]
fn it_costs_each_later_sync_one_connection_until_it_can_be_read() {
    let (_, target, rig) = to_be_compared();
    target.state().deadly.insert("c");
    rig.incremental().unwrap();
    let before = target.state().connections;

    rig.incremental().unwrap();
    let cost = target.state().connections - before;
    assert_eq!((cost, rig.reported()), (2, vec![not_verified(3)]));

    target.state().deadly.clear();
    let done = rig.incremental().unwrap().progress;
    assert_eq!((done.verified_items, done.compared_items), (5, 5));
    assert_eq!(rig.reported(), []);
}

#[test]
fn a_message_over_which_the_source_ends_the_connection_when_it_is_compared_is_not_verified() {
    let (source, _, rig) = to_be_compared();
    source.state().deadly.insert("b");

    let done = rig.incremental().unwrap().progress;

    assert_eq!(rig.reported(), [not_verified(2)]);
    assert!(rig.items()[0].reason.starts_with("the source ends the connection"), "{}", rig.items()[0].reason);
    assert_eq!((rig.items()[0].kept_file.clone(), done.verified_items), (None, 4));
}

#[test]
fn a_copy_that_the_target_lists_and_does_not_deliver_is_not_verified() {
    let (_, target, rig) = to_be_compared();
    target.state().withheld.insert("d");

    let done = rig.incremental().unwrap().progress;

    assert_eq!((rig.reported(), done.verified_items), (vec![not_verified(4)], 4));
    assert!(rig.items()[0].reason.contains("lists the copy and does not deliver it"));
}

#[test]
fn a_message_that_the_source_lists_and_does_not_deliver_any_more_is_not_verified() {
    let (source, _, rig) = to_be_compared();
    source.state().undeliverable.insert(4);

    let done = rig.incremental().unwrap().progress;

    assert_eq!((rig.reported(), done.verified_items), (vec![not_verified(4)], 4));
}

#[test]
fn workers_that_live_for_two_connections_each_come_to_the_end_of_it() {
    for at_source in [false, true] {
        let (source, target, mut rig) = to_be_compared();
        let side = if at_source { &source } else { &target };
        side.state().deadly.insert("c");
        rig.retries.attempts = 1;

        let lives = (1..20).find(|_| {
            // Progress keeps a worker alive; this one is killed.
            let before = target.state().connections;
            target.state().most_connections_ever = Some(before + 2);
            rig.incremental().is_ok()
        });

        assert!(lives.is_some_and(|lives| lives <= 8), "{lives:?}");
        assert_eq!(rig.reported(), [not_verified(3)]);
    }
}

#[test]
fn an_odd_message_that_cannot_be_read_back_is_stored_once_and_reported() {
    for uidplus in [true, false] {
        let source = Account::new().with("INBOX", [message("a"), odd("b"), message("c"), odd("d")]);
        let target = Account::new().having(|t| {
            t.uidplus = uidplus;
            t.deadly.insert("b");
        });
        let rig = Rig::new(&source, &target);

        let done = rig.initial().unwrap().progress;

        assert_eq!(source.mail("INBOX"), target.mail("INBOX"), "UIDPLUS: {uidplus}");
        assert_eq!((done.synced_items, done.verified_items), (4, 3), "UIDPLUS: {uidplus}");
        assert_eq!(rig.reported(), [not_verified(2)], "UIDPLUS: {uidplus}");
    }
}

#[test]
fn a_batch_made_anew_adopts_also_what_cannot_be_read_and_reports_it() {
    for headers in [false, true] {
        let (source, target) = (five(), Account::new());
        let rig = Rig::new(&source, &target);
        rig.initial().unwrap();
        let (appends, rig) = (target.appends(), rig.made_anew());
        if headers {
            target.state().deadly_headers.insert("c");
        } else {
            target.state().deadly.insert("c");
        }

        let done = rig.initial().unwrap().progress;

        assert_eq!((done.adopted_items, target.appends()), (5, appends), "headers: {headers}");
        assert_eq!((rig.reported(), done.verified_items), (vec![not_verified(3)], 4), "headers: {headers}");
    }
}

#[test]
fn what_cannot_be_read_before_it_is_adopted_is_known_to_the_next_worker() {
    let (source, target) = (five(), Account::new());
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    let (appends, mut rig) = (target.appends(), rig.made_anew());
    target.state().deadly.extend(["b", "d"]);
    rig.retries.attempts = 1;

    let lives = (1..20).find(|_| {
        // Progress keeps a worker alive; this one is killed.
        let before = target.state().connections;
        target.state().most_connections_ever = Some(before + 2);
        rig.initial().is_ok()
    });

    assert!(lives.is_some_and(|lives| lives <= 14), "{lives:?}");
    assert_eq!((source.mail("INBOX"), target.appends()), (target.mail("INBOX"), appends));
    assert_eq!(rig.reported(), [not_verified(2), not_verified(4)]);
}

#[test]
fn many_that_cannot_be_read_cost_no_more_than_themselves() {
    const NAMES: [&str; 15] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o"];
    let (source, target) = (Account::new().with("INBOX", NAMES.map(message)), Account::new());
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    let (appends, rig) = (target.appends(), rig.made_anew());
    target.state().deadly.extend(&NAMES[1..]);

    let done = rig.initial().unwrap().progress;

    assert_eq!((done.adopted_items, done.verified_items, target.appends()), (15, 1, appends));
    assert_eq!(rig.reported(), (2..=15).map(not_verified).collect::<Vec<_>>());
}

#[test]
fn others_mail_that_cannot_be_read_is_named_where_it_might_be_a_copy() {
    let (source, target) = (five(), Account::new().with("INBOX", [message("other").sized(900)]));
    target.state().deadly_headers.insert("other");
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap().progress;

    assert_eq!((done.synced_items, done.adopted_items), (5, 0));
    assert_eq!(rig.reported(), [("INBOX".to_owned(), None, SkippedKind::NotVerified)]);
    assert!(rig.items()[0].reason.contains("UID 1"), "{}", rig.items()[0].reason);
}

#[test]
fn a_message_that_the_source_cannot_deliver_does_not_keep_the_others_from_being_adopted() {
    let (source, target) = (five(), Account::new());
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    let (appends, rig) = (target.appends(), rig.made_anew());
    source.state().deadly.insert("c");

    let done = rig.initial().unwrap().progress;

    assert_eq!((done.adopted_items, target.appends()), (4, appends));
    assert_eq!(rig.reported(), [("INBOX".to_owned(), Some(3), SkippedKind::SourceUnreadable)]);
}

#[test]
fn a_target_that_delivers_nothing_fails_the_user_and_doubles_nothing() {
    const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let (source, target) = (Account::new().with("INBOX", NAMES.map(message)), Account::new());
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    let (appends, rig) = (target.appends(), rig.made_anew());
    target.state().deadly.extend(NAMES);

    let failure = rig.initial().unwrap_err();

    assert_eq!((failure.kind, target.appends()), (FailureKind::Broken, appends));
    target.state().deadly.clear();
    rig.initial().unwrap();
    assert_eq!(source.mail("INBOX"), target.mail("INBOX"));
}

#[test]
fn a_line_that_breaks_all_the_time_compares_everything_in_the_end() {
    let (source, target) = (five(), Account::new());
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    let rig = rig.made_anew();
    // Every connection delivers one message of the source.
    for fetch in 1..=4 {
        source.state().faults.push(sync_support::account::Fault::InFetch(5 + fetch * 2));
    }

    let done = rig.initial().unwrap().progress;

    assert_eq!((done.adopted_items, done.compared_items), (5, 5));
    assert_eq!((rig.reported(), source.state().faults.len()), (vec![], 0));
}
