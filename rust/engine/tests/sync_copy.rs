//! The ordinary way: what is copied, in which order, with which numbers, and what is left out.

mod sync_support;

use imapmig_core::folder::SpecialUse;
use imapmig_core::folder_filter::FolderFilter;
use imapmig_core::ports::store::Diary;
use imapmig_core::user::SkippedKind;
use imapmig_engine::sync::Limits;
use sync_support::Rig;
use sync_support::account::{Account, message, path, raw};

#[test]
fn every_message_arrives_with_its_bytes_flags_keywords_and_date() {
    let source = Account::new()
        .with("INBOX", [message("a").at(10).flagged("\\Seen $Forwarded"), message("b").at(20)])
        .with("Projects/\u{c4}rger", [message("c").flagged("\\Flagged \\Draft Work")]);
    let target = Account::new();

    let done = Rig::new(&source, &target).initial().unwrap();

    for folder in ["INBOX", "Projects/\u{c4}rger"] {
        assert_eq!(target.mail(folder), source.mail(folder));
    }
    let n = done.progress;
    assert_eq!((n.total_items, n.synced_items, n.skipped_items, n.verified_items), (3, 3, 0, 3));
    assert_eq!(n.bytes_transferred, n.total_bytes);
}

#[test]
fn the_newest_come_first() {
    let source =
        Account::new().with("INBOX", [message("old").at(10), message("new").at(30), message("mid").at(20)]);
    let target = Account::new();

    Rig::new(&source, &target).initial().unwrap();

    assert_eq!(target.subjects("INBOX"), ["new", "mid", "old"]);
}

#[test]
fn empty_folders_are_made_and_parents_without_mail_are_not() {
    let source = Account::new().with("Empty", []).with("Parent", []).with("Parent/Child", []);
    source.state().folders.get_mut(&path("Parent")).unwrap().selectable = false;
    let target = Account::new();

    Rig::new(&source, &target).initial().unwrap();

    assert_eq!(target.folder_names(), ["Empty", "INBOX", "Parent/Child"]);
}

#[test]
fn a_second_sync_copies_nothing_and_a_third_only_what_is_new() {
    let source = Account::new().with("INBOX", [message("a"), message("b")]);
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();

    rig.incremental().unwrap();
    let appended = target.appends();
    source.deliver("INBOX", message("c"));
    let done = rig.incremental().unwrap();

    assert_eq!((appended, target.appends()), (2, 3));
    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    assert_eq!((done.progress.total_items, done.progress.synced_items), (3, 3));
}

#[test]
fn with_condstore_an_incremental_sync_asks_only_for_what_changed() {
    let source = Account::new().having(|s| s.condstore = true).with("INBOX", [message("a"), message("b")]);
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    source.state().scans.clear();
    source.deliver("INBOX", message("c"));
    source.set_flags("INBOX", 1, "\\Seen");

    let done = rig.incremental().unwrap();

    assert_eq!(source.state().scans, ["changed"]);
    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    assert_eq!((done.progress.total_items, done.progress.synced_items), (3, 3));
}

#[test]
fn what_was_skipped_and_is_forgiven_is_found_again_with_condstore() {
    let source = Account::new()
        .having(|s| s.condstore = true)
        .with("INBOX", [message("a"), message("big").sized(5_000)]);
    let target = Account::new();
    let mut rig = Rig::new(&source, &target);
    rig.limits = Limits { max_message_bytes: 1_000, ..Limits::default() };
    rig.initial().unwrap();

    rig.limits = Limits::default();
    rig.store.forget_skipped(rig.user().id, None).unwrap();
    rig.incremental().unwrap();

    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
}

#[test]
fn deletions_at_the_source_are_left_alone() {
    let source = Account::new().with("INBOX", [message("a"), message("b")]);
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    let before = target.mail("INBOX");

    source.expunge("INBOX", 1);
    let done = rig.incremental().unwrap();

    assert_eq!((before.len(), target.mail("INBOX")), (2, before));
    assert_eq!(rig.reported(), []);
    let counts = (done.progress.total_items, done.progress.synced_items, done.progress.skipped_items);
    assert_eq!(counts, (2, 2, 0), "what was copied still counts");
}

