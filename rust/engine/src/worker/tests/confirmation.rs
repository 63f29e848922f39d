//! Confirmations: who is compared, beside which syncs, and what is left when they are stopped or the worker is.

use super::{DAY, End, Stage, refused};
use crate::sync::SyncKind;
use crate::worker::launch::has_work;
use crate::worker::supervisor::Supervisor;
use imapmig_core::batch::RequestKind;
use imapmig_core::cancel::Cancel;
use imapmig_core::confirmation::{ConfirmationResult, UserConfirmation};
use imapmig_core::ids::BatchId;
use imapmig_core::status::{BatchStatus, UserStatus};

/// A batch whose users have had their initial sync. Two users run at once.
fn synced(stage: &mut Stage, users: &[&str]) -> BatchId {
    let source = stage.rig.endpoint("E", 2, 10);
    let batch = stage.rig.batch("B", source, users);
    stage.request(RequestKind::Start, batch);
    stage.until_idle();
    batch
}

fn confirm(stage: &Stage, batch: BatchId, bytes: bool) {
    stage.rig.context.confirmations.request_confirmation(batch, bytes, stage.rig.context.now()).unwrap();
}

fn found(stage: &Stage, batch: BatchId) -> Vec<UserConfirmation> {
    stage.rig.context.confirmations.user_confirmations(batch).unwrap()
}

fn is_over(stage: &Stage, batch: BatchId) -> bool {
    stage.rig.context.confirmations.confirmation(batch).unwrap().is_some_and(|one| one.ended.is_some())
}

fn confirmed(stage: &Stage) -> Vec<(String, bool)> {
    stage.work.inner.lock().unwrap().confirmed.clone()
}

fn statuses(stage: &Stage, batch: BatchId) -> Vec<UserStatus> {
    found(stage, batch).into_iter().map(|one| one.user.status).collect()
}

#[test]
fn every_user_is_compared_within_the_limit_and_no_status_changes() {
    let mut stage = Stage::new();
    let users = ["ann@x.org", "ben@x.org", "cas@x.org", "dan@x.org", "eve@x.org"];
    let batch = synced(&mut stage, &users);
    stage.work.inner.lock().unwrap().most_running = 0;
    users.iter().for_each(|user| stage.work.plan(user, End::Holds));

    confirm(&stage, batch, true);
    stage.until("two are compared", |stage| confirmed(stage).len() == 2);
    stage.supervisor.turn().unwrap();
    assert_eq!((confirmed(&stage).len(), statuses(&stage, batch)), (2, vec![UserStatus::Synced; 5]));
    assert_eq!(stage.rig.find_batch(batch).unwrap().status, BatchStatus::Synced);
    stage.work.let_go();
    stage.until("it is over", |stage| is_over(stage, batch));

    let expected: Vec<_> = users.iter().map(|user| ((*user).to_owned(), true)).collect();
    let mut compared = confirmed(&stage);
    compared.sort();
    assert_eq!((compared, stage.work.inner.lock().unwrap().most_running), (expected, 2));
    let results = found(&stage, batch).iter().map(UserConfirmation::result).collect::<Vec<_>>();
    assert_eq!(results, vec![Some(ConfirmationResult::Complete); 5]);
    assert_eq!(statuses(&stage, batch), vec![UserStatus::Synced; 5]);
}

#[test]
fn a_user_is_synced_after_its_comparison_and_others_meanwhile() {
    let mut stage = Stage::new();
    let batch = synced(&mut stage, &["ann@x.org", "ben@x.org", "cas@x.org"]);
    stage.work.plan("ann@x.org", End::Holds);
    confirm(&stage, batch, false);
    stage.until("ben and cas are compared", |stage| {
        let ended = found(stage, batch).iter().filter(|one| one.ended.is_some()).count();
        confirmed(stage).len() == 3 && ended == 2
    });

    stage.rig.clock.advance(2 * DAY);
    let synced = |stage: &Stage| -> Vec<_> {
        let began = stage.began().into_iter().filter(|(_, kind)| *kind == SyncKind::Incremental);
        let mut users: Vec<_> = began.map(|(user, _)| user).collect();
        // Threads that are started together begin in any order.
        users.sort();
        users
    };
    stage.until("the others are synced", |stage| synced(stage).len() == 2);
    stage.rig.clock.advance(1_000);
    stage.supervisor.turn().unwrap();
    assert_eq!(synced(&stage), ["ben@x.org", "cas@x.org"]);
    stage.work.let_go();

    stage.until("ann is synced too", |stage| synced(stage).len() == 3);
    stage.until("the confirmation is over", |stage| is_over(stage, batch));
}

