//! Tampering with real servers and local Maildirs, and what a migration itself reported of a real corpus.

use super::{expected, found, numbers};
use imapmig_tests::migration::{EMAILS, Migration, people};
use imapmig_tests::{ADMIN, Corpus, Dovecot, corpus, path, require};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Eight messages in INBOX, alternately read.
fn eight() -> Corpus {
    let message = |i: i64| corpus::Message {
        bytes: format!("Message-ID: <{i}@x>\r\nSubject: mail {i}\r\n\r\nSome text of mail {i}.\r\n")
            .into_bytes(),
        flags: if i % 2 == 0 { vec!["\\Seen".to_owned()] } else { Vec::new() },
        date: 1_400_000_000 + i * 3600,
    };
    Corpus { mailboxes: vec![(path("INBOX"), (0..8).map(message).collect())], subscribed: Vec::new() }
}

/// The file of `mail i` in a Maildir.
fn file_of(maildir: &Path, i: usize) -> PathBuf {
    let subject = format!("Subject: mail {i}\n");
    ["cur", "new"]
        .iter()
        .flat_map(|folder| fs::read_dir(maildir.join(folder)).unwrap().flatten())
        .map(|entry| entry.path())
        .find(|file| fs::read_to_string(file).unwrap().replace("\r\n", "\n").contains(&subject))
        .unwrap_or_else(|| panic!("no mail {i} in {}", maildir.display()))
}

/// Removes mail 0, doubles mail 1, changes a byte of mail 2, takes the flag of mail 4, and adds a foreign mail.
fn tamper(maildir: &Path) {
    fs::remove_file(file_of(maildir, 0)).unwrap();
    let second = maildir.join("cur/1400000001.M1P1.second:2,");
    fs::copy(file_of(maildir, 1), &second).unwrap();
    let altered = file_of(maildir, 2);
    let text = fs::read_to_string(&altered).unwrap();
    let date = fs::metadata(&altered).unwrap().modified().unwrap();
    fs::write(&altered, text.replace("Some text", "Some test")).unwrap();
    fs::File::options().append(true).open(&altered).unwrap().set_modified(date).unwrap();
    let read = file_of(maildir, 4);
    let name = read.file_name().unwrap().to_str().unwrap();
    let unread = maildir.join("cur").join(name.replace(":2,S", ":2,"));
    assert_ne!(read, unread, "mail 4 was read");
    fs::rename(&read, unread).unwrap();
    let foreign = maildir.join("cur/1400000002.M1P1.foreign:2,");
    fs::write(&foreign, "Subject: foreign\n\nFrom elsewhere.\n").unwrap();
    for file in [second, foreign] {
        // The server reads mail under a name of its own.
        fs::set_permissions(file, fs::Permissions::from_mode(0o666)).unwrap();
    }
}

/// Confirms before and after tampering with a user's INBOX at the target.
fn tampering_is_named(migration: &Migration, maildir: &Path) {
    for more in [&[][..], &["--bytes"]] {
        let (code, view) = migration.confirm("Batch", more);
        assert_eq!((code, view["Result"].as_str()), (Some(0), Some("Complete")), "{view:#}");
    }

    tamper(maildir);

    let mut all = vec![
        ("Missing", "INBOX", "mail 0", false),
        ("Doubled", "INBOX", "mail 1", false),
        ("Altered", "INBOX", "mail 4", false),
        ("Foreign", "INBOX", "foreign", true),
    ];
    let (code, view) = migration.confirm("Batch", &[]);
    assert_eq!((code, found(&view)), (Some(8), expected(&all)), "{view:#}");
    all.push(("Altered", "INBOX", "mail 2", false));
    let (code, view) = migration.confirm("Batch", &["--bytes"]);
    assert_eq!((code, found(&view)), (Some(8), expected(&all)), "{view:#}");
}

/// Eight messages that were migrated from one Dovecot to another.
fn between_dovecots() -> (Dovecot, Dovecot, Migration) {
    let (source, target) = (Dovecot::source().start(), Dovecot::target().start());
    source.deliver("terry.adams", &eight());
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.administered("Target", target.port, ADMIN, Some("{EmailAddress}*mailadmin"));
    migration.migrate("Batch", "Source", Some("Target"), &people()[..1]);
    (source, target, migration)
}

#[test]
fn tampering_with_a_dovecot_is_named() {
    require!("dovecot");
    let (_source, target, migration) = between_dovecots();

    tampering_is_named(&migration, &target.maildir(EMAILS[0]));
}

#[test]
fn a_message_that_breaks_the_connection_is_named_and_the_others_are_compared() {
    require!("dovecot");
    let (_source, target, migration) = between_dovecots();
    // The server says BYE at a message whose file it may not open.
    let file = file_of(&target.maildir(EMAILS[0]), 3);
    fs::set_permissions(file, fs::Permissions::from_mode(0o000)).unwrap();

    let (code, view) = migration.confirm("Batch", &["--bytes"]);

    assert_eq!((code, numbers(&view)), (Some(8), [8, 7, 0, 0, 1, 0, 0]), "{view:#}");
    assert_eq!(found(&view), expected(&[("Altered", "INBOX", "mail 3", false)]));
    let details = view["Findings"][0]["Details"].as_str().unwrap();
    assert!(details.contains("the target does not deliver the message"), "{details}");
}

#[test]
fn tampering_with_a_local_maildir_is_named() {
    require!("dovecot");
    let source = Dovecot::source().start();
    source.deliver("terry.adams", &eight());
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.migrate("Batch", "Source", None, &people()[..1]);
    let path = migration.statistics(EMAILS[0]).text("TargetPath");

    tampering_is_named(&migration, Path::new(&path));
}

#[test]
fn what_the_migration_reported_is_listed_as_an_exception() {
    require!("dovecot", "corpus");
    let (source, target) = (Dovecot::source().start(), Dovecot::target().start());
    source.deliver("terry.adams", &corpus::spam_assassin(300));
    source.deliver("ann.beebe", &corpus::odd_messages());
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.administered("Target", target.port, ADMIN, Some("{EmailAddress}*mailadmin"));
    migration.migrate("Batch", "Source", Some("Target"), &people()[..2]);

    let (code, view) = migration.confirm("Batch", &["--bytes"]);

    assert_eq!((code, view["Result"].as_str()), (Some(0), Some("CompleteWithExceptions")), "{view:#}");
    for email in &EMAILS[..2] {
        let reported = migration.statistics(email).items();
        let listed = view["Findings"].as_array().unwrap().iter().filter(|one| one["Identity"] == *email);
        let listed: Vec<_> = listed.collect();
        assert_eq!(listed.len(), reported.len(), "{email}: {listed:#?} {reported:#?}");
        assert!(listed.iter().all(|one| one["Explanation"].is_string()), "{listed:#?}");
    }
    assert_eq!(view["MissingItemCount"], 0);
}
