//! A user from the queue to its incremental syncs; stops, kills, removals.

use super::{DAY, End, HOUR, Stage, lost, refused};
use crate::sync::SyncKind;
use crate::testing::row;
use crate::worker::{WorkerEnd, run_with};
use imapmig_core::batch::{BatchOptions, RequestKind};
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Connecting, Failure, FailureKind, NotConnected, Place, Retry, Scope, Side};
use imapmig_core::ids::BatchId;
use imapmig_core::ports::store::{BatchChange, UserChange};
use imapmig_core::status::{BatchStatus, UserStatus};
use imapmig_core::time::UnixMs;
use std::time::Duration;

const USERS: [&str; 3] = ["ann@x.org", "bob@x.org", "eve@x.org"];

fn started(stage: &mut Stage) -> BatchId {
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &USERS);
    stage.request(RequestKind::Start, batch);
    batch
}

fn set_options(stage: &Stage, batch: BatchId, change: impl FnOnce(&mut BatchOptions)) {
    let mut options = stage.rig.find_batch(batch).unwrap().options;
    change(&mut options);
    let change = BatchChange { options: Some(options), ..BatchChange::default() };
    stage.rig.context.catalog.change_batch(batch, &change).unwrap();
}

#[test]
fn a_started_batch_becomes_synced_and_its_times_are_noted() {
    let mut stage = Stage::new();
    let batch = started(&mut stage);

    stage.until_idle();

    let batch = stage.rig.find_batch(batch).unwrap();
    assert_eq!((batch.status, batch.counts.synced, batch.counts.total), (BatchStatus::Synced, 3, 3));
    assert!(batch.started.is_some() && batch.initial_synced.is_some() && batch.last_synced.is_some());
    assert!(stage.rig.context.requests.requests().unwrap().is_empty());
    assert_eq!(stage.rig.user(USERS[0]).next_sync, Some(UnixMs(1_000_000 + DAY)));
}

#[test]
fn a_batch_shows_syncing_and_its_users_too_while_they_run() {
    let mut stage = Stage::new();
    let batch = started(&mut stage);
    for user in USERS {
        stage.work.plan(user, End::Holds);
    }

    stage.until("all run", |stage| stage.began().len() == 3);

    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Syncing);
    assert_eq!(stage.rig.status(USERS[1]), UserStatus::Syncing);
    assert_eq!(stage.rig.find_batch(batch).unwrap().counts.active, 3);
    stage.work.let_go();
    stage.until_idle();
}

#[test]
fn one_refused_login_of_three_makes_the_batch_synced_with_errors() {
    let mut stage = Stage::new();
    let batch = started(&mut stage);
    stage.work.plan(USERS[1], End::Fails(refused()));

    stage.until_idle();

    let failed = stage.rig.user(USERS[1]);
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::SyncedWithErrors);
    assert_eq!(failed.status, UserStatus::Failed);
    assert_eq!(
        failed.error.as_deref(),
        Some(
            "AuthenticationErrorException: The password is right, but this account may not open the other one's mailbox, or there is no such mailbox; check the name and the administrator's rights."
        )
    );
    assert_eq!(
        failed.error_summary.as_deref(),
        Some(
            "The password is right, but this account may not open the other one's mailbox, or there is no such mailbox; check the name and the administrator's rights."
        )
    );
}

#[test]
fn a_second_start_tries_the_failed_users_alone_again() {
    let mut stage = Stage::new();
    let batch = started(&mut stage);
    stage.work.plan(USERS[1], End::Fails(refused()));
    stage.until_idle();

    stage.request(RequestKind::Start, batch);
    stage.until_idle();

    let again: Vec<_> = stage.began().into_iter().skip(3).collect();
    assert_eq!(again, [(USERS[1].to_owned(), SyncKind::Initial)]);
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Synced);
    assert_eq!(stage.rig.user(USERS[1]).error, None);
}

#[test]
fn users_added_to_a_running_batch_are_migrated_and_failed_ones_stay_failed() {
    let mut stage = Stage::new();
    let batch = started(&mut stage);
    stage.work.plan(USERS[1], End::Fails(refused()));
    stage.until_idle();

    stage.rig.context.catalog.add_users(batch, &[row("new@x.org", "p")], stage.rig.context.now()).unwrap();
    stage.rig.clock.advance(1_000);
    stage.until_idle();

    assert_eq!(stage.rig.status("new@x.org"), UserStatus::Synced);
    assert_eq!(stage.rig.status(USERS[1]), UserStatus::Failed);
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::SyncedWithErrors);
}

#[test]
fn a_batch_whose_users_all_fail_has_failed() {
    let mut stage = Stage::new();
    let batch = started(&mut stage);
    for user in USERS {
        stage.work.plan(user, End::Fails(refused()));
    }

    stage.until_idle();

    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Failed);
}

