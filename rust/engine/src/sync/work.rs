//! The folder that is being synced: what its steps share, and everything that is written to the ledger about it.

use crate::sync::UserSync;
use crate::sync::decide::item::{FlagSets, Item};
use crate::sync::decide::poison::{Lessons, Patience};
use crate::sync::failure::{Done, OnSide, Side, Trouble};
use crate::sync::folder::FolderTask;
use crate::sync::originals;
use crate::sync::progress::{Progress, lock};
use crate::sync::skipped::{self, Note};
use crate::sync::steps::append_pipeline::Lane;
use crate::sync::steps::carry_flags::taken;
use crate::sync::steps::copy::{Altered, Flying};
use crate::sync::steps::verify::Verified;
use imapmig_core::failure::{Failure, FailureKind, Retry, Scope};
use imapmig_core::fingerprint::Content;
use imapmig_core::folder::WireName;
use imapmig_core::mapping::Mapping;
use imapmig_core::message::{Digest, Uid};
use imapmig_core::ports::source::Scan;
use imapmig_core::ports::store::LedgerResult;
use imapmig_core::ports::target::{AppendHead, AppendKey, Keywords, OpenTarget, TargetProfile};
use imapmig_core::user::{Checkpoint, LedgerState, SkippedKind, TargetId, UserProgress};
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// One folder under way.
pub(crate) struct FolderWork<'a> {
    pub(crate) sync: &'a UserSync,
    pub(crate) progress: &'a Progress<'a>,
    pub(crate) number: usize,
    pub(crate) mapping: &'a Mapping,
    pub(crate) target_wire: WireName,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) profile: TargetProfile,
    pub(crate) keywords: Keywords,
    lessons: &'a Lessons,
    account: String,
    /// Where the target begins to be unknown, for the intents of this run.
    known_below: AtomicU32,
    /// The sizes at the target that are known to differ from what the source says.
    sizes: Mutex<HashMap<Uid, u64>>,
}

/// A message that has come to its end.
pub(crate) type Final = (Item, LedgerState, Option<TargetId>, Option<Digest>);

impl<'a> FolderWork<'a> {
    pub(crate) fn new(
        task: &FolderTask<'a>,
        target_wire: WireName,
        checkpoint: Checkpoint,
        target: &OpenTarget,
        lane: &Lane,
    ) -> Self {
        Self {
            sync: task.sync,
            progress: task.progress,
            number: task.number,
            mapping: task.mapping,
            target_wire,
            known_below: AtomicU32::new(checkpoint.target_known_below.0),
            checkpoint,
            profile: lane.target.profile().clone(),
            keywords: target.keywords.clone(),
            lessons: task.lessons,
            sizes: Mutex::default(),
            account: lane.source.account().to_owned(),
        }
    }

    /// The largest message that may be copied.
    pub(crate) fn largest(&self) -> u64 {
        self.sync.limits.max_message_bytes.min(self.profile.append_limit.unwrap_or(u64::MAX))
    }

    /// This is the message's size at the target, whatever the source says.
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

    pub(crate) fn lane_limit(&self) -> usize {
        self.lessons.lanes()
    }

