//! From server to server over real connections, with the connection cut at every kind of place.

#![allow(clippy::unwrap_used, reason = "tests")]

mod analysis;
mod breaking;
mod hostile_words;
mod made_names;
mod odd;
mod progress;
mod reworded;
mod servers;
#[path = "../sync_support/mod.rs"]
mod sync_support;

use imapmig_core::ports::store::Catalog;
use imapmig_core::ports::target::TargetConnector;
use imapmig_core::secret::Secret;
use imapmig_core::time::UnixMs;
use imapmig_core::user::SkippedKind;
use imapmig_engine::sync::{Limits, probe};
use imapmig_imap::Login;
use imapmig_imap::connectors::{source_connector, target_connector};
use imapmig_testkit::{Account, Fault, Mailbox, Message, MessageBuilder, Personality, Server, What, When};
use servers::{USER, at, earned, login, mail, messages, rig, source_server, target_server};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use sync_support::Rig;

#[test]
fn a_whole_account_arrives_as_it_was() {
    let account = imapmig_testkit::sample::three_mailboxes().remove(0);
    let source = Server::new(Personality::dovecot()).with_account(account).start().unwrap();
    let target = target_server(Personality::dovecot());
    let terry = Login::Password { user_name: "terry.adams".to_owned(), password: Secret::from("1091990") };
    let mut rig = Rig::between(
        source_connector(at(&source), terry, None),
        target_connector(at(&target), login(), &earned()),
    );
    rig.lanes = 3;

    let done = rig.initial().unwrap();

    let by_path: BTreeMap<_, _> = source.snapshot_by_path("terry.adams");
    for (path, messages) in &by_path {
        let there = target.messages(USER, path);
        let mut here: Vec<_> = messages.iter().map(|m| (m.raw.clone(), m.internal_date)).collect();
        let mut there: Vec<_> = there.iter().map(|m| (m.raw.clone(), m.internal_date)).collect();
        here.sort();
        there.sort();
        assert_eq!(here, there, "{path}");
    }
    let total: usize = by_path.values().map(Vec::len).sum();
    assert_eq!(done.progress.verified_items, total as u64);
}

/// Cuts the target's connection at a place, at each of several opportunities, and compares afterwards.
fn cut_at_target(name: &str, personality: &Personality, when: &When) {
    for skip in [0, 1, 5] {
        let source =
            source_server(Personality::dovecot(), vec![Mailbox::new("INBOX").with_messages(messages(20))]);
        let target = target_server(personality.clone());
        target.faults().arm(Fault::cut(when.clone()).skip(skip));

        let done = rig(&source, &target).initial();

        let done = done.unwrap_or_else(|f| panic!("{name}, {when:?} after {skip}: {f}"));
        assert_eq!(mail(&source, "INBOX"), mail(&target, "INBOX"), "{name}, {when:?} after {skip}");
        assert_eq!(done.progress.synced_items, 20, "{name}, {when:?} after {skip}");
    }
}

#[test]
fn a_cut_anywhere_at_the_target_loses_and_doubles_nothing() {
    let places = [
        When::InCommand("APPEND".to_owned(), 1),
        When::InCommand("APPEND".to_owned(), 12),
        When::InAppendLiteral(1),
        When::InAppendLiteral(300),
        When::BeforeCommit,
        When::AfterCommit,
        When::InAppendReply(1),
        When::InAppendReply(9),
        When::BeforeCommand("LIST".to_owned()),
        When::InReply("SELECT".to_owned(), 20),
        When::InReply("FETCH".to_owned(), 30),
        When::Greeting,
    ];
    let everything = Personality::dovecot();
    let bare = Personality::generic().without("LITERAL+").without("MULTIAPPEND").without("UIDPLUS");
    let servers = [
        ("without UIDPLUS", everything.clone().without("UIDPLUS")),
        ("without MULTIAPPEND", everything.clone().without("MULTIAPPEND")),
        ("without LITERAL+", everything.clone().without("LITERAL+")),
        ("with everything", everything),
        ("with nothing", bare),
    ];
    for (name, server) in &servers {
        for when in &places {
            cut_at_target(name, server, when);
        }
    }
}

#[test]
fn a_cut_anywhere_at_the_source_loses_and_doubles_nothing() {
    let places = [
        When::InFetchLiteral(1),
        When::InFetchLiteral(200),
        When::InReply("FETCH".to_owned(), 3),
        When::InReply("FETCH".to_owned(), 2_000),
        When::InCommand("FETCH".to_owned(), 5),
        When::InReply("EXAMINE".to_owned(), 10),
        When::BeforeCommand("LIST".to_owned()),
        When::Sent(5_000),
    ];
    for when in places {
        for skip in [0, 3] {
            let source = source_server(
                Personality::dovecot(),
                vec![Mailbox::new("INBOX").with_messages(messages(20))],
            );
            let target = target_server(Personality::dovecot());
            source.faults().arm(Fault::cut(when.clone()).skip(skip));

            rig(&source, &target).initial().unwrap_or_else(|f| panic!("{when:?} after {skip}: {f}"));

            assert_eq!(mail(&source, "INBOX"), mail(&target, "INBOX"), "{when:?} after {skip}");
        }
    }
}

