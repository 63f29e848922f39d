//! What a server stores of what a dead connection had sent, after it was looked for and sent again: in the end there is one copy.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod sync_support;

use imapmig_core::message::Uid;
use imapmig_core::ports::store::{Ledger, LedgerResult};
use imapmig_core::user::{LedgerState, SkippedKind};
use std::time::Duration;
use sync_support::Rig;
use sync_support::account::{Account, Fault, Message, message, path, raw};

fn ten() -> Vec<Message> {
    (0..10)
        .map(|n| message(&format!("m{n}")).at(1_000 + n).flagged(if n % 2 == 0 { "\\Seen k" } else { "" }))
        .collect()
}

fn target(uidplus: bool, faults: &[Fault]) -> Account {
    Account::new().having(|t| {
        t.uidplus = uidplus;
        t.faults = faults.to_vec();
    })
}

/// A migration whose third append is stored by the server after all is over: the next sync will see it.
fn with_a_late_copy(uidplus: bool) -> (Account, Account, Rig) {
    let source = Account::new().with("INBOX", ten());
    let target = target(uidplus, &[Fault::KeptBack(3)]);
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    let late = target.state().kept_back.take().unwrap();
    target.deliver("INBOX", late);
    (source, target, rig)
}

/// The message that is there twice: its UID at the source, and those of ours and of the second copy at the target.
fn twice(source: &Account, target: &Account) -> (u32, u32, u32) {
    let state = target.state();
    let messages = &state.folders[&path("INBOX")].messages;
    let copy = messages.last().unwrap();
    let ours = messages.iter().find(|m| m.bytes == copy.bytes && m.uid != copy.uid).unwrap();
    let state = source.state();
    let origin = state.folders[&path("INBOX")].messages.iter().find(|m| m.bytes == copy.bytes).unwrap();
    (origin.uid, ours.uid, copy.uid)
}

fn uids(account: &Account) -> Vec<u32> {
    account.state().folders[&path("INBOX")].messages.iter().map(|m| m.uid).collect()
}

#[test]
fn what_is_stored_while_the_sync_goes_on_is_taken_back_at_its_end() {
    for uidplus in [true, false] {
        for late in 1..=9 {
            let source = Account::new().with("INBOX", ten());
            let target = target(uidplus, &[Fault::StoredLate(late)]);
            let rig = Rig::new(&source, &target);

            let done = rig.initial().unwrap();

            assert_eq!(target.mail("INBOX"), source.mail("INBOX"), "UIDPLUS {uidplus}, append {late}");
            assert_eq!(done.progress.synced_items, 10);
            assert!(rig.report().iter().any(|line| line.contains("1 messages that a dead connection")));
            assert_eq!(rig.reported(), []);
        }
    }
}

#[test]
fn what_is_stored_after_the_sync_is_taken_back_by_the_next_one() {
    for uidplus in [true, false] {
        let (source, target, rig) = with_a_late_copy(uidplus);

        rig.incremental().unwrap();

        assert_eq!(target.mail("INBOX"), source.mail("INBOX"), "UIDPLUS {uidplus}");
    }
}

#[test]
fn a_second_copy_that_cannot_be_read_is_reported_until_it_can() {
    let (source, target, rig) = with_a_late_copy(true);
    let (uid, _, copy) = twice(&source, &target);
    target.state().deadly.insert("m7");

    rig.incremental().unwrap();
    assert_eq!(rig.reported(), [("INBOX".to_owned(), Some(uid), SkippedKind::Doubled)]);
    assert!(rig.items()[0].reason.contains("cannot be read"), "{}", rig.items()[0].reason);
    assert!(uids(&target).contains(&copy));

    target.state().deadly.clear();
    rig.incremental().unwrap();
    assert_eq!((rig.reported(), target.mail("INBOX")), (vec![], source.mail("INBOX")));
}

