//! Batches that nobody acts on: stopped when they were in step, removed when they were at rest.

use super::{DAY, End, Stage};
use crate::worker::launch::has_work;
use imapmig_core::batch::{BatchOptions, RequestKind};
use imapmig_core::ids::BatchId;
use imapmig_core::ports::store::BatchChange;
use imapmig_core::status::{BatchStatus, UserStatus};
use imapmig_core::time::UnixMs;

const ANN: &str = "ann@x.org";

fn synced(stage: &mut Stage) -> BatchId {
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &[ANN]);
    stage.request(RequestKind::Start, batch);
    stage.until_idle();
    batch
}

/// Lets days pass, with the syncs that are due on each.
fn days_pass(stage: &mut Stage, days: i64) {
    for _ in 0..days {
        stage.rig.clock.advance(DAY);
        stage.until_idle();
    }
}

/// Lets days pass without a worker.
fn days_pass_at_rest(stage: &mut Stage, days: i64) {
    stage.rig.clock.advance(days * DAY);
    stage.until_idle();
}

fn is_gone(stage: &mut Stage, batch: BatchId) -> bool {
    if stage.rig.find_batch(batch).is_some_and(|batch| batch.status != BatchStatus::Removing) {
        return false;
    }
    stage.until("it is removed", |stage| stage.rig.find_batch(batch).is_none());
    true
}

#[test]
fn a_synced_batch_is_stopped_after_sixty_days_and_resumed_by_a_start() {
    let mut stage = Stage::new();
    let batch = synced(&mut stage);

    days_pass(&mut stage, 59);
    let before = stage.rig.batch_status(batch);
    days_pass(&mut stage, 2);
    let stopped = stage.rig.find_batch(batch).unwrap();
    stage.request(RequestKind::Start, batch);
    stage.until_idle();
    let resumed = stage.rig.find_batch(batch).unwrap();

    assert_eq!((before, stopped.status), (BatchStatus::Synced, BatchStatus::Stopped));
    assert!(stopped.message.unwrap().contains("60 days"));
    assert_eq!((resumed.status, resumed.message), (BatchStatus::Synced, None));
    assert_eq!(stage.rig.status(ANN), UserStatus::Synced);
}

#[test]
fn what_an_administrator_does_with_a_batch_prolongs_it() {
    let mut stage = Stage::new();
    let batch = synced(&mut stage);

    days_pass(&mut stage, 50);
    stage.request(RequestKind::SyncNow, batch);
    days_pass(&mut stage, 50);

    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Synced);
}

#[test]
fn a_batch_that_is_to_be_completed_later_is_not_stopped_before() {
    let mut stage = Stage::new();
    let batch = synced(&mut stage);
    let found = stage.rig.find_batch(batch).unwrap();
    let after = UnixMs(stage.rig.context.now().0 + 70 * DAY);
    let options = BatchOptions { complete_after: Some(after), ..found.options };
    let change = BatchChange { options: Some(options), ..BatchChange::default() };
    stage.rig.context.catalog.change_batch(batch, &change).unwrap();

    days_pass(&mut stage, 69);
    let before = stage.rig.batch_status(batch);
    days_pass(&mut stage, 2);

    assert_eq!((before, stage.rig.batch_status(batch)), (BatchStatus::Synced, BatchStatus::Completed));
}

#[test]
fn a_stopped_batch_is_removed_after_ninety_days() {
    let mut stage = Stage::new();
    let batch = synced(&mut stage);
    stage.request(RequestKind::Stop, batch);
    stage.until_idle();

    days_pass_at_rest(&mut stage, 89);
    let kept = stage.rig.batch_status(batch);
    let idle = has_work(&stage.rig.context).unwrap();
    stage.rig.clock.advance(DAY);
    // A command that looks brings a worker back for it.
    let needed = has_work(&stage.rig.context).unwrap();
    stage.until_idle();

    assert_eq!((kept, idle, needed), (BatchStatus::Stopped, false, true));
    assert!(is_gone(&mut stage, batch));
}

#[test]
fn a_completed_batch_is_removed_after_sixty_days_and_one_that_was_never_started_after_ninety() {
    let mut stage = Stage::new();
    let completed = synced(&mut stage);
    let source = stage.rig.find_batch(completed).unwrap().source;
    let found = stage.rig.find_batch(completed).unwrap();
    let options = BatchOptions { complete_after: Some(stage.rig.context.now()), ..found.options };
    let change = BatchChange { options: Some(options), ..BatchChange::default() };
    stage.rig.context.requests.request(completed, &[], &change, stage.rig.context.now()).unwrap();
    stage.rig.clock.advance(1_000);
    stage.until_idle();
    assert_eq!(stage.rig.batch_status(completed), BatchStatus::Completed);
    let created = stage.rig.batch("New", source, &["bob@x.org"]);

    days_pass_at_rest(&mut stage, 61);
    assert!(is_gone(&mut stage, completed));
    let kept = stage.rig.batch_status(created);
    days_pass_at_rest(&mut stage, 30);

    assert_eq!(kept, BatchStatus::Created);
    assert!(is_gone(&mut stage, created));
}

#[test]
fn a_batch_that_is_being_compared_is_kept_until_that_has_ended() {
    let mut stage = Stage::new();
    let batch = synced(&mut stage);
    stage.request(RequestKind::Stop, batch);
    stage.until_idle();
    stage.work.plan(ANN, End::Holds);
    stage.rig.context.confirmations.request_confirmation(batch, false, stage.rig.context.now()).unwrap();
    stage.until("the user is compared", |stage| !stage.work.inner.lock().unwrap().confirmed.is_empty());

    stage.rig.clock.advance(91 * DAY);
    stage.supervisor.turn().unwrap();
    let meanwhile = stage.rig.batch_status(batch);
    stage.work.let_go();
    stage.until_idle();
    stage.rig.clock.advance(1_000);
    stage.until_idle();

    assert_eq!(meanwhile, BatchStatus::Stopped);
    assert!(is_gone(&mut stage, batch));
}
