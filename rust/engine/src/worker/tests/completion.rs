//! Completing a batch or a user, and what is asked for single users: the commands and the worker together.

use super::{DAY, End, Stage, lost, refused};
use crate::engine::Engine;
use crate::sync::SyncKind;
use imapmig_core::api::IdentityRequest;
use imapmig_core::api::batch::{BatchCompleteRequest, BatchListRequest, BatchUpdateRequest};
use imapmig_core::api::operation::OperationWaitRequest;
use imapmig_core::api::user::UserUpdateRequest;
use imapmig_core::batch::RequestKind;
use imapmig_core::ids::BatchId;
use imapmig_core::ports::store::BatchChange;
use imapmig_core::status::{BatchStatus, UserStatus};

pub(super) const ANN: &str = "ann@x.org";
pub(super) const BOB: &str = "bob@x.org";

/// A batch of two users in step, and an engine that gives it commands.
pub(super) fn synced(stage: &mut Stage) -> (Engine, BatchId) {
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &[ANN, BOB]);
    stage.request(RequestKind::Start, batch);
    stage.until_idle();
    (Engine::with(stage.rig.context.clone()), batch)
}

pub(super) fn named(identity: &str) -> IdentityRequest {
    IdentityRequest { identity: Some(identity.to_owned()) }
}

/// Completes the batch; the worker notices with its next look, a second later.
pub(super) fn complete(engine: &Engine, stage: &Stage) -> BatchStatus {
    let request = BatchCompleteRequest { identity: Some("B".to_owned()), ..BatchCompleteRequest::default() };
    engine.batch_complete(request).unwrap();
    let shown = engine.batch_list(BatchListRequest::default()).unwrap().batches.remove(0).status;
    stage.rig.clock.advance(1_000);
    shown
}

pub(super) fn of_user(identity: &str) -> UserUpdateRequest {
    UserUpdateRequest { identity: identity.to_owned(), ..UserUpdateRequest::default() }
}

#[test]
fn completing_a_batch_gives_every_user_one_more_sync_and_none_after_it() {
    let mut stage = Stage::new();
    let (engine, batch) = synced(&mut stage);

    let shown = complete(&engine, &stage);
    stage.until_idle();
    stage.rig.clock.advance(3 * DAY);
    stage.until_idle();

    assert_eq!(shown, BatchStatus::Completing);
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Completed);
    assert_eq!(stage.rig.status(ANN), UserStatus::Completed);
    let mut finals: Vec<_> = stage.began().into_iter().skip(2).collect();
    // They run side by side, so that either may have begun first.
    finals.sort_by(|(one, _), (other, _)| one.cmp(other));
    assert_eq!(finals, [(ANN.to_owned(), SyncKind::Final), (BOB.to_owned(), SyncKind::Final)]);
}

#[test]
fn a_final_sync_that_fails_makes_the_batch_completed_with_errors_and_start_tries_it_again() {
    let mut stage = Stage::new();
    let (engine, batch) = synced(&mut stage);
    stage.work.plan(BOB, End::Fails(refused()));

    complete(&engine, &stage);
    stage.until_idle();
    let first = (stage.rig.batch_status(batch), stage.rig.status(BOB));
    engine.batch_start(named("B")).unwrap();
    stage.until_idle();

    assert_eq!(first, (BatchStatus::CompletedWithErrors, UserStatus::CompletionFailed));
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Completed);
    assert_eq!(stage.began().iter().filter(|(user, _)| user == ANN).count(), 2);
}

#[test]
fn a_final_sync_that_lost_its_connection_is_tried_again_before_the_user_is_completed() {
    let mut stage = Stage::new();
    let (engine, batch) = synced(&mut stage);
    stage.work.plan(ANN, End::Fails(lost()));

    complete(&engine, &stage);
    stage.until_idle();
    let meanwhile = (stage.rig.batch_status(batch), stage.rig.status(ANN));
    stage.rig.clock.advance(DAY);
    stage.until_idle();

    assert_eq!(meanwhile, (BatchStatus::Completing, UserStatus::Completing));
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Completed);
}

