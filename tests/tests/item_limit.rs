//! The documents' limit of 500,000 items a mailbox, as it stands.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests")]

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use imapmig_testkit::{Account, Mailbox, MessageBuilder, Personality, RunningServer, Server};
use imapmig_tests::migration::{EMAILS, Migration, Row, Statistics, peak_memory};
use imapmig_tests::{available, test_name};
use serde_json::Value;

/// How many items the documents allow.
const LIMIT: usize = 500_000;
/// What the worker may hold in memory.
const BUDGET: u64 = 256 * 1024 * 1024;
/// How many messages are in excess, in each of the two folders.
const OLD: usize = 10_000;

/// An account of the limit's size, and twice [`OLD`] older messages, before the others in their folder and in INBOX.
fn source() -> RunningServer {
    let old = |folder: &str| {
        let messages = (0..OLD).map(|n| MessageBuilder::new(&format!("old {n}")).date(1_500_000_000).build());
        Mailbox::new(folder).with_messages(messages)
    };
    let account = Account::new("terry.adams", "pw").with_mailbox(old("INBOX")).with_mailbox(old("Lists"));
    let server = Server::new(Personality::dovecot()).with_account(account).start().unwrap();
    let new = MessageBuilder::new("new").date(1_600_000_000).build();
    server.deliver_copies("terry.adams", "Lists", &new, LIMIT);
    server
}

/// Waits for the batch; the worker's memory stays within the budget meanwhile.
fn within_budget_until(migration: &Migration, limit: Duration, reached: impl Fn(&Value) -> bool) {
    let peak = Cell::new(0);
    migration.wait_for("Batch", limit, |batch| {
        let now = migration.worker_processes().into_iter().filter_map(peak_memory).max().unwrap_or(0);
        peak.set(peak.get().max(now));
        reached(batch)
    });
    eprintln!("the worker held {} MB at most", peak.get() / 1_000_000);
    assert!((1..BUDGET).contains(&peak.get()), "{} bytes", peak.get());
}

/// The older messages are listed, each with its reason, and no other is.
fn check_listed(statistics: &Statistics) {
    let items = statistics.items();
    let listed: BTreeSet<_> = items.iter().map(|item| (item.folder.as_str(), item.subject.clone())).collect();
    let old = (0..OLD).flat_map(|n| ["INBOX", "Lists"].map(|folder| (folder, format!("old {n}"))));
    assert!(listed == old.collect(), "{} are listed", listed.len());
    assert_eq!((items.len(), statistics.skipped()), (2 * OLD, 2 * OLD as u64));
    let odd = items.iter().find(|item| {
        item.kind != "ItemLimit" || !item.left_out || !item.failure.contains("more than 500000 messages")
    });
    assert_eq!(odd, None);
    assert_eq!(statistics.total(), (LIMIT + 2 * OLD) as u64);
}

#[test]
fn what_is_older_than_the_newest_half_million_is_listed_and_the_half_million_and_later_mail_arrive() {
    let server = source();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);

    let began = Instant::now();
    let row = Row::new(EMAILS[0], "terry.adams", "pw");
    migration.batch_with("Batch", "Source", None, &[row], &["--auto-start"]);
    within_budget_until(&migration, Duration::from_secs(200), |batch| batch["SyncedItems"] != 0);
    // The list is there as soon as anything is copied.
    check_listed(&migration.statistics(EMAILS[0]));
    if !available(test_name!(), &["minutes"]) {
        return;
    }

    within_budget_until(&migration, Duration::from_secs(1_800), |batch| batch["Status"] == "Synced");
    eprintln!("half a million took {:?}", began.elapsed());

    let statistics = migration.statistics(EMAILS[0]);
    check_listed(&statistics);
    assert_eq!(statistics.synced(), LIMIT as u64);
    let maildir = migration.mailboxes().join(EMAILS[0]).join("Maildir");
    let files = |folder: &str| -> usize {
        ["cur", "new"].map(|at| maildir.join(folder).join(at).read_dir().unwrap().count()).iter().sum()
    };
    assert_eq!([files(""), files(".Lists")], [0, LIMIT]);

    server.deliver("terry.adams", "INBOX", MessageBuilder::new("later").build());
    migration.sync_now("Batch");

    assert_eq!(migration.statistics(EMAILS[0]).synced(), LIMIT as u64 + 1);
    assert_eq!(files(""), 1);
}
