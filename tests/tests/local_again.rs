//! `Local` over time: incremental syncs, stops, a killed worker. Nothing is lost and nothing comes twice.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::{Duration, Instant};

use imapmig_tests::migration::{EMAILS, Migration, SlowPath, account, assert_same, people};
use imapmig_tests::{Comparison, Dovecot, corpus, path, require};

/// How many bytes a source sends to be read once, with all that is said beside.
fn once(bytes: u64) -> u64 {
    bytes + bytes / 4 + 600_000
}

#[test]
fn an_incremental_sync_brings_new_mail_and_flags_and_leaves_deletions_alone() {
    require!("dovecot");
    let source = Dovecot::source().start();
    source.deliver("terry.adams", &corpus::small(60));
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.migrate("Batch", "Source", None, &people()[..1]);
    let mut client = source.login("terry.adams", "1091990").unwrap();
    let mut more = corpus::small(8);
    more.mailboxes.push((path("Projets/Neu"), corpus::small_inbox(3).mailboxes.remove(0).1));

    client.seed(&more).unwrap();
    client.select(&path("INBOX")).unwrap();
    client.store("1:5", "+FLAGS", "\\Flagged $Later").unwrap();
    client.store("6:9", "-FLAGS", "\\Seen").unwrap();
    let before_deletion = account(&source, "terry.adams", "1091990");
    client.expunge("10:12").unwrap();
    migration.sync_now("Batch");

    assert_same(&before_deletion, &migration.served(EMAILS[0]), &Comparison::strict().with_subscriptions());
    let statistics = migration.statistics(EMAILS[0]);
    assert_eq!(statistics.text("Status"), "Synced");
    assert_eq!(statistics.items(), []);
}

#[test]
fn an_incremental_sync_with_nothing_new_reads_no_bodies() {
    require!("dovecot");
    let source = Dovecot::source().start();
    source.deliver("terry.adams", &corpus::small(300));
    let road = SlowPath::to(source.port, u64::from(u32::MAX));
    let migration = Migration::new();
    migration.endpoint("Source", road.port(), &[]);
    migration.migrate("Batch", "Source", None, &people()[..1]);
    let first = road.answered();

    migration.sync_now("Batch");

    let second = road.answered() - first;
    assert!(second < first / 3, "{second} bytes after {first}");
    assert_eq!(migration.statistics(EMAILS[0]).synced(), 300);
}

#[test]
fn a_stop_takes_effect_within_five_seconds_and_the_next_start_copies_nothing_twice() {
    require!("dovecot");
    let source = Dovecot::source().start();
    source.deliver("terry.adams", &corpus::small(1_500));
    let bytes: usize =
        account(&source, "terry.adams", "1091990").mailboxes.values().flatten().map(|m| m.size).sum();
    let road = SlowPath::to(source.port, 60_000);
    let migration = Migration::new();
    migration.endpoint("Source", road.port(), &[]);
    migration.batch_with("Batch", "Source", None, &people()[..1], &["--auto-start"]);
    migration.wait_for("Batch", Duration::from_secs(60), |batch| batch["SyncedItems"].as_u64() > Some(100));

    let asked = Instant::now();
    migration.stop("Batch");
    migration.wait_until("Batch", &["Stopped"]);
    let took = asked.elapsed();

    assert!(took < Duration::from_secs(5), "{took:?}");
    let half = migration.statistics(EMAILS[0]);
    assert!((100..1_500).contains(&half.synced()), "{}", half.synced());
    assert_eq!(half.text("Status"), "Stopped");

    road.set_bytes_a_second(u64::from(u32::MAX));
    migration.start("Batch");
    migration.wait_until("Batch", &["Synced"]);
    let after = migration.served(EMAILS[0]);
    assert_same(&account(&source, "terry.adams", "1091990"), &after, &Comparison::strict());
    assert!(road.answered() < once(bytes as u64), "{} bytes were read for {bytes}", road.answered());
    assert!(migration.statistics(EMAILS[0]).adds_up());
}

#[test]
fn a_worker_killed_in_the_middle_is_followed_by_one_that_copies_nothing_twice() {
    require!("dovecot");
    let source = Dovecot::source().start();
    source.deliver("terry.adams", &corpus::small(1_000));
    let road = SlowPath::to(source.port, 100_000);
    let migration = Migration::new();
    migration.endpoint("Source", road.port(), &[]);
    migration.batch_with("Batch", "Source", None, &people()[..1], &["--auto-start"]);
    for more in [50, 200, 400] {
        migration
            .wait_for("Batch", Duration::from_secs(60), |batch| batch["SyncedItems"].as_u64() > Some(more));
        migration.wait_for_a_single_worker();
        assert_eq!(migration.kill_workers(), 1);

        // Any command that wants something done brings a worker back.
        migration.start("Batch");
    }
    road.set_bytes_a_second(u64::from(u32::MAX));

    migration.wait_until("Batch", &["Synced"]);

    let after = migration.served(EMAILS[0]);
    assert_same(&account(&source, "terry.adams", "1091990"), &after, &Comparison::strict());
    let statistics = migration.statistics(EMAILS[0]);
    assert!(statistics.adds_up(), "{:#}", statistics.view);
    assert_eq!(statistics.synced(), 1_000);
}

#[test]
fn a_batch_made_again_finds_the_mail_that_the_removed_one_left() {
    require!("dovecot");
    let source = Dovecot::source().start();
    source.deliver("terry.adams", &corpus::small(120));
    source.deliver("terry.adams", &corpus::odd_messages());
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.migrate("First", "Source", None, &people()[..1]);

    migration.remove("First");
    let left = migration.served(EMAILS[0]);
    migration.migrate("Second", "Source", None, &people()[..1]);

    let before = account(&source, "terry.adams", "1091990");
    assert_same(&before, &left, &Comparison::strict());
    assert_same(&before, &migration.served(EMAILS[0]), &Comparison::strict());
    let statistics = migration.statistics(EMAILS[0]);
    assert_eq!((statistics.adopted(), statistics.synced()), (143, 143));
}
