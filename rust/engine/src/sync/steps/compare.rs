//! Compares the bytes of copied messages with the source's, where a listing of the target does not decide it.

use crate::messages::items;
use crate::sync::decide::item::{Item, TargetKey};
use crate::sync::decide::poison::Whose;
use crate::sync::decide::sided_failure::Side;
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::outcome::Altered;
use crate::sync::sessions::Lane;
use crate::sync::skipped::{self, Note};
use crate::sync::work::FolderWork;
use imapmig_core::message::{MessageMeta, Uid};
use imapmig_core::ports::source::{Scan, SourceSession as _};
use imapmig_core::ports::target::TargetSession as _;
use imapmig_core::user::{SkippedItem, SkippedKind, TargetId};
use std::collections::HashSet;
use std::ops::ControlFlow;

/// How many messages are compared at once.
const AT_ONCE: usize = 500;
/// How many messages of other sizes are compared, and their originals kept, in one folder.
const MOST_COMPARED: usize = 1_000;

/// Messages of another size than the source says. A target that rewrites every message is reported once, after as many as a
/// report is useful for.
pub(crate) fn other_sizes(
    work: &FolderWork<'_>,
    lane: &mut Lane,
    mut others: Vec<(Item, TargetId)>,
) -> SyncResult {
    let beyond = others.len().saturating_sub(MOST_COMPARED);
    others.truncate(MOST_COMPARED);
    run(work, lane, &others)?;
    if beyond > 0 {
        let reason = items::more_other_sizes(beyond, MOST_COMPARED);
        let item = SkippedItem::of_folder(work.path(), SkippedKind::Altered, reason);
        work.sync.diary.add_skipped(work.sync.sides.user.id, &[item])?;
    }
    Ok(())
}

/// Reads these messages on both sides. One that was altered is an item, and so is one that cannot be compared: it is not verified.
pub(crate) fn run(work: &FolderWork<'_>, lane: &mut Lane, messages: &[(Item, TargetId)]) -> SyncResult {
    for messages in messages.chunks(AT_ONCE) {
        some(work, lane, messages)?;
    }
    Ok(())
}

fn some(work: &FolderWork<'_>, lane: &mut Lane, messages: &[(Item, TargetId)]) -> SyncResult {
    let reader = work.reader();
    let (mut altered, mut undelivered) = (Vec::new(), Vec::new());
    reader.with(|readings| {
        let uids = messages.iter().map(|(item, _)| item.uid).collect();
        let copies = messages.iter().map(|(item, id)| (id.clone(), Whose::Source(item.uid))).collect();
        readings.read_there(reader, lane, copies)?;
        readings.read_here(reader, lane, uids)?;
        for (item, id) in messages {
            let sent = readings.here.get(&item.uid).map(|seen| seen.content);
            let now = readings.there.get(&TargetKey::of(id)).map(|seen| seen.content);
            let (Some(sent), Some(now)) = (sent, now) else {
                let side = if sent.is_none() { Side::Source } else { Side::Target };
                undelivered.push((*item, id.clone(), side));
                continue;
            };
            work.is_compared(item.uid);
            if now.digest != sent.digest {
                altered.push(Altered { item: *item, sent: Some(sent), now: Some(now), id: id.clone() });
            }
        }
        Ok(())
    })?;
    skipped::report_altered(work, lane, &altered)?;
    if undelivered.is_empty() { Ok(()) } else { not_verified(work, lane, undelivered) }
}

/// Reports what one side does not deliver, although it lists it. What is gone has nothing to be compared with.
fn not_verified(work: &FolderWork<'_>, lane: &mut Lane, messages: Vec<(Item, TargetId, Side)>) -> SyncResult {
    let reader = work.reader();
    let (listed_here, listed_there) = listed(lane, &messages)?;
    let mut notes = Vec::new();
    for (item, id, side) in &messages {
        let reason = match (reader.why_unreadable(item.uid), side) {
            (Some((Side::Source, words)), _) => items::copy_not_compared::source_breaks(&words),
            (Some((_, words)), _) => items::copy_not_compared::target_breaks(&words),
            (None, Side::Source) if listed_here.contains(&item.uid) => {
                items::copy_not_compared::source_silent()
            }
            // Gone from the source.
            (None, Side::Source) => continue,
            (None, _) if listed_there.contains(&TargetKey::of(id)) => {
                items::copy_not_compared::target_silent()
            }
            // Gone from the target since it was listed; the next sync misses it.
            (None, _) => {
                work.is_not_verified(item.uid);
                continue;
            }
        };
        work.is_not_verified(item.uid);
        // The next sync reads it once, alone.
        work.leaves_for_now(item.uid)?;
        let kept = skipped::keep(work, lane, item.uid)?;
        notes.push(Note::new(item, SkippedKind::NotVerified, reason).kept(kept));
    }
    skipped::report(work, lane, notes)
}

/// Which of these both sides still list, as far as that matters.
fn listed(
    lane: &mut Lane,
    messages: &[(Item, TargetId, Side)],
) -> SyncResult<(HashSet<Uid>, HashSet<TargetKey>)> {
    let of = |wanted: Side| messages.iter().filter(move |(_, _, side)| *side == wanted);
    let (mut here, mut there) = (HashSet::new(), HashSet::new());
    let wanted: HashSet<_> = of(Side::Source).map(|(item, _, _)| item.uid).collect();
    if !wanted.is_empty() {
        let each = &mut |meta: MessageMeta| {
            here.extend(wanted.get(&meta.uid));
            ControlFlow::Continue(())
        };
        lane.source.scan(Scan::All, each).at_source()?;
    }
    let ids: Vec<_> = of(Side::Target).map(|(_, id, _)| id.clone()).collect();
    if !ids.is_empty() {
        lane.target
            .list(&ids, &mut |message| {
                there.insert(TargetKey::of(&message.id));
            })
            .at_target()?;
    }
    Ok((here, there))
}
