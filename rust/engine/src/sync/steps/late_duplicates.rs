//! Removes second copies that a server stores late, after the connection that sent them has died.
//!
//! Messages that were under way when a connection or a worker died are adopted last of all. Those that are not found then are
//! sent again, and that is written down first. At the end of this sync, and of every later one until an hour has passed, they are
//! looked for once more: a second copy that the ledger does not know, with the same bytes, size and date as ours, is removed
//! where that touches nothing else, and is reported elsewhere. No other message of the target is ever removed.
//!
//! Second copies are written down before they are removed. So a sync after a crash in between knows that they were
//! marked as deleted by us, and adopts none of them.

use crate::messages::{items, reports};
use crate::sync::decide::diff::Plan;
use crate::sync::decide::duplicates::last_of_each;
use crate::sync::decide::flag_delta::{is_deleted, lacking, taken, undeleted, united};
use crate::sync::decide::item::TargetKey;
use crate::sync::decide::poison::Whose;
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::readings::of_nobody;
use crate::sync::sessions::Lane;
use crate::sync::skipped::{self, Note};
use crate::sync::steps::{adopt, wait_until_stable};
use crate::sync::work::FolderWork;
use imapmig_core::message::{Flags, TargetValidity, Uid};
use imapmig_core::ports::store::LateDuplicates;
use imapmig_core::ports::target::{Removal, TargetMessage, TargetSession};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{LedgerEntry, LedgerState, SkippedKind, TargetId};
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::time::Duration;

/// A server stores nothing more of a dead connection after so long.
const LATEST: Duration = Duration::from_hours(1);

/// What the ledger says of the target.
#[derive(Default)]
struct Known {
    all: HashSet<TargetKey>,
    /// Where the messages stand that were sent more than once.
    sent_again: HashMap<TargetKey, LedgerEntry>,
}

/// A second copy, and ours.
struct SecondCopy<'a> {
    copy: &'a TargetMessage,
    ours: &'a TargetMessage,
    entry: &'a LedgerEntry,
}

/// Looks for messages that a dead connection may have sent once more, as late as can be, and writes down those that will be
/// sent again: what remains in the plan.
pub(crate) fn adopt_interrupted(
    work: &FolderWork<'_>,
    lane: &mut Lane,
    plan: &mut Plan,
    adopt_flags: bool,
) -> SyncResult {
    // Without UIDs (Maildir) names repeat themselves, and what is stored once more lands on itwork.
    if plan.pending.is_empty() || !matches!(work.checkpoint.target_validity, TargetValidity::Uids(_)) {
        return Ok(());
    }
    let open = wait_until_stable::run(work, lane)?;
    let known_before = std::mem::replace(&mut plan.known, work.ledger.known_targets());
    adopt::run(work, lane, plan, &open, adopt_flags)?;
    plan.known = known_before;
    let uids: Vec<_> = plan.pending.iter().map(|item| item.uid).collect();
    let now = work.sync.sides.clock.now();
    Ok(work.sync.ledger.note_sent_again(work.checkpoint.id, &uids, work.ledger.known_below(), now)?)
}

