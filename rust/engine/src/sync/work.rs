//! What the steps of one folder share: whose folder it is, where it lies on both sides, and what both sides can do.

use crate::messages::{engine_failures, reports};
use crate::sync::UserSync;
use crate::sync::decide::flag_delta::taken;
use crate::sync::decide::item::{FlagSets, Item};
use crate::sync::decide::newest::Newest;
use crate::sync::decide::poison::{Patience, PoisonTracker};
use crate::sync::decide::poison_folders::PoisonFolders;
use crate::sync::decide::sided_failure::{Side, SidedFailure};
use crate::sync::decide::target_claims::TargetClaims;
use crate::sync::failure::{SyncResult, last_words};
use crate::sync::ledger::FolderLedger;
use crate::sync::lock::lock;
use crate::sync::outcome::Sent;
use crate::sync::progress::Progress;
use crate::sync::readings::{Kept, Reader};
use crate::sync::sessions::{FolderPair, Lane};
use imapmig_core::folder::FolderPath;
use imapmig_core::mapping::Mapping;
use imapmig_core::message::{Keywords, Uid};
use imapmig_core::ports::source::SourceSession;
use imapmig_core::ports::target::{
    AppendHead, AppendKey, ReadyTarget, RefusalKind, TargetProfile, TargetSession,
};
use imapmig_core::user::Checkpoint;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The pause when a server asks to slow down without saying for how long.
const UNSTATED_PAUSE: Duration = Duration::from_secs(30);

/// Asks the folders of a user to end soon, because one of them failed for good or lost its connection.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    stopped: AtomicBool,
    halted: AtomicBool,
}

impl Stop {
    /// Nothing new is begun; unless only a connection was lost, what is under way is broken off too.
    pub(crate) fn stop(&self, failure: &SidedFailure) {
        self.stopped.store(true, Ordering::Release);
        if !failure.is_lost_connection() {
            self.halted.store(true, Ordering::Release);
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    pub(crate) fn is_halted(&self) -> bool {
        self.halted.load(Ordering::Acquire)
    }
}

/// One folder that is to be synced.
#[derive(Clone, Copy)]
pub(crate) struct FolderTask<'a> {
    pub(crate) sync: &'a UserSync,
    pub(crate) progress: &'a Progress<'a>,
    pub(crate) poison: &'a Mutex<PoisonTracker>,
    pub(crate) poison_folders: &'a Mutex<PoisonFolders>,
    pub(crate) claims: &'a Mutex<TargetClaims>,
    pub(crate) readings: &'a Kept,
    pub(crate) stop: &'a Stop,
    /// The folder's place among the user's.
    pub(crate) number: usize,
    pub(crate) mapping: &'a Mapping,
    /// What there is to do, as [`crate::sync::decide::growth::load`] counts it.
    pub(crate) load: u64,
    pub(crate) subscribe: bool,
    /// Which messages are the newest, where the account holds more than the limit.
    pub(crate) newest: Option<&'a Newest>,
    /// What earlier syncs wrote of the folder.
    pub(crate) known: Option<&'a Checkpoint>,
}

/// One folder under way.
pub(crate) struct FolderWork<'a> {
    pub(crate) sync: &'a UserSync,
    pub(crate) progress: &'a Progress<'a>,
    pub(crate) stop: &'a Stop,
    pub(crate) number: usize,
    pub(crate) mapping: &'a Mapping,
    pub(crate) pair: FolderPair,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) profile: TargetProfile,
    pub(crate) keywords: Keywords,
    pub(crate) ledger: FolderLedger<'a>,
    /// A worker or a connection died while messages of the folder were under way.
    pub(crate) was_interrupted: bool,
    poison: &'a Mutex<PoisonTracker>,
    readings: &'a Kept,
    account: String,
    /// The sizes at the target that are known to differ from what the source says.
    sizes: Mutex<HashMap<Uid, u64>>,
    /// The messages whose bytes at the target were compared with those of the source.
    compared: Mutex<HashSet<Uid>>,
    /// The adopted messages that have their flags from the source.
    given_flags: Mutex<HashSet<Uid>>,
    /// The messages at the target that could not be verified.
    not_verified: Mutex<HashSet<Uid>>,
}