#[test]
fn too_large_messages_are_left_out_with_their_subject() {
    let source = Account::new().with("INBOX", [message("small"), message("large").sized(2_000)]);
    let target = Account::new();
    let mut rig = Rig::new(&source, &target);
    rig.limits = Limits { max_message_bytes: 1_000, ..Limits::default() };

    let done = rig.initial().unwrap();

    let item = rig.items().remove(0);
    assert_eq!((item.kind, item.subject.as_str(), item.size), (SkippedKind::LargeItem, "large", 2_000));
    assert_eq!((done.progress.synced_items, done.progress.skipped_items), (1, 1));
}

#[test]
fn the_target_s_own_limit_counts_also_when_the_source_tells_wrong_sizes() {
    let source = Account::new().with("INBOX", [message("small"), message("large").sized(1_000)]);
    source.state().wrong_sizes = true;
    let target = Account::new().having(|t| t.profile.append_limit = Some(999));

    let rig = Rig::new(&source, &target);
    let done = rig.initial().unwrap();

    assert_eq!(rig.reported(), [("INBOX".to_owned(), Some(2), SkippedKind::LargeItem)]);
    assert_eq!((done.progress.synced_items, done.progress.skipped_items), (1, 1));
}

#[test]
fn beyond_the_item_limit_the_newest_over_all_folders_are_taken() {
    let source = Account::new()
        .with("INBOX", [message("a").at(10), message("b").at(40)])
        .with("Old", [message("c").at(30), message("d").at(20)]);
    let target = Account::new();
    let mut rig = Rig::new(&source, &target);
    rig.limits = Limits { max_items: 2, ..Limits::default() };

    let done = rig.initial().unwrap();

    assert_eq!(
        (target.subjects("INBOX"), target.subjects("Old")),
        (vec!["b".to_owned()], vec!["c".to_owned()])
    );
    assert_eq!((done.progress.total_items, done.progress.skipped_items), (4, 2));
    assert!(rig.items().iter().all(|i| i.kind == SkippedKind::ItemLimit));
}

#[test]
fn a_uid_that_comes_twice_is_one_message() {
    let source = Account::new().with("INBOX", [message("a"), message("b")]);
    source.state().doubled_in_scans = true;
    let target = Account::new();

    let done = Rig::new(&source, &target).initial().unwrap();

    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    assert_eq!(done.progress.total_items, 2);
}

#[test]
fn a_number_of_messages_that_no_memory_holds_is_not_believed() {
    let source = Account::new().with("INBOX", [message("a"), message("b")]);
    source.state().claimed = Some(u32::MAX);
    let target = Account::new();

    let _ = Rig::new(&source, &target).initial();

    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
}

#[test]
fn wrong_sizes_at_the_source_alter_nothing() {
    let source = Account::new().with("INBOX", [message("a"), message("b")]);
    source.state().wrong_sizes = true;
    let target = Account::new();
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    assert_eq!(rig.items(), []);
}

#[test]
fn a_message_that_vanishes_meanwhile_is_not_counted() {
    let source = Account::new().with("INBOX", [message("a"), message("b")]);
    source.state().vanish_at_fetch.insert(1);
    let target = Account::new();
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap();

    assert_eq!(target.subjects("INBOX"), ["b"]);
    assert_eq!((done.progress.total_items, done.progress.synced_items), (1, 1));
    assert_eq!(rig.items(), []);
}

#[test]
fn a_message_that_the_source_lists_and_does_not_deliver_is_told() {
    let source = Account::new().with("INBOX", [message("a"), message("b")]);
    source.state().undeliverable.insert(1);
    let target = Account::new();
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap();

    assert_eq!(rig.reported(), [("INBOX".to_owned(), Some(1), SkippedKind::SourceUnreadable)]);
    assert_eq!(
        (done.progress.total_items, done.progress.synced_items, done.progress.skipped_items),
        (2, 1, 1)
    );
}

#[test]
fn a_folder_that_fails_does_not_stop_the_others() {
    let source =
        Account::new().with("INBOX", [message("a")]).with("Locked", [message("b")]).with("Z", [message("c")]);
    source.state().failing_folders.insert(path("Locked"));
    let target = Account::new();
    let rig = Rig::new(&source, &target);

    let failure = rig.initial().unwrap_err();

    assert!(failure.to_string().contains("Locked"), "{failure}");
    assert_eq!((target.mail("INBOX").len(), target.mail("Z").len()), (1, 1));
    assert!(rig.reported().contains(&("Locked".to_owned(), None, SkippedKind::FolderFailed)));
}

