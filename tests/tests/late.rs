//! A server that stores what a dead worker had sent after the next worker has looked for it and sent it again: in the end there
//! is one copy. Every moment is chosen: the server stands still until it is told to go on.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::{Duration, Instant};

use imapmig_testkit::{
    Account, Fault, Mailbox, MessageBuilder, Personality, RunningServer, Server, What, When,
};
use imapmig_tests::Comparison;
use imapmig_tests::migration::{Migration, Row, assert_same, held};

const EMAIL: &str = "terrya@contoso.edu";
const MESSAGES: usize = 8;
const SOON: Duration = Duration::from_secs(60);

/// A server that answers one APPEND after the other, or a MULTIAPPEND.
fn personality(without: &[&str]) -> Personality {
    without.iter().fold(Personality::dovecot(), |personality, word| personality.without(word))
}

/// A migration whose worker was killed when the target had all of an APPEND and had stored nothing of it yet. It still has not.
struct Killed {
    source: RunningServer,
    target: RunningServer,
    migration: Migration,
}

impl Killed {
    /// `skip` APPENDs are stored before.
    fn at_append(personality: Personality, skip: u64) -> Self {
        let message = |i: usize| {
            let date = 1_500_000_000 + i64::try_from(i).unwrap();
            let builder = MessageBuilder::new(&format!("message {i}")).size(600 + i * 10).date(date);
            builder.flag(if i.is_multiple_of(2) { "\\Seen" } else { "$Forwarded" }).build()
        };
        let inbox = Mailbox::new("INBOX").with_messages((0..MESSAGES).map(message));
        let account = Account::new("s", "pw").with_mailbox(inbox);
        let source = Server::new(Personality::dovecot()).with_account(account).start().unwrap();
        let target = Server::new(personality).with_account(Account::new("t", "pw")).start().unwrap();
        let migration = Migration::new();
        migration.endpoint("Source", source.port(), &[]);
        migration.endpoint("Target", target.port(), &[]);
        migration.batch("Batch", "Source", Some("Target"), &[Row::new(EMAIL, "s", "pw").target("t", "pw")]);
        target.faults().arm(Fault::new(When::BeforeCommit, What::Stall).skip(skip).for_account("t"));
        migration.start("Batch");
        assert!(target.faults().wait_stalled(1, SOON), "{}", migration.account("Batch"));
        migration.kill_workers();
        Self { source, target, migration }
    }

    fn synced(&self) {
        self.migration.start("Batch");
        self.migration.wait_until("Batch", &["Synced"]);
    }

    /// The server goes on with what the dead worker had sent, to the end. `open` connections of the living are left then.
    fn stores_it_all_late(&self, open: usize) {
        let before = self.target.message_count("t");
        self.target.faults().release();
        let end = Instant::now() + SOON;
        while self.target.connections_open() > open {
            assert!(Instant::now() < end, "{} connections are open", self.target.connections_open());
            std::thread::yield_now();
        }
        assert!(self.target.message_count("t") > before, "nothing was stored late");
    }

    fn is_there_once(&self) {
        assert_same(&held(&self.source, "s"), &held(&self.target, "t"), &Comparison::strict());
        let statistics = self.migration.statistics(EMAIL);
        assert_eq!((statistics.synced(), statistics.total()), (MESSAGES as u64, MESSAGES as u64));
        assert_eq!(statistics.items(), []);
    }

    /// The late copy comes after the next worker has looked, while it is at work.
    fn then_stored_while_the_next_worker_is_at_work(&self) {
        let faults = self.target.faults();
        faults.arm(Fault::new(When::AfterCommit, What::Stall).for_account("t"));
        self.migration.start("Batch");
        assert!(faults.wait_stalled(2, SOON), "{}", self.migration.account("Batch"));
        // The living one goes on until it looks at what it has stored; the dead one asks for nothing any more.
        faults.arm(Fault::new(When::BeforeCommand("FETCH".to_owned()), What::Stall).for_account("t"));
        self.stores_it_all_late(1);
        let stands = faults.wait_fired(3, SOON) && faults.wait_stalled(1, SOON);
        assert!(stands, "{}", self.migration.account("Batch"));
        faults.release();
        self.migration.wait_until("Batch", &["Synced"]);

        self.is_there_once();
    }

    /// The late copies come when all is done.
    fn then_stored_after_all_is_done(&self) {
        self.synced();
        self.is_there_once();
        self.stores_it_all_late(0);

        self.migration.sync_now("Batch");

        self.is_there_once();
    }
}

#[test]
fn what_is_stored_while_the_next_worker_is_at_work_is_there_once() {
    for without in [&["MULTIAPPEND"][..], &["MULTIAPPEND", "LITERAL+"]] {
        Killed::at_append(personality(without), 2).then_stored_while_the_next_worker_is_at_work();
    }
}

#[test]
fn what_is_stored_while_the_next_worker_is_at_work_is_there_once_without_uidplus_too() {
    for without in [&["UIDPLUS", "MULTIAPPEND"][..], &["UIDPLUS", "MULTIAPPEND", "LITERAL+"]] {
        Killed::at_append(personality(without), 2).then_stored_while_the_next_worker_is_at_work();
    }
}

#[test]
fn what_is_stored_after_all_is_done_is_there_once_after_the_next_sync() {
    Killed::at_append(personality(&["MULTIAPPEND"]), 2).then_stored_after_all_is_done();
}

#[test]
fn what_is_stored_after_all_is_done_is_there_once_without_uidplus_too() {
    Killed::at_append(personality(&["UIDPLUS", "MULTIAPPEND"]), 2).then_stored_after_all_is_done();
}

#[test]
fn a_whole_multiappend_that_is_stored_late_is_there_once() {
    for without in [&[][..], &["UIDPLUS"]] {
        Killed::at_append(personality(without), 0).then_stored_after_all_is_done();
    }
}

#[test]
fn a_worker_killed_between_mark_and_expunge_leaves_the_rest_to_the_next_one() {
    let killed = Killed::at_append(personality(&["UIDPLUS", "MULTIAPPEND"]), 2);
    killed.synced();
    killed.stores_it_all_late(0);
    let late = killed.target.message_count("t") - MESSAGES;
    let expunge = When::BeforeCommand("EXPUNGE".to_owned());
    killed.target.faults().arm(Fault::new(expunge, What::Stall).for_account("t"));
    killed.migration.json(&["batch", "set", "Batch", "--sync-now"]);
    assert!(killed.target.faults().wait_stalled(1, SOON), "{}", killed.migration.account("Batch"));
    killed.migration.kill_workers();
    let marked =
        killed.target.messages("t", "INBOX").iter().filter(|m| m.flags.contains("\\Deleted")).count();

    killed.migration.sync_now("Batch");

    assert_eq!(marked, late);
    killed.is_there_once();
}
