//! Users and their numbers.

use super::{Desk, batch};
use imapmig_core::api::IdentityRequest;
use imapmig_core::api::batch::{BatchCreateRequest, BatchListRequest};
use imapmig_core::api::user::{UserListRequest, UserStatisticsListRequest, UserStatisticsRequest};
use imapmig_core::folder::FolderPath;
use imapmig_core::message::Uid;
use imapmig_core::ports::store::UserChange;
use imapmig_core::status::{UserStatus, UserStatusSummary};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{SkippedItem, SkippedKind, UserProgress};

fn desk() -> Desk {
    let desk = Desk::new();
    desk.endpoint("E");
    desk.create(batch("B1", "ann@b.c,u1,p\nbob@b.c,u2,p\n")).unwrap();
    desk.create(batch("B2", "eve@b.c,u3,p\n")).unwrap();
    desk
}

fn change(desk: &Desk, user: &str, change: &UserChange) {
    let id = desk.rig.user(user).id;
    assert!(desk.rig.context.catalog.change_user(id, &[], change).unwrap());
}

fn list(desk: &Desk, request: UserListRequest) -> Vec<String> {
    let users = desk.engine.user_list(request).unwrap().users;
    users.into_iter().map(|user| user.identity).collect()
}

fn statistics(identity: &str) -> UserStatisticsRequest {
    UserStatisticsRequest { identity: identity.to_owned(), ..UserStatisticsRequest::default() }
}

fn left_out(uid: u32) -> SkippedItem {
    SkippedItem {
        uid: Some(Uid(uid)),
        size: 40_000_000,
        subject: "A film".to_owned(),
        ..SkippedItem::of_folder(&FolderPath::inbox(), SkippedKind::LargeItem, "larger than 35 MB".to_owned())
    }
}

#[test]
fn users_are_listed_by_batch_state_and_summary() {
    let desk = desk();
    change(&desk, "bob@b.c", &UserChange { status: Some(UserStatus::Failed), ..UserChange::default() });

    let all = list(&desk, UserListRequest::default());
    let of_batch = list(&desk, UserListRequest { batch_id: Some("b1".into()), ..UserListRequest::default() });
    let failed =
        list(&desk, UserListRequest { status: Some(UserStatus::Failed), ..UserListRequest::default() });
    let active = list(
        &desk,
        UserListRequest { status_summary: Some(UserStatusSummary::Active), ..UserListRequest::default() },
    );
    let contradiction = UserListRequest {
        status: Some(UserStatus::Failed),
        status_summary: Some(UserStatusSummary::Synced),
        ..UserListRequest::default()
    };

    assert_eq!(all, ["ann@b.c", "bob@b.c", "eve@b.c"]);
    assert_eq!(of_batch, ["ann@b.c", "bob@b.c"]);
    assert_eq!(failed, ["bob@b.c"]);
    assert_eq!(active, ["ann@b.c", "eve@b.c"]);
    assert!(list(&desk, contradiction).is_empty());
}

#[test]
fn unknown_users_and_batches_are_errors_but_a_user_in_another_state_is_none() {
    let desk = desk();
    let request = |identity: Option<&str>, batch: Option<&str>| UserListRequest {
        identity: identity.map(str::to_owned),
        batch_id: batch.map(str::to_owned),
        ..UserListRequest::default()
    };

    let user = desk.engine.user_list(request(Some("x@y.z"), None)).unwrap_err();
    let batch = desk.engine.user_list(request(None, Some("B9"))).unwrap_err();
    let elsewhere =
        list(&desk, UserListRequest { status: Some(UserStatus::Failed), ..request(Some("ann@b.c"), None) });

    assert_eq!(user.code, "ManagementObjectNotFoundException");
    assert_eq!(user.message, "The migration user \"x@y.z\" can't be found.");
    assert_eq!(batch.message, "The migration batch \"B9\" can't be found.");
    assert!(elsewhere.is_empty());
}

