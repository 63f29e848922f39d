//! What users of other tools suffer from, complaint by complaint: here it does not happen.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::{Duration, Instant};

use imapmig_testkit::{
    Account, Fault, Mailbox, Message, MessageBuilder, Personality, RunningServer, Server, What, When,
};
use imapmig_tests::migration::{
    EMAILS, Migration, Row, Statistics, Tenant, assert_same, assert_same_but_reported, held, people,
};
use imapmig_tests::{Comparison, path};

/// A source with the account `u`, a target with the account `t`, and a batch between them.
struct Pair {
    source: RunningServer,
    target: RunningServer,
    migration: Migration,
}

impl Pair {
    fn new(from: Personality, mailboxes: impl IntoIterator<Item = Mailbox>, to: Personality) -> Self {
        let account = mailboxes.into_iter().fold(Account::new("u", "pw"), Account::with_mailbox);
        let source = Server::new(from).with_account(account).start().unwrap();
        let target = Server::new(to).with_account(Account::new("t", "pw")).start().unwrap();
        let migration = Migration::new();
        migration.endpoint("Source", source.port(), &[]);
        migration.endpoint("Target", target.port(), &[]);
        Self { source, target, migration }
    }

    fn begin(&self) {
        let row = Row::new("u@contoso.edu", "u", "pw").target("t", "pw");
        self.migration.batch_with("Batch", "Source", Some("Target"), &[row], &["--auto-start"]);
    }

    fn run(&self) -> Statistics {
        self.begin();
        self.migration.wait_until("Batch", &["Synced"]);
        let statistics = self.migration.statistics("u@contoso.edu");
        assert!(statistics.adds_up(), "{:#}", statistics.view);
        statistics
    }

    #[track_caller]
    fn check(&self, statistics: &Statistics) {
        assert_same_but_reported(&held(&self.source, "u"), &held(&self.target, "t"), statistics);
    }
}

fn message(i: usize) -> Message {
    MessageBuilder::new(&format!("message {i}")).date(1_500_000_000 + i as i64).build()
}

fn inbox(messages: usize) -> Mailbox {
    Mailbox::new("INBOX").with_messages((0..messages).map(message))
}

/// Exchange Online as to names and limits, but with passwords.
fn exchange() -> Personality {
    let mut personality = Personality::exchange_online();
    personality.login.passwords = true;
    personality
}

#[test]
fn row_1_a_stated_backoff_is_waited_out_and_is_no_error() {
    let pair = Pair::new(Personality::dovecot(), [inbox(40)], exchange());
    pair.target.faults().arm(Fault::new(When::BeforeCommit, What::Throttle(Duration::from_secs(3))).skip(10));
    let began = Instant::now();

    pair.begin();
    let shown = pair
        .migration
        .wait_for_user("u@contoso.edu", Duration::from_secs(20), |user| user["Waiting"].is_string());
    pair.migration.wait_until("Batch", &["Synced"]);

    assert!(began.elapsed() >= Duration::from_secs(3));
    assert!(shown["Waiting"].as_str().unwrap().contains("UTC"), "{shown:#}");
    let statistics = pair.migration.statistics("u@contoso.edu");
    assert_eq!((statistics.text("Error"), statistics.skipped()), (String::new(), 0));
    pair.check(&statistics);
}

#[test]
fn row_2_a_token_that_ends_in_the_middle_of_a_run_is_replaced_unnoticed() {
    let source = Server::new(Personality::dovecot())
        .with_account(Account::new("terry.adams", "1091990").with_mailbox(inbox(80)))
        .start()
        .unwrap();
    let tenant =
        Tenant::new(Personality::exchange_online().with_exchange_folders(&[]).with_commands_per_token(30));
    tenant.register();
    tenant.migration.endpoint("Source", source.port(), &[]);

    tenant.migration.migrate("Batch", "Source", Some("Tenant"), &people()[..1]);

    let statistics = tenant.migration.statistics(EMAILS[0]);
    assert_eq!((statistics.text("Error"), statistics.synced()), (String::new(), 80));
    assert_same(&held(&source, "terry.adams"), &held(&tenant.exchange, EMAILS[0]), &Comparison::strict());
}

