//! Messages that are left out for a reason that may pass: each later sync tries them again, and what workers learnt outlives them.

#![allow(clippy::unwrap_used, reason = "tests")]

mod sync_support;

use imapmig_core::ports::target::RefusalKind;
use imapmig_core::user::SkippedKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use sync_support::Rig;
use sync_support::account::{Account, message};

fn five() -> Account {
    Account::new().with("INBOX", ["a", "b", "c", "d", "e"].map(message)).having(|s| s.condstore = true)
}

fn refused(uid: u32) -> (String, Option<u32>, SkippedKind) {
    ("INBOX".to_owned(), Some(uid), SkippedKind::Refused)
}

#[test]
fn a_message_that_was_given_up_is_copied_by_a_later_sync_and_its_item_goes() {
    let source = five();
    let target = Account::new().having(|t| t.poison = Some(message("c").bytes));
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    let given_up = rig.reported();
    target.state().poison = None;

    let done = rig.incremental().unwrap().progress;

    assert_eq!(given_up, [refused(3)]);
    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    assert_eq!((done.total_items, done.synced_items, done.skipped_items, done.verified_items), (5, 5, 0, 5));
    assert_eq!(rig.reported(), []);
}

#[test]
fn one_that_still_breaks_the_connection_stays_left_out_and_the_sync_is_done() {
    let source = five();
    let target = Account::new().having(|t| t.poison = Some(message("c").bytes));
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();

    for _ in 0..3 {
        let connections = target.state().connections;
        let done = rig.incremental().unwrap().progress;

        assert_eq!((done.total_items, done.synced_items, done.skipped_items), (5, 4, 1));
        assert_eq!(rig.reported(), [refused(3)]);
        let connected = target.state().connections - connections;
        assert!(connected <= 2, "{connected} connections for a message that broke three before");
    }
}

#[test]
fn what_the_target_put_off_until_it_was_refused_is_copied_later() {
    let well = Arc::new(AtomicBool::new(false));
    let is_well = Arc::clone(&well);
    let source = five();
    let target = Account::new().having(|t| {
        t.judge = Some(Box::new(move |bytes, _| {
            let put_off = bytes == message("c").bytes && !is_well.load(Ordering::SeqCst);
            put_off.then_some((RefusalKind::Throttled, "NO [SERVERBUG] internal error"))
        }));
    });
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    let left_out = rig.reported();
    rig.incremental().unwrap();
    let still = rig.reported();
    well.store(true, Ordering::SeqCst);

    rig.incremental().unwrap();

    assert_eq!((left_out, still), (vec![refused(3)], vec![refused(3)]));
    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    assert_eq!(rig.reported(), []);
}

#[test]
fn what_the_source_did_not_deliver_is_copied_once_it_does() {
    let source = five().having(|s| {
        s.undeliverable.insert(2);
    });
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    let left_out = rig.reported();
    source.state().undeliverable.clear();

    rig.incremental().unwrap();

    assert_eq!(left_out, [("INBOX".to_owned(), Some(2), SkippedKind::SourceUnreadable)]);
    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    assert_eq!(rig.reported(), []);
}

#[test]
fn what_is_beyond_the_item_limit_is_not_tried_again() {
    let source = five();
    let target = Account::new();
    let mut rig = Rig::new(&source, &target);
    rig.limits.max_items = 3;
    rig.initial().unwrap();
    let before = rig.reported();

    let done = rig.incremental().unwrap().progress;

    let beyond = |uid| ("INBOX".to_owned(), Some(uid), SkippedKind::ItemLimit);
    assert_eq!(before, [beyond(1), beyond(2)]);
    assert_eq!((rig.reported(), target.appends()), (before, 3));
    assert_eq!((done.total_items, done.synced_items, done.skipped_items), (5, 3, 2));
}

#[test]
fn many_that_the_target_refuses_for_good_do_not_fail_a_later_sync_that_brings_nothing_else() {
    let source = five();
    let target = Account::new().having(|t| {
        t.judge = Some(Box::new(|bytes, _| {
            (bytes != message("e").bytes).then_some((RefusalKind::Message, "NO not this one"))
        }));
    });
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();

    let done = rig.incremental().unwrap().progress;

    assert_eq!(rig.reported(), [1, 2, 3, 4].map(refused));
    assert_eq!((done.total_items, done.synced_items, done.skipped_items), (5, 1, 4));
}

#[test]
fn a_message_that_ends_each_worker_s_only_connection_is_given_up_in_the_end() {
    let source = five();
    let target = Account::new().having(|t| t.poison = Some(message("c").bytes));
    let mut rig = Rig::new(&source, &target);
    rig.retries.attempts = 0;

    let lives = (1..=12).find(|_| rig.initial().is_ok());

    assert!(lives.is_some(), "twelve workers were not enough: {:?}", rig.report());
    assert_eq!(target.mail("INBOX").len(), 4);
    assert_eq!(rig.reported(), [refused(3)]);
}