#[test]
fn complete_after_takes_effect_when_its_time_has_come() {
    let mut stage = Stage::new();
    let (engine, batch) = synced(&mut stage);
    let after = stage.rig.context.now().0 + DAY / 2;
    let request = BatchUpdateRequest {
        identity: "B".to_owned(),
        complete_after_unix_ms: Some(after),
        ..BatchUpdateRequest::default()
    };
    let operation_id = engine.batch_update(request).unwrap().operation_id;
    while !engine.operation_wait(OperationWaitRequest { operation_id, timeout_ms: 200 }).unwrap().done {}

    stage.until_idle();
    let before = stage.rig.batch_status(batch);
    stage.rig.clock.set(after);
    stage.until_idle();

    assert_eq!(before, BatchStatus::Synced);
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Completed);
}

#[test]
fn a_batch_that_is_not_started_cannot_be_completed_and_one_behind_not_with_sync_and_complete() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &[ANN, BOB]);
    let engine = Engine::with(stage.rig.context.clone());

    let not_started = engine.batch_complete(BatchCompleteRequest::default()).unwrap_err();
    stage.work.plan(BOB, End::Fails(refused()));
    stage.request(RequestKind::Start, batch);
    stage.until_idle();
    let request = BatchCompleteRequest { sync_and_complete: true, ..BatchCompleteRequest::default() };
    let behind = engine.batch_complete(request).unwrap_err();

    assert_eq!(not_started.code, "MigrationBatchCannotBeCompletedException");
    assert!(behind.message.contains("1 of its 2 users"), "{}", behind.message);
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::SyncedWithErrors);
}

#[test]
fn one_user_can_be_completed_while_the_other_stays_in_step() {
    let mut stage = Stage::new();
    let (engine, batch) = synced(&mut stage);
    let now = stage.rig.context.now().0;

    engine.user_update(UserUpdateRequest { complete_after_unix_ms: Some(now), ..of_user(ANN) }).unwrap();
    stage.until_idle();
    stage.rig.clock.advance(DAY);
    stage.until_idle();

    assert_eq!((stage.rig.status(ANN), stage.rig.status(BOB)), (UserStatus::Completed, UserStatus::Synced));
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Synced);
    let times = |user| stage.began().iter().filter(|(other, _)| other == user).count();
    assert_eq!((times(ANN), times(BOB)), (2, 2));
}

#[test]
fn a_failed_user_started_alone_leaves_the_other_failed_ones_as_they_are() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &[ANN, BOB]);
    stage.work.plan(ANN, End::Fails(refused()));
    stage.work.plan(BOB, End::Fails(refused()));
    stage.request(RequestKind::Start, batch);
    stage.until_idle();
    let engine = Engine::with(stage.rig.context.clone());

    engine.user_start(named(ANN)).unwrap();
    let shown = (stage.rig.batch_status(batch), stage.rig.status(ANN));
    stage.until_idle();

    assert_eq!(shown, (BatchStatus::Syncing, UserStatus::Starting));
    assert_eq!((stage.rig.status(ANN), stage.rig.status(BOB)), (UserStatus::Synced, UserStatus::Failed));
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::SyncedWithErrors);
}

#[test]
fn a_stopped_user_is_left_out_of_incremental_syncs_until_it_is_started() {
    let mut stage = Stage::new();
    let (engine, _) = synced(&mut stage);

    engine.user_stop(named(ANN)).unwrap();
    stage.until_idle();
    stage.rig.clock.advance(DAY);
    stage.until_idle();
    let stopped = (stage.rig.status(ANN), stage.began().len());
    engine.user_start(named(ANN)).unwrap();
    stage.until_idle();

    assert_eq!(stopped, (UserStatus::IncrementalStopped, 3));
    assert_eq!((stage.rig.status(ANN), stage.began().len()), (UserStatus::Synced, 4));
}

