//! How many users run at once, and whose turn it is.

use super::{DAY, End, Stage};
use imapmig_core::batch::RequestKind;
use imapmig_core::status::{BatchStatus, UserStatus};

const MANY: [&str; 5] = ["a@x.org", "b@x.org", "c@x.org", "d@x.org", "e@x.org"];

fn hold_all(stage: &Stage) {
    for user in MANY {
        stage.work.plan(user, End::Holds);
    }
}

/// How many run when nothing more is taken up.
fn at_work(stage: &mut Stage, expected: usize) -> usize {
    stage.until("as many run as may", |stage| stage.began().len() >= expected);
    for _ in 0..3 {
        stage.supervisor.state.dirty = true;
        stage.supervisor.turn().unwrap();
    }
    let number = stage.supervisor.state.crew.len();
    stage.work.let_go();
    number
}

#[test]
fn no_more_users_run_than_the_source_allows_and_they_run_in_order() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 2, 1);
    let batch = stage.rig.batch("B", source, &MANY);
    hold_all(&stage);
    stage.request(RequestKind::Start, batch);

    assert_eq!(at_work(&mut stage, 2), 2);
    assert_eq!(stage.rig.status(MANY[2]), UserStatus::Queued);
    stage.until_idle();

    let order: Vec<_> = stage.began().into_iter().map(|(user, _)| user).collect();
    assert!(order[..2].iter().all(|user| MANY[..2].contains(&user.as_str())), "{order:?}");
    assert_eq!(stage.work.inner.lock().unwrap().most_running, 2);
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::Synced);
}

#[test]
fn a_target_with_a_smaller_limit_counts_too() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let target = stage.rig.endpoint("T", 1, 1);
    let rows: Vec<_> = MANY.iter().map(|user| crate::testing::row(user, user)).collect();
    let batch = stage.rig.batch_of("B", source, Some(target), &rows);
    hold_all(&stage);
    stage.request(RequestKind::Start, batch);

    assert_eq!(at_work(&mut stage, 1), 1);
    stage.until_idle();
}

#[test]
fn the_limit_of_the_whole_installation_counts_over_all_endpoints() {
    let mut stage = Stage::new();
    let (one, two) = (stage.rig.endpoint("E1", 20, 10), stage.rig.endpoint("E2", 20, 10));
    let batches = [stage.rig.batch("B1", one, &MANY[..3]), stage.rig.batch("B2", two, &MANY[3..])];
    stage.rig.context.catalog.set_setting("MaxConcurrentMigrations", Some("3")).unwrap();
    hold_all(&stage);
    for batch in batches {
        stage.request(RequestKind::Start, batch);
    }

    assert_eq!(at_work(&mut stage, 3), 3);
    stage.until_idle();
}

#[test]
fn batches_that_share_an_endpoint_take_turns() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 2, 1);
    let batches = [stage.rig.batch("B1", source, &MANY[..3]), stage.rig.batch("B2", source, &MANY[3..])];
    hold_all(&stage);
    for batch in batches {
        stage.request(RequestKind::Start, batch);
    }

    at_work(&mut stage, 2);
    stage.until_idle();

    let mut first: Vec<_> = stage.began().into_iter().take(2).map(|(user, _)| user).collect();
    first.sort();
    assert_eq!(first, [MANY[0], MANY[3]]);
}

#[test]
fn incremental_syncs_have_a_limit_of_their_own() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 5, 2);
    let batch = stage.rig.batch("B", source, &MANY);
    stage.request(RequestKind::Start, batch);
    stage.until_idle();
    hold_all(&stage);

    stage.rig.clock.advance(DAY);

    assert_eq!(at_work(&mut stage, 7), 2);
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::IncrementalSyncing);
    stage.until_idle();
}