#[test]
fn statistics_are_found_by_address_and_guid_and_say_where_the_mail_lies() {
    let desk = desk();
    let guid = desk.rig.user("ann@b.c").id.to_string();

    let view = desk.engine.user_statistics(statistics(&guid)).unwrap();

    assert_eq!((view.user.identity.as_str(), view.user.batch_id.as_str()), ("ann@b.c", "B1"));
    let path = desk.rig.context.directory.mailboxes().join("ann@b.c").join("Maildir");
    assert_eq!(view.target_path, Some(path.display().to_string()));
    assert_eq!(
        desk.engine.user_statistics(statistics("no@b.c")).unwrap_err().code,
        "ManagementObjectNotFoundException"
    );
}

#[test]
fn statistics_of_many_users_are_those_of_each_and_an_unknown_one_fails_alone() {
    let desk = desk();
    desk.rig.context.diary.add_skipped(desk.rig.user("ann@b.c").id, &[left_out(1), left_out(2)]).unwrap();
    let guid = desk.rig.user("bob@b.c").id.to_string();
    let identities = ["eve@b.c", "no@b.c", "", "ann@b.c", &guid].map(str::to_owned);
    let request = UserStatisticsListRequest {
        identities: identities.to_vec(),
        include_skipped_items: true,
        limit_skipped_items_to: Some(1),
        ..UserStatisticsListRequest::default()
    };

    let list = desk.engine.user_statistics_list(request).unwrap();

    assert_eq!(list.results.len(), identities.len());
    for (result, identity) in list.results.into_iter().zip(identities) {
        let one = UserStatisticsRequest {
            include_skipped_items: true,
            limit_skipped_items_to: Some(1),
            ..statistics(&identity)
        };
        let alone = desk.engine.user_statistics(one);
        assert_eq!((result.statistics, result.error), (alone.clone().ok(), alone.err()), "{identity}");
        assert_eq!(result.identity, identity);
    }
}

#[test]
fn an_empty_name_is_an_error_and_not_all_there_is() {
    let desk = desk();
    let empty = || Some(String::new());
    let no_name = || IdentityRequest { identity: empty() };

    let errors = [
        desk.engine.user_list(UserListRequest { batch_id: empty(), ..UserListRequest::default() }).err(),
        desk.engine.user_list(UserListRequest { identity: empty(), ..UserListRequest::default() }).err(),
        desk.engine.batch_list(BatchListRequest { identity: empty(), ..BatchListRequest::default() }).err(),
        desk.engine.batch_remove(no_name()).err(),
        desk.engine.user_stop(no_name()).err(),
    ];

    for error in errors {
        assert!(error.as_ref().is_some_and(|error| error.message.contains(" is empty. ")), "{error:?}");
    }
}

#[test]
fn more_users_than_one_call_takes_are_refused() {
    let request = UserStatisticsListRequest {
        identities: vec!["ann@b.c".to_owned(); 501],
        ..UserStatisticsListRequest::default()
    };

    let error = desk().engine.user_statistics_list(request).unwrap_err();

    assert_eq!(
        error.message,
        "The request names 501 users, and one call takes at most 500. Please ask for them in parts."
    );
}

#[test]
fn percentage_grows_with_what_is_dealt_with_and_is_100_when_synced() {
    let desk = desk();
    let progress =
        UserProgress { total_items: 8, synced_items: 5, skipped_items: 1, ..UserProgress::default() };
    let syncing =
        UserChange { status: Some(UserStatus::Syncing), progress: Some(progress), ..UserChange::default() };
    change(&desk, "ann@b.c", &syncing);

    let half = desk.engine.user_statistics(statistics("ann@b.c")).unwrap();
    change(&desk, "ann@b.c", &UserChange { status: Some(UserStatus::Synced), ..UserChange::default() });
    let done = desk.engine.user_statistics(statistics("ann@b.c")).unwrap();

    assert_eq!((half.percentage_complete, done.percentage_complete), (75, 100));
    assert_eq!((half.total_items_in_source_mailbox_count, half.user.synced_item_count), (8, 5));
}

