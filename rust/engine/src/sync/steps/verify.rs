//! Looks at the target after a folder was copied: every message is there, with its flags, its date and its size. What differs is
//! decided in `decide::verdict`.
//!
//! Everything that the ledger has as not verified is listed, whether it was copied or adopted, in this sync or in one that was
//! interrupted; then the ledger has its [`Level`]. Flags that the target dropped are set once more; what it does not keep, another
//! date and another content are reported items. Messages of other sizes, and those that have no digest because they could not be
//! compared before, are read on both sides (`steps::compare`). Flags beyond the source's are reported and stay: the user may have set
//! them meanwhile. The ledger's counts are taken on the way.

use crate::messages::{items, reports};
use crate::sync::decide::item::{FlagSets, Item, TargetKey};
use crate::sync::decide::verdict::{Differences, Dropped, Expected, Known, Listed, levels};
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::ledger::LedgerCounts;
use crate::sync::sessions::Lane;
use crate::sync::skipped::{self, Note};
use crate::sync::steps::{compare, wait_until_stable};
use crate::sync::work::FolderWork;
use imapmig_core::message::Uid;
use imapmig_core::ports::target::{TargetMessage, TargetSession};
use imapmig_core::user::{LedgerState, Level, SkippedItem, SkippedKind, TargetId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;

/// How many messages one request names.
const AT_ONCE: usize = 500;

/// What was found at the target and in the ledger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verified {
    /// What the ledger holds.
    pub(crate) ledger: LedgerCounts,
    /// How many of the folder's messages are listed at least, by this sync or an earlier one.
    pub(crate) items: u64,
    /// Of these, how many were compared.
    pub(crate) compared: u64,
    /// How many this sync looked at.
    pub(crate) looked_at: u64,
    /// The UID after the last one that was seen.
    pub(crate) known_below: Uid,
}

/// Verifies what is at the target and not verified yet.
pub(crate) fn run(work: &FolderWork<'_>, lane: &mut Lane) -> SyncResult<Verified> {
    let mut flags = FlagSets::default();
    let mut verified = Verified {
        ledger: LedgerCounts::default(),
        items: 0,
        compared: 0,
        looked_at: 0,
        known_below: work.ledger.known_below(),
    };
    let mut expected = Vec::new();
    let store = &work.sync.ledger;
    for (state, level, number) in store.ledger_numbers(work.checkpoint.id)? {
        match state {
            LedgerState::Copied | LedgerState::Adopted => verified.ledger.synced += number,
            LedgerState::Skipped => verified.ledger.skipped += number,
            LedgerState::Intent => verified.ledger.intents += number,
        }
        verified.count(level, number);
    }
    store.unverified(work.checkpoint.id, &mut |entry| {
        expected.extend(Expected::of(&entry, &mut flags));
        ControlFlow::Continue(())
    })?;
    if expected.is_empty() {
        return Ok(verified);
    }
    verified.looked_at = expected.len() as u64;
    // Those that still cannot be verified are reported again.
    work.sync.diary.remove_items(work.sync.sides.user.id, work.path(), SkippedKind::NotVerified)?;
    expected.sort_unstable_by_key(|e| e.key);
    let differences = look(work, lane, &mut expected, &flags, &mut verified)?;
    let (mut there, mut gone): (Vec<_>, Vec<_>) = expected.into_iter().partition(|e| e.seen);
    correct(work, lane, differences)?;
    if !gone.is_empty() {
        // A server may show late what it stored in time.
        wait_until_stable::run(work, lane)?;
        let differences = look(work, lane, &mut gone, &flags, &mut verified)?;
        correct(work, lane, differences)?;
        there.extend(gone.extract_if(.., |e| e.seen));
        // What ends the connection when it is listed is not lost.
        let unlistable = lane.target.unlistable();
        let is_unlistable =
            |one: &mut Expected| one.key.uid().is_some_and(|uid| unlistable.contains(&TargetId::Uid(uid)));
        let unlistable: Vec<_> = gone.extract_if(.., is_unlistable).collect();
        let notes = unlistable.iter().map(|one| {
            work.is_not_verified(one.item.uid);
            Note::new(&one.item, SkippedKind::NotVerified, items::unlistable_copy())
        });
        let notes: Vec<_> = notes.collect();
        skipped::report(work, lane, notes)?;
        there.extend(unlistable);
        missing(work, lane, &gone, &mut verified)?;
    }
    note_levels(work, there, &mut verified)?;
    Ok(verified)
}