impl FolderTask<'_> {
    /// Where the folder lies on both sides, as the checkpoint has it.
    pub(crate) fn pair(&self, checkpoint: &Checkpoint, target: &ReadyTarget) -> FolderPair {
        FolderPair {
            source: self.mapping.source.wire.clone(),
            source_validity: checkpoint.source_validity,
            target: target.wire.clone(),
            target_validity: checkpoint.target_validity,
        }
    }

    /// Reads messages of the folder before it is under way.
    pub(crate) fn reader<'r>(&'r self, pair: &'r FolderPair) -> Reader<'r> {
        let (path, poison, progress) = (&self.mapping.source.path, self.poison, self.progress);
        Reader { path, pair, poison, progress, kept: self.readings }
    }
}

impl<'a> FolderWork<'a> {
    pub(crate) fn new(
        task: &FolderTask<'a>,
        checkpoint: Checkpoint,
        target: &ReadyTarget,
        lane: &Lane,
        was_interrupted: bool,
    ) -> Self {
        let ledger = task.sync.ledger.as_ref();
        Self {
            sync: task.sync,
            progress: task.progress,
            stop: task.stop,
            number: task.number,
            mapping: task.mapping,
            pair: task.pair(&checkpoint, target),
            ledger: FolderLedger::new(ledger, &checkpoint, task.progress, task.number, task.poison),
            checkpoint,
            profile: lane.target.profile().clone(),
            keywords: target.open.keywords.clone(),
            was_interrupted,
            poison: task.poison,
            readings: task.readings,
            sizes: Mutex::default(),
            compared: Mutex::default(),
            given_flags: Mutex::default(),
            not_verified: Mutex::default(),
            account: lane.source.account().to_owned(),
        }
    }

    /// The folder's path at the source.
    pub(crate) fn path(&self) -> &FolderPath {
        &self.mapping.source.path
    }

    /// The largest message that may be copied.
    pub(crate) fn largest(&self) -> u64 {
        self.sync.limits.max_message_bytes.min(self.profile.append_limit.unwrap_or(u64::MAX))
    }

    /// Notes the message's size at the target, whatever the source says.
    pub(crate) fn has_size(&self, item: &Item, size: u64) {
        let mut sizes = lock(&self.sizes);
        if item.size == size {
            sizes.remove(&item.uid);
        } else {
            sizes.insert(item.uid, size);
        }
    }

    /// The size that the target is expected to show.
    pub(crate) fn size_of(&self, item: &Item) -> u64 {
        lock(&self.sizes).get(&item.uid).copied().unwrap_or(item.size)
    }

    /// Notes that the message's bytes at the target were compared with those of the source.
    pub(crate) fn is_compared(&self, uid: Uid) {
        lock(&self.compared).insert(uid);
    }

    /// Returns `true` if the message's bytes at the target were compared with those of the source.
    pub(crate) fn was_compared(&self, uid: Uid) -> bool {
        lock(&self.compared).contains(&uid)
    }

    /// Notes that the message is at the target and could not be verified.
    pub(crate) fn is_not_verified(&self, uid: Uid) {
        lock(&self.not_verified).insert(uid);
    }

    /// Returns `true` if the message could not be verified.
    pub(crate) fn was_not_verified(&self, uid: Uid) -> bool {
        lock(&self.not_verified).contains(&uid)
    }