    pub(crate) fn lanes_granted(&self, lanes: usize) {
        self.lessons.set_lanes(lanes);
    }

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
                self.mapping.source.path.segments(),
                self.checkpoint.source_validity.0,
                item.uid.0
            ),
        }
    }

    pub(crate) fn known_below(&self) -> Uid {
        Uid(self.known_below.load(Ordering::Acquire))
    }

    /// Everything at the target below this UID is known.
    pub(crate) fn knows_below(&self, uid: Uid) {
        self.known_below.store(uid.0, Ordering::Release);
    }

    /// Makes the intents to append these messages durable.
    pub(crate) fn intend(&self, items: &[Item], flags: &FlagSets) -> Done {
        let entries: Vec<_> = items.iter().map(|i| flags.entry(i, LedgerState::Intent)).collect();
        Ok(self.sync.store.add_intents(self.checkpoint.id, &entries, self.known_below())?)
    }

    /// Writes results of intents into the ledger; `bytes` were copied with them.
    pub(crate) fn record(&self, results: &[LedgerResult], bytes: u64) -> Done {
        if results.is_empty() {
            return Ok(());
        }
        self.sync.store.record(self.checkpoint.id, results, &[], None)?;
        let count = |state| results.iter().filter(|r| r.state == state).count() as u64;
        let (copied, adopted) = (count(LedgerState::Copied), count(LedgerState::Adopted));
        self.progress.step();
        if copied > 0 {
            self.lessons.stored();
        }
        self.progress.change(self.number, |n| {
            n.synced_items += copied + adopted;
            n.adopted_items += adopted;
            n.bytes_transferred += bytes;
        })
    }

    /// Writes the end of messages into the ledger, whether it holds intents for them or not.
    pub(crate) fn finish(&self, flags: &FlagSets, finals: Vec<Final>) -> Done {
        let count = |state| finals.iter().filter(|f| f.1 == state).count() as u64;
        let (copied, adopted) = (count(LedgerState::Copied), count(LedgerState::Adopted));
        self.progress.step();
        if copied > 0 {
            self.lessons.stored();
        }
        let skipped = count(LedgerState::Skipped);
        let bytes: u64 = finals.iter().filter(|f| f.1 == LedgerState::Copied).map(|f| f.0.size).sum();
        let entries: Vec<_> = finals.iter().map(|f| flags.entry(&f.0, f.1)).collect();
        let result =
            |(item, state, target, digest): Final| LedgerResult { uid: item.uid, state, target, digest };
        let results: Vec<_> = finals.into_iter().map(result).collect();
        if results.is_empty() {
            return Ok(());
        }
        self.sync.store.record(self.checkpoint.id, &results, &entries, None)?;
        self.progress.change(self.number, |n| {
            n.synced_items += copied + adopted;
            n.adopted_items += adopted;
            n.skipped_items += skipped;
            n.bytes_transferred += bytes;
        })
    }

    /// Writes into the ledger that these messages are not at the target after all. With each, whether it was adopted.
    pub(crate) fn is_missing(&self, messages: impl Iterator<Item = (Item, bool)> + Clone) -> Done {
        let left_out = |(item, _): (Item, bool)| LedgerResult {
            uid: item.uid,
            state: LedgerState::Skipped,
            target: None,
            digest: None,
        };
        let results: Vec<_> = messages.clone().map(left_out).collect();
        self.sync.store.record(self.checkpoint.id, &results, &[], None)?;
        self.progress.change(self.number, |n| {
            for (item, adopted) in messages {
                n.synced_items -= 1;
                n.skipped_items += 1;
                n.adopted_items -= u64::from(adopted);
                n.bytes_transferred -= if adopted { 0 } else { n.bytes_transferred.min(item.size) };
            }
        })
    }

    /// Reports items about messages of this folder.
    pub(crate) fn note(&self, lane: &mut Lane, notes: Vec<Note>) -> Done {
        if notes.is_empty() {
            return Ok(());
        }
        let items = skipped::described(lane.source.as_mut(), &self.mapping.source.path, notes)?;
        Ok(self.sync.store.add_skipped(self.sync.user.id, &items)?)
    }

    /// Keeps the original of a message as a file.
    pub(crate) fn keep(&self, lane: &mut Lane, uid: Uid) -> Done<Option<String>> {
        let whose = (self.checkpoint.source_validity, uid);
        let folder = &self.mapping.source.path;
        originals::keep(lane.source.as_mut(), &self.sync.kept_dir, self.sync.user.id, folder, whose)
    }

    /// Reports messages that the target changed, keeps their originals, and only then writes down where they are.
    pub(crate) fn note_altered(
        &self,
        lane: &mut Lane,
        flags: &FlagSets,
        altered: Vec<Altered>,
        state: LedgerState,
    ) -> Done {
        for one in altered {
            self.tell_altered(lane, std::slice::from_ref(&one))?;
            self.has_size(&one.item, one.now.map_or(one.item.size, |now| now.size));
            self.finish(flags, vec![(one.item, state, Some(one.id), one.sent.map(|s| s.digest))])?;
        }
        Ok(())
    }

    /// Reports messages that the target changed, and keeps their originals.
    pub(crate) fn tell_altered(&self, lane: &mut Lane, altered: &[Altered]) -> Done {
        for Altered { item, sent, now, .. } in altered {
            let kept_file = self.keep(lane, item.uid)?;
            let note = Note {
                uid: item.uid,
                kind: SkippedKind::Altered,
                size: item.size,
                internal_date: item.date(),
                reason: change_words(*sent, *now),
                kept_file,
            };
            self.note(lane, vec![note])?;
        }
        Ok(())
    }

    /// Of messages that the source did not deliver, those that it still lists; the others are gone and are forgotten.
    pub(crate) fn still_there(&self, lane: &mut Lane, missing: Vec<Item>) -> Done<Vec<Item>> {
        if missing.is_empty() {
            return Ok(missing);
        }
        let mut wanted: HashSet<_> = missing.iter().map(|i| i.uid).collect();
        lane.source.open(&self.mapping.source.wire).at_source()?;
        let mut listed = HashSet::new();
        let each = &mut |meta: imapmig_core::message::MessageMeta| {
            if wanted.remove(&meta.uid) {
                listed.insert(meta.uid);
            }
            ControlFlow::Continue(())
        };
        lane.source.scan(Scan::All, each).at_source()?;
        let (there, gone): (Vec<_>, Vec<_>) = missing.into_iter().partition(|i| listed.contains(&i.uid));
        let uids: Vec<_> = gone.iter().map(|i| i.uid).collect();
        self.sync.store.drop_intents(self.checkpoint.id, &uids)?;
        self.progress.change(self.number, |n| {
            n.total_items -= gone.len() as u64;
            n.total_bytes -= gone.iter().map(|i| i.size).sum::<u64>();
        })?;
        Ok(there)
    }

    pub(crate) fn suspect(&self, uids: impl Iterator<Item = Uid>) {
        self.lessons.under_way(&self.mapping.source.path, uids);
    }

    pub(crate) fn is_suspect(&self, uid: Uid) -> bool {
        self.lessons.goes_alone(&self.mapping.source.path, uid)
    }

    pub(crate) fn died_alone(&self, uid: Uid, trouble: &Trouble) {
        if self.lessons.alone(&self.mapping.source.path, uid, trouble) {
            self.progress.step();
        }
    }

    pub(crate) fn give_up(&self, uid: Uid) -> Option<(Side, String)> {
        self.lessons.give_up(&self.mapping.source.path, uid)
    }

    /// Whether the target stored a message in this run.
    pub(crate) fn has_stored(&self) -> bool {
        self.lessons.has_stored()
    }

    /// Notes that these are sent once more, although the target may still store what it was sent.
    pub(crate) fn sends_again(&self, messages: &[Flying]) -> Done {
        if messages.is_empty() {
            return Ok(());
        }
        let mut uids: Vec<_> = messages.iter().map(|f| f.item.uid).collect();
        uids.sort_unstable();
        let now = self.sync.clock.now();
        Ok(self.sync.store.add_doubts(self.checkpoint.id, &uids, self.known_below(), now)?)
    }

    pub(crate) fn put_off(&self, uid: Uid) -> Patience {
        self.lessons.put_off(&self.mapping.source.path, uid)
    }

    /// The failure of an append that ended without any answer.
    pub(crate) fn no_answer(&self) -> Trouble {
        let text = format!("the target gave no answer to a message for \"{}\"", self.mapping.target);
        Trouble::target(Failure::new(Scope::User, FailureKind::Protocol, text).retry(Retry::Reconnect))
    }

    /// Every message that was counted has come to one end, and the ledger says the same.
    pub(crate) fn check(&self, numbers: &UserProgress, verified: &Verified) -> Done {
        let ledger = (verified.synced, verified.skipped, verified.intents);
        if (numbers.synced_items, numbers.skipped_items, 0) == ledger
            && numbers.total_items == numbers.synced_items + numbers.skipped_items
        {
            return Ok(());
        }
        let text = format!(
            "the counts of \"{}\" do not add up: of {} messages {} are at the target and {} were left out, and the ledger holds \
             {}, {} and {} undecided; the folder is looked at again at the next sync",
            self.mapping.source.path,
            numbers.total_items,
            numbers.synced_items,
            numbers.skipped_items,
            verified.synced,
            verified.skipped,
            verified.intents
        );
        Err(Trouble::own(Failure::new(Scope::Mailbox, FailureKind::State, text)))
    }
}

fn change_words(sent: Option<Content>, now: Option<Content>) -> String {
    match (sent, now) {
        (_, None) => "the target took the message and does not show it".to_owned(),
        (None, Some(now)) => format!("the target changed the message: it has {} bytes there", now.size),
        (Some(sent), Some(now)) => {
            let special = sent.traits.describe();
            let holds = if special.is_empty() { String::new() } else { format!(", which holds {special}") };
            format!("the target changed the message{holds}: {} bytes became {}", sent.size, now.size)
        }
    }
}
