//! From real servers into real servers: what arrives is what was there, and what a server changes is reported and kept.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use imapmig_tests::migration::{
    EMAILS, Migration, Row, account, assert_same, assert_same_but_reported, people, whole,
};
use imapmig_tests::{
    ADMIN, Client, Comparison, Corpus, Courier, Cyrus, Dovecot, PEOPLE, Server, Snapshot, corpus, path,
    require,
};

/// Real messages for Terry Adams, odd messages for Ann Beebe, odd folders for Paul Cannon.
fn source(real: usize) -> Dovecot {
    let source = Dovecot::source().start();
    source.deliver("terry.adams", &corpus::spam_assassin(real));
    source.deliver("ann.beebe", &corpus::odd_messages());
    source.login("paul.cannon", "3281986").unwrap().seed(&corpus::odd_folders()).unwrap();
    source
}

fn before(source: &Server) -> [Snapshot; 3] {
    PEOPLE.map(|(name, password)| account(source, name, password))
}

/// Compares each of [`EMAILS`] at the target, opened by `open`, with the source.
fn compare(migration: &Migration, before: &[Snapshot; 3], mut open: impl FnMut(usize) -> Client) {
    for (at, email) in EMAILS.into_iter().enumerate() {
        let statistics = migration.statistics(email);
        assert_eq!(statistics.text("Status"), "Synced", "{:#}", statistics.view);
        assert!(statistics.adds_up(), "{:#}", statistics.view);
        assert_eq!(statistics.total(), before[at].messages() as u64);
        assert_same_but_reported(&before[at], &whole(&mut open(at)), &statistics);
    }
}

fn kinds(migration: &Migration, email: &str) -> Vec<String> {
    let mut kinds: Vec<String> =
        migration.statistics(email).items().into_iter().map(|item| item.kind).collect();
    kinds.sort();
    kinds
}

#[test]
fn dovecot_to_dovecot_by_an_administrators_login_format() {
    require!("dovecot", "corpus");
    let (source, target) = (source(1_000), Dovecot::target().start());
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.administered("Target", target.port, ADMIN, Some("{EmailAddress}*mailadmin"));

    migration.migrate("Batch", "Source", Some("Target"), &people());

    let before = before(&source);
    compare(&migration, &before, |at| target.login(EMAILS[at], "pw").unwrap());
    // Dovecot takes no message of zero bytes and no date so far ahead; everything else is as it was.
    assert!(kinds(&migration, EMAILS[0]).iter().all(|kind| kind == "Altered"), "NUL becomes 0x80");
    assert_eq!(kinds(&migration, EMAILS[1]), ["DateChanged", "Refused"]);
    assert_eq!(kinds(&migration, EMAILS[2]), Vec::<String>::new());
}

#[test]
fn dovecot_to_dovecot_by_authorization_identity_and_by_columns_of_the_csv() {
    require!("dovecot");
    let (source, target) = (Dovecot::source().start(), Dovecot::target().start());
    for (name, _) in PEOPLE {
        source.deliver(name, &corpus::small(40));
    }
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.administered("Administered", target.port, ADMIN, None);
    migration.endpoint("Columns", target.port, &[]);
    let own = Row::new(EMAILS[2], "paul.cannon", "3281986").target("paul@elsewhere", "pw");

    migration.migrate("One", "Source", Some("Administered"), &people()[..2]);
    migration.migrate("Two", "Source", Some("Columns"), &[own]);

    let before = before(&source);
    for (at, name) in [EMAILS[0], EMAILS[1], "paul@elsewhere"].into_iter().enumerate() {
        assert_same(&before[at], &account(&target, name, "pw"), &Comparison::strict().with_subscriptions());
    }
}

#[test]
fn courier_to_dovecot_with_another_delimiter_and_prefix() {
    require!("courier", "dovecot", "corpus");
    let source = Courier::shared_folders().start();
    let mut refused = Vec::new();
    let corpora = [corpus::spam_assassin(400), corpus::odd_messages(), corpus::odd_folders()];
    for ((name, password), corpus) in PEOPLE.into_iter().zip(&corpora) {
        refused.extend(source.login(name, password).unwrap().seed_what_it_takes(corpus).unwrap());
    }
    let target = Dovecot::target().namespace("", '/').start();
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.administered("Target", target.port, ADMIN, Some("{EmailAddress}*mailadmin"));

    migration.migrate("Batch", "Source", Some("Target"), &people());

    compare(&migration, &before(&source), |at| target.login(EMAILS[at], "pw").unwrap());
}

