//! A worker that is suspended in the middle of its copy while another one takes over: what it sends and writes when it goes on
//! doubles nothing and undoes nothing.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Duration;

use imapmig_tests::migration::{EMAILS, Migration, SlowPath, Worker, account, assert_same, count, people};
use imapmig_tests::{ADMIN, Comparison, Dovecot, corpus, require, wait_until};

const MESSAGES: u64 = 600;

/// Suspends the worker at a moment when it does not hold the database's own lock, which nobody could take from it.
fn suspend_between_writes(migration: &Migration, worker: &Worker) {
    let database = rusqlite::Connection::open(migration.home().join("state.db")).unwrap();
    database.busy_timeout(Duration::ZERO).unwrap();
    let suspended = wait_until(Duration::from_secs(20), || {
        worker.suspend(true);
        let free = database.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok();
        if !free {
            worker.suspend(false);
        }
        free
    });
    assert!(suspended, "the worker writes without a pause");
}

/// Suspends a worker that has sent this many bytes, lets another one finish, and lets the first one go on.
fn taken_over_after(bytes: u64) {
    let (source, target) = (Dovecot::source().start(), Dovecot::target().start());
    source.deliver("terry.adams", &corpus::small(600));
    let before = account(&source, "terry.adams", "1091990");
    let road = SlowPath::to(target.port, 400_000);
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.administered("Target", road.port(), ADMIN, Some("{EmailAddress}*mailadmin"));
    migration.batch("Batch", "Source", Some("Target"), &people()[..1]);
    migration.start("Batch");
    migration.kill_workers();
    let mut client = target.login(EMAILS[0], "pw").unwrap();

    let enough = road.sent() + bytes;
    let mut first = migration.worker();
    assert!(wait_until(Duration::from_secs(30), || road.sent() >= enough), "it sent nothing");
    suspend_between_writes(&migration, &first);
    let copied = count(&mut client);
    assert!(copied < MESSAGES, "all was copied before the worker was suspended");
    // As on storage that has lost the lock: the next worker finds none.
    std::fs::remove_file(migration.home().join("worker.lock")).unwrap();
    road.set_bytes_a_second(u64::from(u32::MAX));
    let second = migration.worker();
    migration.wait_until("Batch", &["Synced"]);
    first.suspend(false);
    assert!(wait_until(Duration::from_secs(30), || first.has_ended()), "the first worker went on");
    migration.sync_now("Batch");
    migration.wait_until("Batch", &["Synced"]);
    drop(second);

    let after = account(&target, EMAILS[0], "pw");
    assert_same(&before, &after, &Comparison::strict().with_subscriptions());
    let statistics = migration.statistics(EMAILS[0]);
    assert_eq!((statistics.synced(), statistics.total(), statistics.skipped()), (MESSAGES, MESSAGES, 0));
    assert_eq!(statistics.items(), []);
}

#[test]
fn a_worker_suspended_early_in_its_copy_doubles_nothing_when_it_goes_on() {
    require!("dovecot");

    taken_over_after(20_000);
}

#[test]
fn a_worker_suspended_in_the_middle_of_its_copy_doubles_nothing_when_it_goes_on() {
    require!("dovecot");

    taken_over_after(150_000);
}
