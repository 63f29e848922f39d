//! Copies the pending messages of one folder, newest first, over as many lanes as help.
//!
//! A round lets the lanes take windows until the queue is empty or something stops them. What needs a closer look (refused,
//! altered, stored without an id, not delivered) is left behind and dealt with afterwards, on the folder's own lane alone.

use crate::messages::{engine_failures, items};
use crate::sync::decide::item::{FlagSets, Item};
use crate::sync::decide::sided_failure::SidedFailure;
use crate::sync::failure::SyncResult;
use crate::sync::lanes::LanePool;
use crate::sync::outcome::{Leftovers, Refused};
use crate::sync::sessions::Lane;
use crate::sync::skipped::{self, Note};
use crate::sync::steps::append_single::{self, NotTaken};
use crate::sync::steps::round::{Round, SUSPICIOUS};
use crate::sync::steps::{append_pipeline, locate_appended, scan};
use crate::sync::work::FolderWork;
use imapmig_core::user::LedgerState;
use std::collections::VecDeque;
use std::sync::Arc;

/// Copies the messages on this lane, and on others that have nothing else to do.
pub(crate) fn run<'a>(
    work: &Arc<FolderWork<'a>>,
    flags: &FlagSets,
    items: Vec<Item>,
    lane: &mut Lane,
    lanes: &LanePool<'a>,
) -> SyncResult {
    let (mut suspects, items): (Vec<_>, Vec<_>) = items.into_iter().partition(|i| work.is_suspect(i.uid));
    // Whatever breaks the connection must not hold up the others.
    suspects.sort_by_key(|item| work.deaths_alone(item.uid));
    let mut queue = VecDeque::from(items);
    let mut alone: Vec<_> = suspects.into_iter().map(Refused::of_suspect).collect();
    let mut second_time = false;
    while !queue.is_empty() {
        let (rest, left) = round(work, flags, queue, lane, lanes)?;
        queue = rest;
        queue.extend(left.postponed);
        // Without the one that was refused, its neighbours go through together; if not, each has to go alone.
        if second_time {
            alone.extend(left.neighbours.into_iter().map(Refused::of_suspect));
        } else {
            second_time = !left.neighbours.is_empty();
            queue.extend(left.neighbours);
        }
        alone.extend(left.refused);
        let not_shown = locate_appended::run(work, flags, lane, left.unplaced)?;
        work.sends_again(&not_shown)?;
        alone.extend(not_shown.into_iter().map(Refused::of_not_shown));
        skipped::finish_altered(work, lane, flags, left.altered, LedgerState::Copied)?;
        let limit = work.largest();
        let larger = |size| items::over_size(size, limit);
        let oversize =
            left.oversize.iter().map(|(item, size)| (*item, Note::large(item, *size, larger(*size))));
        skipped::leave_out(work, lane, flags, oversize.collect())?;
        let placeholders = left.placeholders.iter().map(|item| (*item, append_single::placeholder(item)));
        skipped::leave_out(work, lane, flags, placeholders.collect())?;
        let mut refused = Vec::new();
        for (item, text) in left.too_large {
            let kept = skipped::keep(work, lane, item.uid)?;
            let reason = items::refused_as_too_large(&text);
            refused.push((item, Note::large(&item, item.size, reason).kept(kept)));
        }
        skipped::leave_out(work, lane, flags, refused)?;
        alone.extend(scan::still_there(work, lane, left.missing)?.into_iter().map(Refused::of_suspect));
        if alone.len() >= SUSPICIOUS && !work.has_stored() {
            one_by_one(work, flags, std::mem::take(&mut alone), lane)?;
        }
    }
    one_by_one(work, flags, alone, lane)
}

/// Appends messages that need to go alone. A target that takes none at all, and says the same words each time, does not refuse
/// the messages: the user stops, and nothing is left out.
fn one_by_one(work: &FolderWork<'_>, flags: &FlagSets, alone: Vec<Refused>, lane: &mut Lane) -> SyncResult {
    let mut not_taken: Vec<NotTaken> = Vec::new();
    for refused in alone {
        let uid = refused.item.uid;
        let ended = append_single::run(work, flags, lane, refused)?;
        if work.is_tried_again(uid) {
            // Says nothing about the target: it is known not to take this one.
            leave_out(work, flags, lane, ended.into_iter().collect())?;
            continue;
        }
        not_taken.extend(ended);
        let same = not_taken.iter().all(|one| one.words == not_taken[0].words);
        if work.has_stored() || !same {
            leave_out(work, flags, lane, std::mem::take(&mut not_taken))?;
        } else if not_taken.len() >= SUSPICIOUS {
            return Err(takes_nothing(work, &not_taken[0].words));
        }
    }
    match &not_taken[..] {
        [] => Ok(()),
        [_, _, third, ..] => Err(takes_nothing(work, &third.words)),
        _ => leave_out(work, flags, lane, not_taken),
    }
}

fn leave_out(
    work: &FolderWork<'_>,
    flags: &FlagSets,
    lane: &mut Lane,
    not_taken: Vec<NotTaken>,
) -> SyncResult {
    skipped::leave_out(work, lane, flags, not_taken.into_iter().map(|one| (one.item, one.note)).collect())
}

fn takes_nothing(work: &FolderWork<'_>, words: &str) -> SidedFailure {
    SidedFailure::target(engine_failures::takes_nothing(&work.sync.sides.user, words))
}

/// One run over the queue.
fn round<'a>(
    work: &Arc<FolderWork<'a>>,
    flags: &FlagSets,
    queue: VecDeque<Item>,
    lane: &mut Lane,
    lanes: &LanePool<'a>,
) -> SyncResult<(VecDeque<Item>, Leftovers)> {
    let round = Arc::new(Round::new(Arc::clone(work), flags.clone(), queue));
    lanes.offer(&round);
    if let Err(failure) = append_pipeline::run(&round, lane, &|| false) {
        round.fail(failure);
    }
    lanes.withdraw(&round);
    let (queue, leftovers) = round.end()?;
    // The next attempt continues what another lane's failure stopped, after listing the folder again.
    if work.stop.is_stopped() { Err(work.interrupted()) } else { Ok((queue, leftovers)) }
}
