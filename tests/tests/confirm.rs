//! Confirm-MigrationBatch names exactly what was done to the target after a migration, and what the migration itself reported.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use imapmig_testkit::{
    Account, Fault, Mailbox, Message, MessageBuilder, Personality, RunningServer, Server, What, When,
};
use imapmig_tests::migration::{EMAILS, Migration, Row, people};
use imapmig_tests::{ADMIN, Corpus, Dovecot, corpus, path, require};
use serde_json::Value;

/// What a finding says: kind, folder, subject, and whether it is an exception.
type Found = (String, String, String, bool);

fn found(view: &Value) -> Vec<Found> {
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    let mut all: Vec<_> = view["Findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let exception = one["IsException"] == true;
            (text(one, "Kind"), text(one, "FolderName"), text(one, "Subject"), exception)
        })
        .collect();
    all.sort();
    all
}

fn expected(findings: &[(&str, &str, &str, bool)]) -> Vec<Found> {
    let owned = |(kind, folder, subject, exception): &(&str, &str, &str, bool)| {
        ((*kind).to_owned(), (*folder).to_owned(), (*subject).to_owned(), *exception)
    };
    let mut all: Vec<_> = findings.iter().map(owned).collect();
    all.sort();
    all
}

fn numbers(view: &Value) -> [u64; 7] {
    let names = [
        "SourceItemCount",
        "MatchedItemCount",
        "MissingItemCount",
        "DoubledItemCount",
        "AlteredItemCount",
        "ReportedItemCount",
        "ForeignItemCount",
    ];
    names.map(|name| view[name].as_u64().unwrap())
}

fn message(i: usize) -> MessageBuilder {
    let message = MessageBuilder::new(&format!("message {i}")).date(1_500_000_000 + i as i64 * 60);
    message.flag(["\\Flagged", "\\Seen"][i % 2])
}

/// Two folders with ten messages each, migrated.
fn migrated() -> (RunningServer, RunningServer, Migration) {
    let account =
        ["INBOX", "Projets"].iter().enumerate().fold(Account::new("u", "pw"), |account, (at, name)| {
            let messages = (at * 10..at * 10 + 10).map(|i| message(i).build());
            account.with_mailbox(Mailbox::new(name).with_messages(messages))
        });
    let source = Server::new(Personality::dovecot()).with_account(account).start().unwrap();
    let target = Server::new(Personality::dovecot()).with_account(Account::new("t", "pw")).start().unwrap();
    let migration = Migration::new();
    migration.endpoint("Source", source.port(), &[]);
    migration.endpoint("Target", target.port(), &[]);
    let row = [Row::new("u@contoso.edu", "u", "pw").target("t", "pw")];
    migration.migrate("Batch", "Source", Some("Target"), &row);
    (source, target, migration)
}

/// The UID of a message at the target.
fn uid_of(target: &RunningServer, folder: &str, message: &Message) -> u32 {
    let there = target.messages("t", folder);
    there.iter().find(|one| one.raw == message.raw).unwrap().uid
}

#[test]
fn an_untouched_migration_is_complete_by_headers_and_by_bytes() {
    let (source, target, migration) = migrated();
    target.clear_transcript();

    for more in [&[][..], &["--bytes"]] {
        let (code, view) = migration.confirm("Batch", more);

        assert_eq!((code, view["Result"].as_str()), (Some(0), Some("Complete")), "{view:#}");
        assert_eq!((numbers(&view), found(&view)), ([20, 20, 0, 0, 0, 0, 0], Vec::new()));
        assert_eq!(view["Users"][0]["Result"], "Complete");
    }

    for server in [&source, &target] {
        let changing = ["APPEND", "STORE", "UID STORE", "EXPUNGE", "UID EXPUNGE", "CREATE", "DELETE"];
        let changed: usize = changing.iter().map(|verb| server.count(verb)).sum();
        let of_migration = if std::ptr::eq(server, &target) { 0 } else { changed };
        assert_eq!(changed, of_migration, "a confirmation changes nothing");
    }
    assert_eq!(migration.status("Batch"), "Synced");
}

