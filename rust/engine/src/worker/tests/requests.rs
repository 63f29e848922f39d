//! What is asked for at awkward moments, and clocks and disks that fail meanwhile.

use super::{End, HOUR, Stage};
use crate::sync::SyncKind;
use crate::worker::user_job::Event;
use crate::worker::{WorkerEnd, run_with};
use imapmig_core::batch::WishKind;
use imapmig_core::cancel::Cancel;
use imapmig_core::ids::{BatchId, WorkerId};
use imapmig_core::ports::store::StoreError;
use imapmig_core::time::UnixMs;

fn synced(stage: &mut Stage) -> BatchId {
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &["ann@x.org"]);
    stage.wish(WishKind::Start, batch);
    stage.settle();
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
    stage.wish(WishKind::SyncNow, batch);
    stage.until("it runs", |stage| incremental_syncs(stage) == 1);

    // Mail that came after its look at the folder is what this is asked for.
    stage.rig.clock.advance(1_000);
    stage.wish(WishKind::SyncNow, batch);
    stage.until("it is seen", |stage| {
        let asked = stage.supervisor.care[&batch].sync_now.as_ref();
        asked.is_some_and(|(wishes, _)| wishes.len() == 2)
    });
    stage.rig.clock.advance(1_000);
    stage.work.let_go();
    stage.until("the wishes are met", |stage| stage.rig.parts.store.wishes().unwrap().is_empty());

    assert_eq!(incremental_syncs(&stage), 2);
}

#[test]
fn a_lease_from_the_future_does_not_keep_a_worker_from_its_work() {
    let stage = Stage::new();
    let store = &stage.rig.parts.store;
    let tomorrow = UnixMs(stage.rig.parts.now().0 + 24 * HOUR);
    assert!(store.lease(WorkerId::new(), "before the clock was set back", tomorrow, tomorrow).unwrap());

    let end = run_with(&stage.rig.parts, stage.work.clone(), false, &Cancel::new()).unwrap();

    assert_eq!((end, store.worker().unwrap()), (WorkerEnd::NothingLeft, None));
}

#[test]
fn a_removal_that_failed_is_not_tried_again_without_a_pause() {
    let mut stage = Stage::new();
    stage.supervisor.turn().unwrap();
    let full = StoreError::DiskFull { path: "state.db".to_owned() };
    stage.supervisor.unnoted.push_back(Event::Removed(BatchId::new(), Err(full)));

    let looked_at_all = stage.supervisor.turn().unwrap();

    assert!(!looked_at_all && stage.supervisor.unnoted.is_empty());
}
