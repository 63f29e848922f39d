//! Servers with other manners, as sources and as targets: what they alter, refuse or rename is named, and nothing else is lost.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use imapmig_tests::migration::{EMAILS, Migration, Row, Statistics, account, assert_same_but_reported};
use imapmig_tests::{Corpus, Dovecot, Other, Snapshot, corpus, require};

/// Odd names and odd messages in one account.
fn odd() -> Corpus {
    let mut corpus = corpus::odd_folders();
    let (_, messages) = corpus::odd_messages().mailboxes.remove(0);
    corpus.mailboxes[0].1 = messages;
    corpus
}

/// What the server shows of the corpus, as far as it takes it.
fn filled(server: Other, corpus: &Corpus) -> (imapmig_tests::Server, Snapshot) {
    let running = server.start();
    let (user, password) = server.account();
    let mut client = running.login(user, password).unwrap();
    let refused = client.seed_what_it_takes(corpus).unwrap();
    assert!(refused.len() < corpus.len() / 2, "{refused:#?}");
    let before = account(&running, user, password);
    (running, before)
}

/// Fails unless everything that is otherwise at the target was named. Keywords know no case here (RFC 9051, section 2.3.2):
/// these servers write them in small letters. A keyword that the target adds by itself must have been named too.
fn assert_named(before: Snapshot, after: Snapshot, statistics: &Statistics, added: Option<&str>) {
    let (before, mut after) = (small_keywords(before), small_keywords(after));
    if let Some(added) = added {
        let mut folders = 0;
        for entries in after.mailboxes.values_mut() {
            let with = entries.iter_mut().filter(|entry| entry.flags.contains(&added.to_ascii_lowercase()));
            let removed = with.map(|entry| entry.flags.remove(&added.to_ascii_lowercase())).count();
            folders += usize::from(removed > 0);
        }
        let items = statistics.items();
        let items: Vec<_> = items.iter().filter(|item| item.kind == "FlagsAdded").collect();
        let lines = statistics.report().into_iter().filter(|line| line.contains(added)).count();
        assert!(folders > 0, "the target added no {added}: {after:#?}");
        assert_eq!((items.len(), lines), (folders, folders), "once for each folder: {items:#?}");
        assert!(items.iter().all(|item| item.failure.contains(added)), "{items:#?}");
        assert_ne!(statistics.view["DataConsistencyScore"], "Perfect");
    }
    assert_same_but_reported(&before, &after, statistics);
    assert!(statistics.adds_up(), "{:#}", statistics.view);
    assert_eq!(statistics.total(), before.messages() as u64);
}

fn small_keywords(mut snapshot: Snapshot) -> Snapshot {
    for entry in snapshot.mailboxes.values_mut().flatten() {
        entry.flags = entry.flags.iter().map(|flag| flag.to_ascii_lowercase()).collect();
    }
    snapshot
}

/// From the server to Dovecot.
fn migrated_from(server: Other, corpus: &Corpus) {
    let (source, before) = filled(server, corpus);
    let target = Dovecot::target().start();
    let (user, password) = server.account();
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.endpoint("Target", target.port, &["--skip-verification"]);
    let row = Row::new(EMAILS[0], user, password).target(EMAILS[0], "pw");

    migration.migrate("Batch", "Source", Some("Target"), &[row]);

    let statistics = migration.statistics(EMAILS[0]);
    assert_named(before, account(&target, EMAILS[0], "pw"), &statistics, None);
}

/// From Dovecot to the server.
fn migrated_to(server: Other, corpus: &Corpus) {
    let source = Dovecot::source().start();
    source.login("terry.adams", "1091990").unwrap().seed_what_it_takes(corpus).unwrap();
    let before = account(&source, "terry.adams", "1091990");
    let target = server.start();
    let (user, password) = server.account();
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.endpoint("Target", target.port, &["--skip-verification"]);
    let row = Row::new(EMAILS[0], "terry.adams", "1091990").target(user, password);

    migration.migrate("Batch", "Source", Some("Target"), &[row]);
    // A second look says nothing new.
    migration.sync_now("Batch");

    let statistics = migration.statistics(EMAILS[0]);
    let added = (server == Other::Mox).then_some("$NotJunk");
    assert_named(before, account(&target, user, password), &statistics, added);
}

#[test]
fn ordinary_mail_comes_from_greenmail_as_it_is_there() {
    require!("greenmail", "dovecot");

    migrated_from(Other::GreenMail, &corpus::small(60));
}

#[test]
fn ordinary_mail_goes_to_greenmail_and_every_change_is_named() {
    require!("greenmail", "dovecot");

    migrated_to(Other::GreenMail, &corpus::small(60));
}

#[test]
fn odd_mail_and_names_come_from_greenmail_as_they_are_there() {
    require!("greenmail", "dovecot");

    migrated_from(Other::GreenMail, &odd());
}

#[test]
fn odd_mail_and_names_go_to_greenmail_and_every_change_is_named() {
    require!("greenmail", "dovecot");

    migrated_to(Other::GreenMail, &odd());
}

#[test]
fn ordinary_mail_comes_from_mox_as_it_is_there() {
    require!("mox", "dovecot");

    migrated_from(Other::Mox, &corpus::small(60));
}

#[test]
fn ordinary_mail_goes_to_mox_and_every_change_is_named() {
    require!("mox", "dovecot");

    migrated_to(Other::Mox, &corpus::small(60));
}

#[test]
fn odd_mail_and_names_come_from_mox_as_they_are_there() {
    require!("mox", "dovecot");

    migrated_from(Other::Mox, &odd());
}

#[test]
fn odd_mail_and_names_go_to_mox_and_every_change_is_named() {
    require!("mox", "dovecot");

    migrated_to(Other::Mox, &odd());
}

#[test]
fn ordinary_mail_comes_from_go_imap_s_memory_server_as_it_is_there() {
    require!("imapmemserver", "dovecot");

    migrated_from(Other::MemoryServer, &corpus::small(60));
}

#[test]
fn ordinary_mail_goes_to_go_imap_s_memory_server_and_every_change_is_named() {
    require!("imapmemserver", "dovecot");

    migrated_to(Other::MemoryServer, &corpus::small(60));
}

#[test]
fn odd_mail_and_names_come_from_go_imap_s_memory_server_as_they_are_there() {
    require!("imapmemserver", "dovecot");

    migrated_from(Other::MemoryServer, &odd());
}

#[test]
fn odd_mail_and_names_go_to_go_imap_s_memory_server_and_every_change_is_named() {
    require!("imapmemserver", "dovecot");

    migrated_to(Other::MemoryServer, &odd());
}
