//! The key file of the state directory is lost, and what the error names as the remedy is done.

use imapmig_tests::migration::{EMAILS, Migration, Row, people};
use imapmig_tests::{ADMIN, Corpus, Dovecot, corpus, path, require};
use std::fs;
use std::path::Path;

fn mail(i: i64) -> Corpus {
    let message = corpus::Message {
        bytes: format!("Message-ID: <{i}@x>\r\nSubject: mail {i}\r\n\r\ntext {i}\r\n").into_bytes(),
        flags: Vec::new(),
        date: 1_400_000_000 + i,
    };
    Corpus { mailboxes: vec![(path("INBOX"), vec![message])], subscribed: Vec::new() }
}

/// The subjects in a user's INBOX, in order.
fn subjects(maildir: &Path) -> Vec<String> {
    let mut subjects: Vec<String> = ["cur", "new"]
        .iter()
        .flat_map(|folder| fs::read_dir(maildir.join(folder)).into_iter().flatten().flatten())
        .filter_map(|entry| fs::read_to_string(entry.path()).ok())
        .filter_map(|text| Some(text.lines().find_map(|line| line.strip_prefix("Subject: "))?.to_owned()))
        .collect();
    subjects.sort();
    subjects
}

/// Loses the key in one way, sees the error, does what it says, and sees the batch go on.
fn the_remedy_works(lose: impl Fn(&Path)) {
    let (source, target) = (Dovecot::source().start(), Dovecot::target().start());
    source.deliver("terry.adams", &mail(1));
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.administered("Target", target.port, ADMIN, Some("{EmailAddress}*mailadmin"));
    let rows = &people()[..1];
    migration.batch("Batch", "Source", Some("Target"), rows);
    let key = migration.home().join("key");

    lose(&key);
    migration.start("Batch");
    migration.wait_until("Batch", &["Failed"]);
    let words = migration.statistics(EMAILS[0]).text("Error");
    assert!(words.contains("imapmig endpoint set") && words.contains("--csv-file"), "{words}");
    if words.contains("remove it if it is damaged") && fs::read(&key).is_ok_and(|key| key.len() != 32) {
        fs::remove_file(&key).unwrap();
    }

    let password = migration.write_file("admin", ADMIN.1.as_bytes());
    let file = password.to_str().unwrap();
    migration.json(&[
        "endpoint",
        "set",
        "Target",
        "--administrator-password-file",
        file,
        "--skip-verification",
    ]);
    let csv = migration.write_file("again.csv", Row::csv(rows).as_bytes());
    migration.json(&["batch", "set", "Batch", "--csv-file", csv.to_str().unwrap()]);
    migration.start("Batch");
    migration.wait_until("Batch", &["Synced"]);

    assert_eq!(subjects(&target.maildir(EMAILS[0])), ["mail 1"]);
}

#[test]
fn after_the_key_was_removed_secrets_are_entered_again_and_the_batch_runs() {
    require!("dovecot");
    the_remedy_works(|key| fs::remove_file(key).unwrap());
}

#[test]
fn after_the_key_was_replaced_by_another_secrets_are_entered_again_and_the_batch_runs() {
    require!("dovecot");
    the_remedy_works(|key| fs::write(key, [7; 32]).unwrap());
}

#[test]
fn after_the_key_was_cut_secrets_are_entered_again_and_the_batch_runs() {
    require!("dovecot");
    the_remedy_works(|key| fs::write(key, "cut").unwrap());
}
