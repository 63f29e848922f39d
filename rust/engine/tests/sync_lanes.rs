//! How many connections a user has: as many as its servers and its share allow, which changes while it copies.

#![allow(clippy::unwrap_used, reason = "tests")]

mod sync_support;

use imapmig_core::ports::Clock;
use imapmig_core::time::UnixMs;
use imapmig_engine::sync::{LaneShare, LaneShares};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};
use sync_support::Rig;
use sync_support::account::{Account, message};

/// How long a lane may take to come or go.
const PATIENCE: Duration = Duration::from_secs(20);

/// A clock at which the user's own thread waits, once `act` was called, until the target has so many connections open.
struct Gate {
    thread: ThreadId,
    acted: Arc<AtomicBool>,
    target: Account,
    wanted: fn(usize) -> bool,
    seen: AtomicBool,
}

impl Clock for Gate {
    fn now(&self) -> UnixMs {
        let waits = thread::current().id() == self.thread && self.acted.load(Ordering::Acquire);
        let until = Instant::now() + PATIENCE;
        while waits && !self.seen.load(Ordering::Acquire) && Instant::now() < until {
            let is_wanted = (self.wanted)(self.target.state().open_now);
            self.seen.store(is_wanted, Ordering::Release);
            thread::yield_now();
        }
        UnixMs(1_800_000_000_000)
    }
}

/// A mailbox of one folder that is worth several lanes.
fn large(messages: usize) -> Account {
    let messages = (0..messages).map(|n| message(&format!("m{n}")).at(i64::try_from(n).unwrap()));
    Account::new().with("INBOX", messages)
}

/// Copies a large folder, and calls `act` when the 300th append has begun. Returns whether the target then had `wanted` connections.
fn copied(shares: &LaneShares, wanted: fn(usize) -> bool, act: impl Fn() + Send + 'static) -> bool {
    let (source, target) = (large(6_000), Account::new());
    let acted = Arc::new(AtomicBool::new(false));
    let (counted, done) = (Mutex::new(0), Arc::clone(&acted));
    target.state().judge = Some(Box::new(move |_, _| {
        let mut counted = counted.lock().unwrap();
        *counted += 1;
        if *counted == 300 {
            act();
            done.store(true, Ordering::Release);
        }
        None
    }));
    let thread = thread::current().id();
    let gate = Arc::new(Gate { thread, acted, target: target.clone(), wanted, seen: AtomicBool::new(false) });
    let mut rig = Rig::new(&source, &target);
    rig.shares = Some(shares.clone());
    rig.clock = gate.clone();

    rig.initial().unwrap();

    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    gate.seen.load(Ordering::Acquire)
}

#[test]
fn many_messages_go_over_several_lanes_and_fewer_where_fewer_are_granted() {
    for granted in [usize::MAX, 2] {
        let source = Account::new().with("INBOX", (0..1_500).map(|n| message(&format!("m{n}")).at(n)));
        let target = Account::new().having(|t| t.most_connections = granted);
        let mut rig = Rig::new(&source, &target);
        rig.lanes = 4;

        let done = rig.initial().unwrap();

        assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
        assert_eq!(done.progress.verified_items, 1_500);
        assert_eq!(target.state().connections, granted.min(4));
    }
}

#[test]
fn a_user_that_is_left_alone_gets_more_lanes_while_it_copies() {
    let shares = LaneShares::default();
    let others: Vec<LaneShare> = (0..20).map(|_| shares.join()).collect();
    let others = Mutex::new(others);

    let has_grown = copied(&shares, |lanes| lanes > 1, move || others.lock().unwrap().clear());

    assert!(has_grown);
}

#[test]
fn lanes_beyond_the_share_end_while_a_large_folder_is_copied() {
    let shares = LaneShares::default();
    let (more, others) = (shares.clone(), Mutex::new(Vec::new()));

    let has_shrunk = copied(
        &shares,
        |lanes| lanes == 1,
        move || {
            others.lock().unwrap().extend((0..20).map(|_| more.join()));
        },
    );

    assert!(has_shrunk);
}