#[test]
fn a_user_removed_while_it_runs_is_stopped_first_and_gone_then() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &[ANN, BOB]);
    let engine = Engine::with(stage.rig.context.clone());
    stage.work.plan(ANN, End::Holds);
    stage.request(RequestKind::Start, batch);
    stage.until("Ann runs", |stage| stage.began().len() == 2);

    engine.user_remove(named(ANN)).unwrap();
    let shown = stage.rig.status(ANN);
    stage.until_idle();
    stage.rig.clock.advance(1_000);
    stage.until_idle();

    assert_eq!(shown, UserStatus::Removing);
    assert_eq!(stage.rig.find_batch(batch).unwrap().counts.total, 1);
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Synced);
    assert_eq!(engine.user_start(named(ANN)).unwrap_err().code, "ManagementObjectNotFoundException");
}

#[test]
fn one_user_is_synced_now_without_the_others() {
    let mut stage = Stage::new();
    let (engine, _) = synced(&mut stage);

    engine.user_update(UserUpdateRequest { sync_now: true, ..of_user(BOB) }).unwrap();
    stage.until_idle();

    let again: Vec<_> = stage.began().into_iter().skip(2).collect();
    assert_eq!(again, [(BOB.to_owned(), SyncKind::Incremental)]);
    assert!(stage.rig.context.requests.requests().unwrap().is_empty());
}

#[test]
fn the_report_of_a_batch_has_a_row_for_each_user_and_the_statistics_count_them() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &[ANN, BOB]);
    stage.work.plan(BOB, End::Fails(refused()));
    stage.request(RequestKind::Start, batch);
    stage.until_idle();
    let engine = Engine::with(stage.rig.context.clone());

    let request = imapmig_core::api::statistics::ReportExportRequest {
        identity: "b".to_owned(),
        starting_row_index: Some(1),
        ..Default::default()
    };
    let report = engine.report_export(request).unwrap();
    let counts = engine.statistics_get(imapmig_core::api::Empty {}).unwrap();

    assert_eq!(
        report.csv,
        "EmailAddress,Status,ItemsMigrated,ItemsSkipped,LastSyncTime,BatchId,ErrorMessage\r\nbob@x.org,Failed,0,0,,B,\"AuthenticationErrorException: The password is right, but this account may not open the other one's mailbox, or there is no such mailbox; check the name and the administrator's rights.\"\r\n"
    );
    assert_eq!((counts.total_count, counts.synced_count, counts.failed_count), (2, 1, 1));
}

#[test]
fn an_analyzed_batch_rests_stopped_and_start_migrates_it() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &[ANN, BOB]);
    let mut options = stage.rig.find_batch(batch).unwrap().options;
    options.analyze = true;
    let change = BatchChange { options: Some(options), ..BatchChange::default() };
    stage.rig.context.catalog.change_batch(batch, &change).unwrap();
    stage.work.plan(BOB, End::Fails(refused()));
    let engine = Engine::with(stage.rig.context.clone());

    stage.request(RequestKind::Start, batch);
    stage.until_idle();
    let analyzed = stage.rig.find_batch(batch).unwrap();
    let states = (stage.rig.status(ANN), stage.rig.status(BOB), stage.began().len());
    engine.batch_start(named("B")).unwrap();
    stage.until_idle();

    assert_eq!(states, (UserStatus::Stopped, UserStatus::Failed, 0));
    assert_eq!(analyzed.status, BatchStatus::Stopped);
    assert!(analyzed.message.unwrap().contains("1 of 2 users with 7 messages and 7 MB"));
    assert_eq!((stage.rig.status(ANN), stage.rig.status(BOB)), (UserStatus::Synced, UserStatus::Synced));
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Synced);
}