#[test]
fn a_sync_that_ended_in_between_does_not_forget_what_was_sent_twice() {
    for uidplus in [true, false] {
        let source = Account::new().with("INBOX", ten());
        let target = target(uidplus, &[Fault::StoredLate(3)]);
        let mut rig = Rig::new(&source, &target);
        // The eighth append is in the run after the lost connection; that run ends before anything is taken back.
        target.state().cancel_at_append = Some((8, rig.cancel.clone()));

        rig.initial().unwrap_err();
        rig.cancel = imapmig_core::cancel::Cancel::new();
        rig.initial().unwrap();

        assert_eq!(target.mail("INBOX"), source.mail("INBOX"), "UIDPLUS {uidplus}");
    }
}

#[test]
fn an_hour_later_nothing_is_looked_for_any_more() {
    let (source, target, rig) = with_a_late_copy(true);
    let (_, _, copy) = twice(&source, &target);
    target.expunge("INBOX", copy);
    // The clock goes on by five seconds with every look at it.
    let begun = rig.clock.now();
    while rig.clock.now().since(begun) < Duration::from_hours(1) {}

    rig.incremental().unwrap();

    let checkpoint = rig.store.checkpoints(rig.user().id).unwrap().remove(0);
    assert_eq!(rig.store.late_duplicates(checkpoint.id).unwrap().sent_again, []);
}

#[test]
fn without_uidplus_a_second_copy_stays_while_the_user_has_others_marked_as_deleted() {
    let (source, target, rig) = with_a_late_copy(false);
    let (uid, _, _) = twice(&source, &target);
    let own = target.deliver("INBOX", message("own").flagged("\\Deleted"));

    rig.incremental().unwrap();
    let told = rig.reported();
    let before = target.mail("INBOX");
    target.set_flags("INBOX", own, "");
    rig.incremental().unwrap();

    assert_eq!(told, [("INBOX".to_owned(), Some(uid), SkippedKind::Doubled)]);
    assert_eq!(before.len(), 12);
    assert_eq!(before.iter().filter(|m| m.2.contains("Deleted")).count(), 1, "ours is not marked");
    assert_eq!(target.mail("INBOX").len(), 11);
    assert_eq!(rig.reported(), [], "it is there twice no more");
}

#[test]
fn with_uidplus_it_goes_whatever_the_user_has_marked() {
    let (source, target, rig) = with_a_late_copy(true);
    let (_, _, copy) = twice(&source, &target);
    let own = target.deliver("INBOX", message("own").flagged("\\Deleted"));

    rig.incremental().unwrap();

    let left = uids(&target);
    assert_eq!((left.len(), left.contains(&own), left.contains(&copy)), (11, true, false));
}

#[test]
fn a_connection_that_breaks_while_a_copy_is_removed_is_no_reason_to_leave_it() {
    for uidplus in [true, false] {
        let (source, target, rig) = with_a_late_copy(uidplus);
        target.state().faults.push(Fault::AtRemoval);

        rig.incremental().unwrap();

        assert_eq!(target.mail("INBOX"), source.mail("INBOX"), "UIDPLUS {uidplus}");
    }
}

#[test]
fn what_we_had_marked_before_a_crash_is_adopted_for_no_new_twin() {
    for uidplus in [true, false] {
        let (source, target, mut rig) = with_a_late_copy(uidplus);
        let (uid, _, copy) = twice(&source, &target);
        target.state().faults.push(Fault::AtRemoval);
        rig.retries.attempts = 0;
        rig.incremental().unwrap_err();
        let twin =
            source.state().folders[&path("INBOX")].messages.iter().find(|m| m.uid == uid).unwrap().clone();
        source.deliver("INBOX", twin);

        rig.incremental().unwrap();

        assert_eq!(target.mail("INBOX"), source.mail("INBOX"), "UIDPLUS {uidplus}");
        assert!(!uids(&target).contains(&copy));
    }
}

