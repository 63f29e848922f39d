//! The worker killed (-9) again and again while it migrates: in the end source and target are equal, message by message.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Duration;

use imapmig_tests::migration::{
    Chance, EMAILS, Migration, SlowPath, account, assert_same, count, kill, kill_again_and_again,
    kill_at_full_speed, kills, people, until_read,
};
use imapmig_tests::{ADMIN, Comparison, Corpus, Dovecot, Snapshot, corpus, require, wait_until};

/// A source with this mail of one user, and what it shows of it.
fn source(mail: &[Corpus]) -> (Dovecot, Snapshot) {
    let source = Dovecot::source().start();
    for corpus in mail {
        source.deliver("terry.adams", corpus);
    }
    let before = account(&source, "terry.adams", "1091990");
    (source, before)
}

/// The user's migration between these ports, started; its worker was killed at once.
fn killed_at_the_start(source: u16, target: u16) -> Migration {
    let migration = Migration::new();
    migration.endpoint("Source", source, &[]);
    migration.administered("Target", target, ADMIN, Some("{EmailAddress}*mailadmin"));
    migration.batch("Batch", "Source", Some("Target"), &people()[..1]);
    migration.start("Batch");
    migration.kill_workers();
    migration
}

fn finish(migration: &Migration) {
    migration.start("Batch");
    migration.wait_until("Batch", &["Synced"]);
}

/// Every message is there as it was, once, and nothing had to be reported.
fn assert_all_there(migration: &Migration, before: &Snapshot, target: &Dovecot, messages: u64) {
    let after = account(target, EMAILS[0], "pw");
    assert_same(before, &after, &Comparison::strict().with_subscriptions());
    let statistics = migration.statistics(EMAILS[0]);
    assert_eq!((statistics.synced(), statistics.skipped(), statistics.total()), (messages, 0, messages));
    assert_eq!(statistics.items(), []);
}

/// A thousand messages from Dovecot to `target`, the worker killed `kills` times.
fn a_thousand_messages(target: &Dovecot, kills: u64) {
    let (source, before) = source(&[corpus::small(1_000)]);
    let road = SlowPath::of_bodies(source.port, u64::from(u32::MAX));
    let migration = killed_at_the_start(road.port(), target.port);
    let bytes: usize = before.mailboxes.values().flatten().map(|message| message.size).sum();

    let mut client = target.login(EMAILS[0], "pw").unwrap();
    let mut remaining = || 1_000_u64.saturating_sub(count(&mut client));
    let in_the_middle = kill_again_and_again(&migration, &road, kills, bytes as u64, &mut remaining);
    assert!(
        in_the_middle >= kills / 2,
        "only {in_the_middle} of {kills} kills struck in the middle of the copy"
    );
    finish(&migration);

    assert_all_there(&migration, &before, target, 1_000);
}

/// What Dovecot announces, but for MULTIAPPEND: each message is stored as soon as it has come.
const ONE_BY_ONE: &str = "IMAP4rev1 SASL-IR ID ENABLE IDLE LITERAL+ NAMESPACE UIDPLUS UNSELECT CHILDREN \
    LIST-EXTENDED LIST-STATUS CONDSTORE ESEARCH BINARY MOVE SPECIAL-USE";

#[test]
fn a_thousand_messages_from_dovecot_to_dovecot_survive_every_kill() {
    require!("dovecot");

    a_thousand_messages(&Dovecot::target().capability(ONE_BY_ONE).start(), kills());
}

#[test]
fn a_thousand_messages_by_multiappend_survive_kills() {
    require!("dovecot");

    a_thousand_messages(&Dovecot::target().start(), kills() / 4);
}

#[test]
fn a_thousand_messages_without_uidplus_survive_kills() {
    require!("dovecot");

    a_thousand_messages(&Dovecot::target().capability(&ONE_BY_ONE.replace("UIDPLUS ", "")).start(), kills());
}

