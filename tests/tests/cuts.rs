//! The connection to the target cut after every kind of byte, with and without UIDPLUS, LITERAL+ and MULTIAPPEND: in the end
//! source and target are equal.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use imapmig_testkit::{
    Account, Fault, Mailbox, Message, MessageBuilder, Personality, RunningServer, Server, What, When,
};
use imapmig_tests::Comparison;
use imapmig_tests::migration::{Migration, Row, held};

/// The places of a cut, each with how many opportunities pass first. The first APPEND is the trial of unasked literals.
fn places() -> Vec<(When, u64)> {
    let command = |verb: &str, bytes| When::InCommand(verb.to_owned(), bytes);
    let reply = |verb: &str, bytes| When::InReply(verb.to_owned(), bytes);
    vec![
        (command("APPEND", 1), 1),
        (command("APPEND", 12), 1),
        (command("APPEND", 60), 1),
        (When::InAppendLiteral(1), 3),
        (When::InAppendLiteral(300), 4),
        (When::InAppendLiteral(u64::MAX), 5),
        (When::BeforeCommit, 0),
        (When::AfterCommit, 0),
        (When::AfterCommit, 1),
        (When::InAppendReply(1), 0),
        (When::InAppendReply(9), 1),
        (When::InAppendReply(30), 0),
        (command("CREATE", 3), 0),
        (reply("CREATE", 2), 0),
        (reply("SELECT", 20), 1),
        (reply("LIST", 10), 0),
        (reply("FETCH", 5), 0),
        (When::BeforeCommand("LOGIN".to_owned()), 0),
    ]
}

/// The places of a cut at the source.
fn source_places() -> Vec<(When, u64)> {
    vec![
        (When::InFetchLiteral(1), 0),
        (When::InFetchLiteral(200), 5),
        (When::InFetchLiteral(u64::MAX), 2),
        (When::InReply("FETCH".to_owned(), 40), 1),
        (When::InCommand("FETCH".to_owned(), 5), 1),
        (When::InReply("EXAMINE".to_owned(), 9), 0),
        (When::InReply("EXAMINE".to_owned(), 30), 1),
    ]
}

/// A dozen messages in two mailboxes, twins among them.
fn mail() -> [Mailbox; 2] {
    let message = |i: u64| {
        let size = 400 + usize::try_from(i).unwrap() * 40;
        let builder =
            MessageBuilder::new(&format!("message {i}")).size(size).date(1_500_000_000 + i.cast_signed());
        builder.flag(if i.is_multiple_of(2) { "\\Seen" } else { "$Forwarded" }).build()
    };
    let twin = || Message::from_bytes(b"From: a@example.net\r\n\r\nsame\r\n".to_vec());
    [
        Mailbox::new("INBOX").with_messages((0..9).map(message)).with_messages([twin(), twin(), twin()]),
        Mailbox::new("Projets/Été").with_messages((20..25).map(message)),
    ]
}

fn people(number: usize) -> Vec<Account> {
    (0..number)
        .map(|i| mail().into_iter().fold(Account::new(&format!("u{i}"), "pw"), Account::with_mailbox))
        .collect()
}

fn rows(number: usize) -> Vec<Row> {
    (0..number)
        .map(|i| {
            Row::new(&format!("u{i}@contoso.edu"), &format!("u{i}"), "pw").target(&format!("t{i}"), "pw")
        })
        .collect()
}

fn target(personality: Personality, number: usize) -> RunningServer {
    Server::new(personality)
        .with_accounts((0..number).map(|i| Account::new(&format!("t{i}"), "pw")))
        .start()
        .unwrap()
}

