//! Bad input: names, files, disks and databases that are not as they should be. Each gets one clear error that names the thing
//! and the remedy, and nothing is lost or doubled.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Duration;

use imapmig_testkit::{Personality, RunningServer, Server, sample};
use imapmig_tests::migration::{EMAILS, Migration, Refusal, account, assert_same, people};
use imapmig_tests::{Comparison, Courier, Dovecot, SmallDisk, corpus, require};
use serde_json::Value;

fn samples() -> RunningServer {
    Server::new(Personality::dovecot()).with_accounts(sample::three_mailboxes()).start().unwrap()
}

#[track_caller]
fn names(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "\"{word}\" is not in: {text}");
    }
}

/// The arguments that make an endpoint without encryption.
fn new_endpoint<'a>(name: &'a str, port: &'a str) -> [&'a str; 10] {
    ["endpoint", "new", "--name", name, "--remote-server", "127.0.0.1", "--port", port, "--security", "None"]
}

/// The arguments that make a batch of a file's rows.
fn new_batch<'a>(name: &'a str, file: &'a str, source: &'a str) -> [&'a str; 8] {
    ["batch", "new", "--name", name, "--csv-file", file, "--source-endpoint", source]
}

#[test]
fn unknown_endpoints_and_batches_and_names_in_use_are_named() {
    let server = samples();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);
    migration.batch("Batch", "Source", None, &people()[..1]);
    let file = migration
        .write_file("one.csv", b"EmailAddress,UserName,Password\r\nannb@contoso.edu,ann.beebe,2111991\r\n");
    let file = file.to_str().unwrap();
    let new = |name, source| migration.refused(&new_batch(name, file, source));

    let unknown = new("Other", "Nowhere");
    let taken = new("batch", "Source");
    let gone = migration.refused(&["batch", "start", "Nothing"]);
    let port = server.port().to_string();
    let again = migration.refused(&new_endpoint("SOURCE", &port));
    let used = migration.refused(&["endpoint", "remove", "Source", "--yes"]);

    names(&unknown.message, &["Nowhere", "couldn't be found"]);
    names(&taken.message, &["batch", "already exists"]);
    names(&gone.message, &["Nothing", "can't be found"]);
    names(&again.message, &["already exists"]);
    names(&used.message, &["Source", "Batch"]);
    let categories =
        [&unknown, &taken, &gone, &again, &used].map(|refusal: &Refusal| refusal.category.as_str());
    assert_eq!(
        categories,
        ["ObjectNotFound", "ResourceExists", "ObjectNotFound", "ResourceExists", "ResourceBusy"]
    );
}

#[test]
fn each_unusable_csv_file_is_refused_with_what_is_wrong_with_it() {
    let server = samples();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);
    let head = "EmailAddress,UserName,Password\r\n";
    let rows = |n: usize| (0..n).fold(head.to_owned(), |text, i| text + &format!("u{i}@x.org,u{i},p\r\n"));
    let refused = |name: &str, bytes: &[u8]| {
        let file = migration.write_file(name, bytes);
        let file = file.to_str().unwrap();
        migration.refused(&new_batch("B", file, "Source")).message
    };

    names(&refused("empty", b""), &["empty"]);
    names(&refused("heads", head.as_bytes()), &["row"]);
    names(&refused("many", rows(50_001).as_bytes()), &["50,000"]);
    let large = format!("{head}a@x.org,{},p\r\n", "x".repeat(10 * 1024 * 1024));
    names(&refused("large", large.as_bytes()), &["10 MB"]);
    names(&refused("binary", &[0x89, b'P', b'N', b'G', 0, 1, 2, 0xff, 0xfe, 0, 7]), &["CSV"]);
    names(&refused("missing", b"EmailAddress,UserName\r\na@x.org,a\r\n"), &["Password"]);
    names(&refused("unknown", b"EmailAddress,UserName,Password,Colour\r\na@x.org,a,p,red\r\n"), &["Colour"]);
    let nowhere = migration.refused(&new_batch("B", "/no/such.csv", "Source"));
    names(&nowhere.message, &["/no/such.csv"]);
    assert_eq!(migration.json(&["batch", "get"])["Batches"], Value::Array(Vec::new()));
}

