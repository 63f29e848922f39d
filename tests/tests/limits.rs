//! Limits and partial failures: sizes, numbers at once, memory, wrong passwords, rows that open the same mailbox.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use imapmig_testkit::{Account, Mailbox, MessageBuilder, Personality, RunningServer, Server};
use imapmig_tests::migration::{EMAILS, Migration, Row, account, assert_same, peak_memory, people};
use imapmig_tests::{ADMIN, Comparison, Courier, Dovecot, Snapshot, corpus, require};

/// Accounts `user0`, `user1`, ... with password `pw`, each with `messages` of `size` bytes.
fn many(accounts: usize, messages: usize, size: usize) -> Server {
    let account = |i: usize| {
        let inbox = (0..messages).map(|m| MessageBuilder::new(&format!("{i}/{m}")).size(size).build());
        Account::new(&format!("user{i}"), "pw").with_mailbox(Mailbox::new("INBOX").with_messages(inbox))
    };
    Server::new(Personality::dovecot()).with_accounts((0..accounts).map(account))
}

fn rows(number: usize) -> Vec<Row> {
    (0..number).map(|i| Row::new(&format!("user{i}@contoso.edu"), &format!("user{i}"), "pw")).collect()
}

/// The most accounts that were at work at the same time, from each one's first FETCH of bodies to its last.
fn most_at_once(server: &RunningServer) -> usize {
    let mut times: BTreeMap<String, (Instant, Instant)> = BTreeMap::new();
    for command in server.transcript() {
        let Some(account) = command.account.filter(|_| command.line.contains("BODY.PEEK[]")) else {
            continue;
        };
        times.entry(account).or_insert((command.at, command.at)).1 = command.at;
    }
    let at_work =
        |moment: Instant| times.values().filter(|(from, to)| *from <= moment && moment <= *to).count();
    times.values().map(|(from, _)| at_work(*from)).max().unwrap_or(0)
}

#[test]
fn a_message_over_35_megabytes_is_a_skipped_item_with_its_reason() {
    let server = Server::new(Personality::dovecot())
        .with_account(Account::new("user0", "pw").with_mailbox(Mailbox::new("INBOX").with_messages([
            MessageBuilder::new("small").build(),
            MessageBuilder::new("just right").size(35 * 1024 * 1024).build(),
            MessageBuilder::new("too large").size(36 * 1024 * 1024).build(),
            MessageBuilder::new("small again").build(),
        ])))
        .start()
        .unwrap();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);

    migration.migrate("Batch", "Source", None, &rows(1));

    let statistics = migration.statistics("user0@contoso.edu");
    assert_eq!((statistics.synced(), statistics.skipped(), statistics.total()), (3, 1, 4));
    let [item] = statistics.items().try_into().unwrap();
    assert_eq!((item.kind.as_str(), item.left_out, item.subject.as_str()), ("LargeItem", true, "too large"));
    assert!(item.failure.contains("37748736") && item.failure.contains("36700160"), "{}", item.failure);
}

#[test]
fn no_more_users_are_synced_at_once_than_the_endpoint_allows() {
    let server = many(8, 40, 20_000).start().unwrap();
    let migration = Migration::new();
    let limits = ["--max-concurrent-migrations", "2", "--max-concurrent-incremental-syncs", "1"];
    migration.endpoint("Source", server.port(), &limits);

    migration.migrate("Batch", "Source", None, &rows(8));

    let most = most_at_once(&server);
    assert!((1..=2).contains(&most), "{most} at once");

    server.clear_transcript();
    for user in 0..8 {
        server.deliver(&format!("user{user}"), "INBOX", MessageBuilder::new("new").build());
    }
    migration.sync_now("Batch");

    assert_eq!(most_at_once(&server), 1);
}

#[test]
fn one_wrong_password_of_three_fails_that_user_alone() {
    require!("dovecot");
    let source = Dovecot::source().start();
    for (name, _) in imapmig_tests::PEOPLE {
        source.deliver(name, &corpus::small(25));
    }
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    let mut three = people();
    three[1] = Row::new(EMAILS[1], "ann.beebe", "wrong-password");

    let batch = migration.migrate("Batch", "Source", None, &three);

    assert_eq!(batch["Status"], "SyncedWithErrors");
    assert_eq!((&batch["SyncedCount"], &batch["FailedCount"]), (&2.into(), &1.into()));
    let failed = migration.user(EMAILS[1]);
    assert_eq!(failed["Status"], "Failed");
    let error = migration.statistics(EMAILS[1]).text("Error");
    assert!(error.starts_with("AuthenticationErrorException: "), "{error}");
    assert!(error.contains("user name and password") && error.contains("[AUTHENTICATIONFAILED]"), "{error}");
    assert!(!migration.account("Batch").contains("wrong-password"));
    let target = migration.serve();
    for at in [0, 2] {
        let (name, password) = imapmig_tests::PEOPLE[at];
        assert_same(
            &account(&source, name, password),
            &account(&target, EMAILS[at], "pw"),
            &Comparison::strict(),
        );
    }
}