#[test]
fn ten_lost_append_answers_in_a_row_leave_one_copy_each() {
    let source =
        source_server(Personality::dovecot(), vec![Mailbox::new("INBOX").with_messages(messages(30))]);
    let target = target_server(Personality::dovecot().without("MULTIAPPEND"));
    target.faults().arm(Fault::cut(When::AfterCommit).times(10));

    rig(&source, &target).initial().unwrap();

    assert_eq!(mail(&source, "INBOX"), mail(&target, "INBOX"));
}

#[test]
fn several_lanes_with_cuts_lose_and_double_nothing() {
    let source =
        source_server(Personality::dovecot(), vec![Mailbox::new("INBOX").with_messages(messages(900))]);
    let target = target_server(Personality::dovecot());
    for skip in [3, 40, 200] {
        target.faults().arm(Fault::cut(When::AfterCommit).skip(skip));
        target.faults().arm(Fault::cut(When::InAppendLiteral(50)).skip(skip * 2));
        source.faults().arm(Fault::cut(When::InFetchLiteral(100)).skip(skip));
    }
    let mut rig = rig(&source, &target);
    rig.lanes = 4;

    let done = rig.initial().unwrap();

    assert_eq!(mail(&source, "INBOX"), mail(&target, "INBOX"));
    assert_eq!(done.progress.synced_items, 900);
}

#[test]
fn odd_messages_reach_servers_of_every_kind_or_are_told() {
    let odd = || {
        let of = |subject: &str| MessageBuilder::new(subject).internal_date(1_600_000_000);
        vec![
            of("nul").nul().build(),
            of("lf").bare_lf().build(),
            of("unix").unix_headers().build(),
            of("cr").bare_cr().build(),
            of("8bit").eight_bit_header().build(),
            of("end").no_final_newline().build(),
            of("headless").no_headers().build(),
            Message::from_bytes(Vec::new()),
            of("plain").build(),
        ]
    };
    for personality in [
        Personality::dovecot(),
        Personality::cyrus_like(),
        Personality::courier_like(),
        Personality::generic(),
    ] {
        let source = source_server(Personality::generic(), vec![Mailbox::new("INBOX").with_messages(odd())]);
        let name = personality.name.clone();
        let target = target_server(personality);
        let rig = rig(&source, &target);

        let done = rig.initial().unwrap_or_else(|f| panic!("{name}: {f}"));

        let items = rig.items();
        let there = mail(&target, "INBOX");
        for message in source.messages(USER, "INBOX") {
            let same = there.iter().any(|(raw, ..)| *raw == *message.raw);
            let told = items.iter().find(|i| {
                i.uid.map(|u| u.0) == Some(message.uid)
                    && matches!(i.kind, SkippedKind::Altered | SkippedKind::Refused)
            });
            assert_ne!(same, told.is_some(), "{name}: {:?}", message.raw.escape_ascii().to_string());
            if let Some(item) = told {
                assert_eq!(rig.kept(item), *message.raw, "{name}");
            }
        }
        let n = done.progress;
        assert_eq!(n.total_items, n.synced_items + n.skipped_items, "{name}");
        assert_eq!(there.len() as u64, n.synced_items, "{name}");
    }
}

#[test]
fn a_batch_made_anew_copies_nothing_again_whatever_the_server_altered() {
    for personality in [Personality::dovecot(), Personality::courier_like()] {
        let odd = [
            MessageBuilder::new("lf").bare_lf().internal_date(1_600_000_000).build(),
            MessageBuilder::new("nul").nul().internal_date(1_600_000_001).build(),
            MessageBuilder::new("cr").bare_cr().internal_date(1_600_000_002).build(),
        ];
        let source = source_server(
            Personality::generic(),
            vec![Mailbox::new("INBOX").with_messages(messages(20)).with_messages(odd)],
        );
        let target = target_server(personality);
        let rig = rig(&source, &target);
        rig.initial().unwrap();

        let rig = rig.made_anew();
        let done = rig.initial().unwrap();

        assert_eq!(target.messages(USER, "INBOX").len(), 23);
        assert_eq!(done.progress.adopted_items, 23);
    }
}

#[test]
fn throttling_in_exchange_s_words_is_waited_for_and_doubles_nothing() {
    let source =
        source_server(Personality::generic(), vec![Mailbox::new("INBOX").with_messages(messages(20))]);
    let target = target_server(Personality::generic().without("MULTIAPPEND"));
    target.faults().arm(Fault::new(When::BeforeCommit, What::Throttle(Duration::from_millis(300))).skip(4));
    let rig = rig(&source, &target);

    rig.initial().unwrap();

    assert_eq!(mail(&source, "INBOX"), mail(&target, "INBOX"));
    assert!(target.throttled_answers() > 0);
}