#[test]
fn bad_rows_are_listed_with_their_lines_and_the_good_ones_go_on() {
    let server = samples();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);
    let csv = "EmailAddress,UserName,Password\r\nterrya@contoso.edu,terry.adams,1091990\r\nno-address,x,y\r\n\
               terrya@contoso.edu,terry.adams,1091990\r\nannb@contoso.edu,ann.beebe,2111991\r\npaulc@contoso.edu,,3281986\r\n";
    let file = migration.write_file("rows.csv", csv.as_bytes());
    let file = file.to_str().unwrap();

    let made = migration.json(&[new_batch("B", file, "Source").as_slice(), &["--auto-start"]].concat());
    let batch = migration.wait_until("B", &["Synced"]);

    let warnings = made["ValidationWarnings"].as_array().unwrap();
    let lines: Vec<u64> = warnings.iter().map(|warning| warning["RowIndex"].as_u64().unwrap_or(0)).collect();
    assert_eq!(lines.len(), 3, "{warnings:#?}");
    assert_eq!(batch["TotalCount"], 2);
}

#[test]
fn a_user_root_that_does_not_exist_is_named() {
    require!("courier");
    let source = Courier::shared_folders().start();
    let migration = Migration::new();
    migration.endpoint("Courier", source.port, &[]);
    let row =
        imapmig_tests::migration::Row::new(EMAILS[0], "mailadmin", "P@ssw0rd").root("/users/nobody.here");

    migration.batch_with("Batch", "Courier", None, &[row], &["--auto-start"]);
    migration.wait_until("Batch", &["Failed"]);

    names(&migration.statistics(EMAILS[0]).text("Error"), &["/users/nobody.here", "UserRoot"]);
}

#[test]
fn a_full_disk_at_the_target_is_named_and_the_rest_arrives_once_there_is_room() {
    require!("dovecot", "small-disk");
    let source = Dovecot::source().start();
    source.deliver("terry.adams", &corpus::small(900));
    let disk = SmallDisk::mount("1m").unwrap();
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    let path = disk.path().to_str().unwrap();
    migration.json(&["endpoint", "new", "--name", "Small", "--type", "Maildir", "--path", path]);

    migration.batch_with("Batch", "Source", Some("Small"), &people()[..1], &["--auto-start"]);
    let full = migration.wait_for("Batch", Duration::from_secs(60), |batch| {
        let user = migration.user(EMAILS[0]);
        batch["Status"] == "Failed" || user["Waiting"].is_string()
    });
    let said =
        format!("{full}{}{}", migration.user(EMAILS[0]), migration.statistics(EMAILS[0]).text("Error"));
    disk.resize("64m").unwrap();
    migration.start("Batch");
    migration.wait_until("Batch", &["Synced"]);

    names(&said.to_lowercase(), &["space"]);
    let served = Dovecot::serving_maildirs(disk.path()).start();
    assert_same(
        &account(&source, "terry.adams", "1091990"),
        &account(&served, EMAILS[0], "pw"),
        &Comparison::strict(),
    );
    let statistics = migration.statistics(EMAILS[0]);
    assert_eq!((statistics.synced(), statistics.skipped()), (900, 0));
}

#[test]
fn a_damaged_state_database_is_named_with_its_remedy() {
    let migration = Migration::new();
    migration.json(&["config", "get"]);
    let database = migration.home().join("state.db");
    for more in ["state.db-wal", "state.db-shm"] {
        let _ = std::fs::remove_file(migration.home().join(more));
    }
    std::fs::write(
        &database,
        b"this is no database at all, but long enough to be looked at by whoever opens it",
    )
    .unwrap();

    let refusal = migration.refused(&["batch", "get"]);

    names(&refusal.message, &["state database", "damaged", "copy", "state directory is"]);
    assert_eq!(refusal.code, "StateDatabaseDamagedException");
}

#[test]
fn a_locked_state_database_is_named_and_worth_another_try() {
    let server = samples();
    let migration = Migration::new();
    migration.json(&["config", "get"]);
    let other = rusqlite::Connection::open(migration.home().join("state.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let port = server.port().to_string();
    let new = new_endpoint("Source", &port);
    let refusal = migration.refused(&new);
    other.execute_batch("ROLLBACK").unwrap();

    names(&refusal.message, &["state database", "locked by another process", "try again"]);
    assert!(refusal.retryable);
    assert!(migration.run(&new).worked());
}