#[test]
fn row_5_a_refused_message_is_kept_unchanged_with_the_servers_answer() {
    let refusing = exchange()
        .refusing(|message| message.raw.contains(&0).then(|| "BAD Command Argument Error. 11".to_owned()));
    let nul = Message::from_bytes(b"Subject: with nul\r\n\r\na\0b\r\n".to_vec());
    let pair = Pair::new(Personality::generic(), [inbox(10).with_message(nul.clone())], refusing);

    let statistics = pair.run();

    let [item] = statistics.items_of("Refused").try_into().unwrap();
    assert_eq!((item.subject.as_str(), item.original()), ("with nul", nul.raw.to_vec()));
    assert!(item.failure.contains("BAD Command Argument Error. 11"), "{}", item.failure);
    pair.check(&statistics);
}

#[test]
fn row_6_messages_over_the_targets_limit_are_listed_and_the_limit_is_read() {
    let large = MessageBuilder::new("large").size(60_000).build();
    let limited = Personality::gmail_like().with_max_size(40_000, "NO [TOOBIG] Message too large.");
    let limited = limited.without("APPENDLIMIT=35651584").with("APPENDLIMIT=40000");
    let pair = Pair::new(Personality::dovecot(), [inbox(5).with_message(large)], limited);

    let statistics = pair.run();

    let [item] = statistics.items_of("LargeItem").try_into().unwrap();
    assert!(item.failure.contains("60000") && item.failure.contains("40000"), "{}", item.failure);
    assert!(!pair.target.commands().iter().any(|line| line.contains("{60000")), "it was sent all the same");
}

#[test]
fn row_13_slashes_and_outer_blanks_in_names_are_mapped_and_reported() {
    let from = Personality::courier_like();
    let mut names = from.names.clone();
    names.forbidden.clear();
    let from = Personality { names, ..from };
    let mailboxes = ["Offers/2024", " both ", "Ends with blank "]
        .map(|name| Mailbox::exact(&format!("INBOX.{name}")).with_message(message(name.len())));
    let pair = Pair::new(from, mailboxes, exchange());

    let statistics = pair.run();

    assert!(pair.target.has_mailbox("t", "Offers=2F2024"), "{:?}", pair.target.snapshot("t").keys());
    let renamed = statistics.items_of("FolderRenamed");
    assert!(renamed.iter().any(|item| item.failure.contains("Offers=2F2024")), "{renamed:#?}");
    assert_eq!(statistics.synced(), 3);
}

#[test]
fn row_14_folders_that_differ_in_case_only_stay_apart() {
    let mailboxes = ["Projekt", "projekt", "Projekt/Sub", "projekt/sub"]
        .map(|name| Mailbox::new(name).with_message(message(name.len())));
    let pair = Pair::new(Personality::dovecot(), mailboxes, exchange());

    let statistics = pair.run();

    pair.check(&statistics);
    assert!(!statistics.items_of("FolderRenamed").is_empty());
}

#[test]
fn row_15_prefixes_are_cut_off_and_put_on_and_no_parents_are_made_up() {
    let deep = || [Mailbox::new("Sent/2017/Deep").with_message(message(1)), inbox(2)];
    let dotted = Personality::dovecot().with_hierarchy('.', "INBOX.");
    for (from, to) in [(dotted.clone(), Personality::dovecot()), (Personality::dovecot(), dotted)] {
        let pair = Pair::new(from, deep(), to);

        let statistics = pair.run();

        pair.check(&statistics);
        assert_eq!(
            pair.target.messages("t", "Sent/2017/Deep").len(),
            1,
            "{:?}",
            pair.target.snapshot("t").keys()
        );
    }
}