/// Removes second copies of messages that were sent more than once. Every message of the folder has its outcome by then.
pub(crate) fn take_back(work: &FolderWork<'_>, lane: &mut Lane) -> SyncResult {
    let (ledger, mailbox) = (&work.sync.ledger, work.checkpoint.id);
    let late = ledger.late_duplicates(mailbox)?;
    if late.sent_again.is_empty() && late.second_copies.is_empty() {
        return Ok(());
    }
    let begun = work.sync.sides.clock.now();
    if begun.since(late.since) < LATEST {
        wait_until_stable::run(work, lane)?;
    } else {
        lane.enter_target(&work.pair)?;
    }
    let known = known(work, &late)?;
    let shown = shown(lane, &known, &late)?;
    let (second_copies, unread) = find(work, lane, &known, &late, &shown)?;
    unmark(lane, &late.second_copies, &shown, &second_copies)?;
    work.sync.diary.remove_items(work.sync.sides.user.id, &work.mapping.source.path, SkippedKind::Doubled)?;
    let ids: Vec<TargetId> = second_copies.iter().map(|one| one.copy.id.clone()).collect();
    ledger.set_second_copies(mailbox, &uids(&ids))?;
    tell(work, lane, &unread, items::UNREAD_COPY)?;
    if !ids.is_empty() {
        carry_flags(work, lane, &second_copies)?;
        let removal = lane.target.remove(&ids).at_target()?;
        ledger.set_second_copies(mailbox, &[])?;
        if let Removal::Left(why) = removal {
            // They stay in doubt, however late it gets.
            return tell(work, lane, &second_copies, &why);
        }
        work.progress.report(&reports::taken_back(&work.mapping.source.path, ids.len()))?;
    }
    let latest = i64::try_from(LATEST.as_millis()).unwrap_or(i64::MAX);
    Ok(ledger.forget_sent_again(mailbox, UnixMs(begun.0.saturating_sub(latest)))?)
}

fn known(work: &FolderWork<'_>, late: &LateDuplicates) -> SyncResult<Known> {
    let mut known = Known::default();
    let size_and_date = |entry: &LedgerEntry| (entry.size, entry.internal_date.unix_seconds);
    let mut nowhere = HashSet::new();
    work.sync.ledger.ledger(work.checkpoint.id, &mut |entry| {
        let at_target = matches!(entry.state, LedgerState::Copied | LedgerState::Adopted);
        match &entry.target {
            Some(target) => {
                let key = TargetKey::of(target);
                known.all.insert(key);
                if at_target && late.sent_again.binary_search(&entry.uid).is_ok() {
                    known.sent_again.insert(key, entry);
                }
            }
            None if at_target => {
                nowhere.insert(size_and_date(&entry));
            }
            None => {}
        }
        ControlFlow::Continue(())
    })?;
    // If the place of one of several twins is unknown, none of them is a second copy for certain.
    known.sent_again.retain(|_, entry| !nowhere.contains(&size_and_date(entry)));
    Ok(known)
}

/// The target's messages that matter here: ours, and those that the ledger does not know.
fn shown(lane: &mut Lane, known: &Known, late: &LateDuplicates) -> SyncResult<Vec<TargetMessage>> {
    let ours = known.sent_again.keys().filter_map(|key| key.uid());
    let from = ours.chain(late.second_copies.iter().copied()).fold(late.from, Uid::min);
    let mut shown = Vec::new();
    let mut each = |message: TargetMessage| {
        let key = TargetKey::of(&message.id);
        if known.sent_again.contains_key(&key) || !known.all.contains(&key) {
            shown.push((key, message));
        }
    };
    lane.target.inventory(from, &mut each).at_target()?;
    Ok(last_of_each(shown).into_iter().map(|(_, message)| message).collect())
}