#[test]
fn our_mark_is_taken_off_when_the_user_has_removed_the_other_one_meanwhile() {
    for uidplus in [true, false] {
        let (source, target, mut rig) = with_a_late_copy(uidplus);
        let (_, ours, copy) = twice(&source, &target);
        target.state().faults.push(Fault::AtRemoval);
        rig.retries.attempts = 0;
        rig.incremental().unwrap_err();
        target.expunge("INBOX", ours);

        rig.incremental().unwrap();

        assert!(uids(&target).contains(&copy), "the last one of the message stays");
        assert!(target.mail("INBOX").iter().all(|m| !m.2.contains("Deleted")));
    }
}

#[test]
fn the_copy_stays_where_the_user_has_marked_ours_as_deleted() {
    let (source, target, rig) = with_a_late_copy(true);
    let (_, ours, copy) = twice(&source, &target);
    target.set_flags("INBOX", ours, "\\Deleted");

    rig.incremental().unwrap();

    assert!(uids(&target).contains(&copy));
}

#[test]
fn what_the_user_did_to_the_second_copy_is_done_to_ours() {
    let (source, target, rig) = with_a_late_copy(false);
    let (_, ours, copy) = twice(&source, &target);
    target.set_flags("INBOX", copy, "\\Answered Important");

    rig.incremental().unwrap();

    let state = target.state();
    let messages = &state.folders[&path("INBOX")].messages;
    assert!(messages.iter().all(|m| m.uid != copy));
    let flags = messages.iter().find(|m| m.uid == ours).unwrap().flags.to_string();
    assert!(flags.contains("\\Answered") && flags.contains("Important"), "{flags}");
}

#[test]
fn true_twins_are_as_many_as_at_the_source() {
    let twin = raw(b"Subject: twin\r\n\r\nsame\r\n");
    for uidplus in [true, false] {
        for late in 1..=3 {
            let source = Account::new().with("INBOX", vec![twin.clone(); 4]);
            let target = target(uidplus, &[Fault::StoredLate(late), Fault::AfterStore(5)]);

            Rig::new(&source, &target).initial().unwrap();

            assert_eq!(target.mail("INBOX").len(), 4, "UIDPLUS {uidplus}, append {late}");
        }
    }
}

#[test]
fn a_copy_that_the_user_made_of_another_message_stays() {
    for uidplus in [true, false] {
        let source = Account::new().with("INBOX", ten());
        let target = target(uidplus, &[Fault::StoredLate(3)]);
        let rig = Rig::new(&source, &target);
        rig.initial().unwrap();
        let copied = target.state().folders[&path("INBOX")].messages[0].clone();
        target.deliver("INBOX", copied);

        rig.incremental().unwrap();

        assert_eq!(target.mail("INBOX").len(), 11, "UIDPLUS {uidplus}");
    }
}

#[test]
fn of_twins_one_of_which_stands_nobody_knows_where_none_is_taken_back() {
    let twin = raw(b"Subject: twin\r\n\r\nsame\r\n");
    let source = Account::new().with("INBOX", vec![twin; 2]);
    let target = target(true, &[]);
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    let mailbox = rig.store.checkpoints(rig.user().id).unwrap()[0].id;
    let nowhere = LedgerResult { uid: Uid(1), state: LedgerState::Copied, target: None, digest: None };
    rig.store.record(mailbox, &[nowhere], &[]).unwrap();
    rig.store.note_sent_again(mailbox, &[Uid(2)], Uid(1), rig.clock.now()).unwrap();

    rig.incremental().unwrap();

    assert_eq!(target.mail("INBOX").len(), 2);
}

#[test]
fn of_equal_messages_the_one_that_nobody_marked_as_deleted_is_adopted() {
    let source = Account::new().with("INBOX", [message("a")]);
    let target = Account::new().with("INBOX", [message("a").flagged("\\Deleted"), message("a")]);
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();
    source.set_flags("INBOX", 1, "\\Seen");
    rig.incremental().unwrap();

    let state = target.state();
    let flags: Vec<_> = state.folders[&path("INBOX")].messages.iter().map(|m| m.flags.to_string()).collect();
    assert_eq!(flags, ["\\Deleted", "\\Seen"]);
}
