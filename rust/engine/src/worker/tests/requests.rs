//! What is asked for at awkward moments, and clocks and disks that fail meanwhile.

use super::{End, HOUR, Stage};
use crate::sync::SyncKind;
use crate::worker::lease::Lease;
use crate::worker::user_job::Event;
use crate::worker::{WorkerEnd, run_with};
use imapmig_core::batch::RequestKind;
use imapmig_core::cancel::Cancel;
use imapmig_core::ids::{BatchId, WorkerId};
use imapmig_core::ports::store::{BatchChange, StoreError};
use imapmig_core::time::UnixMs;
use std::thread;
use std::time::{Duration, Instant};

fn synced(stage: &mut Stage) -> BatchId {
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &["ann@x.org"]);
    stage.request(RequestKind::Start, batch);
    stage.until_idle();
    batch
}

fn incremental_syncs(stage: &Stage) -> usize {
    stage.began().iter().filter(|(_, kind)| *kind == SyncKind::Incremental).count()
}

#[test]
fn a_sync_that_was_under_way_when_another_was_asked_for_does_not_count_as_that() {
    let mut stage = Stage::new();
    let batch = synced(&mut stage);
    stage.rig.clock.advance(HOUR);
    stage.work.plan("ann@x.org", End::Holds);
    stage.request(RequestKind::SyncNow, batch);
    stage.until("it runs", |stage| incremental_syncs(stage) == 1);

    // Mail that came after its look at the folder is what this is asked for.
    stage.rig.clock.advance(1_000);
    stage.request(RequestKind::SyncNow, batch);
    stage.until("it is seen", |stage| {
        stage.supervisor.state.schedules.get(batch).unwrap().sync_now.len() == 2
    });
    stage.rig.clock.advance(1_000);
    stage.work.let_go();
    stage.until("the requests are met", |stage| stage.rig.context.requests.requests().unwrap().is_empty());

    assert_eq!(incremental_syncs(&stage), 2);
}

#[test]
fn a_lease_from_the_future_does_not_keep_a_worker_from_its_work() {
    let stage = Stage::new();
    let tomorrow = UnixMs(stage.rig.context.now().0 + 24 * HOUR);
    assert!(
        stage
            .rig
            .context
            .requests
            .lease(WorkerId::new(), "before the clock was set back", tomorrow, tomorrow)
            .unwrap()
    );

    let end = run_with(&stage.rig.context, &|_| stage.work.clone(), false, &Cancel::new()).unwrap();

    assert_eq!((end, stage.rig.context.requests.worker().unwrap()), (WorkerEnd::NothingLeft, None));
}

#[test]
fn a_removal_that_failed_is_not_tried_again_without_a_pause() {
    let mut stage = Stage::new();
    stage.supervisor.turn().unwrap();
    let crew = &mut stage.supervisor.state.crew;
    crew.reports().send(Event::Removed(BatchId::new(), Err(StoreError::DiskFull))).unwrap();

    let looked_at_all = stage.supervisor.turn().unwrap();

    assert!(!looked_at_all && !stage.supervisor.is_busy());
}

#[test]
fn a_worker_at_rest_wakes_up_for_a_request() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &["ann@x.org"]);
    stage.supervisor.turn().unwrap();
    stage.supervisor.rest(Duration::ZERO);
    let unrequested = Duration::from_mins(1);

    let began = Instant::now();
    thread::scope(|scope| {
        let context = stage.rig.context.clone();
        scope.spawn(move || {
            let change = BatchChange::default();
            context.requests.request(batch, &[RequestKind::Start], &change, context.now()).unwrap();
        });
        stage.supervisor.rest(unrequested);
    });
    stage.supervisor.turn().unwrap();

    assert!(began.elapsed() < unrequested, "it rested to the end");
    assert!(stage.rig.find_batch(batch).unwrap().started.is_some());
}

#[cfg(unix)]
#[test]
fn a_worker_whose_database_is_deleted_ends() {
    let mut stage = Stage::new();
    synced(&mut stage);
    let context = stage.rig.context.clone();
    let work = stage.work.clone();
    let worker = thread::spawn(move || run_with(&context, &|_| work.clone(), true, &Cancel::new()));
    stage.until("it holds the lease", |stage| stage.rig.context.requests.worker().unwrap().is_some());

    std::fs::remove_file(stage.rig.context.directory.database()).unwrap();
    let end = worker.join().unwrap();

    assert!(
        end.as_ref().is_ok_and(|end| *end == WorkerEnd::Cancelled)
            || end.as_ref().is_err_and(|error| error.code == "StateDatabaseReplacedException"),
        "{end:?}"
    );
}

#[test]
fn a_worker_that_another_one_took_over_from_stops_its_users_and_writes_nothing_more() {
    let stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &["ann@x.org"]);
    stage.request(RequestKind::Start, batch);
    stage.work.plan("ann@x.org", End::Holds);
    let (context, work) = (stage.rig.context.clone(), stage.work.clone());
    let worker = thread::spawn(move || run_with(&context, &|_| work.clone(), true, &Cancel::new()));
    let deadline = Instant::now() + Duration::from_secs(20);
    while stage.began().is_empty() {
        assert!(Instant::now() < deadline, "it never began");
        thread::park_timeout(Duration::from_millis(5));
    }

    // The lock is the first worker's, so this one took the lease on a system that keeps no locks.
    let second = Lease::take(&stage.rig.context, &Cancel::new()).unwrap();
    let before = stage.rig.user("ann@x.org");
    let end = worker.join().unwrap().unwrap();

    assert_eq!(end, WorkerEnd::TakenOver);
    assert_eq!(stage.rig.user("ann@x.org"), before);
    assert!(!second.is_lost() && !second.cancel().is_cancelled());
}

#[test]
fn a_suspended_worker_learns_that_its_lease_is_gone_before_it_sends() {
    let stage = Stage::new();
    let first = Lease::take(&stage.rig.context, &Cancel::new()).unwrap();
    let may_send = first.condition();
    let running = may_send();
    let second = Lease::take(&stage.rig.context, &Cancel::new()).unwrap();

    // As after a sleep of the machine, in which only the clock on the wall goes on.
    stage.rig.clock.advance(300);

    assert!(running && !may_send() && first.cancel().is_cancelled());
    assert!(second.condition()());
}
