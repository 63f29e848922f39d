//! Batches of ten thousand users: what one user's turn costs does not grow with their number.

use super::counting_store::{Counter, CountingStore};
use super::{DAY, End, Stage};
use crate::testing::{mailbox, row};
use imapmig_core::batch::RequestKind;
use imapmig_core::ids::BatchId;
use imapmig_core::ports::store::{Ports, UserChange};
use imapmig_core::status::BatchStatus;
use imapmig_core::time::UnixMs;
use std::sync::Arc;

const USERS: usize = 10_000;
/// Users at once.
const AT_ONCE: u32 = 20;
/// How many users are read for one that is synced: before it is taken up, with its login, and when it has ended.
const READ_PER_SYNC: usize = 4;
/// How many calls to the store one sync of a user costs, the turns of the worker included.
const CALLS_PER_SYNC: usize = 30;

fn address(user: usize) -> String {
    format!("u{user}@x.org")
}

struct Fleet {
    stage: Stage,
    store: Arc<CountingStore>,
    batch: BatchId,
}

/// A batch of so many users that is to be started, with this password or each with its own.
fn fleet(users: usize, password: Option<&str>) -> Fleet {
    let mut stage = Stage::new();
    let store = Counter::between(Arc::clone(&stage.rig.store));
    let context = stage.supervisor.state.context.clone();
    stage.supervisor.state.context = context.with_ports(Ports::of(&store));
    let source = stage.rig.endpoint("E", AT_ONCE, AT_ONCE);
    let rows: Vec<_> = (0..users)
        .map(|user| row(&address(user), &password.map_or_else(|| format!("p{user}"), str::to_owned)))
        .collect();
    let batch = stage.rig.batch_of("B", source, None, &rows);
    stage.request(RequestKind::Start, batch);
    Fleet { stage, store, batch }
}

impl Fleet {
    /// Turns until so many syncs have begun; returns calls and users read meanwhile.
    fn until_began(&mut self, syncs: usize) -> (usize, usize) {
        self.store.take();
        self.stage.until("they began", |stage| stage.began().len() >= syncs);
        self.store.take()
    }
}

fn assert_cheap((calls, users): (usize, usize), syncs: usize) {
    let most = (syncs + 2 * AT_ONCE as usize) * CALLS_PER_SYNC;
    assert!(calls <= most, "{calls} calls for {syncs} syncs");
    let most = (syncs + 2 * AT_ONCE as usize) * READ_PER_SYNC;
    assert!(users <= most, "{users} users read for {syncs} syncs");
}

#[test]
fn a_sync_of_one_of_ten_thousand_users_reads_no_other_and_an_idle_turn_reads_none() {
    let mut fleet = fleet(USERS, None);
    for user in 0..AT_ONCE as usize {
        fleet.stage.work.plan(&address(user), End::Holds);
    }
    fleet.until_began(AT_ONCE as usize);

    fleet.stage.rig.clock.advance(1_000);
    fleet.stage.supervisor.turn().unwrap();
    let (calls, users) = fleet.store.take();
    fleet.stage.work.let_go();
    let cost = fleet.until_began(500);

    assert!(calls < 20 && users == 0, "{calls} calls, {users} users read");
    assert_cheap(cost, 500);
}

#[test]
fn incremental_syncs_read_only_the_users_that_are_due() {
    let mut fleet = fleet(600, None);
    let batch = fleet.batch;
    fleet.stage.until("synced", |stage| stage.rig.batch_status(batch) == BatchStatus::Synced);
    fleet.stage.until_idle();
    // One after the other they were synced, and one after the other they are due.
    for user in 0..600 {
        let at = UnixMs(fleet.stage.rig.context.now().0 + DAY + i64::try_from(user).unwrap());
        let change = UserChange { next_sync: Some(Some(at)), ..UserChange::default() };
        let id = fleet.stage.rig.user(&address(user)).id;
        fleet.stage.rig.context.catalog.change_user(id, &[], &change).unwrap();
    }
    fleet.stage.rig.clock.advance(DAY);
    fleet.store.take();

    for _ in 0..100 {
        fleet.stage.until_idle();
        fleet.stage.rig.clock.advance(1);
        fleet.stage.supervisor.state.dirty = true;
    }
    let cost = fleet.store.take();

    let began = fleet.stage.began().len() - 600;
    assert!(began >= 90, "{began} incremental syncs");
    assert!(cost.1 <= began * (READ_PER_SYNC + 2), "{} users read for {began} syncs", cost.1);
}

#[test]
fn a_sync_that_is_asked_for_reads_each_user_a_few_times_only() {
    let mut fleet = fleet(600, None);
    let batch = fleet.batch;
    fleet.stage.until("synced", |stage| stage.rig.batch_status(batch) == BatchStatus::Synced);
    fleet.stage.until_idle();
    fleet.stage.rig.clock.advance(1_000);
    fleet.store.take();

    fleet.stage.request(RequestKind::SyncNow, batch);
    fleet.stage.until("done", |stage| stage.rig.context.requests.requests().unwrap().is_empty());
    let cost = fleet.store.take();

    assert_eq!(fleet.stage.began().len(), 1_200);
    assert!(cost.1 <= 600 * (READ_PER_SYNC + 2), "{} users read", cost.1);
}

#[test]
fn rows_with_one_password_are_probed_without_reading_the_others_for_each() {
    const SAME: usize = 1_000;
    let mut fleet = fleet(SAME, Some("the same"));
    for user in 0..SAME {
        let seen = mailbox(u32::try_from(user).unwrap() + 1, 3);
        fleet.stage.work.inner.lock().unwrap().probes.insert(address(user), seen);
    }
    fleet.store.take();

    fleet.stage.until("they were looked at, and began", |stage| stage.began().len() >= 500);
    let (_, users) = fleet.store.take();

    assert_eq!(fleet.stage.work.inner.lock().unwrap().probed.len(), SAME);
    // The whole batch is read when it is taken up: its users, and which passwords are equal.
    assert!(users <= (SAME + 540) * READ_PER_SYNC + 3 * SAME, "{users} users read");
}
