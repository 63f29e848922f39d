//! Batches: made, changed, started, stopped, removed, and every text that says no.

use super::{Desk, batch, csv, imap, named};
use imapmig_core::api::batch::{BatchCreateRequest, BatchListRequest, BatchUpdateRequest, BatchView};
use imapmig_core::api::{ApiError, ErrorCategory, IdentityRequest};
use imapmig_core::batch::RequestKind;
use imapmig_core::ports::store::BatchChange;
use imapmig_core::status::BatchStatus;
use std::sync::atomic::Ordering;

const ROWS: &str = "ann@b.c,u1,p1\nbob@b.c,u2,p2\n";

fn desk() -> Desk {
    let desk = Desk::new();
    desk.endpoint("E");
    desk
}

fn requests(desk: &Desk) -> Vec<RequestKind> {
    desk.rig.context.requests.requests().unwrap().into_iter().map(|request| request.kind).collect()
}

fn set_status(desk: &Desk, name: &str, status: BatchStatus) {
    let id = desk.batch(name).batch_guid.parse().unwrap();
    let change = BatchChange { status: Some(status), ..BatchChange::default() };
    desk.rig.context.catalog.change_batch(id, &change).unwrap();
}

fn update(desk: &Desk, request: BatchUpdateRequest) -> Result<BatchView, ApiError> {
    desk.end(desk.engine.batch_update(request))
}

#[test]
fn a_new_batch_is_created_and_waits_to_be_started() {
    let desk = desk();

    let view = desk.create(batch("B", ROWS)).unwrap();

    assert_eq!((view.status, view.state.as_str()), (BatchStatus::Stopped, "Stopped"));
    assert!(view.never_started && view.is_at_rest);
    for status in [BatchStatus::Created, BatchStatus::Stopped] {
        let asked = BatchListRequest { status: Some(status), ..BatchListRequest::default() };
        assert_eq!(desk.engine.batch_list(asked).unwrap().batches.len(), 1, "{status}");
    }
    assert_eq!((view.total_count, view.pending_count), (2, 2));
    assert_eq!((view.source_endpoint.as_str(), view.target_endpoint.as_str()), ("E", "Local"));
    assert!(view.allow_incremental_syncs && view.validation_warnings.is_empty());
    assert_eq!(view.time_zone, "UTC");
    assert!(requests(&desk).is_empty());
    assert_eq!(desk.rig.launcher.launched.load(Ordering::SeqCst), 0);
}

#[test]
fn auto_start_shows_starting_and_launches_a_worker() {
    let desk = desk();

    let view = desk.create(BatchCreateRequest { auto_start: true, ..batch("B", ROWS) }).unwrap();

    assert_eq!(view.status, BatchStatus::Starting);
    assert!(!view.is_at_rest && !view.never_started);
    assert!(desk.rig.launcher.launched.load(Ordering::SeqCst) >= 1);
}

#[test]
fn bad_rows_become_warnings_with_their_lines_and_the_others_are_taken() {
    let desk = desk();

    let view = desk.create(batch("B", "ann@b.c,u1,p1\nnobody,u2,p2\nbob@b.c,,p\n")).unwrap();

    assert_eq!(view.total_count, 1);
    let lines: Vec<_> =
        view.validation_warnings.iter().map(|w| (w.row_index, w.email_address.as_str())).collect();
    // What is no address may be a password.
    assert_eq!(lines, [(3, ""), (4, "bob@b.c")]);
}

#[test]
fn a_file_without_any_good_row_makes_no_batch() {
    let desk = desk();

    let error = desk.create(batch("B", "nobody,u,p\na@b.c,u\n")).unwrap_err();

    assert_eq!((error.code.as_str(), error.category), ("CsvValidationException", ErrorCategory::InvalidData));
    assert!(error.message.contains("Row 2: The EmailAddress, of 6 characters, isn't"), "{}", error.message);
    assert!(error.message.contains("Row 3 has the wrong number of columns"), "{}", error.message);
    assert!(desk.engine.batch_list(BatchListRequest::default()).unwrap().batches.is_empty());
}