#[test]
fn rows_that_open_the_administrators_own_mailbox_fail_before_anything_is_copied() {
    require!("courier");
    let source = Courier::shared_folders().start();
    source.login(ADMIN.0, ADMIN.1).unwrap().seed(&corpus::small(10)).unwrap();
    let migration = Migration::new();
    migration.endpoint("Courier", source.port, &[]);
    // Without UserRoot both rows open INBOX of mailadmin.
    let rows = [Row::new(EMAILS[0], ADMIN.0, ADMIN.1), Row::new(EMAILS[1], ADMIN.0, ADMIN.1)];

    migration.batch_with("Batch", "Courier", None, &rows, &["--auto-start"]);
    migration.wait_until("Batch", &["Failed"]);

    for (email, other) in [(EMAILS[0], EMAILS[1]), (EMAILS[1], EMAILS[0])] {
        let statistics = migration.statistics(email);
        assert_eq!(statistics.text("Status"), "Failed");
        assert!(statistics.text("Error").contains(other), "{}", statistics.text("Error"));
        assert_eq!(statistics.synced(), 0);
    }
    let files = walk(&migration.mailboxes());
    assert!(files.is_empty(), "{files:?}");
}

#[test]
fn mailboxes_made_alike_in_one_second_are_not_taken_for_one() {
    // A script made them, each with a welcome of the same length, for an administrator who opens them all.
    let welcome = |name: &str| {
        let text = format!("From: desk@contoso.edu\r\nTo: {name}\r\nSubject: Welcome\r\n\r\nHello.\r\n");
        imapmig_testkit::Message::from_bytes(text.into_bytes())
    };
    let people = ["ann", "bob", "eve"];
    let accounts = people.map(|name| {
        let inbox = Mailbox::new("INBOX").uid_validity(1_700_000_000).with_message(welcome(name));
        Account::new(name, "pw").with_mailbox(inbox)
    });

    let batch = migrated_by_an_administrator(people, accounts);

    assert_eq!((&batch["Status"], &batch["SyncedItems"]), (&"Synced".into(), &3.into()));
}

#[test]
fn mailboxes_with_one_and_the_same_welcome_are_told_apart_by_what_else_they_hold() {
    let people = ["ann", "bob", "eve"];
    let accounts = (0..).zip(people).map(|(sent, name)| {
        let alike = |name| Mailbox::new(name).uid_validity(1_700_000_000);
        let welcome = MessageBuilder::new("Welcome").build();
        let sent = (0..sent).map(|n| MessageBuilder::new(&format!("sent {n}")).build());
        Account::new(name, "pw")
            .with_mailbox(alike("INBOX").with_message(welcome))
            .with_mailbox(alike("Sent").with_messages(sent))
    });

    let batch = migrated_by_an_administrator(people, accounts);

    assert_eq!((&batch["Status"], &batch["SyncedItems"]), (&"Synced".into(), &6.into()));
}

#[test]
fn a_target_that_ignores_whom_the_administrator_acts_for_gets_nothing() {
    require!("courier", "dovecot");
    let source = Dovecot::source().start();
    source.deliver("terry.adams", &corpus::small(10));
    source.deliver("ann.beebe", &corpus::small(11));
    let target = Courier::shared_folders().start();
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.administered("Courier", target.port, ADMIN, None);

    migration.batch_with("Batch", "Source", Some("Courier"), &people()[..2], &["--auto-start"]);
    migration.wait_until("Batch", &["Failed"]);

    let error = migration.statistics(EMAILS[0]).text("Error");
    assert!(error.contains("mailadmin") && error.contains("TargetUserName"), "{error}");
    let own: Snapshot = account(&target, ADMIN.0, ADMIN.1);
    assert_eq!(own.messages(), 0);
}

#[test]
fn fifty_users_with_30_megabyte_messages_at_once_stay_within_the_memory_budget() {
    const USERS: usize = 50;
    let large = MessageBuilder::new("large").size(30 * 1024 * 1024).build();
    let server = many(USERS, 3, 4_000).start().unwrap();
    for user in 0..USERS {
        server.deliver(&format!("user{user}"), "INBOX", large.clone());
    }
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &["--max-concurrent-migrations", "50"]);

    migration.batch_with("Batch", "Source", None, &rows(USERS), &["--auto-start"]);
    let peak = std::cell::Cell::new(0);
    migration.wait_for("Batch", Duration::from_secs(300), |batch| {
        let now = migration.worker_processes().into_iter().filter_map(peak_memory).max().unwrap_or(0);
        peak.set(peak.get().max(now));
        batch["Status"] == "Synced"
    });

    let peak = peak.get();
    assert!((1..256 * 1024 * 1024).contains(&peak), "{peak} bytes");
    eprintln!("peak memory of the worker: {} MB", peak / 1_000_000);
    assert_eq!(migration.batch_view("Batch")["SyncedItems"], 4 * USERS);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}

/// The batch of these people, once an administrator who opens all of their accounts has migrated it.
fn migrated_by_an_administrator<const N: usize>(
    people: [&str; N],
    accounts: impl IntoIterator<Item = Account>,
) -> serde_json::Value {
    let server = Server::new(Personality::dovecot())
        .with_accounts(accounts)
        .with_account(Account::new("mailadmin", "secret").admin())
        .start()
        .unwrap();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);
    let rows =
        people.map(|name| Row::new(&format!("{name}@contoso.edu"), &format!("{name}*mailadmin"), "secret"));

    migration.migrate("Batch", "Source", None, &rows)
}
