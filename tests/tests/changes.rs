//! Sources that change between and during syncs, servers that allow few connections, stops at awkward moments.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::{Duration, Instant};

use imapmig_testkit::{
    Account, Fault, Mailbox, Message, MessageBuilder, Personality, RunningServer, Server, TooMany, What, When,
};
use imapmig_tests::migration::{EMAILS, Migration, Row, account, assert_same, held, people};
use imapmig_tests::{ADMIN, Comparison, Courier, Dovecot, PEOPLE, corpus, path, require};

fn message(i: usize) -> Message {
    MessageBuilder::new(&format!("message {i}")).date(1_500_000_000 + i as i64).build()
}

/// Three mailboxes with ten messages each.
fn pair() -> (RunningServer, RunningServer, Migration) {
    let account = ["INBOX", "Projets", "Archiv/2021"].iter().enumerate().fold(
        Account::new("u", "pw"),
        |account, (at, name)| {
            account.with_mailbox(Mailbox::new(name).with_messages((at * 10..at * 10 + 10).map(message)))
        },
    );
    let source = Server::new(Personality::dovecot()).with_account(account).start().unwrap();
    let target = Server::new(Personality::dovecot()).with_account(Account::new("t", "pw")).start().unwrap();
    let migration = Migration::new();
    migration.endpoint("Source", source.port(), &[]);
    migration.endpoint("Target", target.port(), &[]);
    (source, target, migration)
}

fn row() -> [Row; 1] {
    [Row::new("u@contoso.edu", "u", "pw").target("t", "pw")]
}

#[test]
fn a_folder_removed_at_the_source_is_left_at_the_target_and_fails_nothing() {
    let (source, target, migration) = pair();
    migration.migrate("Batch", "Source", Some("Target"), &row());
    let before = held(&target, "t");

    source.remove_mailbox("u", "Projets");
    source.deliver("u", "INBOX", message(99));
    migration.sync_now("Batch");

    assert_eq!(migration.status("Batch"), "Synced");
    let after = held(&target, "t");
    assert_eq!(after.mailboxes[&path("Projets")], before.mailboxes[&path("Projets")]);
    assert_eq!(after.mailboxes[&path("INBOX")].len(), 11);
}

#[test]
fn a_message_moved_at_the_source_is_in_its_new_folder_too() {
    let (source, target, migration) = pair();
    migration.migrate("Batch", "Source", Some("Target"), &row());

    source.expunge("u", "INBOX", &[3]);
    source.deliver("u", "Projets", message(2));
    migration.sync_now("Batch");

    let after = held(&target, "t");
    assert_eq!((after.mailboxes[&path("INBOX")].len(), after.mailboxes[&path("Projets")].len()), (10, 11));
}

#[test]
fn messages_removed_while_they_are_copied_are_no_error() {
    let (source, target, migration) = pair();
    source.faults().arm(Fault::new(When::InFetchLiteral(10), What::Stall).skip(2).for_account("u"));

    migration.batch_with("Batch", "Source", Some("Target"), &row(), &["--auto-start"]);
    assert!(source.faults().wait_stalled(1, Duration::from_secs(20)));
    source.expunge("u", "Archiv/2021", &[1, 2, 3]);
    source.faults().release();
    migration.wait_until("Batch", &["Synced"]);

    assert_same(&held(&source, "u"), &held(&target, "t"), &Comparison::strict());
    assert!(migration.statistics("u@contoso.edu").adds_up());
}

#[test]
fn a_batch_is_stopped_at_once_while_it_waits_for_a_throttling_server() {
    let (_source, target, migration) = pair();
    target.throttle("t", Duration::from_secs(600));
    migration.batch_with("Batch", "Source", Some("Target"), &row(), &["--auto-start"]);
    migration.wait_for_user("u@contoso.edu", Duration::from_secs(20), |user| user["Waiting"].is_string());

    let asked = Instant::now();
    migration.stop("Batch");
    migration.wait_until("Batch", &["Stopped"]);

    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}