#[test]
fn a_user_of_another_batch_is_left_out_in_exchanges_words() {
    let desk = desk();
    desk.create(batch("B1", ROWS)).unwrap();

    let view = desk.create(batch("B2", "ANN@b.c,u,p\neve@b.c,u,p\n")).unwrap();

    assert_eq!(view.total_count, 1);
    assert_eq!(
        view.validation_warnings[0].message,
        "The user \"ANN@b.c\" is already included in migration batch \"B1.\"  Please remove the user from any other \
         batch and try again."
    );
}

#[test]
fn names_have_at_most_64_characters_and_are_used_once() {
    let desk = desk();
    desk.create(batch("B", "a@b.c,u,p\n")).unwrap();

    let again = desk.create(batch("b", "d@e.f,u,p\n")).unwrap_err();
    let long = desk.create(batch(&"x".repeat(65), "d@e.f,u,p\n")).unwrap_err();
    let just = desk.create(batch(&"x".repeat(64), "d@e.f,u,p\n"));

    assert!(again.message.starts_with("The migration batch already exists."), "{}", again.message);
    assert_eq!(again.category, ErrorCategory::ResourceExists);
    assert!(long.message.contains("at most 64 characters"), "{}", long.message);
    assert!(just.is_ok());
}

#[test]
fn there_are_no_more_batches_than_configured() {
    let desk = desk();
    desk.rig.context.catalog.set_setting("MaxNumberOfBatches", Some("1")).unwrap();
    desk.create(batch("B1", "a@b.c,u,p\n")).unwrap();

    let error = desk.create(batch("B2", "d@e.f,u,p\n")).unwrap_err();

    assert_eq!(error.category, ErrorCategory::LimitsExceeded);
    assert_eq!(
        error.message,
        "The maximum number of migration batches is already running. Please remove a batch before you add another one."
    );
}

#[test]
fn source_and_target_have_to_be_there_and_to_differ() {
    let desk = desk();
    let with = |source: Option<&str>, target: Option<&str>| {
        let request = BatchCreateRequest {
            source_endpoint: source.map(str::to_owned),
            target_endpoint: target.map(str::to_owned),
            ..batch("B", ROWS)
        };
        desk.create(request).unwrap_err()
    };

    assert!(with(None, None).message.starts_with("-SourceEndpoint is missing"));
    assert_eq!(with(Some("X"), None).message, "The migration endpoint 'X' couldn't be found.");
    assert_eq!(with(Some("E"), Some("X")).code, "ManagementObjectNotFoundException");
    assert!(with(Some("E"), Some("E")).message.contains("both source and target"));
    assert!(with(Some("Local"), None).message.contains("only be a target"));
}

#[test]
fn folder_patterns_are_checked_at_once() {
    let desk = desk();
    let request = BatchCreateRequest { exclude_folders: vec!["#Nonsense#".to_owned()], ..batch("B", ROWS) };

    let error = desk.create(request).unwrap_err();

    assert!(error.message.contains("#Nonsense#"), "{}", error.message);
}

#[test]
fn rows_without_a_way_into_the_target_are_left_out() {
    let desk = desk();
    let _: serde_json::Value = desk.end(desk.engine.endpoint_create(imap("T"))).unwrap();
    let request = BatchCreateRequest {
        target_endpoint: Some("T".to_owned()),
        csv_base64: csv("EmailAddress,UserName,Password,TargetPassword\na@b.c,u,p,\nd@e.f,u,p,q\n"),
        ..batch("B", "")
    };

    let view = desk.create(request).unwrap();

    assert_eq!((view.total_count, view.validation_warnings.len()), (1, 1));
    assert!(view.validation_warnings[0].message.contains("no TargetPassword"));
}

#[test]
fn batches_are_listed_by_name_guid_state_and_endpoint() {
    let desk = desk();
    desk.create(batch("B1", "a@b.c,u,p\n")).unwrap();
    desk.create(batch("B2", "d@e.f,u,p\n")).unwrap();
    set_status(&desk, "B1", BatchStatus::Synced);
    set_status(&desk, "B2", BatchStatus::Stopped);
    let guid = desk.batch("B1").batch_guid;
    let names = |request| {
        let list = desk.engine.batch_list(request).unwrap();
        list.batches.into_iter().map(|batch| batch.identity).collect::<Vec<_>>()
    };

    assert_eq!(names(BatchListRequest::default()), ["B1", "B2"]);
    assert_eq!(names(BatchListRequest { identity: Some(guid), ..BatchListRequest::default() }), ["B1"]);
    let stopped = BatchListRequest { status: Some(BatchStatus::Stopped), ..BatchListRequest::default() };
    assert_eq!(names(stopped), ["B2"]);
    let local = BatchListRequest {
        endpoint: Some("Local".into()),
        result_size: Some(1),
        ..BatchListRequest::default()
    };
    assert_eq!(names(local), ["B1"]);
    let missing = BatchListRequest { identity: Some("B3".to_owned()), ..BatchListRequest::default() };
    let error = desk.engine.batch_list(missing).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("ManagementObjectNotFoundException", "The migration batch \"B3\" can't be found.")
    );
}