#[test]
fn stop_ends_running_users_and_keeps_waiting_ones_from_starting() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 1, 1);
    let batch = stage.rig.batch("B", source, &USERS);
    stage.work.plan(USERS[0], End::Holds);
    stage.request(RequestKind::Start, batch);
    stage.until("one runs", |stage| stage.began().len() == 1);

    stage.request(RequestKind::Stop, batch);
    stage.until("stopped", |stage| stage.rig.batch_status(batch) == BatchStatus::Stopped);

    assert_eq!(stage.rig.find_batch(batch).unwrap().counts.stopped, 3);
    assert_eq!(stage.began().len(), 1);
    stage.request(RequestKind::Start, batch);
    stage.until("synced", |stage| stage.rig.batch_status(batch) == BatchStatus::Synced);
}

#[test]
fn a_synced_batch_stops_its_incremental_syncs_and_goes_on_as_synced() {
    let mut stage = Stage::new();
    let batch = started(&mut stage);
    stage.until_idle();

    stage.request(RequestKind::Stop, batch);
    stage.until_idle();
    let stopped = (stage.rig.batch_status(batch), stage.rig.status(USERS[0]));
    stage.request(RequestKind::Start, batch);
    stage.until_idle();

    assert_eq!(stopped, (BatchStatus::Stopped, UserStatus::IncrementalStopped));
    assert_eq!(
        (stage.rig.batch_status(batch), stage.rig.status(USERS[0])),
        (BatchStatus::Synced, UserStatus::Synced)
    );
}

#[test]
fn incremental_syncs_run_every_day() {
    let mut stage = Stage::new();
    let batch = started(&mut stage);
    stage.until_idle();

    stage.rig.clock.advance(DAY - HOUR);
    stage.until_idle();
    let before = stage.began().len();
    stage.rig.clock.advance(HOUR);
    stage.until_idle();

    assert_eq!(before, 3);
    assert_eq!(stage.began().iter().filter(|(_, kind)| *kind == SyncKind::Incremental).count(), 3);
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Synced);
    assert_eq!(stage.rig.user(USERS[2]).last_synced, Some(UnixMs(1_000_000 + DAY)));
}

#[test]
fn sync_now_runs_incremental_syncs_at_once_and_the_request_is_met_once() {
    let mut stage = Stage::new();
    let batch = started(&mut stage);
    stage.work.plan(USERS[1], End::Fails(refused()));
    stage.until_idle();
    stage.rig.clock.advance(HOUR);

    stage.request(RequestKind::SyncNow, batch);
    stage.until("the request is met", |stage| stage.rig.context.requests.requests().unwrap().is_empty());
    stage.until_idle();

    let began = stage.began().into_iter().filter(|(_, kind)| *kind == SyncKind::Incremental);
    let mut incremental: Vec<_> = began.map(|(user, _)| user).collect();
    // They run side by side, so that either may have begun first; each begins once.
    incremental.sort_unstable();
    assert_eq!(incremental, [USERS[0], USERS[2]]);
}

#[test]
fn without_incremental_syncs_the_batch_stops_after_the_initial_sync() {
    let mut stage = Stage::new();
    let batch = started(&mut stage);
    set_options(&stage, batch, |options| options.allow_incremental_syncs = false);

    stage.until_idle();

    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Stopped);
    assert_eq!(stage.rig.user(USERS[0]).next_sync, None);
}

#[test]
fn start_after_keeps_a_batch_waiting_until_then() {
    let mut stage = Stage::new();
    let batch = started(&mut stage);
    set_options(&stage, batch, |options| options.start_after = Some(UnixMs(1_000_000 + HOUR)));

    stage.until_idle();
    let before = (stage.rig.batch_status(batch), stage.began().len());
    stage.rig.clock.advance(HOUR);
    stage.until_idle();

    assert_eq!(before, (BatchStatus::Waiting, 0));
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Synced);
}

#[test]
fn a_lost_connection_is_tried_again_after_a_pause_that_is_shown() {
    let mut stage = Stage::new();
    let batch = started(&mut stage);
    stage.work.plan(USERS[0], End::Fails(lost()));

    stage.until_idle();
    let waiting = stage.rig.user(USERS[0]);
    stage.rig.clock.advance(2_000);
    stage.until_idle();

    assert_eq!(waiting.status, UserStatus::Queued);
    let text = waiting.waiting.unwrap();
    assert!(
        text.starts_with("Waits until 1970-01-01T00:16:4")
            && text.contains("The server closed the connection."),
        "{text}"
    );
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Synced);
    assert_eq!(stage.rig.user(USERS[0]).waiting, None);
}

#[test]
fn a_failed_incremental_sync_keeps_the_others_in_step() {
    let mut stage = Stage::new();
    let batch = started(&mut stage);
    stage.until_idle();
    stage.work.plan(USERS[0], End::Fails(refused()));

    stage.rig.clock.advance(DAY);
    stage.until_idle();

    assert_eq!(stage.rig.status(USERS[0]), UserStatus::IncrementalFailed);
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::SyncedWithErrors);
}

