//! Runs the steps on the engine and compares.

use super::expect::Expectation;
use super::intercepted_store::Intercepted;
use super::session::{Source, Target};
use super::steps::{Calls, Draw, Drawn, Event, Manners, Step};
use super::store::Mortal;
use super::sync_support::Rig;
use super::world::Shared;
use imapmig_core::failure::Failure;
use imapmig_core::user::SkippedKind;
use imapmig_engine::sync::{SyncDone, SyncKind, UserSync, run_user};
use proptest_state_machine::StateMachineTest;
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    /// One state directory does for all cases of a thread.
    static RIG: RefCell<Option<Rig>> = const { RefCell::new(None) };
}

pub struct Machine {
    world: Shared,
    rig: Option<Rig>,
    expect: Expectation,
    kind: SyncKind,
}

impl Machine {
    pub fn new(manners: Manners) -> Self {
        let world = Shared::new(manners);
        let (source, target) = (Arc::new(Source(world.clone())), Arc::new(Target(world.clone())));
        let rig = match RIG.take() {
            Some(rig) => {
                let mut rig = rig.made_anew();
                (rig.source, rig.target) = (source, target);
                rig
            }
            None => Rig::between(source, target),
        };
        Self { world, rig: Some(rig), expect: Expectation::default(), kind: SyncKind::Initial }
    }

    pub fn step(&mut self, step: &Step) {
        match step {
            Step::AtSource(change) => {
                let mut world = self.world.lock();
                world.source.change(change);
                self.expect.observe(&world.source);
            }
            Step::AtTarget(change) => {
                let mut world = self.world.lock();
                world.act(change);
                world.deeds.drain(..).for_each(|deed| self.expect.done_at_target(&deed, false));
            }
            Step::Sync(events) => self.sync(events.clone()),
            Step::QuietSync => self.quiet_sync(),
        }
    }

    fn sync(&mut self, events: Vec<(Calls, u8, Event)>) {
        let done = self.run(events);
        let mut world = self.world.lock();
        if world.happened == 0 {
            drop(world);
            return self.compare(&done);
        }
        self.expect.broken_off();
        for source in std::mem::take(&mut world.sources) {
            self.expect.observe(&source);
            self.expect.broken_off();
        }
        world.deeds.drain(..).for_each(|deed| self.expect.done_at_target(&deed, true));
    }

    /// Syncs while these things happen, and returns how many messages the target folder holds.
    pub fn sync_and_count(&mut self, events: Vec<(Calls, u8, Event)>, folder: &str) -> Option<usize> {
        self.run(events).unwrap();
        Some(self.world.lock().target.folders.get(folder)?.mails.len())
    }

    fn quiet_sync(&mut self) {
        let done = self.run(Vec::new());
        self.compare(&done);
    }

    fn run(&mut self, events: Vec<(Calls, u8, Event)>) -> Result<SyncDone, Failure> {
        let rig = self.rig.as_ref().unwrap();
        let store =
            Arc::new(Intercepted(Mortal { world: self.world.clone(), inner: Arc::clone(&rig.store) }));
        let (ledger, diary, users) = (store.clone(), store.clone(), store);
        let sync = UserSync { ledger, diary, users, ..rig.sync_of(self.kind) };
        self.world.lock().begin(events);
        let done = run_user(&sync);
        self.world.lock().end();
        if done.is_ok() {
            self.kind = SyncKind::Incremental;
        }
        done
    }

    /// After a sync during which nothing happened, everything must be right.
    fn compare(&mut self, done: &Result<SyncDone, Failure>) {
        let progress = done.as_ref().expect("a quiet sync succeeds").progress;
        self.expect.synced();
        let world = self.world.lock();
        let items = self.rig.as_ref().unwrap().items();
        let hints = world.manners.hints;
        let about_messages: Vec<_> = items
            .iter()
            .filter(|i| i.uid.is_some())
            .filter(|i| !(hints.target_dates && i.kind == SkippedKind::DateChanged))
            // A second copy that cannot be read is not taken back.
            .filter(|i| {
                !(hints.unreadable && matches!(i.kind, SkippedKind::NotVerified | SkippedKind::Doubled))
            })
            .collect();
        let altered = items
            .iter()
            .filter(|i| i.uid.is_some())
            .filter(|i| matches!(i.kind, SkippedKind::Altered | SkippedKind::NotVerified));
        let reported = altered.filter_map(|i| world.source_mail(&i.folder, i.uid?.0)).collect();
        self.expect.check(&world.target, reported, hints.unreadable);
        let total = progress.synced_items + progress.skipped_items;
        assert_eq!(progress.total_items, total, "the counts add up: {progress:?}");
        let (least, most) = self.expect.totals(&world.source);
        // A copy that could not be verified and was removed is an item, which ends with its message at the source.
        let least = if hints.unreadable { 0 } else { least };
        if !self.expect.forgotten && hints.exists <= 0 {
            assert!(
                (least..=most).contains(&total),
                "{total} messages are counted instead of {least} to {most}"
            );
        }
        assert!(
            self.expect.reports || about_messages.is_empty(),
            "nothing is to be reported: {about_messages:?}"
        );
    }
}

impl StateMachineTest for Machine {
    type SystemUnderTest = Self;
    type Reference = Draw;

    fn init_test(manners: &Manners) -> Self {
        Self::new(*manners)
    }

    fn apply(mut machine: Self, _: &Manners, Drawn(step): Drawn) -> Self {
        machine.step(&step);
        machine
    }

    fn teardown(mut machine: Self, _: Manners) {
        machine.quiet_sync();
        RIG.set(machine.rig.take());
    }
}