#[test]
fn start_stop_and_remove_show_their_state_and_make_a_request() {
    let desk = desk();
    desk.create(batch("B", ROWS)).unwrap();

    desk.engine.batch_start(named("b")).unwrap();
    let starting = desk.batch("B").status;
    desk.engine.batch_stop(named("B")).unwrap();
    let stopping = desk.batch("B").status;
    desk.engine.batch_remove(named("B")).unwrap();

    assert_eq!((starting, stopping), (BatchStatus::Starting, BatchStatus::Stopping));
    assert_eq!(desk.batch("B").status, BatchStatus::Removing);
    assert_eq!(requests(&desk), [RequestKind::Stop, RequestKind::Remove]);
}

#[test]
fn starting_a_batch_whose_users_wait_or_failed_shows_that_it_is_under_way_again() {
    let desk = desk();
    desk.create(batch("B", ROWS)).unwrap();
    set_status(&desk, "B", BatchStatus::SyncedWithErrors);

    desk.engine.batch_start(named("B")).unwrap();

    assert_eq!(desk.batch("B").status, BatchStatus::Syncing);
    assert_eq!(requests(&desk), [RequestKind::Start]);
}

#[test]
fn a_batch_with_nothing_to_stop_says_so() {
    let desk = desk();
    desk.create(batch("B", ROWS)).unwrap();

    for status in [BatchStatus::Created, BatchStatus::Stopped, BatchStatus::Failed] {
        set_status(&desk, "B", status);
        let error = desk.engine.batch_stop(named("B")).unwrap_err();

        assert_eq!(error.category, ErrorCategory::InvalidOperation);
        assert!(
            error.message.contains("can't be stopped") && error.message.contains(status.shown().name()),
            "{}",
            error.message
        );
    }
    assert!(requests(&desk).is_empty());
}

#[test]
fn without_identity_the_only_batch_is_meant() {
    let desk = desk();
    let nobody = desk.engine.batch_start(IdentityRequest::default()).unwrap_err();
    desk.create(batch("B1", "a@b.c,u,p\n")).unwrap();

    desk.engine.batch_start(IdentityRequest::default()).unwrap();
    desk.create(batch("B2", "d@e.f,u,p\n")).unwrap();
    let two = desk.engine.batch_start(IdentityRequest::default()).unwrap_err();
    desk.engine.batch_stop(IdentityRequest::default()).unwrap();

    assert_eq!(nobody.code, "ManagementObjectNotFoundException");
    assert!(two.message.contains("\"B1\", \"B2\""), "{}", two.message);
    assert_eq!(desk.batch("B1").status, BatchStatus::Stopping);
}

#[test]
fn a_batch_that_is_being_removed_takes_no_other_command() {
    let desk = desk();
    desk.create(batch("B", ROWS)).unwrap();
    desk.engine.batch_remove(named("B")).unwrap();

    let start = desk.engine.batch_start(named("B")).unwrap_err();
    let stop = desk.engine.batch_stop(named("B")).unwrap_err();
    let change =
        update(&desk, BatchUpdateRequest { identity: "B".to_owned(), ..BatchUpdateRequest::default() });

    assert_eq!(start.message, "The migration batch \"B\" is being removed.");
    assert_eq!((stop.message, change.unwrap_err().message), (start.message.clone(), start.message));
    desk.engine.batch_remove(named("B")).unwrap();
}