#[test]
fn removing_a_running_batch_stops_it_first() {
    let mut stage = Stage::new();
    let batch = started(&mut stage);
    for user in USERS {
        stage.work.plan(user, End::Holds);
    }
    stage.until("all run", |stage| stage.began().len() == 3);

    stage.request(RequestKind::Remove, batch);

    stage.until("removed", |stage| stage.rig.find_batch(batch).is_none());
}

#[test]
fn what_a_killed_worker_left_in_progress_goes_on() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &USERS);
    stage
        .rig
        .context
        .catalog
        .change_batch(batch, &BatchChange { status: Some(BatchStatus::Syncing), ..BatchChange::default() })
        .unwrap();
    let left = |user: &str, status, initial_synced| {
        let change = UserChange { status: Some(status), initial_synced, ..UserChange::default() };
        stage.rig.context.catalog.change_user(stage.rig.user(user).id, &[], &change).unwrap();
    };
    left(USERS[0], UserStatus::Syncing, None);
    left(USERS[1], UserStatus::IncrementalSyncing, Some(UnixMs(1)));

    stage.until_idle();

    let began = stage.began();
    assert!(began.contains(&(USERS[0].to_owned(), SyncKind::Initial)));
    assert!(began.contains(&(USERS[1].to_owned(), SyncKind::Incremental)));
    assert_eq!(stage.rig.find_batch(batch).unwrap().counts.synced, 3);
}

#[test]
fn a_stop_and_a_removal_that_a_killed_worker_left_are_finished() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let stopping = stage.rig.batch("S", source, &USERS[..1]);
    let removing = stage.rig.batch("R", source, &USERS[1..]);
    let user = UserChange { status: Some(UserStatus::Syncing), ..UserChange::default() };
    stage.rig.context.catalog.change_user(stage.rig.user(USERS[0]).id, &[], &user).unwrap();
    for (batch, status) in [(stopping, BatchStatus::Stopping), (removing, BatchStatus::Removing)] {
        stage
            .rig
            .context
            .catalog
            .change_batch(batch, &BatchChange { status: Some(status), ..BatchChange::default() })
            .unwrap();
    }

    stage.until("removed", |stage| stage.rig.find_batch(removing).is_none());

    assert_eq!(stage.rig.batch_status(stopping), BatchStatus::Stopped);
    assert_eq!(stage.rig.status(USERS[0]), UserStatus::Stopped);
    assert!(stage.began().is_empty());
}

#[test]
fn a_worker_leaves_when_there_is_nothing_to_wait_for_and_gives_the_lease_back() {
    let stage = Stage::new();

    let end = run_with(&stage.rig.context, &|_| stage.work.clone(), false, &Cancel::new()).unwrap();

    assert_eq!(end, WorkerEnd::NothingLeft);
    assert_eq!(stage.rig.context.requests.worker().unwrap(), None);
}

#[test]
fn a_worker_that_is_asked_to_end_puts_its_users_back_in_the_queue() {
    let mut stage = Stage::new();
    let batch = started(&mut stage);
    stage.work.plan(USERS[0], End::Holds);
    let cancel = Cancel::new();

    let end = std::thread::scope(|scope| {
        let worker = scope.spawn(|| run_with(&stage.rig.context, &|_| stage.work.clone(), true, &cancel));
        while stage.rig.find_batch(batch).unwrap().counts.synced < 2 {
            std::thread::park_timeout(Duration::from_millis(10));
        }
        cancel.cancel();
        worker.join().unwrap().unwrap()
    });

    assert_eq!(end, WorkerEnd::Cancelled);
    assert_eq!(stage.rig.status(USERS[0]), UserStatus::Queued);
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Syncing);
}

#[test]
fn a_server_that_is_down_shows_in_the_batch_until_a_user_gets_through() {
    let mut stage = Stage::new();
    let batch = started(&mut stage);
    let why = NotConnected::Refused(993, "connection refused".to_owned());
    let case = Connecting::NotConnected { host: "imap.contoso.com".to_owned(), why };
    let down = Failure::new(Scope::User, FailureKind::Unreachable, case).retry(Retry::Reconnect).at(&Place {
        side: Side::Source,
        server: None,
        login: None,
    });
    stage.work.plan(USERS[0], End::Fails(down));

    stage.until("Ann waits", |stage| stage.rig.user(USERS[0]).waiting.is_some());
    let shown = stage.rig.user(USERS[0]).failure.unwrap();
    stage.rig.clock.advance(HOUR);
    stage.until_idle();

    assert_eq!((shown.kind, shown.side), (FailureKind::Unreachable, Some(Side::Source)));
    assert_eq!(stage.rig.find_batch(batch).unwrap().message, None);
    assert_eq!(stage.rig.user(USERS[0]).failure, Some(shown));
}