#[test]
fn a_batch_is_stopped_at_once_while_the_target_is_silent() {
    let (_source, target, migration) = pair();
    target.faults().arm(Fault::new(When::BeforeCommit, What::Stall));
    migration.batch_with("Batch", "Source", Some("Target"), &row(), &["--auto-start"]);
    assert!(target.faults().wait_stalled(1, Duration::from_secs(20)));

    let asked = Instant::now();
    migration.stop("Batch");
    migration.wait_until("Batch", &["Stopped"]);

    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}

#[test]
fn servers_that_allow_one_connection_a_user_are_enough() {
    require!("dovecot");
    let source = Dovecot::source().max_per_user_ip(1).start();
    let target = Dovecot::target().max_per_user_ip(1).start();
    source.deliver("terry.adams", &corpus::small(900));
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.administered("Target", target.port, ADMIN, Some("{EmailAddress}*mailadmin"));

    migration.migrate("Batch", "Source", Some("Target"), &people()[..1]);

    let (before, after) = (account(&source, "terry.adams", "1091990"), account(&target, EMAILS[0], "pw"));
    assert_same(&before, &after, &Comparison::strict());
}

#[test]
fn a_server_that_closes_connections_beyond_its_limit_is_enough_for_many_users() {
    for beyond in [TooMany::Close, TooMany::Bye("Too many connections".to_owned())] {
        let people = (0..8).map(|i| {
            Account::new(&format!("u{i}"), "pw")
                .with_mailbox(Mailbox::new("INBOX").with_messages((0..30).map(message)))
        });
        let limited = Personality::dovecot().with_max_connections(5, beyond);
        let source = Server::new(limited).with_accounts(people).start().unwrap();
        let migration = Migration::new();
        migration.endpoint("Source", source.port(), &[]);
        let rows: Vec<Row> =
            (0..8).map(|i| Row::new(&format!("u{i}@contoso.edu"), &format!("u{i}"), "pw")).collect();

        let batch = migration.migrate("Batch", "Source", None, &rows);

        assert_eq!(batch["Status"], "Synced", "{}", migration.account("Batch"));
        assert_eq!(batch["SyncedItems"], 240);
    }
}

#[test]
fn couriers_connections_for_an_address_are_enough_for_all_users() {
    require!("courier", "dovecot");
    let source = Dovecot::source().start();
    let target = Courier::shared_folders().option("MAX_PER_IP", "4").start();
    for (name, _) in PEOPLE {
        source.deliver(name, &corpus::small(300));
    }
    let rows: Vec<Row> =
        people().into_iter().zip(PEOPLE).map(|(row, (name, password))| row.target(name, password)).collect();
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.endpoint("Target", target.port, &[]);

    let batch = migration.migrate("Batch", "Source", Some("Target"), &rows);

    assert_eq!(batch["Status"], "Synced", "{}", migration.account("Batch"));
    for (name, password) in PEOPLE {
        let (before, after) = (account(&source, name, password), account(&target, name, password));
        assert_same(&before, &after, &Comparison::strict());
    }
}

#[test]
fn flags_changed_while_the_worker_is_killed_arrive_all_the_same() {
    let (source, target, migration) = pair();
    migration.migrate("Batch", "Source", Some("Target"), &row());
    for uid in 1..=10 {
        source.set_flags("u", "INBOX", uid, &["\\Flagged", "$Later"]);
    }
    target.faults().arm(Fault::new(When::BeforeCommand("STORE".into()), What::Stall));

    migration.json(&["batch", "set", "Batch", "--sync-now"]);
    assert!(target.faults().wait_stalled(1, Duration::from_secs(20)));
    migration.kill_workers();
    target.faults().release();
    migration.sync_now("Batch");

    assert_same(&held(&source, "u"), &held(&target, "t"), &Comparison::strict());
}
