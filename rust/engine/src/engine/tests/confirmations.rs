//! Confirmations: requested, refused, stopped, and shown.

use super::{Desk, batch};
use imapmig_core::api::ApiError;
use imapmig_core::api::confirmation::{
    BatchConfirmRequest, BatchConfirmationRequest, ConfirmationStatus, ConfirmationView,
};
use imapmig_core::confirmation::{
    ConfirmationCounts, ConfirmationResult, ConfirmedFolder, Finding, FindingKind,
};
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::ports::store::BatchChange;
use imapmig_core::status::BatchStatus;
use imapmig_core::time::UnixMs;
use std::sync::atomic::Ordering;

/// A batch of two users that was synced.
fn synced() -> (Desk, BatchId) {
    let desk = Desk::new();
    desk.endpoint("E");
    desk.create(batch("B", "ann@b.c,u1,p1\nbob@b.c,u2,p2\n")).unwrap();
    let id = desk.batch("B").batch_guid.parse().unwrap();
    set(&desk, id, BatchStatus::Synced);
    (desk, id)
}

fn set(desk: &Desk, id: BatchId, status: BatchStatus) {
    let change = BatchChange { status: Some(status), started: Some(UnixMs(1)), ..BatchChange::default() };
    desk.rig.context.catalog.change_batch(id, &change).unwrap();
}

fn confirm(desk: &Desk, bytes: bool, stop: bool) -> Result<ConfirmationView, ApiError> {
    desk.engine.batch_confirm(BatchConfirmRequest { identity: Some("B".to_owned()), bytes, stop })
}

fn shown(desk: &Desk, more: BatchConfirmationRequest) -> Result<ConfirmationView, ApiError> {
    let request = BatchConfirmationRequest { identity: Some("b".to_owned()), ..more };
    desk.engine.batch_confirmation(request).map(|mut list| list.confirmations.remove(0))
}

fn user(desk: &Desk, address: &str) -> UserId {
    desk.rig.user(address).id
}

fn missing(subject: &str) -> Finding {
    Finding {
        kind: FindingKind::Missing,
        folder: FolderPath::inbox(),
        target_folder: FolderPath::inbox(),
        uid: None,
        target: None,
        subject: subject.to_owned(),
        message_id: String::new(),
        size: 1,
        received: None,
        details: String::new(),
        explanation: None,
    }
}

#[test]
fn a_request_launches_a_worker_and_shows_a_confirmation_under_way() {
    let (desk, _) = synced();

    let view = confirm(&desk, true, false).unwrap();

    assert_eq!((view.status, view.is_at_rest, view.result), (ConfirmationStatus::InProgress, false, None));
    assert_eq!((view.identity.as_str(), view.bytes, view.total_count), ("B", true, 2));
    assert_eq!(desk.rig.launcher.launched.load(Ordering::SeqCst), 1);
    assert_eq!(confirm(&desk, true, false), Ok(view), "the same request goes on");
}

#[test]
fn a_batch_at_work_one_without_a_start_and_one_under_confirmation_are_refused() {
    let (desk, id) = synced();
    let refused = |desk: &Desk, bytes| confirm(desk, bytes, false).unwrap_err();

    set(&desk, id, BatchStatus::Syncing);
    let busy = refused(&desk, false);
    assert!(busy.message.contains("Syncing") && busy.message.contains("Wait-MigrationBatch"), "{busy}");
    set(&desk, id, BatchStatus::Removing);
    assert_eq!(refused(&desk, false).code, "MigrationBatchBeingRemovedException");
    set(&desk, id, BatchStatus::Completed);
    confirm(&desk, true, false).unwrap();
    let other = refused(&desk, false);
    assert_eq!(other.code, "MigrationBatchBeingConfirmedException");
    assert!(other.message.contains("with -Bytes"), "{other}");

    desk.create(batch("C", "cas@b.c,u3,p3\n")).unwrap();
    let request = BatchConfirmRequest { identity: Some("C".to_owned()), ..BatchConfirmRequest::default() };
    let created = desk.engine.batch_confirm(request).unwrap_err();
    assert!(created.message.contains("Start-MigrationBatch"), "{created}");
}

#[test]
fn a_batch_that_was_never_confirmed_is_an_error_by_name_and_absent_from_the_list() {
    let (desk, _) = synced();

    let named = shown(&desk, BatchConfirmationRequest::default()).unwrap_err();
    let all = desk.engine.batch_confirmation(BatchConfirmationRequest::default()).unwrap();

    assert_eq!(named.code, "MigrationBatchNotConfirmedException");
    assert!(all.confirmations.is_empty());
}

#[test]
fn a_stopped_confirmation_has_no_result_and_is_gone_on_with() {
    let (desk, _) = synced();
    confirm(&desk, false, false).unwrap();

    let stopped = confirm(&desk, false, true).unwrap();

    assert_eq!((stopped.status, stopped.is_at_rest), (ConfirmationStatus::Stopped, true));
    assert_eq!(stopped.result, None);
    assert_eq!(confirm(&desk, false, false).unwrap().status, ConfirmationStatus::InProgress);
}

#[test]
fn the_worst_user_decides_and_findings_come_in_pages() {
    let (desk, id) = synced();
    let store = desk.rig.context.confirmations.clone();
    let now = desk.rig.context.now();
    confirm(&desk, false, false).unwrap();
    let of = store.confirmation(id).unwrap().unwrap().id;
    let counts = ConfirmationCounts { source_items: 4, matched: 1, missing: 3, ..Default::default() };
    let (ann, bob) = (user(&desk, "ann@b.c"), user(&desk, "bob@b.c"));
    store.add_confirmed_folder(of, ann, &ConfirmedFolder { source: FolderPath::inbox(), counts }).unwrap();
    store.add_findings(of, ann, &["one", "two", "three"].map(missing)).unwrap();
    store.note_compared(of, ann, 4).unwrap();
    store.end_user_confirmation(of, ann, None, now).unwrap();
    let underway = shown(&desk, BatchConfirmationRequest::default()).unwrap();
    assert_eq!((underway.result, underway.ended_count), (None, 1));
    store.end_user_confirmation(of, bob, None, now).unwrap();
    store.end_confirmation(of, now).unwrap();

    let page = |after: Option<&str>| {
        let more = BatchConfirmationRequest {
            include_findings: true,
            limit_findings_to: Some(2),
            findings_after: after.map(str::to_owned),
            ..BatchConfirmationRequest::default()
        };
        shown(&desk, more)
    };
    let first = page(None).unwrap();
    let second = page(first.next_findings.as_deref()).unwrap();

    assert_eq!(first.result, Some(ConfirmationResult::Incomplete));
    let results: Vec<_> = first.users.iter().map(|user| user.result.unwrap()).collect();
    assert_eq!(results, [ConfirmationResult::Incomplete, ConfirmationResult::Complete]);
    assert_eq!((first.counts.missing_item_count, first.compared_item_count), (3, 4));
    let subjects: Vec<_> =
        first.findings.iter().chain(&second.findings).map(|one| one.subject.as_str()).collect();
    assert_eq!((subjects, second.next_findings), (vec!["one", "two", "three"], None));
    assert!(page(Some("x")).unwrap_err().message.contains("earlier page"));
}
