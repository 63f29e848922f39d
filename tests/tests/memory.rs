//! Memory of a worker with thousands of users, and with several large mailboxes at once. The figures that a day of migration has
//! take a quarter of an hour (`IMAPMIG_TEST_MINUTES=15`); the small ones show a growth with users or messages all the same.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests")]

use std::cell::Cell;
use std::fs;
use std::thread;
use std::time::Duration;

use imapmig_testkit::{Account, Mailbox, MessageBuilder, Personality, Server};
use imapmig_tests::migration::{Migration, Row, peak_memory};

const MB: u64 = 1 << 20;

/// How many there are, and what the worker may hold in memory.
fn figures(few: (usize, u64), many: (usize, u64)) -> (usize, u64) {
    let minutes: u32 =
        std::env::var("IMAPMIG_TEST_MINUTES").ok().and_then(|minutes| minutes.parse().ok()).unwrap_or(0);
    if minutes >= 15 { many } else { few }
}

/// Waits for something; returns the worker's peak memory meanwhile.
fn peak_until(migration: &Migration, reached: impl Fn() -> bool) -> u64 {
    let peak = Cell::new(0);
    let done = imapmig_tests::wait_until(Duration::from_secs(1_800), || {
        let measure = || {
            let now = migration.worker_processes().into_iter().filter_map(peak_memory).max().unwrap_or(0);
            peak.set(peak.get().max(now));
        };
        measure();
        let done = reached();
        // The worker may have ended before, or begun after.
        measure();
        done
    });
    assert!(done, "{}", migration.batch_view("Batch"));
    eprintln!("the worker held {} MB at most", peak.get() / MB);
    peak.get()
}

#[test]
fn thousands_of_users_stay_within_the_memory_budget() {
    let (users, budget) = figures((150, 96 * MB), (5_000, 512 * MB));
    let migration = Migration::new();
    let mail = migration.home().parent().unwrap().join("mail");
    let addresses: Vec<_> = (0..users).map(|user| format!("u{user}@contoso.edu")).collect();
    for address in &addresses {
        let maildir = mail.join(address).join("Maildir");
        for folder in ["cur", "new", "tmp"] {
            fs::create_dir_all(maildir.join(folder)).unwrap();
        }
        fs::write(maildir.join("cur/1.a:2,S"), "Subject: one\r\n\r\nbody\r\n").unwrap();
    }
    let path = mail.to_str().unwrap();
    migration.json(&["endpoint", "new", "--name", "Source", "--type", "Maildir", "--path", path]);
    let rows: Vec<_> = addresses.iter().map(|address| Row::new(address, address, "")).collect();

    migration.batch_with("Batch", "Source", None, &rows, &["--auto-start"]);
    let peak = peak_until(&migration, || migration.batch_view("Batch")["Status"] == "Synced");

    assert!((1..budget).contains(&peak), "{peak} bytes");
    assert_eq!(migration.batch_view("Batch")["SyncedItems"], users);
}

#[test]
fn several_large_mailboxes_at_once_stay_within_the_memory_budget() {
    let (messages, budget) = figures((20_000, 128 * MB), (500_000, 512 * MB));
    let users: Vec<_> = (0..4).map(|user| format!("u{user}@contoso.edu")).collect();
    let mut server = Server::new(Personality::dovecot());
    for user in &users {
        server = server.with_account(Account::new(user, "pw").with_mailbox(Mailbox::new("Lists")));
    }
    let server = server.start().unwrap();
    for user in &users {
        server.deliver_copies(user, "Lists", &MessageBuilder::new("one of many").build(), messages);
    }
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);

    let rows: Vec<_> = users.iter().map(|user| Row::new(user, user, "pw")).collect();
    migration.batch_with("Batch", "Source", None, &rows, &["--auto-start"]);
    // Absent while the mailbox is listed.
    let copied = |user: &String| migration.user(user)["SyncedItemCount"].as_u64().unwrap_or(0) > 0;
    let peak = peak_until(&migration, || users.iter().all(copied));
    let at_once = users.iter().filter(|user| migration.user(user)["Status"] == "Syncing").count();
    migration.stop("Batch");
    migration.wait_until("Batch", &["Stopped", "Synced"]);

    assert!((1..budget).contains(&peak), "{peak} bytes");
    eprintln!("{at_once} of them were copied at the same time");
    for user in &users {
        assert_eq!(migration.statistics(user).total(), messages as u64);
    }
}

#[test]
fn a_large_folder_is_compared_by_whole_contents_within_the_memory_budget() {
    let (messages, budget) = figures((5_000, 64 * MB), (100_000, 192 * MB));
    let migration = Migration::new();
    let mail = migration.home().parent().unwrap().join("mail");
    let maildir = mail.join("u@contoso.edu/Maildir");
    for folder in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(folder)).unwrap();
    }
    for number in 0..messages {
        let text =
            format!("Message-ID: <{number}@contoso.edu>\r\nSubject: {number}\r\n\r\ntext {number}\r\n");
        fs::write(maildir.join(format!("cur/{number}.a:2,S")), text).unwrap();
    }
    migration.json(&[
        "endpoint",
        "new",
        "--name",
        "Source",
        "--type",
        "Maildir",
        "--path",
        mail.to_str().unwrap(),
    ]);
    let row = Row::new("u@contoso.edu", "u@contoso.edu", "");
    migration.batch_with("Batch", "Source", None, &[row], &["--auto-start"]);
    peak_until(&migration, || migration.status("Batch") == "Synced");
    migration.kill_workers();

    let (peak, view) = thread::scope(|scope| {
        let confirming = scope.spawn(|| migration.confirm("Batch", &["--bytes"]).1);
        (peak_until(&migration, || confirming.is_finished()), confirming.join().unwrap())
    });

    assert!((1..budget).contains(&peak), "{peak} bytes");
    assert_eq!((&view["Result"], &view["MatchedItemCount"]), (&"Complete".into(), &messages.into()));
}