#[test]
fn left_out_messages_are_listed_on_demand_and_lower_the_score() {
    let desk = desk();
    let user = desk.rig.user("ann@b.c");
    desk.rig.context.diary.add_skipped(user.id, &[left_out(1), left_out(2)]).unwrap();
    let progress =
        UserProgress { total_items: 8, synced_items: 6, skipped_items: 2, ..UserProgress::default() };
    let synced = UserChange {
        progress: Some(progress),
        status: Some(UserStatus::Synced),
        last_synced: Some(UnixMs(1)),
        ..UserChange::default()
    };
    change(&desk, "ann@b.c", &synced);

    let plain = desk.engine.user_statistics(statistics("ann@b.c")).unwrap();
    let request = UserStatisticsRequest {
        include_skipped_items: true,
        limit_skipped_items_to: Some(1),
        ..statistics("ann@b.c")
    };
    let with_items = desk.engine.user_statistics(request).unwrap();

    assert!(plain.skipped_items.is_empty());
    assert_eq!(with_items.skipped_items.len(), 1);
    let item = &with_items.skipped_items[0];
    assert_eq!((item.kind.as_str(), item.left_out, item.folder_name.as_str()), ("LargeItem", true, "INBOX"));
    assert_eq!(
        (plain.user.data_consistency_score.as_deref(), desk.batch("B1").data_consistency_score.as_deref()),
        (Some("Investigate"), Some("Investigate"))
    );
    assert_eq!(desk.batch("B2").data_consistency_score, None);
}

#[test]
fn times_go_on_while_a_user_waits_or_works() {
    let desk = desk();
    let started = UserChange {
        status: Some(UserStatus::Syncing),
        started: Some(UnixMs(1_000_000)),
        add_queued_ms: 5_000,
        progress: Some(UserProgress { bytes_transferred: 60_000, ..UserProgress::default() }),
        ..UserChange::default()
    };
    change(&desk, "ann@b.c", &started);
    desk.rig.clock.advance(60_000);

    let works = desk.engine.user_statistics(statistics("ann@b.c")).unwrap();
    let waits = desk.engine.user_statistics(statistics("bob@b.c")).unwrap();

    assert_eq!((works.queued_ms, works.in_progress_ms), (5_000, 60_000));
    assert_eq!(works.current_bytes_transferred_per_minute, Some(60_000));
    assert_eq!(works.average_bytes_transferred_per_hour, Some(3_600_000));
    assert_eq!((waits.queued_ms, waits.in_progress_ms), (60_000, 0));
}

#[test]
fn a_report_is_told_on_demand() {
    let desk = desk();
    let user = desk.rig.user("ann@b.c");
    desk.rig.context.diary.add_report(user.id, UnixMs(5), "The initial sync is done.").unwrap();

    let request = UserStatisticsRequest { include_report: true, ..statistics("ann@b.c") };
    let report = desk.engine.user_statistics(request).unwrap().report;

    assert_eq!(report.len(), 1);
    assert_eq!((report[0].identity.as_str(), report[0].creation_unix_ms), ("ann@b.c", 5));
}

#[test]
fn users_of_earlier_batches_make_a_new_one_and_leave_theirs() {
    let desk = desk();
    change(&desk, "bob@b.c", &UserChange { status: Some(UserStatus::Failed), ..UserChange::default() });
    let bob = desk.rig.user("bob@b.c").id.to_string();
    let request = BatchCreateRequest {
        name: "Again".to_owned(),
        user_ids: vec![bob.clone(), "eve@b.c".to_owned(), "BOB@b.c".to_owned()],
        ..BatchCreateRequest::default()
    };

    let made = desk.create(request).unwrap();

    assert_eq!((made.total_count, made.pending_count, made.source_endpoint.as_str()), (2, 2, "E"));
    assert_eq!(desk.batch("B1").total_count, 1);
    let moved = desk.rig.user("bob@b.c");
    assert_eq!((moved.id.to_string(), moved.batch_name.as_str()), (bob, "Again"));
    assert_eq!(desk.rig.context.catalog.user_secrets(moved.id).unwrap().password.expose(), "p");
}

#[test]
fn a_user_at_work_stays_in_its_batch() {
    let desk = desk();
    change(&desk, "bob@b.c", &UserChange { status: Some(UserStatus::Syncing), ..UserChange::default() });
    let user_ids = vec!["ann@b.c".to_owned(), "bob@b.c".to_owned()];

    let error = desk
        .create(BatchCreateRequest { name: "Again".to_owned(), user_ids, ..BatchCreateRequest::default() })
        .unwrap_err();

    assert_eq!(error.code, "UserAlreadyBeingMigratedException");
    assert_eq!(desk.rig.user("ann@b.c").batch_name, "B1");
}

