//! A second run, a second batch, a batch made again, a new UIDVALIDITY: what is there already is found and not copied again.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use imapmig_testkit::{Account, Mailbox, Message, MessageBuilder, Personality, RunningServer, Server};
use imapmig_tests::migration::{EMAILS, Migration, Row, Statistics, account, assert_same, held, people};
use imapmig_tests::{ADMIN, Comparison, Dovecot, corpus, path, require};

/// Twenty messages, some equal in every byte and some in every header, in two mailboxes.
fn mail() -> [Mailbox; 2] {
    let twin = || Message::from_bytes(b"Message-ID: <same@x>\r\nSubject: twin\r\n\r\nsame\r\n".to_vec());
    let like = |body: &str| {
        Message::from_bytes(format!("Message-ID: <same@x>\r\nSubject: alike\r\n\r\n{body}\r\n").into_bytes())
    };
    [
        Mailbox::new("INBOX")
            .with_messages(
                (0..12).map(|i| MessageBuilder::new(&format!("m{i}")).date(1_500_000_000 + i).build()),
            )
            .with_messages([twin(), twin(), like("one"), like("two")]),
        Mailbox::new("Projets").with_messages((0..4).map(|i| MessageBuilder::new(&format!("p{i}")).build())),
    ]
}

fn server(
    personality: Personality,
    login: &str,
    mailboxes: impl IntoIterator<Item = Mailbox>,
) -> RunningServer {
    let account = mailboxes.into_iter().fold(Account::new(login, "pw"), Account::with_mailbox);
    Server::new(personality).with_account(account).start().unwrap()
}

/// A source, a target, and a migration between them that was done once.
struct Done {
    source: RunningServer,
    target: RunningServer,
    migration: Migration,
}

impl Done {
    fn once(personality: Personality) -> Self {
        let done = Self::before(personality);
        done.migration.migrate("Batch", "Source", Some("Target"), &[row()]);
        assert_eq!(done.statistics().copied(), 20);
        done.check();
        done
    }

    fn before(personality: Personality) -> Self {
        let source = server(Personality::dovecot(), "u", mail());
        let target = server(personality, "t", []);
        let migration = Migration::new();
        migration.endpoint("Source", source.port(), &[]);
        migration.endpoint("Target", target.port(), &[]);
        Self { source, target, migration }
    }

    #[track_caller]
    fn check(&self) {
        assert_same(&held(&self.source, "u"), &held(&self.target, "t"), &Comparison::strict());
        let statistics = self.statistics();
        assert!(statistics.adds_up(), "{:#}", statistics.view);
    }

    fn statistics(&self) -> Statistics {
        self.migration.statistics("u@contoso.edu")
    }

    /// How many APPEND commands the target was sent, except trials of its literals in mailboxes that do not exist.
    fn appended(&self) -> usize {
        let is_append = |line: &String| line.starts_with("APPEND ") && !line.contains("\"imapmig-");
        self.target.commands().iter().filter(|line| is_append(line)).count()
    }
}

fn row() -> Row {
    Row::new("u@contoso.edu", "u", "pw").target("t", "pw")
}

fn bare() -> Personality {
    ["UIDPLUS", "LITERAL+", "MULTIAPPEND", "CONDSTORE"]
        .iter()
        .fold(Personality::dovecot(), |personality, word| personality.without(word))
}

#[test]
fn a_batch_made_again_adopts_and_twins_stay_two() {
    for personality in [Personality::dovecot(), bare()] {
        let done = Done::once(personality);
        let appended = done.appended();

        done.migration.remove("Batch");
        done.migration.migrate("Again", "Source", Some("Target"), &[row()]);

        done.check();
        assert_eq!(done.appended(), appended);
        let statistics = done.statistics();
        assert_eq!((statistics.adopted(), statistics.copied()), (20, 0));
        assert_eq!(statistics.number("BytesTransferred"), 0);
    }
}

#[test]
fn a_sync_after_the_target_got_another_uidvalidity_adopts() {
    let done = Done::once(Personality::dovecot());
    let appended = done.appended();
    done.source.deliver("u", "INBOX", MessageBuilder::new("new").build());

    done.target.reset_uidvalidity("t", "INBOX");
    done.migration.sync_now("Batch");

    done.check();
    assert_eq!(done.target.messages("t", "INBOX").len(), 17);
    assert_eq!(done.appended(), appended + 1);
}

#[test]
fn a_sync_after_the_source_got_another_uidvalidity_adopts() {
    let done = Done::once(Personality::dovecot());
    let appended = done.appended();
    done.source.deliver("u", "INBOX", MessageBuilder::new("new").build());

    done.source.reset_uidvalidity("u", "INBOX");
    done.migration.sync_now("Batch");

    done.check();
    assert_eq!(done.appended(), appended + 1);
}