/// Corrects what differs where that is possible, and reports the rest.
fn correct(work: &FolderWork<'_>, lane: &mut Lane, differences: Differences) -> SyncResult {
    reduced_flags(work, lane, &differences)?;
    added_flags(work, &differences.added)?;
    let dates = differences.dates.iter().map(|(item, date)| Note::other_date(item, *date));
    skipped::report(work, lane, dates)?;
    compare::other_sizes(work, lane, differences.sizes)?;
    compare::run(work, lane, &differences.unread)
}

/// Reports flags that the target shows beyond the source's, once for each folder and flag. They stay: a user may have set them.
fn added_flags(work: &FolderWork<'_>, added: &BTreeMap<String, u64>) -> SyncResult {
    let (diary, user, path) = (&work.sync.diary, work.sync.sides.user.id, work.path());
    if added.is_empty() {
        return Ok(());
    }
    let before = diary.folder_item(user, path, SkippedKind::FlagsAdded)?;
    let mut flags: BTreeSet<&str> = before.iter().flat_map(|item| item.subject.split_whitespace()).collect();
    let new: Vec<_> = added.iter().filter(|(flag, _)| !flags.contains(flag.as_str())).collect();
    if new.is_empty() {
        return Ok(());
    }
    work.progress.report(&reports::flags_added(path, new.iter().copied()))?;
    flags.extend(new.into_iter().map(|(flag, _)| flag.as_str()));
    let flags: Vec<_> = flags.into_iter().collect();
    let reason = items::flags_added(&flags.join(" "));
    let item = SkippedItem {
        subject: flags.join(" "),
        ..SkippedItem::of_folder(path, SkippedKind::FlagsAdded, reason)
    };
    Ok(diary.add_skipped(user, &[item])?)
}

impl Verified {
    fn count(&mut self, level: Level, number: u64) {
        self.items += if level >= Level::Listed { number } else { 0 };
        self.compared += if level == Level::Compared { number } else { 0 };
    }
}

/// Writes down how far these messages were verified.
fn note_levels(work: &FolderWork<'_>, mut there: Vec<Expected>, verified: &mut Verified) -> SyncResult {
    there.sort_unstable_by_key(|one| one.item.uid);
    let level = |uid| match uid {
        uid if work.was_not_verified(uid) => Level::NotVerified,
        uid if work.was_compared(uid) => Level::Compared,
        _ => Level::Listed,
    };
    let reached: Vec<_> = there.iter().map(|one| (one.item.uid, level(one.item.uid))).collect();
    for (_, level) in &reached {
        verified.count(*level, 1);
    }
    Ok(work.sync.ledger.raise_levels(work.checkpoint.id, &levels(reached.into_iter()))?)
}