#[test]
fn users_are_added_once_and_a_running_batch_takes_them_up() {
    let desk = desk();
    desk.create(batch("B", ROWS)).unwrap();
    set_status(&desk, "B", BatchStatus::Synced);
    let request = BatchUpdateRequest {
        identity: "B".to_owned(),
        add_users_csv_base64: Some(csv(&format!("{}ann@b.c,u1,p1\neve@b.c,u3,p3\nbad,u,p\n", super::HEADER))),
        ..BatchUpdateRequest::default()
    };

    let view = update(&desk, request).unwrap();

    assert_eq!((view.total_count, view.validation_warnings.len()), (3, 1));
    assert!(requests(&desk).is_empty());
    assert!(desk.rig.launcher.launched.load(Ordering::SeqCst) >= 1);
}

#[test]
fn sync_now_is_for_a_started_batch_only_and_leaves_nothing_else_half_done() {
    let desk = desk();
    desk.create(batch("B", ROWS)).unwrap();
    let request =
        BatchUpdateRequest { identity: "B".to_owned(), sync_now: true, ..BatchUpdateRequest::default() };
    let adding = BatchUpdateRequest {
        add_users_csv_base64: Some(csv(&format!("{}eve@b.c,u3,p3\n", super::HEADER))),
        ..request.clone()
    };

    let error = update(&desk, adding).unwrap_err();
    assert_eq!(desk.batch("B").total_count, 2);
    set_status(&desk, "B", BatchStatus::Synced);
    let view = update(&desk, request).unwrap();

    assert_eq!(view.status, BatchStatus::IncrementalSyncing);
    assert!(error.message.contains("Start-MigrationBatch"), "{}", error.message);
    assert_eq!(requests(&desk), [RequestKind::SyncNow]);
    let shown = desk.engine.batch_list(BatchListRequest::default()).unwrap().batches;
    assert_eq!(shown[0].status, BatchStatus::IncrementalSyncing, "it is not at rest before it was synced");
}

#[test]
fn a_caller_that_waits_gets_a_batch_that_is_busy_after_a_while_and_one_at_rest_at_once() {
    let desk = desk();
    desk.create(BatchCreateRequest { auto_start: true, ..batch("B", ROWS) }).unwrap();
    let wait = || {
        let request = BatchListRequest { wait_ms: u32::MAX, ..BatchListRequest::default() };
        desk.engine.batch_list(request).unwrap().batches.remove(0).status
    };

    let began = std::time::Instant::now();
    let busy = wait();
    let waited = began.elapsed();
    let at_rest = std::thread::scope(|scope| {
        scope.spawn(|| set_status(&desk, "B", BatchStatus::Synced));
        (0..100).map(|_| wait()).find(|status| status.is_at_rest())
    });

    assert_eq!((busy, at_rest), (BatchStatus::Starting, Some(BatchStatus::Synced)));
    assert!(waited >= std::time::Duration::from_millis(200), "{waited:?}");
}

#[test]
fn settings_change_and_the_rest_stays() {
    let desk = desk();
    let request = BatchCreateRequest { notification_emails: vec!["a@b.c".to_owned()], ..batch("B", ROWS) };
    desk.create(request).unwrap();

    let request = BatchUpdateRequest {
        identity: "B".to_owned(),
        allow_incremental_syncs: Some(false),
        complete_after_unix_ms: Some(7),
        ..BatchUpdateRequest::default()
    };
    let view = update(&desk, request).unwrap();

    assert!(!view.allow_incremental_syncs);
    assert_eq!((view.complete_after_unix_ms, view.notification_emails), (Some(7), vec!["a@b.c".to_owned()]));
}

#[test]
fn a_worker_that_cannot_be_started_is_told_and_the_batch_is_kept() {
    let desk = desk();
    let missing = ApiError::new("WorkerNotFoundException", ErrorCategory::ObjectNotFound, "no worker");
    *desk.rig.launcher.error.lock().unwrap() = Some(missing.clone());

    let error = desk.create(BatchCreateRequest { auto_start: true, ..batch("B", ROWS) }).unwrap_err();

    assert_eq!(error.code, missing.code);
    assert_eq!(desk.batch("B").status, BatchStatus::Starting);
}

#[test]
fn asking_how_things_stand_brings_a_worker_back_where_one_is_needed() {
    let desk = desk();
    desk.create(batch("B", ROWS)).unwrap();
    desk.batch("B");
    let idle = desk.rig.launcher.launched.load(Ordering::SeqCst);
    set_status(&desk, "B", BatchStatus::Synced);

    desk.batch("B");

    assert_eq!((idle, desk.rig.launcher.launched.load(Ordering::SeqCst)), (0, 1));
}