#[test]
fn odd_messages_and_true_duplicates_survive_kills_too() {
    require!("dovecot");
    let target = Dovecot::target().start();
    let (source, before) = source(&std::array::from_fn::<_, 6, _>(|_| corpus::odd_messages()));
    let road = SlowPath::of_bodies(source.port, u64::from(u32::MAX));
    let migration = killed_at_the_start(road.port(), target.port);
    let mut chance = Chance::new();
    let mut client = target.login(EMAILS[0], "pw").unwrap();
    let mut in_the_middle = 0;

    for _ in 0..8 {
        road.allow(chance.between(1_000, 400_000).cast_signed());
        let mut worker = migration.worker();
        until_read(&road, &mut worker);
        worker.works_for(Duration::from_millis(chance.between(0, 600)));
        kill(worker, &migration);
        in_the_middle += usize::from((1..132).contains(&count(&mut client)));
    }
    assert!(in_the_middle >= 3, "only {in_the_middle} of 8 kills struck in the middle of the copy");
    road.allow(i64::MAX);
    finish(&migration);

    let after = account(&target, EMAILS[0], "pw");
    let statistics = migration.statistics(EMAILS[0]);
    imapmig_tests::migration::assert_same_but_reported(&before, &after, &statistics);
    assert!(statistics.adds_up(), "{:#}", statistics.view);
    assert_eq!((statistics.total(), statistics.skipped()), (138, 6));
}

/// Kills at full speed, when most is under way: what the server finds in its buffers it still stores.
fn killed_at_full_speed(target: &Dovecot) {
    let (source, before) = source(&[corpus::small(4_000)]);
    let migration = killed_at_the_start(source.port, target.port);
    let mut client = target.login(EMAILS[0], "pw").unwrap();

    let times = kills() / 5;
    let in_the_middle =
        kill_at_full_speed(&migration, times, 4_000, Duration::from_secs(10), &mut || (), &mut || {
            count(&mut client)
        });
    assert!(
        in_the_middle >= times / 2,
        "only {in_the_middle} of {times} kills struck in the middle of the copy"
    );
    finish(&migration);

    assert_all_there(&migration, &before, target, 4_000);
}

#[test]
fn what_the_server_stores_after_the_worker_was_killed_is_not_stored_again() {
    require!("dovecot");

    killed_at_full_speed(&Dovecot::target().capability(ONE_BY_ONE).start());
}

#[test]
fn what_the_server_stores_by_multiappend_after_the_worker_was_killed_is_not_stored_again() {
    require!("dovecot");

    killed_at_full_speed(&Dovecot::target().start());
}

/// Kills while much lies on a slow line to the target, which delivers it long after the worker has died.
fn killed_on_a_slow_line(target: &Dovecot) {
    let (source, before) = source(&[corpus::small(500)]);
    let road = SlowPath::to(target.port, 40_000);
    let migration = killed_at_the_start(source.port, road.port());
    let mut chance = Chance::new();

    let mut client = target.login(EMAILS[0], "pw").unwrap();
    let mut under_way = 0;
    for _ in 0..5 {
        let enough = road.sent() + chance.between(4_000, 40_000);
        let worker = migration.worker();
        let sent = wait_until(Duration::from_secs(15), || road.sent() >= enough);
        kill(worker, &migration);
        under_way += usize::from(sent && count(&mut client) < 500);
    }
    assert!(under_way >= 3, "only {under_way} of 5 kills struck while something was under way");
    road.set_bytes_a_second(u64::from(u32::MAX));
    finish(&migration);

    assert_all_there(&migration, &before, target, 500);
}

#[test]
fn what_arrives_late_on_a_slow_line_is_not_there_twice() {
    require!("dovecot");

    killed_on_a_slow_line(&Dovecot::target().capability(ONE_BY_ONE).start());
}

#[test]
fn what_arrives_late_by_multiappend_on_a_slow_line_is_not_there_twice() {
    require!("dovecot");

    killed_on_a_slow_line(&Dovecot::target().start());
}

#[test]
fn what_arrives_late_without_uidplus_on_a_slow_line_is_not_there_twice() {
    require!("dovecot");

    killed_on_a_slow_line(&Dovecot::target().capability(&ONE_BY_ONE.replace("UIDPLUS ", "")).start());
}
