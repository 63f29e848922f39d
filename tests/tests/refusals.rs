//! Targets that refuse, drop, merge or slow down: told apart, isolated, reported; the rest arrives.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Duration;

use imapmig_testkit::{
    Account, Fault, Keywords, Mailbox, Message, MessageBuilder, Personality, RunningServer, Server, What,
    When,
};
use imapmig_tests::migration::{Migration, Row, Statistics, assert_same, assert_same_but_reported, held};
use imapmig_tests::{Comparison, Snapshot};

fn message(i: usize) -> Message {
    MessageBuilder::new(&format!("message {i}")).date(1_500_000_000 + i as i64).size(900).build()
}

fn source(mailboxes: impl IntoIterator<Item = Mailbox>) -> RunningServer {
    let account = mailboxes.into_iter().fold(Account::new("u", "pw"), Account::with_mailbox);
    Server::new(Personality::dovecot()).with_account(account).start().unwrap()
}

fn inbox(messages: usize) -> Mailbox {
    Mailbox::new("INBOX").with_messages((0..messages).map(message))
}

fn target(personality: Personality) -> RunningServer {
    Server::new(personality).with_account(Account::new("t", "pw")).start().unwrap()
}

fn ready(source: &RunningServer, target: &RunningServer) -> Migration {
    let migration = Migration::new();
    migration.endpoint("Source", source.port(), &[]);
    migration.endpoint("Target", target.port(), &[]);
    migration
}

fn row() -> [Row; 1] {
    [Row::new("u@contoso.edu", "u", "pw").target("t", "pw")]
}

fn migrate(source: &RunningServer, target: &RunningServer) -> (Migration, Statistics) {
    let migration = ready(source, target);
    migration.migrate("Batch", "Source", Some("Target"), &row());
    let statistics = migration.statistics("u@contoso.edu");
    assert!(statistics.adds_up(), "{:#}", statistics.view);
    (migration, statistics)
}

fn both(source: &RunningServer, target: &RunningServer) -> (Snapshot, Snapshot) {
    (held(source, "u"), held(target, "t"))
}

#[test]
fn a_refused_message_is_isolated_kept_as_a_file_and_listed_with_the_answer() {
    for without in [&[] as &[&str], &["MULTIAPPEND"], &["MULTIAPPEND", "LITERAL+", "UIDPLUS"]] {
        let source = source([inbox(30)]);
        let personality =
            without.iter().fold(Personality::dovecot(), |personality, word| personality.without(word));
        let target = target(personality.refusing(|message| {
            let text = String::from_utf8_lossy(&message.raw);
            let bad = text.contains("message 7\r\n") || text.contains("message 19\r\n");
            bad.then(|| "BAD Command Argument Error. 11".to_owned())
        }));

        let (_migration, statistics) = migrate(&source, &target);

        assert_eq!((statistics.synced(), statistics.skipped()), (28, 2), "{without:?}");
        let items = statistics.items_of("Refused");
        assert_eq!(items.len(), 2, "{without:?}");
        assert!(
            items.iter().all(|item| item.failure.contains("BAD Command Argument Error. 11")),
            "{items:#?}"
        );
        let (before, after) = both(&source, &target);
        assert_same_but_reported(&before, &after, &statistics);
    }
}

#[test]
fn a_message_refused_once_for_a_moment_arrives_at_the_second_try() {
    let source = source([inbox(20)]);
    let target = target(Personality::dovecot());
    target
        .faults()
        .arm(Fault::new(When::BeforeCommit, What::Answer("NO [UNAVAILABLE] Try later".to_owned())));

    let (_migration, statistics) = migrate(&source, &target);

    assert_eq!((statistics.synced(), statistics.items().len()), (20, 0));
    let (before, after) = both(&source, &target);
    assert_same(&before, &after, &Comparison::strict());
}

#[test]
fn an_announced_size_limit_is_read_and_nothing_larger_is_sent() {
    let large = MessageBuilder::new("large").size(90_000).build();
    let source = source([inbox(5).with_message(large)]);
    let target =
        target(Personality::dovecot().with("APPENDLIMIT=50000").with_max_size(50_000, "NO [TOOBIG] Too big"));

    let (_migration, statistics) = migrate(&source, &target);

    assert_eq!((statistics.synced(), statistics.skipped()), (5, 1));
    let [item] = statistics.items().try_into().unwrap();
    assert_eq!((item.kind.as_str(), item.subject.as_str()), ("LargeItem", "large"));
    let sent = target.commands().iter().filter(|line| line.contains("{90000")).count();
    assert_eq!(sent, 0);
    let (before, after) = both(&source, &target);
    assert_same_but_reported(&before, &after, &statistics);
}

#[test]
fn a_size_limit_that_is_not_announced_is_learnt_from_the_refusal() {
    for without in [&[] as &[&str], &["MULTIAPPEND", "LITERAL+"]] {
        let large = |i: usize| MessageBuilder::new(&format!("large {i}")).size(90_000 + i).build();
        let source = source([inbox(5).with_messages((0..3).map(large))]);
        let personality =
            without.iter().fold(Personality::dovecot(), |personality, word| personality.without(word));
        let target = target(personality.with_max_size(50_000, "NO Maximum message size exceeded. 11"));

        let (_migration, statistics) = migrate(&source, &target);

        assert_eq!((statistics.synced(), statistics.skipped()), (5, 3));
        let items = statistics.items();
        assert!(
            items.iter().all(|item| item.failure.contains("Maximum message size exceeded. 11")),
            "{items:#?}"
        );
        let (before, after) = both(&source, &target);
        assert_same_but_reported(&before, &after, &statistics);
    }
}

