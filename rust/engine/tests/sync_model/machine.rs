//! Runs the steps on the engine and compares.

use super::expect::Expectation;
use super::intercepted_store::Intercepted;
use super::mail::{BREAKING, is_poison, path};
use super::session::{Source, Target};
use super::steps::{Calls, Draw, Drawn, EndsOver, Event, Hints, Manners, Statuses, Step};
use super::store::Mortal;
use super::sync_support::Rig;
use super::world::{Shared, World};
use imapmig_core::failure::Failure;
use imapmig_core::user::{SkippedItem, SkippedKind};
use imapmig_engine::sync::{SyncDone, SyncKind, UserSync, run_user};
use proptest_state_machine::StateMachineTest;
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    /// One state directory does for all cases of a thread.
    static RIG: RefCell<Option<Rig>> = const { RefCell::new(None) };
}

/// How often a sync is done again over messages that the source cannot deliver.
const AGAIN: usize = 10;

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
        Self { world, rig: Some(rig), expect: Expectation::of(manners.hints), kind: SyncKind::Initial }
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
            Step::UndisturbedSync => self.undisturbed_sync(),
        }
    }

    fn sync(&mut self, events: Vec<(Calls, u8, Event)>) {
        let done = self.run(events);
        let may_be_incomplete = self.trusts_stale() || (done.is_err() && self.may_take_several());
        let mut world = self.world.lock();
        if world.happened == 0 && !may_be_incomplete {
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

    fn undisturbed_sync(&mut self) {
        if self.trusts_stale() {
            self.kind = SyncKind::Final;
        }
        let mut done = self.run(Vec::new());
        // One sync gives up only a few messages if it can copy none, and no folder before another one has passed.
        for _ in 0..AGAIN {
            if done.is_ok() || !self.may_take_several() {
                break;
            }
            done = self.run(Vec::new());
        }
        self.compare(&done);
    }

    /// Whether the next sync may take a folder to be unchanged by what was right once.
    fn trusts_stale(&self) -> bool {
        self.kind != SyncKind::Final && self.world.lock().manners.hints.statuses == Statuses::Stale
    }

    fn may_take_several(&self) -> bool {
        let world = self.world.lock();
        let unreadable = world.source.folders.values().flat_map(|m| &m.mails).any(|m| is_poison(&m.bytes));
        world.manners.hints.source_ends != EndsOver::Nothing && unreadable || world.passes_over()
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
        self.expect.synced();
        let world = self.world.lock();
        let items = self.rig.as_ref().unwrap().items();
        let hints = world.manners.hints;
        if let Err(failure) = done {
            assert!(world.passes_over(), "an undisturbed sync succeeds: {failure}");
        }
        assert_reported(&world, &items);
        let about_messages: Vec<_> =
            items.iter().filter(|i| i.uid.is_some()).filter(|i| !is_explained(i.kind, hints)).collect();
        let altered = items
            .iter()
            .filter(|i| i.uid.is_some())
            .filter(|i| matches!(i.kind, SkippedKind::Altered | SkippedKind::NotVerified));
        let reported = altered.filter_map(|i| world.source_mail(&i.folder, i.uid?.0)).collect();
        self.expect.check(&world.target, reported, hints);
        if world.passes_over() {
            assert!(done.is_err(), "a folder that breaks connections is not copied");
            return;
        }
        let progress = done.as_ref().expect("an undisturbed sync succeeds").progress;
        let total = progress.synced_items + progress.skipped_items;
        assert_eq!(progress.total_items, total, "the counts add up: {progress:?}");
        let (least, most) = self.expect.totals(&world.source);
        // A copy that could not be verified and was removed is an item, which ends with its message at the source. What the source
        // cannot deliver is counted and not expected.
        let least = if hints.target_ends == EndsOver::Nothing { least } else { 0 };
        let most = if hints.source_ends == EndsOver::Nothing { most } else { u64::MAX };
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

/// Whether what these servers do explains items of this kind about messages.
fn is_explained(kind: SkippedKind, hints: Hints) -> bool {
    match kind {
        SkippedKind::DateChanged => hints.target_dates,
        SkippedKind::SourceUnreadable => hints.source_ends != EndsOver::Nothing,
        SkippedKind::NotVerified => {
            (hints.source_ends, hints.target_ends) != (EndsOver::Nothing, EndsOver::Nothing)
        }
        // A second copy that cannot be read is not taken back.
        SkippedKind::Doubled => hints.target_ends != EndsOver::Nothing,
        // What cannot be listed is not found where the target names no UIDs.
        SkippedKind::Missing => hints.target_ends == EndsOver::Listing,
        _ => false,
    }
}

/// Everything that cannot be read or opened is an item.
fn assert_reported(world: &World, items: &[SkippedItem]) {
    let hints = world.manners.hints;
    let is_item = |folder: &str, uid: Option<u32>, kinds: &[SkippedKind]| {
        let of = |i: &SkippedItem| i.folder == path(folder) && i.uid.map(|uid| uid.0) == uid;
        assert!(items.iter().any(|i| of(i) && kinds.contains(&i.kind)), "{folder} {uid:?}: {items:?}");
    };
    if world.passes_over() {
        is_item(BREAKING, None, &[SkippedKind::FolderFailed]);
    }
    for (folder, mailbox) in &world.source.folders {
        if hints.breaking.is_some() && *folder == BREAKING {
            continue;
        }
        for mail in mailbox.mails.iter().filter(|mail| is_poison(&mail.bytes)) {
            match hints.source_ends {
                EndsOver::Nothing => {}
                EndsOver::Bodies | EndsOver::Headers => {
                    is_item(
                        folder,
                        Some(mail.uid),
                        &[SkippedKind::SourceUnreadable, SkippedKind::NotVerified],
                    );
                }
                EndsOver::Listing if hints.exists < 0 => {}
                EndsOver::Listing => is_item(folder, None, &[SkippedKind::SourceUnreadable]),
            }
        }
    }
}

/// The machine over these draws.
pub struct Model<const BREAKING: bool>;

impl<const BREAKING: bool> StateMachineTest for Model<BREAKING> {
    type SystemUnderTest = Machine;
    type Reference = Draw<BREAKING>;

    fn init_test(manners: &Manners) -> Machine {
        Machine::new(*manners)
    }

    fn apply(mut machine: Machine, _: &Manners, Drawn(step): Drawn) -> Machine {
        machine.step(&step);
        machine
    }

    fn teardown(mut machine: Machine, _: Manners) {
        machine.undisturbed_sync();
        RIG.set(machine.rig.take());
    }
}
