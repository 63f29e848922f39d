//! Workers that live for a few seconds only, and one whose state database is deleted: mail arrives all the same, each message once.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests")]

use std::time::Duration;

use imapmig_testkit::{Account, Mailbox, MessageBuilder, Personality, RunningServer, Server};
use imapmig_tests::migration::{Chance, Migration, Row, SlowPath, held, kill};
use imapmig_tests::{Comparison, wait_until};

const EMAIL: &str = "terrya@contoso.edu";
/// What may have been stored by a dead worker is looked for until nothing arrives for a second, which short lives do not live to see.
const IN_A_ROW: usize = 8;

/// A source with so many messages of about 2 kB each, and an empty target.
fn servers(messages: usize) -> (RunningServer, RunningServer) {
    let message = |i: usize| {
        let date = 1_500_000_000 + i64::try_from(i).unwrap();
        let builder = MessageBuilder::new(&format!("message {i}")).size(2_000 + i).date(date);
        builder.flag(if i.is_multiple_of(2) { "\\Seen" } else { "$Forwarded" }).build()
    };
    let inbox = Mailbox::new("INBOX").with_messages((0..messages).map(message));
    let account = Account::new("s", "pw").with_mailbox(inbox);
    let source = Server::new(Personality::dovecot()).with_account(account).start().unwrap();
    let target = Server::new(Personality::dovecot()).with_account(Account::new("t", "pw")).start().unwrap();
    (source, target)
}

/// A started batch between these ports, without a worker.
fn begun(migration: &Migration, source: u16, target: u16) {
    migration.endpoint("Source", source, &[]);
    migration.endpoint("Target", target, &[]);
    migration.batch("Batch", "Source", Some("Target"), &[Row::new(EMAIL, "s", "pw").target("t", "pw")]);
    migration.start("Batch");
    migration.kill_workers();
}

fn assert_all_there_once(source: &RunningServer, target: &RunningServer) {
    let differences = Comparison::strict().differences(&held(source, "s"), &held(target, "t"));
    assert!(differences.is_empty(), "{differences:#?}");
}

#[test]
fn workers_that_live_for_one_to_three_seconds_bring_everything_and_nothing_twice() {
    const MESSAGES: usize = 120;
    let (source, target) = servers(MESSAGES);
    // A life brings a few messages, or a few dozen.
    let road = SlowPath::of_bodies(source.port(), 60_000);
    let migration = Migration::new();
    begun(&migration, road.port(), target.port());
    let mut chance = Chance::new();
    let (mut lives, mut without_progress) = (0, 0);

    while target.message_count("t") < MESSAGES && without_progress < IN_A_ROW {
        let (before, answered) = (target.message_count("t"), road.answered());
        let mut worker = migration.worker();
        // A machine with much else to do may take long to start a process.
        wait_until(Duration::from_secs(20), || road.answered() > answered);
        worker.works_for(Duration::from_millis(chance.between(1_000, 3_000)));
        kill(worker, &migration);
        without_progress = if target.message_count("t") > before { 0 } else { without_progress + 1 };
        lives += 1;
    }

    eprintln!("{lives} lives for {} messages", target.message_count("t"));
    assert!(without_progress < IN_A_ROW, "{IN_A_ROW} lives in a row brought nothing");
    assert!(lives >= 3, "{lives} lives were enough, so that no kill struck in the middle");
    road.set_bytes_a_second(u64::from(u32::MAX));
    migration.start("Batch");
    migration.wait_until("Batch", &["Synced"]);
    assert_all_there_once(&source, &target);
    let statistics = migration.statistics(EMAIL);
    assert_eq!((statistics.synced(), statistics.total()), (MESSAGES as u64, MESSAGES as u64));
}

#[test]
fn a_worker_whose_state_database_is_deleted_ends_and_its_successor_adopts_what_it_copied() {
    const MESSAGES: usize = 400;
    let (source, target) = servers(MESSAGES);
    let road = SlowPath::to(target.port(), 60_000);
    let migration = Migration::new();
    begun(&migration, source.port(), road.port());
    let mut worker = migration.worker();
    assert!(wait_until(Duration::from_secs(30), || target.message_count("t") > 20), "nothing was copied");

    for file in ["state.db", "state.db-wal", "state.db-shm"] {
        let _ = std::fs::remove_file(migration.home().join(file));
    }

    assert!(wait_until(Duration::from_secs(20), || worker.has_ended()), "the worker goes on");
    let copied = target.message_count("t");
    assert!(copied < MESSAGES, "all was copied before the worker noticed");
    road.set_bytes_a_second(u64::from(u32::MAX));
    begun(&migration, source.port(), road.port());
    migration.start("Batch");
    migration.wait_until("Batch", &["Synced"]);
    assert_all_there_once(&source, &target);
    let statistics = migration.statistics(EMAIL);
    assert_eq!((statistics.synced(), statistics.total()), (MESSAGES as u64, MESSAGES as u64));
    assert!(statistics.view["AdoptedItemCount"].as_u64().is_some_and(|n| n >= 20), "{:#}", statistics.view);
}