/// Migrates `number` users and compares each with the source.
fn migrate_and_compare(source: &RunningServer, target: &RunningServer, number: usize, what: &str) {
    let migration = Migration::new();
    migration.endpoint("Source", source.port(), &["--max-concurrent-migrations", "50"]);
    migration.endpoint("Target", target.port(), &["--max-concurrent-migrations", "50"]);

    let batch = migration.migrate("Batch", "Source", Some("Target"), &rows(number));

    assert_eq!(batch["Status"], "Synced", "{what}: {}", migration.account("Batch"));
    for i in 0..number {
        let (before, after) = (held(source, &format!("u{i}")), held(target, &format!("t{i}")));
        let differences = Comparison::strict().differences(&before, &after);
        assert!(differences.is_empty(), "{what}, user {i}: {differences:#?}");
        let statistics = migration.statistics(&format!("u{i}@contoso.edu"));
        assert_eq!((statistics.synced(), statistics.total()), (17, 17), "{what}, user {i}");
    }
}

/// Runs `places` at once, each for a user of its own, against a target without some of the three capabilities.
fn cut_everywhere(without: &[&str], how: fn(When) -> Fault) {
    let places = places();
    let personality =
        without.iter().fold(Personality::dovecot(), |personality, word| personality.without(word));
    let source = Server::new(Personality::dovecot()).with_accounts(people(places.len())).start().unwrap();
    let target = target(personality, places.len());
    for (i, (when, skip)) in places.iter().enumerate() {
        // Before LOGIN nobody is signed in, so that fault strikes whoever comes first.
        let fault = how(when.clone()).skip(*skip);
        let before_login = matches!(when, When::BeforeCommand(verb) if verb == "LOGIN");
        target.faults().arm(if before_login { fault } else { fault.for_account(&format!("t{i}")) });
    }

    migrate_and_compare(&source, &target, places.len(), &format!("without {without:?}"));

    let waiting = target.faults().waiting();
    assert!(waiting.is_empty(), "without {without:?} these did not strike: {waiting:#?}");
}

macro_rules! without {
    ($($name:ident: $without:expr;)+) => {
        $(#[test]
        fn $name() {
            cut_everywhere(&$without, Fault::cut);
        })+
    };
}

without! {
    cut_with_everything: [] as [&str; 0];
    cut_without_uidplus: ["UIDPLUS"];
    cut_without_literal_plus: ["LITERAL+"];
    cut_without_multiappend: ["MULTIAPPEND"];
    cut_without_uidplus_and_literal_plus: ["UIDPLUS", "LITERAL+"];
    cut_without_uidplus_and_multiappend: ["UIDPLUS", "MULTIAPPEND"];
    cut_without_literal_plus_and_multiappend: ["LITERAL+", "MULTIAPPEND"];
    cut_without_any_of_the_three: ["UIDPLUS", "LITERAL+", "MULTIAPPEND"];
}

#[test]
fn reset_connections_are_the_same_as_cut_ones() {
    cut_everywhere(&["UIDPLUS"], |when| Fault::new(when, What::Reset));
}

#[test]
fn a_bye_in_the_middle_is_the_same_as_a_cut() {
    cut_everywhere(&["MULTIAPPEND"], |when| Fault::new(when, What::Bye("Server shutting down.".to_owned())));
}

#[test]
fn cuts_at_the_source_lose_and_double_nothing() {
    let places = source_places();
    let source = Server::new(Personality::dovecot()).with_accounts(people(places.len())).start().unwrap();
    let target = target(Personality::dovecot(), places.len());
    for (i, (when, skip)) in places.iter().enumerate() {
        source.faults().arm(Fault::cut(when.clone()).skip(*skip).times(2).for_account(&format!("u{i}")));
    }

    migrate_and_compare(&source, &target, places.len(), "at the source");

    let waiting = source.faults().waiting();
    assert!(waiting.is_empty(), "these did not strike: {waiting:#?}");
}

#[test]
fn an_answer_that_is_lost_many_times_leaves_one_copy_of_each_message() {
    let source = Server::new(Personality::dovecot()).with_accounts(people(1)).start().unwrap();
    let mut personality = Personality::exchange_online().with_exchange_folders(&[]);
    personality.login.passwords = true;
    let target = target(personality, 1);
    target.faults().arm(Fault::cut(When::AfterCommit).times(6).for_account("t0"));

    migrate_and_compare(&source, &target, 1, "lost answers");

    assert_eq!(target.faults().fired(), 6);
}
