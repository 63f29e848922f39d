//! Completing batches and users while they sync.

use super::completion::{ANN, BOB, complete, named, of_user, synced};
use super::{DAY, End, Stage};
use crate::engine::Engine;
use crate::sync::SyncKind;
use imapmig_core::api::user::UserUpdateRequest;
use imapmig_core::batch::{BatchOptions, RequestKind};
use imapmig_core::ports::store::BatchChange;
use imapmig_core::status::{BatchStatus, UserStatus};

#[test]
fn completing_a_batch_while_users_sync_lets_them_finish_and_gives_each_its_final_sync() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &[ANN, BOB]);
    stage.work.plan(ANN, End::Holds);
    stage.request(RequestKind::Start, batch);
    stage.until("one user is in step and one syncs", |stage| {
        stage.rig.status(BOB) == UserStatus::Synced && stage.rig.status(ANN) == UserStatus::Syncing
    });
    let engine = Engine::with(stage.rig.context.clone());

    complete(&engine, &stage);
    stage.until("the other is completed meanwhile", |stage| stage.rig.status(BOB) == UserStatus::Completed);
    let meanwhile = (stage.rig.batch_status(batch), stage.rig.status(ANN));
    stage.work.let_go();
    stage.until("all are completed", |stage| stage.rig.batch_status(batch) == BatchStatus::Completed);

    assert_eq!(meanwhile, (BatchStatus::Syncing, UserStatus::Syncing));
    let mut began = stage.began();
    began.sort_by(|(one, _), (other, _)| one.cmp(other));
    let each = [SyncKind::Initial, SyncKind::Final];
    let expected: Vec<_> =
        [ANN, BOB].iter().flat_map(|user| each.map(|kind| ((*user).to_owned(), kind))).collect();
    assert_eq!(began, expected);
}

#[test]
fn completing_a_user_while_it_syncs_gives_it_a_final_sync_after_that_and_leaves_the_others_in_step() {
    for kind in [SyncKind::Initial, SyncKind::Incremental] {
        let mut stage = Stage::new();
        let source = stage.rig.endpoint("E", 20, 10);
        let batch = stage.rig.batch("B", source, &[ANN, BOB]);
        if kind == SyncKind::Initial {
            stage.work.plan(ANN, End::Holds);
            stage.request(RequestKind::Start, batch);
        } else {
            stage.request(RequestKind::Start, batch);
            stage.until_idle();
            stage.work.plan(ANN, End::Holds);
            stage.rig.clock.advance(DAY);
        }
        let began = if kind == SyncKind::Initial { 2 } else { 4 };
        stage.until("the user syncs", |stage| {
            stage.began().len() == began && stage.rig.status(BOB) == UserStatus::Synced
        });
        let engine = Engine::with(stage.rig.context.clone());
        let now = Some(stage.rig.context.now().0);

        engine.user_update(UserUpdateRequest { complete_after_unix_ms: now, ..of_user(ANN) }).unwrap();
        stage.supervisor.turn().unwrap();
        let meanwhile = (stage.rig.status(ANN), stage.began().len());
        stage.work.let_go();
        stage.until("the user is completed", |stage| {
            stage.rig.clock.advance(1_000);
            stage.rig.status(ANN) == UserStatus::Completed
        });
        stage.until_idle();

        let syncing = match kind {
            SyncKind::Initial => UserStatus::Syncing,
            _ => UserStatus::IncrementalSyncing,
        };
        assert_eq!(meanwhile, (syncing, began));
        assert_eq!(stage.began().last(), Some(&(ANN.to_owned(), SyncKind::Final)));
        assert_eq!(stage.began().len(), began + 1);
        assert_eq!(stage.rig.status(BOB), UserStatus::Synced);
        assert_eq!(stage.rig.batch_status(batch), BatchStatus::Synced);
    }
}

#[test]
fn a_user_that_is_stopped_while_it_waits_to_be_completed_is_not_completed() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &[ANN]);
    stage.work.plan(ANN, End::Holds);
    stage.request(RequestKind::Start, batch);
    stage.until("the user syncs", |stage| stage.rig.status(ANN) == UserStatus::Syncing);
    let engine = Engine::with(stage.rig.context.clone());
    let now = Some(stage.rig.context.now().0);
    engine.user_update(UserUpdateRequest { complete_after_unix_ms: now, ..of_user(ANN) }).unwrap();

    engine.user_stop(named(ANN)).unwrap();
    stage.until_idle();

    assert_eq!(stage.rig.status(ANN), UserStatus::Stopped);
    assert_eq!(stage.rig.context.requests.requests().unwrap(), []);
}

#[test]
fn a_sync_that_is_asked_for_while_the_user_syncs_follows_that_sync() {
    let mut stage = Stage::new();
    let (engine, _) = synced(&mut stage);
    stage.work.plan(ANN, End::Holds);
    stage.rig.clock.advance(DAY);
    stage.until("the user syncs", |stage| {
        stage.began().len() == 4 && stage.rig.status(BOB) == UserStatus::Synced
    });
    stage.rig.clock.advance(1_000);

    engine.user_update(UserUpdateRequest { sync_now: true, ..of_user(ANN) }).unwrap();
    stage.supervisor.turn().unwrap();
    stage.work.let_go();
    stage.until("it has synced once more", |stage| {
        stage.rig.clock.advance(1_000);
        stage.began().len() == 5 && stage.rig.status(ANN) == UserStatus::Synced
    });

    assert_eq!(stage.began().last(), Some(&(ANN.to_owned(), SyncKind::Incremental)));
}

#[test]
fn auto_complete_completes_every_user_after_its_initial_sync() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &[ANN, BOB]);
    let options = BatchOptions {
        complete_after: Some(stage.rig.context.now()),
        allow_incremental_syncs: true,
        ..BatchOptions::default()
    };
    let change = BatchChange { options: Some(options), ..BatchChange::default() };
    stage.rig.context.catalog.change_batch(batch, &change).unwrap();

    stage.request(RequestKind::Start, batch);
    stage.until("all are completed", |stage| {
        stage.rig.clock.advance(1_000);
        stage.rig.batch_status(batch) == BatchStatus::Completed
    });

    assert_eq!(stage.rig.status(ANN), UserStatus::Completed);
}
