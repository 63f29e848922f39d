//! The same with servers of other manners on either side: nothing is said of an untouched migration but what the server does to
//! all mail, and each tampering, done by IMAP alone, is named exactly.

use super::{Found, expected, found};
use imapmig_tests::migration::{EMAILS, Migration, Row};
use imapmig_tests::{Client, Corpus, Courier, Cyrus, Dovecot, Message, Other, Server, path, require};
use serde_json::Value;

/// A message of the INBOX that is migrated.
fn mail(i: i64) -> Message {
    Message {
        bytes: format!(
            "Message-ID: <{i}@x.example>\r\nFrom: a@x.example\r\nDate: Tue, 13 May 2014 16:53:20 +0000\r\nSubject: mail {i}\r\n\r\nSome text of mail {i}.\r\n"
        )
        .into_bytes(),
        flags: vec!["\\Seen".to_owned()],
        date: 1_400_000_000 + i * 3600,
    }
}

fn eight() -> Corpus {
    let folder = ("Projets".to_owned(), (10..13).map(mail).collect());
    let mailboxes = vec![(path("INBOX"), (0..8).map(mail).collect()), (path(&folder.0), folder.1)];
    Corpus { mailboxes, subscribed: Vec::new() }
}

/// What was found beside flags that the server adds to all mail.
fn found_beside_flags(view: &Value) -> Vec<Found> {
    found(view).into_iter().filter(|(kind, ..)| kind != "FlagsAdded").collect()
}

fn is_untouched(migration: &Migration) {
    for more in [&[][..], &["--bytes"]] {
        let (code, view) = migration.confirm("Batch", more);
        assert_eq!((code, found_beside_flags(&view)), (Some(0), Vec::new()), "{more:?}: {view:#}");
    }
}

/// Removes mail 0, changes a byte of mail 2, gives mail 5 and mail 6 each other's date, and adds a foreign mail.
fn tamper(client: &mut Client) {
    let inbox = path("INBOX");
    client.select(&inbox).unwrap();
    let there = client.fetch_all().unwrap();
    let of = |i: usize| {
        let subject = format!("Subject: mail {i}\r\n");
        there.iter().find(|one| String::from_utf8_lossy(&one.bytes).contains(&subject)).unwrap()
    };
    let again = |bytes: Vec<u8>, i: usize| Message { bytes, flags: mail(0).flags, date: of(i).date };
    let altered = String::from_utf8(of(2).bytes.clone()).unwrap().replace("Some text", "Some test");
    let foreign =
        String::from_utf8(mail(9).bytes).unwrap().replace("mail 9", "foreign").replace("<9@", "<f@");
    let added = [
        again(altered.into_bytes(), 2),
        again(of(5).bytes.clone(), 6),
        again(of(6).bytes.clone(), 5),
        again(foreign.into_bytes(), 7),
    ];
    let refused = client.append_all(&inbox, &added).unwrap();
    assert!(refused.is_empty(), "{refused:?}");
    let uids = [0, 2, 5, 6].map(|i| of(i).uid.to_string()).join(",");
    client.store(&uids, "+FLAGS", "\\Deleted").unwrap();
    client.command("EXPUNGE").unwrap();
}

/// Migrates from Dovecot to the server, and confirms before and after tampering. Where sizes are no sizes (`reads_whole`), headers
/// are not enough either, and every message is read.
fn tampering_is_named(target: &Server, user: &str, password: &str, reads_whole: bool) {
    let source = Dovecot::source().start();
    source.login("terry.adams", "1091990").unwrap().seed(&eight()).unwrap();
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.endpoint("Target", target.port, &["--skip-verification"]);
    let row = Row::new(EMAILS[0], "terry.adams", "1091990").target(user, password);
    migration.migrate("Batch", "Source", Some("Target"), &[row]);
    is_untouched(&migration);

    tamper(&mut target.login(user, password).unwrap());

    let mut all = vec![
        ("Missing", "INBOX", "mail 0", false),
        ("Altered", "INBOX", "mail 5", false),
        ("Altered", "INBOX", "mail 6", false),
        ("Foreign", "INBOX", "foreign", true),
    ];
    let altered = ("Altered", "INBOX", "mail 2", false);
    all.extend(reads_whole.then_some(altered));
    let (code, view) = migration.confirm("Batch", &[]);
    assert_eq!((code, found_beside_flags(&view)), (Some(8), expected(&all)), "{view:#}");
    all.extend((!reads_whole).then_some(altered));
    let (code, view) = migration.confirm("Batch", &["--bytes"]);
    assert_eq!((code, found_beside_flags(&view)), (Some(8), expected(&all)), "{view:#}");
}

/// Migrates from the server to Dovecot, and confirms.
fn source_is_confirmed(source: &Server, user: &str, password: &str) {
    let target = Dovecot::target().start();
    source.login(user, password).unwrap().seed(&eight()).unwrap();
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.endpoint("Target", target.port, &["--skip-verification"]);
    let row = Row::new(EMAILS[0], user, password).target(EMAILS[0], "pw");
    migration.migrate("Batch", "Source", Some("Target"), &[row]);

    is_untouched(&migration);
}

fn both_ways(server: Other) {
    let (user, password) = server.account();
    source_is_confirmed(&server.start(), user, password);
    tampering_is_named(&server.start(), user, password, server == Other::GreenMail);
}

#[test]
fn tampering_with_greenmail_is_named() {
    require!("greenmail", "dovecot");
    both_ways(Other::GreenMail);
}

#[test]
fn tampering_with_mox_is_named() {
    require!("mox", "dovecot");
    both_ways(Other::Mox);
}

#[test]
fn tampering_with_go_imap_s_memory_server_is_named() {
    require!("imapmemserver", "dovecot");
    both_ways(Other::MemoryServer);
}

#[test]
fn tampering_with_courier_is_named() {
    require!("courier", "dovecot");
    source_is_confirmed(&Courier::shared_folders().start(), "terry.adams", "1091990");
    tampering_is_named(&Courier::shared_folders().start(), "terry.adams", "1091990", false);
}

#[test]
fn tampering_with_cyrus_is_named() {
    require!("cyrus", "dovecot");
    source_is_confirmed(&Cyrus::variant(true, true).start(), "terry", "1091990");
    tampering_is_named(&Cyrus::variant(true, true).start(), "terry", "1091990", false);
}