#[test]
fn every_kind_of_tampering_is_named_and_nothing_else() {
    let (_source, target, migration) = migrated();
    let at = |i: usize| uid_of(&target, "INBOX", &message(i).build());
    let [removed, altered, reflagged, one, other] = [0, 2, 4, 5, 6].map(at);
    target.expunge("t", "INBOX", &[removed]);
    target.deliver("t", "INBOX", message(1).build());
    let mut bytes = message(2).build().raw.to_vec();
    let last = bytes.len() - 3;
    bytes[last] = b'#';
    target.replace_bytes("t", "INBOX", altered, bytes);
    target.set_flags("t", "INBOX", reflagged, &[]);
    target.replace_bytes("t", "INBOX", one, message(6).build().raw.to_vec());
    target.replace_bytes("t", "INBOX", other, message(5).build().raw.to_vec());
    target.deliver("t", "Projets", message(99).build());
    let mut all = vec![
        ("Missing", "INBOX", "message 0", false),
        ("Doubled", "INBOX", "message 1", false),
        ("Altered", "INBOX", "message 4", false),
        ("Altered", "INBOX", "message 5", false),
        ("Altered", "INBOX", "message 6", false),
        ("Foreign", "Projets", "message 99", true),
        // With its place message 5 took a flag of message 6's, and the other way round.
        ("FlagsAdded", "INBOX", "", true),
        ("FlagsAdded", "INBOX", "", true),
    ];

    let (code, by_headers) = migration.confirm("Batch", &[]);
    assert_eq!((code, by_headers["Result"].as_str()), (Some(8), Some("Incomplete")));
    assert_eq!(found(&by_headers), expected(&all));
    assert_eq!(numbers(&by_headers), [20, 16, 1, 1, 3, 0, 1]);

    let (code, by_bytes) = migration.confirm("Batch", &["--bytes"]);
    all.push(("Altered", "INBOX", "message 2", false));
    assert_eq!((code, found(&by_bytes)), (Some(8), expected(&all)));
    let details = by_bytes["Findings"].as_array().unwrap().iter().find(|one| one["Subject"] == "message 2");
    assert!(details.unwrap()["Details"].as_str().unwrap().contains("content differs"), "{by_bytes:#}");
}

#[test]
fn what_users_do_at_the_target_leaves_a_migration_complete() {
    let (_source, target, migration) = migrated();
    target.deliver("t", "INBOX", message(50).build());
    let read = uid_of(&target, "INBOX", &message(2).build());
    target.set_flags("t", "INBOX", read, &["\\Flagged", "\\Seen"]);

    let (code, view) = migration.confirm("Batch", &[]);

    let all = [("Foreign", "INBOX", "message 50", true), ("FlagsAdded", "INBOX", "", true)];
    assert_eq!((code, view["Result"].as_str()), (Some(0), Some("CompleteWithExceptions")));
    assert_eq!(found(&view), expected(&all));
    assert_eq!(migration.confirm("Batch", &["--detailed-exit-code"]).0, Some(3));
}

#[test]
fn a_killed_worker_goes_on_behind_the_folders_that_were_compared() {
    let (source, _target, migration) = migrated();
    // Ten bodies of the first folder, some of the second.
    source.faults().arm(Fault::new(When::InFetchLiteral(10), What::Stall).skip(12));
    migration.json(&["batch", "confirm", "Batch", "--bytes"]);
    assert!(source.faults().wait_stalled(1, Duration::from_secs(30)));

    migration.kill_workers();
    source.faults().release();
    source.clear_transcript();
    let (code, view) = migration.confirm("Batch", &["--bytes"]);

    assert_eq!((code, numbers(&view)), (Some(0), [20, 20, 0, 0, 0, 0, 0]), "{view:#}");
    let opened = |folder: &str| {
        source.commands().iter().filter(|line| line.starts_with("EXAMINE") && line.contains(folder)).count()
    };
    assert_eq!((opened("INBOX"), opened("Projets")), (0, 1), "{:?}", source.commands());
}

#[test]
fn a_line_that_breaks_again_and_again_is_read_over_to_the_end() {
    let (source, target, migration) = migrated();
    for server in [&source, &target] {
        server.faults().arm(Fault::cut(When::Sent(9_000)).always());
    }
    source.deliver_copies("u", "INBOX", &message(7).build(), 60);
    target.deliver_copies("t", "INBOX", &message(7).build(), 60);

    let (code, view) = migration.confirm("Batch", &["--bytes"]);

    assert_eq!((code, numbers(&view)), (Some(0), [80, 80, 0, 0, 0, 0, 0]), "{view:#}");
    assert!(source.faults().fired() > 1 && target.faults().fired() > 1, "the lines broke");
}

#[test]
fn a_batch_that_is_not_at_rest_or_was_never_started_is_not_confirmed() {
    let (source, _target, migration) = migrated();
    let row = [Row::new("x@contoso.edu", "u", "pw")];
    migration.batch("Created", "Source", None, &row);

    let never = migration.refused(&["batch", "confirm", "Created"]);
    assert_eq!(never.code, "MigrationBatchCannotBeConfirmedException");
    assert!(never.message.contains("imapmig batch start") || never.message.contains("Start-MigrationBatch"));
    assert_eq!(
        migration.refused(&["batch", "confirmation", "Created"]).code,
        "MigrationBatchNotConfirmedException"
    );

    source.faults().arm(Fault::new(When::BeforeCommand("EXAMINE".into()), What::Stall));
    migration.start("Created");
    assert!(source.faults().wait_stalled(1, Duration::from_secs(30)));
    let busy = migration.refused(&["batch", "confirm", "Created"]);
    source.faults().release();
    assert_eq!(busy.code, "MigrationBatchCannotBeConfirmedException");
    assert!(busy.message.contains("Syncing"), "{}", busy.message);
}

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