#[test]
fn a_folder_that_failed_and_is_done_later_is_no_item_any_more() {
    let source = Account::new().with("Locked", [message("b")]);
    source.state().failing_folders.insert(path("Locked"));
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap_err();

    source.state().failing_folders.clear();
    let done = rig.initial().unwrap();

    assert_eq!((rig.items(), done.progress.synced_items), (Vec::new(), 1));
}

#[test]
fn a_folder_that_ends_every_connection_is_named_and_the_others_arrive() {
    let source = Account::new()
        .with("A first", [message("a")])
        .with("INBOX", [message("b")])
        .with("Reports ", [message("c")])
        .with("Z", [message("d")]);
    source.state().killing_folders.insert(path("Reports "));
    let target = Account::new();
    let rig = Rig::new(&source, &target);

    let failure = rig.initial().unwrap_err();

    assert!(failure.to_string().contains("Reports "), "{failure}");
    assert_eq!(["A first", "INBOX", "Z"].map(|folder| target.mail(folder).len()), [1, 1, 1]);
    assert!(rig.reported().contains(&("Reports ".to_owned(), None, SkippedKind::FolderFailed)));
    assert!(source.state().connections <= 20, "{} connections", source.state().connections);
}

#[test]
fn a_folder_that_ended_connections_arrives_with_the_next_sync_when_it_does_no_more() {
    let source = Account::new().with("INBOX", [message("b")]).with("Reports ", [message("c")]);
    source.state().killing_folders.insert(path("Reports "));
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap_err();

    source.state().killing_folders.clear();
    rig.initial().unwrap();

    assert_eq!((target.mail("Reports ").len(), rig.items()), (1, Vec::new()));
}

#[test]
fn a_folder_whose_name_the_target_refuses_gets_a_second_one_and_keeps_it() {
    let source = Account::new().with("INBOX", [message("a")]).with("Person K.", [message("b")]);
    let target = Account::new();
    target.state().refused_characters = vec!['.'];
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();
    source.deliver("Person K.", message("c"));
    rig.incremental().unwrap();

    assert_eq!(target.subjects("Person K=2E"), ["b", "c"]);
    assert_eq!(rig.reported(), [("Person K.".to_owned(), None, SkippedKind::FolderRenamed)]);
}

#[test]
fn a_folder_with_another_name_at_the_target_is_told() {
    let source = Account::new().with("Sent", [message("a")]);
    source.state().folders.get_mut(&path("Sent")).unwrap().special_use = Some(SpecialUse::Sent);
    let target = Account::new().with("Gesendete Elemente", []);
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(rig.reported(), [("Sent".to_owned(), None, SkippedKind::FolderRenamed)]);
    assert_eq!(target.mail("Gesendete Elemente").len(), 1);
}

#[test]
fn excluded_folders_and_views_are_left_out_and_all_mail_is_not() {
    let source = Account::new()
        .with("Spam", [message("a")])
        .with("Starred", [message("b")])
        .with("All Mail", [message("archived")])
        .with("Work", [message("b")]);
    for (folder, special_use) in [("Starred", SpecialUse::Flagged), ("All Mail", SpecialUse::All)] {
        source.state().folders.get_mut(&path(folder)).unwrap().special_use = Some(special_use);
    }
    let target = Account::new();
    let mut rig = Rig::new(&source, &target);
    rig.filter = FolderFilter::parse(&[], &["Spam"]).unwrap();

    rig.initial().unwrap();

    assert_eq!(target.folder_names(), ["All Mail", "INBOX", "Work"]);
    assert!(rig.report().iter().any(|line| line.contains("#AllItems#")));
}

#[test]
fn without_uidplus_everything_is_found_by_its_looks() {
    let twins = [raw(b"Subject: twin\r\n\r\nsame\r\n"), raw(b"Subject: twin\r\n\r\nsame\r\n")];
    let others = [raw(b"Subject: one\r\n\r\nsize\r\n"), raw(b"Subject: two\r\n\r\nsize\r\n")];
    let source = Account::new().with("INBOX", twins).with("INBOX", others);
    source.set_flags("INBOX", 3, "\\Seen");
    let target = Account::new().having(|t| t.uidplus = false);
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();
    source.set_flags("INBOX", 4, "\\Flagged");
    rig.incremental().unwrap();

    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    assert_eq!(target.appends(), 4);
}