/// The second copies: whole contents are compared. With them, what sizes_and_dates like one and cannot be read.
fn find<'a>(
    work: &FolderWork<'_>,
    lane: &mut Lane,
    known: &'a Known,
    late: &LateDuplicates,
    shown: &'a [TargetMessage],
) -> SyncResult<(Vec<SecondCopy<'a>>, Vec<SecondCopy<'a>>)> {
    let size_and_date = |m: &TargetMessage| (m.size, m.internal_date.unix_seconds);
    let is_late = |m: &TargetMessage| matches!(m.id, TargetId::Uid(uid) if uid >= late.from);
    let mut ours: Vec<_> = shown
        .iter()
        .filter_map(|m| Some((m, known.sent_again.get(&TargetKey::of(&m.id))?)))
        // Where the user wants ours to go, the other one may be what is to stay.
        .filter(|(m, entry)| !is_deleted(&m.flags) || is_deleted(&entry.flags))
        .collect();
    let sizes_and_dates: HashSet<_> = ours.iter().map(|(m, _)| size_and_date(m)).collect();
    let is_ours = |m: &&TargetMessage| known.sent_again.contains_key(&TargetKey::of(&m.id));
    let likely: Vec<_> = shown
        .iter()
        .filter(|m| !is_ours(m) && is_late(m) && sizes_and_dates.contains(&size_and_date(m)))
        .collect();
    let sizes_and_dates: HashSet<_> = likely.iter().map(|m| size_and_date(m)).collect();
    ours.retain(|(m, _)| sizes_and_dates.contains(&size_and_date(m)));
    let of_ours = ours.iter().map(|(m, entry)| (m.id.clone(), Whose::Source(entry.uid)));
    let messages: Vec<_> = of_nobody(likely.iter().map(|m| &m.id)).into_iter().chain(of_ours).collect();
    let reader = work.reader();
    reader.with(|readings| {
        readings.read_there(reader, lane, messages)?;
        let digest = |m: &TargetMessage| Some(readings.there.get(&TargetKey::of(&m.id))?.content.digest);
        let print = |m: &TargetMessage| Some((size_and_date(m), digest(m)?));
        let by_print: HashMap<_, _> = ours.iter().filter_map(|one| Some((print(one.0)?, *one))).collect();
        let by_size_and_date: HashMap<_, _> = ours.iter().map(|one| (size_and_date(one.0), *one)).collect();
        let is_unread =
            |m: &TargetMessage| reader.why_unreadable(Whose::Target(TargetKey::of(&m.id))).is_some();
        let (mut second_copies, mut unread) = (Vec::new(), Vec::new());
        for copy in likely {
            let same = print(copy).and_then(|print| by_print.get(&print));
            let alike = by_size_and_date.get(&size_and_date(copy)).filter(|_| is_unread(copy));
            second_copies.extend(same.map(|&(ours, entry)| SecondCopy { copy, ours, entry }));
            unread.extend(alike.map(|&(ours, entry)| SecondCopy { copy, ours, entry }));
        }
        Ok((second_copies, unread))
    })
}

/// Takes our mark off what was to be removed before a crash, and is no second copy any more: its twin is gone.
fn unmark(
    lane: &mut Lane,
    marked: &[Uid],
    shown: &[TargetMessage],
    second_copies: &[SecondCopy<'_>],
) -> SyncResult {
    let left: Vec<_> = shown
        .iter()
        .filter(|m| matches!(m.id, TargetId::Uid(uid) if marked.binary_search(&uid).is_ok()))
        .filter(|m| is_deleted(&m.flags) && !second_copies.iter().any(|one| one.copy.id == m.id))
        .map(|m| (m.id.clone(), undeleted(&m.flags)))
        .collect();
    if left.is_empty() { Ok(()) } else { lane.target.set_flags(&left).at_target() }
}

/// Carries what a user did to the second copy over to ours.
fn carry_flags(work: &FolderWork<'_>, lane: &mut Lane, second_copies: &[SecondCopy<'_>]) -> SyncResult {
    let mut becomes: HashMap<TargetKey, (TargetId, Flags)> = HashMap::new();
    for SecondCopy { copy, ours, entry } in second_copies {
        let done = taken(&undeleted(&lacking(&copy.flags, &entry.flags)), &work.keywords);
        if !lacking(&done, &ours.flags).is_empty() {
            let one = (ours.id.clone(), ours.flags.clone());
            let (_, flags) = becomes.entry(TargetKey::of(&ours.id)).or_insert(one);
            *flags = united(flags, &done);
        }
    }
    let becomes: Vec<_> = becomes.into_values().collect();
    if becomes.is_empty() { Ok(()) } else { lane.target.set_flags(&becomes).at_target() }
}

fn tell(work: &FolderWork<'_>, lane: &mut Lane, second_copies: &[SecondCopy<'_>], why: &str) -> SyncResult {
    let notes = second_copies.iter().map(|one| Note::doubled(one.entry, why));
    skipped::report(work, lane, notes)
}

fn uids(ids: &[TargetId]) -> Vec<Uid> {
    ids.iter().filter_map(|id| TargetKey::of(id).uid()).collect()
}