    /// Reads messages of the folder.
    pub(crate) fn reader(&self) -> Reader<'_> {
        let (path, pair, progress) = (self.path(), &self.pair, self.progress);
        Reader { path, pair, poison: self.poison, progress, kept: self.readings }
    }

    /// Notes that the message was adopted, and has its flags from the source all the same.
    pub(crate) fn gives_flags(&self, uid: Uid) {
        lock(&self.given_flags).insert(uid);
    }

    /// Returns `true` if the adopted message has its flags from the source.
    pub(crate) fn gave_flags(&self, uid: Uid) -> bool {
        lock(&self.given_flags).contains(&uid)
    }

    /// What an append of this message announces.
    pub(crate) fn head(&self, item: &Item, flags: &FlagSets, size: u64) -> AppendHead {
        AppendHead {
            key: AppendKey(u64::from(item.uid.0)),
            size,
            flags: taken(flags.of(item), &self.keywords),
            internal_date: item.date(),
            literal8: false,
            origin: format!(
                "{} {:?} {} {}",
                self.account,
                self.path().segments(),
                self.checkpoint.source_validity.0,
                item.uid.0
            ),
        }
    }

    /// Notes which messages were under way when a connection broke.
    pub(crate) fn suspect(&self, uids: impl Iterator<Item = Uid>) {
        lock(self.poison).under_way(self.path(), uids);
    }

    /// Returns `true` if the message has to be appended alone.
    pub(crate) fn is_suspect(&self, uid: Uid) -> bool {
        lock(self.poison).goes_alone(self.path(), uid)
    }

    /// Notes that the connection broke while nothing but this message was under way.
    pub(crate) fn died_alone(&self, uid: Uid, failure: &SidedFailure) {
        if lock(self.poison).alone(self.path(), uid, last_words(failure)) {
            self.progress.step();
        }
    }

    /// The side that broke and the words of its last failure, if the message is to be given up.
    pub(crate) fn give_up(&self, uid: Uid) -> Option<(Side, String)> {
        lock(self.poison).give_up(self.path(), uid)
    }

    /// Notes that the message is left out for a reason that may pass, so that each later sync tries it again.
    pub(crate) fn leaves_for_now(&self, uid: Uid) -> SyncResult {
        let suspect = lock(self.poison).leave_out(self.path(), uid);
        Ok(self.sync.ledger.save_suspects(self.sync.sides.user.id, &[suspect])?)
    }

    /// Returns `true` if the message was left out before, for a reason that may have passed.
    pub(crate) fn is_tried_again(&self, uid: Uid) -> bool {
        lock(self.poison).is_left_out(self.path(), uid)
    }

    /// Notes that the connection broke while these headers were read for a report.
    pub(crate) fn headers_broke(&self, uids: &[Uid]) {
        lock(self.poison).headers_broke(self.path(), uids);
    }

    /// Returns `false` if reading the message's header may break the connection.
    pub(crate) fn may_read_header(&self, uid: Uid) -> bool {
        lock(self.poison).may_read_header(self.path(), uid)
    }

    /// How often the connection broke while nothing but this message was under way.
    pub(crate) fn deaths_alone(&self, uid: Uid) -> u32 {
        lock(self.poison).deaths_alone(self.path(), uid)
    }

    /// Returns `true` if the target stored a message in this run.
    pub(crate) fn has_stored(&self) -> bool {
        lock(self.poison).has_stored()
    }

    /// Notes that these are sent once more, although the target may still store what it was sent.
    pub(crate) fn sends_again(&self, messages: &[Sent]) -> SyncResult {
        if messages.is_empty() {
            return Ok(());
        }
        let mut uids: Vec<_> = messages.iter().map(|sent| sent.item.uid).collect();
        uids.sort_unstable();
        let now = self.sync.sides.clock.now();
        Ok(self.sync.ledger.note_sent_again(self.checkpoint.id, &uids, self.ledger.known_below(), now)?)
    }

    /// Obeys a server that asked to slow down, and reports it. Returns `true` if the message is to be tried again.
    pub(crate) fn slow_down(&self, uid: Uid, text: &str, pause: Option<Duration>) -> SyncResult<bool> {
        // A pause of no length is treated as one that was not stated.
        let pause = pause.filter(|span| !span.is_zero());
        let patience =
            if pause.is_some() { Patience::Again } else { lock(self.poison).put_off(self.path(), uid) };
        match patience {
            Patience::Refused => return Ok(false),
            Patience::Over => {
                return Err(SidedFailure::target(engine_failures::stores_nothing_now(text)));
            }
            Patience::Again => {}
        }
        if pause.is_none() {
            // A server with a fault of its own may have stored what it refused.
            let now = self.sync.sides.clock.now();
            let (mailbox, known_below) = (self.checkpoint.id, self.ledger.known_below());
            self.sync.ledger.note_sent_again(mailbox, &[uid], known_below, now)?;
        }
        // All lanes are asked at about the same time; the first one is enough for the report.
        if self.sync.sides.pause(Side::Target, pause.unwrap_or(UNSTATED_PAUSE)) {
            let span = pause.unwrap_or(UNSTATED_PAUSE);
            self.progress.report(&reports::target_pause(span, text))?;
        }
        Ok(true)
    }

    /// The failure of a folder that was stopped because of another one's.
    pub(crate) fn interrupted(&self) -> SidedFailure {
        SidedFailure::own(engine_failures::interrupted(&self.sync.sides.user))
    }

    /// The failure of an append that ended without any answer.
    pub(crate) fn no_answer(&self) -> SidedFailure {
        SidedFailure::target(engine_failures::no_answer(&self.mapping.target))
    }

    /// The failure that a refusal for every message means.
    pub(crate) fn no_more(&self, kind: RefusalKind, text: String) -> SidedFailure {
        let user = &self.sync.sides.user;
        let failure = if kind == RefusalKind::Quota {
            engine_failures::target_full(user)
        } else {
            engine_failures::writing_not_permitted(user, &self.mapping.target)
        };
        SidedFailure::target(failure.said(text))
    }
}