#[test]
fn dovecot_to_courier_whose_changes_are_reported_with_the_originals() {
    require!("courier", "dovecot", "corpus");
    let source = source(400);
    let target = Courier::shared_folders().start();
    let rows: Vec<Row> =
        people().into_iter().zip(PEOPLE).map(|(row, (name, password))| row.target(name, password)).collect();
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.endpoint("Target", target.port, &["--max-concurrent-migrations", "3"]);

    migration.migrate("Batch", "Source", Some("Target"), &rows);

    compare(&migration, &before(&source), |at| target.login(PEOPLE[at].0, PEOPLE[at].1).unwrap());
    // A bare CR goes, a missing line end comes.
    let altered = migration.statistics(EMAILS[1]).items_of("Altered");
    let subjects: Vec<&str> = altered.iter().map(|item| item.subject.as_str()).collect();
    assert!(subjects.contains(&"bare cr") && subjects.contains(&"no newline at end"), "{subjects:?}");
}

#[test]
fn dovecot_to_cyrus_in_each_of_its_namespaces() {
    require!("cyrus", "dovecot", "corpus");
    let source = Dovecot::source().start();
    let mut all = corpus::spam_assassin(150);
    all.mailboxes.extend(corpus::odd_folders().mailboxes);
    source.deliver("terry.adams", &merged(all));
    source.deliver("terry.adams", &corpus::odd_messages());
    let before = account(&source, "terry.adams", "1091990");
    for (alternative, unix) in [(true, true), (false, true), (true, false), (false, false)] {
        let target = Cyrus::variant(alternative, unix).start();
        let migration = Migration::new();
        migration.endpoint("Source", source.port, &[]);
        migration.endpoint("Target", target.port, &[]);
        let row = Row::new(EMAILS[0], "terry.adams", "1091990").target("terry", "1091990");

        migration.migrate("Batch", "Source", Some("Target"), &[row]);

        let statistics = migration.statistics(EMAILS[0]);
        assert!(statistics.adds_up(), "{alternative} {unix}: {:#}", statistics.view);
        assert_eq!(statistics.text("Status"), "Synced");
        assert_same_but_reported(&before, &account(&target, "terry", "1091990"), &statistics);
        assert!(!statistics.items_of("Altered").is_empty(), "8-bit headers are changed by Cyrus");
    }
}

#[test]
fn a_cyrus_administrator_acts_for_each_user() {
    require!("cyrus", "dovecot");
    let source = Dovecot::source().start();
    let target = Cyrus::variant(true, true).start();
    for (i, (name, _)) in PEOPLE.into_iter().enumerate() {
        source.deliver(name, &corpus::small(20 + i));
    }
    // The name of the account at the target, and no password: the administrator's serves.
    let rows = people().into_iter().zip(PEOPLE).map(|(row, (name, _))| row.target(name, ""));
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.administered("Target", target.port, ADMIN, None);

    migration.migrate("Batch", "Source", Some("Target"), &rows.collect::<Vec<_>>());

    for (email, (name, password)) in EMAILS.into_iter().zip(PEOPLE) {
        let (before, after) = (account(&source, name, password), account(&target, name, password));
        assert_same_but_reported(&before, &after, &migration.statistics(email));
    }
}

#[test]
fn maildirs_to_dovecot() {
    require!("dovecot", "corpus");
    let (origin, target) = (Dovecot::target().start(), Dovecot::target().start());
    origin.deliver(EMAILS[0], &corpus::spam_assassin(400));
    origin.deliver(EMAILS[1], &corpus::odd_messages());
    origin.deliver(EMAILS[2], &corpus::odd_folders());
    let before = EMAILS.map(|email| account(&origin, email, "pw"));
    origin.stop();
    let migration = Migration::new();
    let folder = origin.folder().join("mail");
    migration.json(
        &[
            ["endpoint", "new", "--name", "Files", "--type", "Maildir", "--path"].as_slice(),
            &[folder.to_str().unwrap()],
        ]
        .concat(),
    );
    migration.administered("Target", target.port, ADMIN, Some("{EmailAddress}*mailadmin"));
    let rows = EMAILS.map(|email| Row::new(email, email, "unused"));

    migration.migrate("Batch", "Files", Some("Target"), &rows);

    compare(&migration, &before, |at| target.login(EMAILS[at], "pw").unwrap());
    origin.start_again();
}

/// One mailbox for each path, though the corpus names some twice.
fn merged(corpus: Corpus) -> Corpus {
    let mut merged = Corpus { subscribed: corpus.subscribed, ..Corpus::default() };
    for (place, messages) in corpus.mailboxes {
        match merged.mailboxes.iter_mut().find(|(known, _)| *known == place) {
            Some((_, known)) => known.extend(messages),
            None => merged.mailboxes.push((place, messages)),
        }
    }
    assert!(merged.mailboxes.iter().any(|(place, _)| *place == path("INBOX")));
    merged
}