fn look(
    work: &FolderWork<'_>,
    lane: &mut Lane,
    expected: &mut [Expected],
    flags: &FlagSets,
    verified: &mut Verified,
) -> SyncResult<Differences> {
    let mut differences = Differences::default();
    // Only what is expected is listed, not the whole folder. What the list leaves out is looked for once more in the folder
    // as it is then: some servers show a session what it appended only after the folder was reopened.
    let by_uid = |one: &Expected| one.key.uid().map(TargetId::Uid);
    if let Some(ids) = expected.iter().map(by_uid).collect::<Option<Vec<_>>>() {
        let mut each = |message: TargetMessage| note_seen(work, flags, expected, &mut differences, &message);
        lane.target.list(&ids, &mut each).at_target()?;
    }
    let highest = expected.iter().filter(|one| one.seen).filter_map(|one| one.key.uid()).max();
    let behind = highest.map_or(Uid(1), |uid| Uid(uid.0.saturating_add(1)));
    verified.known_below = verified.known_below.max(behind);
    if expected.iter().any(|one| !one.seen) {
        let open = lane.enter_target(&work.pair)?;
        verified.known_below =
            open.uid_next.map_or(verified.known_below, |uid| uid.max(verified.known_below));
        let from = expected.iter().find(|one| !one.seen).and_then(|one| one.key.uid()).unwrap_or(Uid(1));
        let mut again = |message: TargetMessage| note_seen(work, flags, expected, &mut differences, &message);
        lane.target.inventory(from, &mut again).at_target()?;
    }
    Ok(differences)
}

/// Compares a message of the target with what is expected of it.
fn note_seen(
    work: &FolderWork<'_>,
    flags: &FlagSets,
    expected: &mut [Expected],
    differences: &mut Differences,
    message: &TargetMessage,
) {
    let known = |item: &Item| Known {
        size: work.size_of(item),
        compared: work.was_compared(item.uid),
        gave_flags: work.gave_flags(item.uid),
    };
    let TargetMessage { id, size, internal_date, flags: has } = message;
    let listed = Listed { id, size: *size, date: *internal_date, flags: has };
    differences.note(expected, flags, known, listed);
}

/// Sets flags once more that the target dropped, and reports those that it does not keep.
fn reduced_flags(work: &FolderWork<'_>, lane: &mut Lane, differences: &Differences) -> SyncResult {
    for dropped in differences.flags.chunks(AT_ONCE) {
        let restored = |one: &Dropped| Some((one.id.clone(), differences.restored(one, &work.keywords)?));
        let changes: Vec<_> = dropped.iter().filter_map(restored).collect();
        let mut now: HashMap<_, _> =
            dropped.iter().map(|one| (TargetKey::of(&one.id), differences.had(one).clone())).collect();
        if !changes.is_empty() {
            // A target that refuses keeps what it has, and that is reported below.
            if let Err(failure) = lane.target.set_flags(&changes)
                && failure.scope > imapmig_core::failure::Scope::Mailbox
            {
                return Err(failure).at_target();
            }
            let ids: Vec<_> = changes.into_iter().map(|(id, _)| id).collect();
            lane.target
                .flags(&ids, &mut |id, has| {
                    now.insert(TargetKey::of(id), has);
                })
                .at_target()?;
        }
        let mut notes = Vec::new();
        for one in dropped {
            let Some(has) = now.get(&TargetKey::of(&one.id)) else { continue };
            let lost = differences.lost(one, has);
            if !lost.is_empty() {
                let reason = items::flags_not_kept(&lost.to_string());
                notes.push(Note::new(&one.item, SkippedKind::FlagsReduced, reason));
            }
        }
        skipped::report(work, lane, notes)?;
    }
    Ok(())
}

/// Messages that were stored and are gone: removed by a user, or lost. They are left out, and their originals kept.
fn missing(work: &FolderWork<'_>, lane: &mut Lane, gone: &[Expected], verified: &mut Verified) -> SyncResult {
    for gone in gone.chunks(AT_ONCE) {
        let mut notes = Vec::new();
        for Expected { item, .. } in gone {
            let kept = skipped::keep(work, lane, item.uid)?;
            notes.push(Note::new(item, SkippedKind::Missing, items::gone()).kept(kept));
        }
        skipped::report(work, lane, notes)?;
        work.ledger.is_missing(gone.iter().map(|one| (one.item, one.adopted)))?;
        let number = gone.len() as u64;
        verified.ledger.synced -= number;
        verified.ledger.skipped += number;
    }
    Ok(())
}
