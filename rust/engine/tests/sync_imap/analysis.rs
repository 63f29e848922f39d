//! What an analysis reports of two servers before anything is copied: names, sizes, quotas and missing grants.

use super::servers::{USER, at, earned, login, messages, source_server, target_server};
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::FailureKind;
use imapmig_core::folder_filter::FolderFilter;
use imapmig_core::secret::Secret;
use imapmig_core::user::SkippedKind;
use imapmig_engine::analysis::{Analysis, analyze};
use imapmig_engine::sync::Limits;
use imapmig_imap::Login;
use imapmig_imap::connectors::{source_connector, target_connector};
use imapmig_testkit::{Mailbox, MessageBuilder, Personality, RunningServer};

fn analyzed(source: &RunningServer, target: &RunningServer, limits: Limits) -> Analysis {
    let source = source_connector(at(source), login(), None);
    let target = target_connector(at(target), login(), &earned());
    analyze(source.as_ref(), target.as_ref(), &FolderFilter::default(), limits, &Cancel::new()).unwrap()
}

/// The kinds and reasons of what is reported.
fn reported(analysis: &Analysis) -> Vec<(SkippedKind, String)> {
    analysis.items.iter().map(|item| (item.kind, item.reason.clone())).collect()
}

/// An inbox with a message of each of these sizes.
fn inbox(sizes: &[usize]) -> Vec<Mailbox> {
    let message = |size: &usize| MessageBuilder::new("m").size(*size).build();
    vec![Mailbox::new("INBOX").with_messages(sizes.iter().map(message))]
}

fn with_quota(bytes: u64) -> RunningServer {
    target_server(Personality::dovecot().with("QUOTA").with_quota(bytes))
}

#[test]
fn a_quota_with_room_for_everything_is_not_reported_and_a_smaller_one_is() {
    let source = source_server(Personality::dovecot(), inbox(&[40_000, 40_000]));

    let enough = analyzed(&source, &with_quota(100_000), Limits::default());
    let small = analyzed(&source, &with_quota(60_000), Limits::default());

    assert_eq!((enough.fitting_items, enough.fitting_bytes), (2, enough.progress.total_bytes));
    assert_eq!(reported(&enough), []);
    let [(SkippedKind::Quota, reason)] = &reported(&small)[..] else { panic!("{small:?}") };
    assert!(reason.contains("79 KB are to be copied and there is room for 58 KB"), "{reason}");
}

#[test]
fn what_the_target_holds_already_counts_against_its_quota() {
    let source = source_server(Personality::dovecot(), inbox(&[40_000]));
    let target = with_quota(60_000);
    target.deliver(USER, "INBOX", MessageBuilder::new("there").size(30_000).build());

    let analysis = analyzed(&source, &target, Limits::default());

    let [(SkippedKind::Quota, reason)] = &reported(&analysis)[..] else { panic!("{analysis:?}") };
    assert!(reason.contains("apart from messages that are there already"), "{reason}");
    assert_eq!(target.messages(USER, "INBOX").len(), 1);
}

#[test]
fn a_message_that_is_left_out_needs_no_room() {
    let source = source_server(Personality::dovecot(), inbox(&[10_000, 90_000]));
    let limits = Limits { max_message_bytes: 50_000, ..Limits::default() };

    let analysis = analyzed(&source, &with_quota(60_000), limits);

    let kinds: Vec<_> = reported(&analysis).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [SkippedKind::LargeItem]);
}

#[test]
fn a_server_without_quotas_and_one_that_refuses_to_tell_are_not_reported() {
    let source = source_server(Personality::dovecot(), inbox(&[40_000]));

    for target in [target_server(Personality::dovecot().with_quota(60_000)), with_quota(100_000)] {
        assert_eq!(reported(&analyzed(&source, &target, Limits::default())), []);
    }
}

#[test]
fn messages_beyond_the_targets_limit_or_the_newest_that_are_migrated_are_reported() {
    let source = source_server(Personality::dovecot(), inbox(&[400, 9_000, 400]));
    let target = target_server(Personality::generic().with("APPENDLIMIT=5000"));
    let limits = Limits { max_items: 2, ..Limits::default() };

    let analysis = analyzed(&source, &target, limits);

    let expected = [
        (SkippedKind::LargeItem, "larger than the 4 KB that are migrated".to_owned()),
        (SkippedKind::ItemLimit, "1 messages are more than the newest 2 that are migrated".to_owned()),
    ];
    assert_eq!(reported(&analysis), expected);
    assert_eq!(analysis.items[0].size, 9_000);
}

#[test]
fn a_folder_that_gets_another_name_is_reported_and_none_is_created() {
    let odd = Mailbox::new("Plans v1.2").with_messages(messages(1));
    let source = source_server(Personality::dovecot(), vec![odd]);
    let target = target_server(Personality::courier_like());
    let before = target.snapshot_by_path(USER);

    let analysis = analyzed(&source, &target, Limits::default());

    let kinds: Vec<_> = reported(&analysis).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [SkippedKind::FolderRenamed]);
    assert_eq!(target.snapshot_by_path(USER).keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
}

#[test]
fn a_view_of_flagged_messages_is_counted_only_where_it_is_asked_for_by_name() {
    let starred = Mailbox::new("Starred").special_use("\\Flagged").with_messages(messages(3));
    let source = source_server(Personality::dovecot(), vec![inbox(&[400]).remove(0), starred]);
    let target = target_server(Personality::dovecot());
    let named = FolderFilter::parse(&["INBOX", "Starred"], &[]).unwrap();

    let [by_default, by_name] = [FolderFilter::default(), named].map(|filter| {
        let sides =
            (source_connector(at(&source), login(), None), target_connector(at(&target), login(), &earned()));
        analyze(sides.0.as_ref(), sides.1.as_ref(), &filter, Limits::default(), &Cancel::new()).unwrap()
    });

    assert_eq!((by_default.progress.total_items, by_name.progress.total_items), (1, 4));
    assert_eq!(by_name.folders, 2);
}

#[test]
fn a_folder_that_goes_to_the_targets_own_for_the_same_use_is_not_reported() {
    let sent = Mailbox::new("Gesendete Elemente").special_use("\\Sent").with_messages(messages(1));
    let source = source_server(Personality::dovecot(), vec![sent]);
    let target = target_server(Personality::dovecot().with_default_folder("Sent", Some("\\Sent")));

    assert_eq!(reported(&analyzed(&source, &target, Limits::default())), []);
}

#[test]
fn a_folder_that_no_name_leads_to_is_reported() {
    let source = source_server(Personality::dovecot(), vec![Mailbox::exact("//").with_messages(messages(1))]);

    let analysis = analyzed(&source, &target_server(Personality::dovecot()), Limits::default());

    let [(SkippedKind::FolderFailed, reason)] = &reported(&analysis)[..] else { panic!("{analysis:?}") };
    assert!(reason.contains("would not be migrated"), "{reason}");
}

#[test]
fn a_grant_that_is_missing_at_the_target_fails_the_user() {
    let source = source_server(Personality::dovecot(), inbox(&[400]));
    let target = target_server(Personality::dovecot());
    let wrong = Login::Password { user_name: USER.to_owned(), password: Secret::from("no") };
    let sides =
        (source_connector(at(&source), login(), None), target_connector(at(&target), wrong, &earned()));

    let failure = analyze(
        sides.0.as_ref(),
        sides.1.as_ref(),
        &FolderFilter::default(),
        Limits::default(),
        &Cancel::new(),
    )
    .unwrap_err();

    assert_eq!(failure.kind, FailureKind::LoginRefused);
}
