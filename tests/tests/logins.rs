//! Wrong passwords and lost keys, and how they are put right: a corrected CSV file, then another start.

use imapmig_testkit::{Account, Mailbox, MessageBuilder, Personality, RunningServer, Server};
use imapmig_tests::migration::{Migration, Row};

const USERS: [&str; 3] = ["ann", "bob", "eve"];

fn server() -> RunningServer {
    let account = |name: &&str| {
        let inbox = (0..4).map(|n| MessageBuilder::new(&format!("{name} {n}")).build());
        Account::new(name, &format!("{name}'s own"))
            .with_mailbox(Mailbox::new("INBOX").uid_validity(1_700_000_000).with_messages(inbox))
    };
    Server::new(Personality::dovecot()).with_accounts(USERS.iter().map(account)).start().expect("it starts")
}

fn rows(passwords: [&str; 3]) -> Vec<Row> {
    let row = |(name, password): (&str, &str)| Row::new(&format!("{name}@contoso.edu"), name, password);
    USERS.into_iter().zip(passwords).map(row).collect()
}

fn correct(migration: &Migration, rows: &[Row]) {
    let file = migration.write_file("corrected.csv", Row::csv(rows).as_bytes());
    migration.json(&["batch", "set", "Batch", "--csv-file", &file.display().to_string()]);
    migration.start("Batch");
}

#[test]
fn a_wrong_password_is_put_right_by_a_corrected_file_and_a_start() {
    let server = server();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);
    let batch = migration.migrate("Batch", "Source", None, &rows(["ann's own", "wrong", "eve's own"]));
    assert_eq!((&batch["Status"], &batch["SyncedItems"]), (&"SyncedWithErrors".into(), &8.into()));

    correct(&migration, &rows(["ann's own", "bob's own", "eve's own"]));
    let batch = migration.wait_until("Batch", &["Synced"]);

    assert_eq!((&batch["SyncedCount"], &batch["SyncedItems"]), (&3.into(), &12.into()));
    assert_eq!(migration.statistics("ann@contoso.edu").copied(), 4, "nothing is copied again");
}

#[test]
fn a_row_that_opened_the_wrong_account_gets_the_right_mail_after_its_login_was_corrected() {
    let server = server();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);
    // Bob's row opens eve's account; both have the same UIDVALIDITY and UIDs.
    let mut three = rows(["ann's own", "eve's own", "not eve's"]);
    three[1] = Row::new("bob@contoso.edu", "eve", "eve's own");
    migration.migrate("Batch", "Source", None, &three);

    correct(&migration, &rows(["ann's own", "bob's own", "eve's own"]));
    migration.wait_until("Batch", &["Synced"]);

    // What was eve's stays in bob's Maildir until somebody removes it; his own is there in full beside it.
    let bob = migration.statistics("bob@contoso.edu");
    assert_eq!((bob.copied(), bob.adopted(), bob.total()), (4, 0, 4));
    let files =
        std::fs::read_dir(migration.mailboxes().join("bob@contoso.edu/Maildir/cur")).expect("a Maildir");
    assert_eq!(files.count(), 8);
}

#[test]
fn a_lost_key_is_named_with_its_remedy_and_the_remedy_works() {
    let server = server();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);
    let own = rows(["ann's own", "bob's own", "eve's own"]);
    migration.batch("Batch", "Source", None, &own);
    std::fs::remove_file(migration.home().join("key")).expect("there is a key");

    migration.start("Batch");
    migration.wait_until("Batch", &["Failed"]);
    let error = migration.statistics("ann@contoso.edu").text("Error");
    correct(&migration, &own);
    let batch = migration.wait_until("Batch", &["Synced"]);

    assert!(error.contains("enter the passwords again") && error.contains("imapmig batch set"), "{error}");
    assert_eq!(&batch["SyncedItems"], &12);
}