#[test]
fn a_full_mailbox_fails_the_user_and_the_rest_arrives_once_there_is_room() {
    let source = source([inbox(20)]);
    let full = target(Personality::dovecot().with_quota(9_000));
    let migration = ready(&source, &full);

    migration.batch_with("Batch", "Source", Some("Target"), &row(), &["--auto-start"]);
    migration.wait_until("Batch", &["Failed"]);

    let statistics = migration.statistics("u@contoso.edu");
    assert!(statistics.text("Error").contains("full"), "{}", statistics.text("Error"));
    assert!(statistics.text("Error").contains("[OVERQUOTA]"), "{}", statistics.text("Error"));
    let there = held(&full, "t").messages();
    assert!(there < 20);
    // Nothing was left out: what did not fit is still to come.
    assert_eq!(statistics.skipped(), 0);
}

#[test]
fn a_missing_permission_fails_the_user_with_its_remedy() {
    let source = source([inbox(3)]);
    let target = Server::new(Personality::dovecot())
        .with_account(Account::new("t", "pw").without_mailbox_permission())
        .start()
        .unwrap();
    let migration = ready(&source, &target);

    migration.batch_with("Batch", "Source", Some("Target"), &row(), &["--auto-start"]);
    migration.wait_until("Batch", &["Failed"]);

    let error = migration.statistics("u@contoso.edu").text("Error");
    assert!(error.contains("User is authenticated but not connected"), "{error}");
    assert!(error.contains("permission"), "{error}");
}

#[test]
fn throttling_in_the_middle_is_waited_out_and_is_no_error() {
    let source = source([inbox(60)]);
    let target = target(Personality::dovecot().without("MULTIAPPEND"));
    target.faults().arm(Fault::new(When::BeforeCommit, What::Throttle(Duration::from_secs(3))).skip(25));
    let migration = ready(&source, &target);

    migration.batch_with("Batch", "Source", Some("Target"), &row(), &["--auto-start"]);
    let user =
        migration.wait_for_user("u@contoso.edu", Duration::from_secs(20), |user| user["Waiting"].is_string());
    migration.wait_until("Batch", &["Synced"]);

    assert!(user["Waiting"].as_str().unwrap().contains("UTC"), "{user:#}");
    let statistics = migration.statistics("u@contoso.edu");
    assert_eq!((statistics.synced(), statistics.skipped(), statistics.text("Error")), (60, 0, String::new()));
    let (before, after) = both(&source, &target);
    assert_same(&before, &after, &Comparison::strict());
}

#[test]
fn flags_that_the_target_drops_at_append_are_set_by_a_store() {
    let flagged = |i: usize| message(i).with_flag("\\Flagged").with_flag("\\Seen").with_flag("$Forwarded");
    let source = source([Mailbox::new("INBOX").with_messages((0..12).map(flagged))]);
    let target = target(Personality::dovecot().dropping_flags());

    let (_migration, statistics) = migrate(&source, &target);

    assert_eq!(statistics.items(), []);
    let (before, after) = both(&source, &target);
    assert_same(&before, &after, &Comparison::strict());
}

#[test]
fn keywords_that_the_target_does_not_have_are_reported_and_the_message_arrives() {
    for keywords in [Keywords::Drop, Keywords::Refuse("BAD Command Argument Error. 11".to_owned())] {
        let source = source([inbox(6).with_message(message(9).with_flag("$Forwarded").with_flag("\\Seen"))]);
        let target = target(Personality::dovecot().with_keywords(keywords.clone()));

        let (_migration, statistics) = migrate(&source, &target);

        assert_eq!(statistics.synced(), 7, "{keywords:?}");
        let items = statistics.items_of("FlagsReduced");
        assert_eq!(items.len(), 1, "{keywords:?}: {:#}", statistics.view);
        assert!(items[0].failure.contains("$Forwarded"), "{}", items[0].failure);
        let (before, after) = both(&source, &target);
        assert_same_but_reported(&before, &after, &statistics);
    }
}

#[test]
fn folders_that_the_target_would_merge_or_refuse_get_names_of_their_own_and_are_reported() {
    let names = ["Projets", "projets", "PROJETS", "Files", "Sent Items ", "A/B"];
    let source =
        source(names.iter().enumerate().map(|(i, name)| Mailbox::new(name).with_message(message(i))));
    let mut personality = Personality::exchange_online();
    personality.login.passwords = true;
    let target = target(personality);

    let (_migration, statistics) = migrate(&source, &target);

    let renamed = statistics.items_of("FolderRenamed");
    assert!(renamed.len() >= 3, "{renamed:#?}");
    let (before, after) = both(&source, &target);
    assert_same_but_reported(&before, &after, &statistics);
}

#[test]
fn changed_messages_are_reported_with_their_originals() {
    let odd = [
        Message::from_bytes(b"Subject: Gr\xfc\xdfe\r\n\r\nx\r\n".to_vec()),
        Message::from_bytes(b"Subject: nul\r\n\r\na\0b\r\n".to_vec()),
        Message::from_bytes(b"Subject: bare lf\r\n\r\na\nb\r\n".to_vec()),
        Message::from_bytes(b"Subject: bare cr\r\n\r\na\rb\r\n".to_vec()),
        Message::from_bytes(b"Subject: no end\r\n\r\nlast".to_vec()),
    ];
    for personality in [Personality::dovecot(), Personality::courier_like(), Personality::cyrus_like()] {
        let name = personality.name.clone();
        let source = source([inbox(4).with_messages(odd.clone())]);
        let target = target(personality);

        let (_migration, statistics) = migrate(&source, &target);

        let (before, after) = both(&source, &target);
        assert_same_but_reported(&before, &after, &statistics);
        assert!(statistics.items_of("Altered").len() + statistics.items_of("Refused").len() >= 1, "{name}");
    }
}