#[test]
fn a_request_that_is_only_checked_makes_nothing_and_finds_what_is_wrong() {
    let desk = desk();
    let checked = |rows| BatchCreateRequest { validate_only: true, ..batch("B3", rows) };

    let good = desk.create(checked("kim@b.c,u,p\nno address,u,p\n")).unwrap();
    let bad = desk.create(checked("no address,u,p\nann@b.c,u,p\n")).unwrap_err();

    assert_eq!((good.total_count, good.validation_warnings.len()), (1, 1));
    assert_eq!(bad.message.lines().count(), 3, "{}", bad.message);
    assert_eq!(desk.engine.batch_list(BatchListRequest::default()).unwrap().batches.len(), 2);
}

#[test]
fn pages_of_users_are_the_whole_list_also_when_the_last_of_a_page_is_removed() {
    let desk = desk();
    let whole = desk.engine.user_list(UserListRequest::default()).unwrap();
    let page = |after: Option<String>| {
        desk.engine.user_list(UserListRequest { result_size: Some(2), after, ..Default::default() }).unwrap()
    };

    let first = page(None);
    desk.rig.context.catalog.remove_user(desk.rig.user("bob@b.c").id).unwrap();
    let second = page(first.next.clone());

    assert_eq!(whole.next, None);
    assert_eq!((first.users.as_slice(), second.users.as_slice()), (&whole.users[..2], &whole.users[2..]));
    assert_eq!(second.next, None);
}

#[test]
fn a_page_that_ends_with_the_last_user_is_the_last_page() {
    let all = UserListRequest { result_size: Some(3), ..UserListRequest::default() };

    assert_eq!(desk().engine.user_list(all).unwrap().next, None);
}

#[test]
fn pages_of_items_and_of_the_report_are_the_whole_lists() {
    let desk = desk();
    let id = desk.rig.user("ann@b.c").id;
    let beyond = |uid| SkippedItem { kind: SkippedKind::ItemLimit, ..left_out(uid) };
    let elsewhere = SkippedItem { folder: FolderPath::new(["A", "z"]), ..left_out(3) };
    let of_folder = SkippedItem { uid: None, ..left_out(0) };
    let items = [left_out(7), beyond(2), left_out(5), elsewhere, beyond(9), of_folder];
    desk.rig.context.diary.add_skipped(id, &items).unwrap();
    for line in ["one", "two", "three"] {
        desk.rig.context.diary.add_report(id, UnixMs(1), line).unwrap();
    }
    let all =
        UserStatisticsRequest { include_skipped_items: true, include_report: true, ..statistics("ann@b.c") };
    let whole = desk.engine.user_statistics(all.clone()).unwrap();
    let (mut found, mut lines) = (Vec::new(), Vec::new());
    let (mut items_after, mut report_after) = (None, None);

    loop {
        let page = desk.engine.user_statistics(UserStatisticsRequest {
            limit_skipped_items_to: Some(2),
            skipped_items_after: items_after,
            limit_report_to: Some(1),
            report_after,
            ..all.clone()
        });
        let page = page.unwrap();
        assert!(page.skipped_items.len() <= 2 && page.report.len() <= 1);
        found.extend(page.skipped_items);
        lines.extend(page.report);
        (items_after, report_after) = (page.next_skipped_items, page.next_report);
        if items_after.is_none() {
            break;
        }
    }

    assert_eq!((found, lines), (whole.skipped_items, whole.report));
    assert_eq!(whole.next_skipped_items, None);
}

#[test]
fn a_page_that_no_reply_named_is_refused() {
    for page in ["nonsense", "{}", "12a"] {
        let users = UserListRequest { after: Some(page.to_owned()), ..UserListRequest::default() };
        let items = UserStatisticsRequest {
            include_skipped_items: true,
            skipped_items_after: Some(page.to_owned()),
            ..statistics("ann@b.c")
        };
        let desk = desk();

        assert!(desk.engine.user_list(users).unwrap_err().message.contains(page));
        assert!(desk.engine.user_statistics(items).unwrap_err().message.contains(page));
    }
}