#[test]
fn flags_that_a_server_drops_at_append_are_stored_afterwards() {
    let source =
        source_server(Personality::generic(), vec![Mailbox::new("INBOX").with_messages(messages(9))]);
    let target = target_server(Personality::generic().dropping_flags());

    rig(&source, &target).initial().unwrap();

    assert_eq!(mail(&source, "INBOX"), mail(&target, "INBOX"));
}

#[test]
fn a_full_mailbox_ends_the_run_with_quota_and_copies_the_newest() {
    let source =
        source_server(Personality::generic(), vec![Mailbox::new("INBOX").with_messages(messages(20))]);
    let target = target_server(Personality::generic().with_quota(5_000));

    let failure = rig(&source, &target).initial().unwrap_err();

    assert_eq!(failure.kind, imapmig_core::failure::FailureKind::QuotaExceeded);
    assert!(!target.messages(USER, "INBOX").is_empty());
}

#[test]
fn into_maildirs_everything_arrives_and_a_new_uidvalidity_copies_nothing_again() {
    let source = source_server(
        Personality::dovecot(),
        vec![
            Mailbox::new("INBOX").with_messages(messages(40)),
            Mailbox::new("Größe/日本").with_messages(messages(5)),
        ],
    );
    let home = tempfile::tempdir().unwrap();
    let maildir = imapmig_maildir::target_connector(home.path(), "terry@contoso.edu").unwrap();
    let rig = Rig::between(source_connector(at(&source), login(), None), Arc::clone(&maildir));
    source.faults().arm(Fault::cut(When::InFetchLiteral(100)).skip(11));
    let first = rig.initial().unwrap();
    source.reset_uidvalidity(USER, "INBOX");

    let second = rig.incremental().unwrap();

    assert_eq!((first.progress.synced_items, second.progress.synced_items), (45, 45));
    assert_eq!(second.progress.adopted_items, 40);
    assert_eq!(count(&maildir), 45);
}

#[test]
fn a_folder_that_was_removed_from_a_maildir_is_not_filled_again() {
    let folders = ["INBOX", "Work"].map(|name| Mailbox::new(name).with_messages(messages(3)));
    let source = source_server(Personality::dovecot(), folders.into());
    let home = tempfile::tempdir().unwrap();
    let maildir = imapmig_maildir::target_connector(home.path(), "terry@contoso.edu").unwrap();
    let rig = Rig::between(source_connector(at(&source), login(), None), Arc::clone(&maildir));
    rig.initial().unwrap();
    std::fs::remove_dir_all(home.path().join("terry@contoso.edu/Maildir/.Work")).unwrap();

    let done = rig.incremental().unwrap();

    assert_eq!((count(&maildir), done.progress.synced_items), (3, 6));
    assert!(rig.report().iter().any(|line| line.contains("was removed or renamed at the target")));
}

fn count(maildir: &Arc<dyn TargetConnector>) -> usize {
    let mut session = maildir.connect(&imapmig_core::cancel::Cancel::new()).unwrap();
    let mut count = 0;
    for folder in session.folders().unwrap().into_iter().filter(|f| f.selectable) {
        session.open(&folder.wire).unwrap();
        session.inventory(imapmig_core::message::Uid(1), &mut |_| count += 1).unwrap();
    }
    count
}

#[test]
fn the_same_account_proves_to_be_the_same_and_others_do_not() {
    let source =
        source_server(Personality::dovecot(), vec![Mailbox::new("INBOX").with_messages(messages(12))]);
    source.add_account(
        Account::new("ann", "pw").with_mailbox(Mailbox::new("INBOX").with_messages(messages(13))),
    );
    let cancel = imapmig_core::cancel::Cancel::new();
    let now = 1_800_000_000;
    let look = |user: &str| {
        let login = Login::Password { user_name: user.to_owned(), password: Secret::from("pw") };
        let at_this = source_connector(at(&source), login, None);
        probe(at_this.as_ref(), UnixMs(now * 1000), &cancel).unwrap().unwrap()
    };

    let before = look(USER);
    source.deliver(USER, "INBOX", MessageBuilder::new("it goes on").date(now).build());

    assert!(before.proves_same_mailbox(&look(USER)));
    assert!(!before.proves_same_mailbox(&look("ann")));
}

#[test]
fn a_large_message_stays_within_the_memory_for_bodies() {
    let large = MessageBuilder::new("large").size(12 * 1024 * 1024).build();
    let source = source_server(Personality::dovecot(), vec![Mailbox::new("INBOX").with_message(large)]);
    let target = target_server(Personality::dovecot());
    let mut rig = rig(&source, &target);
    rig.limits = Limits::default();

    let done = rig.initial().unwrap();

    assert_eq!(done.progress.synced_items, 1);
    assert_eq!(mail(&source, "INBOX"), mail(&target, "INBOX"));
    assert_eq!(rig.store.user_by_id(rig.user().id).unwrap().unwrap().progress, done.progress);
}