#[test]
fn row_16_sent_and_trash_go_to_the_localised_folders_that_are_there() {
    let mailboxes = [
        Mailbox::new("Sent").special_use("\\Sent").with_message(message(1)),
        Mailbox::new("Trash").special_use("\\Trash").with_message(message(2)),
        Mailbox::new("Éléments envoyés").with_message(message(3)),
    ];
    let german = exchange().with_exchange_folders(imapmig_testkit::EXCHANGE_GERMAN);
    let pair = Pair::new(Personality::generic(), mailboxes, german);

    pair.run();

    assert_eq!(pair.target.messages("t", "Gelöschte Elemente").len(), 1);
    assert!(!pair.target.messages("t", "Gesendete Elemente").is_empty());
    assert!(!pair.target.has_mailbox("t", "Sent") && !pair.target.has_mailbox("t", "Trash"));
}

#[test]
fn row_19_flags_arrive_though_the_target_drops_them_and_unknown_system_flags_disturb_nothing() {
    let odd =
        message(1).with_flag("\\Seen").with_flag("\\Flagged").with_flag("$MDNSent").with_flag("\\FORWARDED");
    let pair = Pair::new(
        Personality::generic(),
        [Mailbox::new("INBOX").with_messages([odd, message(2).with_flag("\\Answered")])],
        Personality::generic().dropping_flags(),
    );

    let statistics = pair.run();

    assert_eq!((statistics.synced(), statistics.skipped()), (2, 0));
    let there = held(&pair.target, "t").mailboxes.remove(&path("INBOX")).unwrap();
    let flags = |at: usize| there[at].flags.iter().map(String::as_str).collect::<Vec<_>>();
    let first = there.iter().position(|entry| entry.title == "message 1").unwrap();
    assert_eq!(flags(first), ["$MDNSent", "\\flagged", "\\seen"]);
    assert_eq!(flags(1 - first), ["\\answered"]);
}

#[test]
fn row_21_a_mailbox_without_permission_is_explained() {
    let pair = Pair::new(Personality::dovecot(), [inbox(2)], exchange());
    pair.target.set_mailbox_permission("t", false);

    pair.begin();
    pair.migration.wait_until("Batch", &["Failed"]);

    let error = pair.migration.statistics("u@contoso.edu").text("Error");
    for words in ["User is authenticated but not connected", "permission", "Add-MailboxPermission"] {
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[test]
fn row_22_lost_answers_to_append_leave_one_copy_of_each_message() {
    for personality in
        [Personality::dovecot(), Personality::dovecot().without("UIDPLUS").without("MULTIAPPEND")]
    {
        let pair = Pair::new(Personality::dovecot(), [inbox(30)], personality);
        pair.target.faults().arm(Fault::cut(When::AfterCommit).times(4));

        let statistics = pair.run();

        assert_same(&held(&pair.source, "u"), &held(&pair.target, "t"), &Comparison::strict());
        assert_eq!(statistics.synced(), 30);
    }
}

#[test]
fn row_23_a_new_uidvalidity_copies_nothing_again() {
    let pair = Pair::new(Personality::dovecot(), [inbox(15)], Personality::dovecot());
    pair.run();
    let appended = pair.target.count("APPEND");

    pair.source.reset_uidvalidity("u", "INBOX");
    pair.migration.sync_now("Batch");
    pair.target.reset_uidvalidity("t", "INBOX");
    pair.migration.sync_now("Batch");

    assert_eq!(pair.target.count("APPEND"), appended);
    assert_same(&held(&pair.source, "u"), &held(&pair.target, "t"), &Comparison::strict());
}

#[test]
fn row_23_a_source_that_lists_a_uid_twice_ends_and_copies_nothing_twice() {
    let pair = Pair::new(Personality::dovecot(), [inbox(12)], Personality::dovecot());
    pair.source.set_uid("u", "INBOX", 5, 4);

    pair.begin();
    pair.migration.wait_until("Batch", &["Synced", "SyncedWithErrors", "Failed"]);

    let after = held(&pair.target, "t").mailboxes.remove(&path("INBOX")).unwrap();
    let mut digests: Vec<_> = after.iter().map(|entry| *entry.digest.as_bytes()).collect();
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), after.len(), "something is there twice");
    assert!(after.len() >= 11, "{}", after.len());
}
