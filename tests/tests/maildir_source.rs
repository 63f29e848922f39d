//! Maildirs as sources: what a user puts there to see other people's files, or to hold others up, does neither.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use imapmig_testkit::{Account, Personality, Server};
use imapmig_tests::Entry;
use imapmig_tests::migration::{Migration, Row, held};

const MESSAGE: &str = "From: a@contoso.edu\r\nSubject: mail\r\n\r\nbody\r\n";

fn maildir(root: &Path, user: &str, folder: &str) -> std::path::PathBuf {
    let maildir = root.join(user).join("Maildir").join(folder);
    for place in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(place)).unwrap();
    }
    maildir
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn titles(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.title.as_str()).collect()
}

#[test]
fn links_fifos_and_sockets_are_reported_and_every_other_message_of_every_user_arrives() {
    let migration = Migration::new();
    let desk = tempfile::tempdir().unwrap();
    let root = desk.path().join("mail");
    let secret = desk.path().join("secret");
    fs::write(&secret, "Subject: not yours\r\n\r\nsecret\r\n").unwrap();
    let outside = maildir(&desk.path().join("elsewhere"), "root", "");
    fs::write(outside.join("cur/1.secret"), "Subject: not yours\r\n\r\n").unwrap();
    let odd = maildir(&root, "terry.adams", "");
    fs::write(odd.join("cur/1.mail:2,S"), MESSAGE).unwrap();
    symlink(&secret, odd.join("cur/2.link")).unwrap();
    fifo(&odd.join("new/3.fifo"));
    let _listening = UnixListener::bind(odd.join("cur/4.socket")).unwrap();
    fifo(&odd.join("dovecot-uidlist"));
    symlink(&outside, odd.join(".Linked")).unwrap();
    fs::write(maildir(&root, "terry.adams", ".Plain").join("cur/1.mail"), MESSAGE).unwrap();
    fs::write(maildir(&root, "ann.beebe", "").join("cur/1.mail"), MESSAGE).unwrap();
    let accounts = ["terry.adams", "ann.beebe"].map(|user| Account::new(user, "pw"));
    let target = Server::new(Personality::dovecot()).with_accounts(accounts).start().unwrap();
    migration.json(&[
        "endpoint",
        "new",
        "--name",
        "Local mail",
        "--type",
        "Maildir",
        "--path",
        root.to_str().unwrap(),
    ]);
    migration.endpoint("Target", target.port(), &["--skip-verification"]);
    let rows = [("terrya@contoso.edu", "terry.adams"), ("annb@contoso.edu", "ann.beebe")]
        .map(|(email, user)| Row::new(email, user, "").target(user, "pw"));

    migration.batch_with("Odd", "Local mail", Some("Target"), &rows, &["--auto-start"]);
    let batch = migration.wait_for("Odd", std::time::Duration::from_secs(60), |batch| {
        matches!(batch["Status"].as_str(), Some("Synced" | "SyncedWithErrors" | "Failed"))
    });

    let (terry, ann) = (held(&target, "terry.adams"), held(&target, "ann.beebe"));
    assert_eq!(titles(&terry.mailboxes[&vec!["INBOX".to_owned()]]), ["mail"], "{}", migration.account("Odd"));
    assert_eq!(titles(&terry.mailboxes[&vec!["Plain".to_owned()]]), ["mail"]);
    assert_eq!(titles(&ann.mailboxes[&vec!["INBOX".to_owned()]]), ["mail"]);
    assert_eq!(terry.messages() + ann.messages(), 3, "nothing else arrived");
    let statistics = migration.statistics("terrya@contoso.edu");
    assert_eq!(statistics.items_of("SourceUnreadable").len(), 3, "{:#?}", statistics.items());
    assert!(statistics.items().iter().any(|item| item.folder == "Linked"), "{:#?}", statistics.items());
    assert_eq!(migration.statistics("annb@contoso.edu").items(), []);
    assert_ne!(batch["Status"], "Synced");
    migration.remove("Odd");
}