#[test]
fn a_stopped_batch_stops_its_confirmation_and_no_user_is_shown_as_stopping_for_it() {
    let mut stage = Stage::new();
    let batch = synced(&mut stage, &["ann@x.org"]);
    stage.work.plan("ann@x.org", End::Holds);
    confirm(&stage, batch, false);
    stage.until("it is compared", |stage| confirmed(stage).len() == 1);

    stage.request(RequestKind::Stop, batch);
    stage.supervisor.turn().unwrap();
    assert!(!statuses(&stage, batch).contains(&UserStatus::Stopping));
    stage
        .until("it has stopped", |stage| stage.rig.find_batch(batch).unwrap().status == BatchStatus::Stopped);

    assert!(stage.rig.context.confirmations.open_confirmations().unwrap().is_empty());
    assert_eq!((found(&stage, batch)[0].ended, confirmed(&stage).len()), (None, 1));
    assert!(!has_work(&stage.rig.context).unwrap());
}

#[test]
fn a_stopped_confirmation_ends_its_threads_and_goes_on_when_it_is_requested_again() {
    let mut stage = Stage::new();
    let batch = synced(&mut stage, &["ann@x.org", "ben@x.org"]);
    stage.work.plan("ben@x.org", End::Holds);
    confirm(&stage, batch, false);
    stage.until("ann is compared", |stage| {
        confirmed(stage).len() == 2 && found(stage, batch)[0].ended.is_some()
    });

    assert!(stage.rig.context.confirmations.stop_confirmation(batch).unwrap());
    stage.until_idle();
    assert_eq!(found(&stage, batch)[1].ended, None);
    confirm(&stage, batch, false);
    stage.until("it is over", |stage| is_over(stage, batch));

    let of_ben = ("ben@x.org".to_owned(), false);
    assert_eq!(confirmed(&stage)[2..], [of_ben], "ann was compared before");
}

#[test]
fn what_ends_for_a_confirmation_that_was_replaced_counts_for_none() {
    let mut stage = Stage::new();
    let batch = synced(&mut stage, &["ann@x.org"]);
    stage.work.plan("ann@x.org", End::Holds);
    confirm(&stage, batch, false);
    stage.until("ann is compared by headers", |stage| confirmed(stage).len() == 1);

    stage.rig.context.confirmations.stop_confirmation(batch).unwrap();
    confirm(&stage, batch, true);
    stage.work.let_go();
    stage.until("it is over", |stage| is_over(stage, batch));

    let twice = [false, true].map(|bytes| ("ann@x.org".to_owned(), bytes));
    assert_eq!(confirmed(&stage), twice);
}

#[test]
fn a_worker_that_was_killed_is_followed_by_one_that_goes_on() {
    let mut stage = Stage::new();
    let batch = synced(&mut stage, &["ann@x.org", "ben@x.org"]);
    stage.work.plan("ben@x.org", End::Holds);
    confirm(&stage, batch, true);
    stage.until("ann is compared", |stage| {
        confirmed(stage).len() == 2 && found(stage, batch)[0].ended.is_some()
    });

    // The first worker's thread still holds; what it knew is gone.
    stage.supervisor = Supervisor::new(stage.rig.context.clone(), stage.work.clone(), Cancel::new());
    assert!(has_work(&stage.rig.context).unwrap());
    stage.until("it is over", |stage| is_over(stage, batch));

    assert_eq!(confirmed(&stage)[2..], [("ben@x.org".to_owned(), true)]);
    stage.work.let_go();
}

#[test]
fn a_user_that_cannot_be_compared_makes_the_migration_incomplete_and_the_others_go_on() {
    let mut stage = Stage::new();
    let batch = synced(&mut stage, &["ann@x.org", "ben@x.org"]);
    stage.work.plan("ann@x.org", End::Fails(refused()));

    confirm(&stage, batch, false);
    stage.until("it is over", |stage| is_over(stage, batch));

    let of = found(&stage, batch);
    let results: Vec<_> = of.iter().map(|one| one.result().unwrap()).collect();
    let bad = ConfirmationResult::Incomplete;
    assert_eq!(results, [bad, ConfirmationResult::Complete]);
    assert!(
        of[0].error.as_ref().is_some_and(|error| error.contains("password is right")),
        "{:?}",
        of[0].error
    );
}

#[test]
fn a_user_that_was_never_synced_is_not_compared_and_not_complete() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 2, 10);
    let batch = stage.rig.batch("B", source, &["ann@x.org"]);

    confirm(&stage, batch, false);
    stage.until("it is over", |stage| is_over(stage, batch));

    let ann = found(&stage, batch).remove(0);
    assert_eq!((ann.result(), confirmed(&stage).len()), (Some(ConfirmationResult::Incomplete), 0));
    assert!(ann.error.as_ref().is_some_and(|error| error.contains("never synced")), "{:?}", ann.error);
}