#[test]
fn both_sides_with_another_uidvalidity_are_still_the_same_mail() {
    let done = Done::once(bare());
    let appended = done.appended();

    for mailbox in ["INBOX", "Projets"] {
        done.source.reset_uidvalidity("u", mailbox);
        done.target.reset_uidvalidity("t", mailbox);
    }
    done.migration.sync_now("Batch");

    done.check();
    assert_eq!(done.appended(), appended);
}

#[test]
fn a_twin_that_comes_later_is_copied_though_its_like_is_there() {
    let done = Done::once(Personality::dovecot());

    done.source.deliver(
        "u",
        "INBOX",
        Message::from_bytes(b"Message-ID: <same@x>\r\nSubject: twin\r\n\r\nsame\r\n".to_vec()),
    );
    done.migration.sync_now("Batch");

    done.check();
    assert_eq!(done.target.messages("t", "INBOX").len(), 17);
}

#[test]
fn what_the_user_did_at_the_target_is_left_alone() {
    let done = Done::once(Personality::dovecot());
    let uid = done.target.messages("t", "INBOX")[0].uid;
    done.target.expunge("t", "INBOX", &[uid]);
    done.target.set_flags("t", "INBOX", uid + 1, &["\\Flagged", "$Own"]);
    done.target.deliver("t", "INBOX", MessageBuilder::new("arrived at the new place").build());
    let left = held(&done.target, "t");

    done.migration.sync_now("Batch");

    assert_same(&left, &held(&done.target, "t"), &Comparison::strict());
}

#[test]
fn another_state_directory_finds_what_the_first_one_copied() {
    let done = Done::once(Personality::dovecot());
    let appended = done.appended();
    let second = Migration::new();
    second.endpoint("Source", done.source.port(), &[]);
    second.endpoint("Target", done.target.port(), &[]);

    second.migrate("Batch", "Source", Some("Target"), &[row()]);

    done.check();
    assert_eq!(done.appended(), appended);
    assert_eq!(second.statistics("u@contoso.edu").adopted(), 20);
}

#[test]
fn a_folder_that_its_user_renamed_at_the_target_is_not_filled_again() {
    require!("dovecot");
    let (source, target) = (Dovecot::source().start(), Dovecot::target().start());
    source.deliver("terry.adams", &corpus::small(200));
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.administered("Target", target.port, ADMIN, Some("{EmailAddress}*mailadmin"));
    migration.migrate("Batch", "Source", Some("Target"), &people()[..1]);
    let before = account(&target, EMAILS[0], "pw");

    let mut user = target.login(EMAILS[0], "pw").unwrap();
    let filled =
        |user: &mut imapmig_tests::Client, folder: &Vec<String>| user.status(folder, "MESSAGES").unwrap() > 0;
    let folders: Vec<_> =
        user.list().unwrap().into_iter().filter(|f| f.is_selectable()).map(|f| f.path).collect();
    let folder = folders.into_iter().rev().find(|f| *f != path("INBOX") && filled(&mut user, f)).unwrap();
    let wire = user.wire_name(&folder).unwrap();
    user.command(&format!("RENAME \"{wire}\" \"By its user\"")).unwrap();
    migration.sync_now("Batch");

    let after = account(&target, EMAILS[0], "pw");
    assert_eq!(after.messages(), before.messages());
    let told = migration.statistics(EMAILS[0]).report();
    assert!(told.iter().any(|line| line.contains("removed or renamed at the target")), "{told:#?}");
}

#[test]
fn mail_that_another_tool_copied_before_is_adopted() {
    require!("dovecot");
    let (source, target) = (Dovecot::source().start(), Dovecot::target().start());
    source.deliver("terry.adams", &corpus::small(200));
    let mut some = corpus::small(200);
    // Half of INBOX is there already, put in by somebody else.
    let inbox = some.mailboxes.remove(0).1;
    let half = inbox[..inbox.len() / 2].to_vec();
    target.login(EMAILS[0], "pw").unwrap().append_all(&path("INBOX"), &half).unwrap();
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.administered("Target", target.port, ADMIN, Some("{EmailAddress}*mailadmin"));

    migration.migrate("Batch", "Source", Some("Target"), &people()[..1]);

    let statistics = migration.statistics(EMAILS[0]);
    assert_eq!((statistics.adopted(), statistics.synced()), (half.len() as u64, 200));
    assert_same(
        &account(&source, "terry.adams", "1091990"),
        &account(&target, EMAILS[0], "pw"),
        &Comparison::strict(),
    );
}

#[test]
fn a_second_batch_with_another_email_address_into_the_same_mailbox_copies_nothing_again() {
    let done = Done::once(Personality::dovecot());
    let appended = done.appended();
    let other = Row::new("alias@contoso.edu", "u", "pw").target("t", "pw");

    done.migration.migrate("Second", "Source", Some("Target"), &[other]);

    done.check();
    assert_eq!(done.appended(), appended);
    assert_eq!(done.migration.statistics("alias@contoso.edu").adopted(), 20);
}
