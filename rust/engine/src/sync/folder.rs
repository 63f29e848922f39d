//! One folder of one user, from opening it on both sides to its checkpoint.

use crate::messages::{engine_failures, items, reports};
use crate::sync::both::both;
use crate::sync::decide::diff::{Listing, Plan};
use crate::sync::decide::item::Item;
use crate::sync::decide::sided_failure::SidedFailure;
use crate::sync::decide::target_claims::Claimed;
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::lanes::LanePool;
use crate::sync::lock::lock;
use crate::sync::sessions::Lane;
use crate::sync::skipped::{self, Note};
use crate::sync::steps::verify::{self, Verified};
use crate::sync::steps::{
    adopt, carry_flags, copy, late_duplicates, removed_folders, reused_uids, scan, undescribed,
};
use crate::sync::work::{FolderTask, FolderWork};
use imapmig_core::folder::{FolderPath, WireName};
use imapmig_core::message::{TargetValidity, Uid, UidValidity};
use imapmig_core::ports::source::{OpenSource, SourceSession as _};
use imapmig_core::ports::target::{FolderRequest, OpenTarget, ReadyTarget, TargetSession};
use imapmig_core::user::{Checkpoint, SkippedItem, SkippedKind, TargetId};
use std::sync::Arc;

/// Maximum number of messages whose bodies are requested together with their listing.
const FEW: u64 = 100;

/// Syncs the folder on this lane; others help to copy it where it is large.
pub(crate) fn run<'a>(task: &FolderTask<'a>, lane: &mut Lane, lanes: &LanePool<'a>) -> SyncResult {
    let Some(Opened { mut source, listing, target, place }) = open(task, lane)? else { return Ok(()) };
    let (mut checkpoint, mut adopt_flags) = checkpoint(task, &source, &target.open, &place)?;
    let mut listing = complete(task, lane, &source, listing, &checkpoint)?;
    if listing.undescribed(source.exists) > 0 {
        // Some may just have gone; the second look counts.
        (source, listing) = scan::open_and_list(&mut lane.source, &task.mapping.source.wire, None)?;
    }
    let mut undescribed = listing.undescribed(source.exists);
    let is_complete = listing.is_complete();
    let mut plan = scan::plan(listing, &checkpoint, task.sync.ledger.as_ref())?;
    if !is_complete && u64::from(source.exists) > plan.numbers.total_items {
        // The source counts more than it ever described: what changed is not all that is new.
        let listing;
        (source, listing) = scan::open_and_list(&mut lane.source, &task.mapping.source.wire, None)?;
        undescribed = listing.undescribed(source.exists);
        plan = scan::plan(listing, &checkpoint, task.sync.ledger.as_ref())?;
    }
    let made_anew = reused_uids::is_made_anew(&target.open, &plan);
    let pair = task.pair(&checkpoint, &target);
    if made_anew || reused_uids::are_reused(task.reader(&pair), lane, &plan)? {
        let side =
            if made_anew { imapmig_core::failure::Side::Target } else { imapmig_core::failure::Side::Source };
        task.progress.report(&reports::uids_reused(side, &task.mapping.source.path))?;
        adopt_flags = !checkpoint.complete;
        let validities = (checkpoint.source_validity, checkpoint.target_validity);
        checkpoint = start_over(task, &checkpoint, &place, validities)?;
        let listing = scan::list(&mut lane.source, &source)?;
        plan = scan::plan(listing, &checkpoint, task.sync.ledger.as_ref())?;
    }
    let was_interrupted = plan.pending.iter().any(|item| item.intent);
    let work = Arc::new(FolderWork::new(task, checkpoint, &target, lane, was_interrupted));
    begin(task, &work, &plan)?;
    adopt::run(&work, lane, &mut plan, &target.open, adopt_flags)?;
    let interrupted = plan.take_interrupted();
    let items = leave_out(task, &work, lane, &mut plan)?;
    undescribed::report(&work, lane, &items)?;
    copy::run(&work, &plan.flags, items, lane, lanes)?;
    // What a dead connection may have sent comes last, so that the server has had as much time as there was.
    plan.pending = interrupted;
    late_duplicates::adopt_interrupted(&work, lane, &mut plan, adopt_flags)?;
    let items = leave_out(task, &work, lane, &mut plan)?;
    copy::run(&work, &plan.flags, items, lane, lanes)?;
    lane.enter(&work.pair)?;
    carry_flags::run(&work, &mut lane.target, &plan.changes)?;
    let verified = verify::run(&work, lane)?;
    name_unlistable(&work, lane)?;
    late_duplicates::take_back(&work, lane)?;
    end(&work, &source, &target.open, &verified, undescribed)
}

/// A folder that is open on both sides, with what the source says about its messages.
struct Opened {
    source: OpenSource,
    listing: Listing,
    target: ReadyTarget,
    /// Where it is at the target.
    place: FolderPath,
}

/// What the target is asked for to make the folder ready.
fn request<'t>(task: &FolderTask<'t>) -> FolderRequest<'t> {
    let mapping = task.mapping;
    FolderRequest {
        path: &mapping.target,
        special_use: mapping.special_use,
        existing: mapping.existing.as_ref(),
        subscribe: task.subscribe && !mapping.subscribed,
    }
}

/// Opens the folder on both sides of a new lane, as the first thing there. Returns whether a connection ended over it.
pub(crate) fn ends_connections(task: &FolderTask<'_>, lane: &mut Lane) -> bool {
    let source = lane.source.open(&task.mapping.source.wire).at_source();
    let target = lane.target.prepare(&request(task)).at_target();
    let is_lost = |failure: Option<SidedFailure>| failure.is_some_and(|failure| failure.is_lost_connection());
    is_lost(source.err()) || is_lost(target.err())
}

/// Opens the folder on both sides at the same time; `None` if it is done already.
fn open(task: &FolderTask<'_>, lane: &mut Lane) -> SyncResult<Option<Opened>> {
    let mapping = task.mapping;
    let source_name = &mapping.source.wire;
    let request = request(task);
    let Lane { source, target, .. } = lane;
    let (listed, ready) = if removed_folders::is_removed(task) {
        // A folder that the user removed at the target is made again only for new mail.
        let (open, listing) = scan::open_and_list(source, source_name, task.known)?;
        let Some(listing) = removed_folders::unless_nothing_new(task, &open, listing)? else {
            return Ok(None);
        };
        ((open, listing), target.prepare(&request).at_target()?)
    } else {
        if expects_all_bodies(task) {
            source.expect_bodies();
        }
        let list = || scan::open_and_list(source, source_name, task.known);
        let (listed, ready) = both(list, || target.prepare(&request).at_target());
        (listed?, ready?)
    };
    if let Some(failure) = &ready.not_subscribed {
        task.progress.report(&reports::not_subscribed(&mapping.target, failure))?;
    }
    claim(task, target, &ready)?;
    let place = place(task, target, &ready)?;
    let (source, listing) = listed;
    Ok(Some(Opened { source, listing, target: ready, place }))
}

/// Where the folder is at the target. A server that made another name of the one that it was asked for is reported.
fn place(task: &FolderTask<'_>, target: &dyn TargetSession, ready: &ReadyTarget) -> SyncResult<FolderPath> {
    let mapping = task.mapping;
    let wanted = &mapping.target;
    let made = target.path_of(&ready.wire).filter(|made| mapping.existing.is_none() && made != wanted);
    let Some(made) = made else { return Ok(wanted.clone()) };
    let reason = items::made_under_another_name(&made, wanted);
    let item = SkippedItem::of_folder(&mapping.source.path, SkippedKind::FolderRenamed, reason);
    task.sync.diary.add_skipped(task.sync.sides.user.id, &[item])?;
    Ok(made)
}

/// Returns `true` if most likely every message of the folder will be fetched, and they are few: the folder is new on both sides, and
/// nothing speaks against its messages.
fn expects_all_bodies(task: &FolderTask<'_>) -> bool {
    let (path, numbers) = (&task.mapping.source.path, task.progress.folder(task.number));
    task.known.is_none()
        && task.mapping.existing.is_none()
        && task.newest.is_none()
        && (1..=FEW).contains(&numbers.total_items)
        && lock(task.poison).blamed(path) == 0
        && lock(task.poison_folders).suspicion(path) == 0
        && !task.progress.is_paused()
}

/// Takes the target folder for this source folder, unless another one has it: a server may open one folder under several names.
fn claim(task: &FolderTask<'_>, target: &mut dyn TargetSession, ready: &ReadyTarget) -> SyncResult {
    let (source, path, wire) = (&task.mapping.source.path, &task.mapping.target, &ready.wire);
    let met = lock(task.claims).check(source, path, wire, ready.open.validity);
    let other = match met {
        Claimed::Free => None,
        Claimed::Taken(other) => Some(other),
        Claimed::Alike(others) => {
            let listed = target.folders().at_target()?;
            let is_listed = |wire: &WireName| listed.iter().any(|folder| folder.wire == *wire);
            let mut others = others.into_iter();
            others.find(|(_, other)| !(is_listed(wire) && is_listed(other))).map(|(other, _)| other)
        }
    };
    let Some(other) = other else {
        lock(task.claims).take(source, path, wire, Some(ready.open.validity));
        return Ok(());
    };
    lock(task.claims).refuse(source);
    Err(SidedFailure::target(engine_failures::one_folder_twice(&other, path)))
}

/// A listing of everything, if only what changed was listed and the checkpoint has started over since, or some messages cannot be
/// listed: how many those are shows only beside all others.
fn complete(
    task: &FolderTask<'_>,
    lane: &mut Lane,
    open: &OpenSource,
    listing: Listing,
    checkpoint: &Checkpoint,
) -> SyncResult<Listing> {
    let since = task.known.and_then(|known| known.source_modseq);
    let is_known = checkpoint.complete && checkpoint.source_modseq == since;
    if listing.is_complete() || (is_known && !lane.source.has_unlistable()) {
        return Ok(listing);
    }
    scan::list(&mut lane.source, open)
}

/// The folder's checkpoint, started over when either side has a new UIDVALIDITY; and whether messages found at the target
/// are given the source's flags: not when they were synced before and the user has had them since.
fn checkpoint(
    task: &FolderTask<'_>,
    open: &OpenSource,
    target: &OpenTarget,
    place: &FolderPath,
) -> SyncResult<(Checkpoint, bool)> {
    let ledger = task.sync.ledger.as_ref();
    let mapping = task.mapping;
    let new = Checkpoint {
        id: imapmig_core::ids::MailboxId(0),
        user: task.sync.sides.user.id,
        source: mapping.source.path.clone(),
        source_validity: open.validity,
        target: place.clone(),
        target_validity: target.validity,
        target_known_below: Uid(0),
        source_modseq: None,
        complete: false,
    };
    let there = ledger.checkpoint(&new)?;
    let same = (there.source_validity, there.target_validity) == (open.validity, target.validity);
    if same && there.target == *place {
        return Ok((there, true));
    }
    if removed_folders::is_noted(&there) && (there.source_validity, &there.target) == (open.validity, place) {
        let made_anew = Checkpoint { target_validity: target.validity, ..there };
        ledger.save_checkpoint(&made_anew)?;
        return Ok((made_anew, true));
    }
    let is_source = there.source_validity != open.validity;
    let side =
        if is_source { imapmig_core::failure::Side::Source } else { imapmig_core::failure::Side::Target };
    task.progress.report(&reports::new_validity(side, &mapping.source.path))?;
    let fresh = start_over(task, &there, place, (open.validity, target.validity))?;
    Ok((fresh, !there.complete))
}

/// Forgets the folder's ledger: its messages are compared with those at the target by content.
fn start_over(
    task: &FolderTask<'_>,
    there: &Checkpoint,
    place: &FolderPath,
    (source, target): (UidValidity, TargetValidity),
) -> SyncResult<Checkpoint> {
    task.sync.ledger.reset_mailbox(there.id, source, target)?;
    let fresh = Checkpoint {
        source_validity: source,
        target: place.clone(),
        target_validity: target,
        target_known_below: Uid(0),
        source_modseq: None,
        complete: false,
        ..there.clone()
    };
    task.sync.ledger.save_checkpoint(&fresh)?;
    Ok(fresh)
}

fn begin(task: &FolderTask<'_>, work: &FolderWork<'_>, plan: &Plan) -> SyncResult {
    if let Some(reason) = task.mapping.renamed.clone().filter(|_| !work.checkpoint.complete) {
        let item = SkippedItem::of_folder(&task.mapping.source.path, SkippedKind::FolderRenamed, reason);
        task.sync.diary.add_skipped(task.sync.sides.user.id, &[item])?;
    }
    work.ledger.begin(&plan.known);
    work.progress.change(work.number, |n| *n = plan.numbers)
}

/// Removes from the plan what is too old, as skipped items (what is too large shows when it is delivered). Returns what remains, the newest first.
fn leave_out(
    task: &FolderTask<'_>,
    work: &FolderWork<'_>,
    lane: &mut Lane,
    plan: &mut Plan,
) -> SyncResult<Vec<Item>> {
    let mut left_out = Vec::new();
    let mut kept = Vec::with_capacity(plan.pending.len());
    for item in std::mem::take(&mut plan.pending) {
        if task.newest.is_some_and(|newest| !newest.takes(work.number, &item)) {
            let most = task.sync.limits.max_items;
            let reason = items::not_among_the_newest(most);
            let note = Note::new(&item, SkippedKind::ItemLimit, reason);
            left_out.push((item, note));
        } else {
            kept.push(item);
        }
        if left_out.len() == skipped::NOTED_AT_ONCE {
            skipped::leave_out(work, lane, &plan.flags, std::mem::take(&mut left_out))?;
        }
    }
    skipped::leave_out(work, lane, &plan.flags, left_out)?;
    kept.sort_unstable_by_key(Item::newest_first);
    Ok(kept)
}

/// Checks that the counts add up, then writes the checkpoint.
fn end(
    work: &FolderWork<'_>,
    open: &OpenSource,
    target: &OpenTarget,
    verified: &Verified,
    undescribed: u64,
) -> SyncResult {
    let numbers = work.progress.folder(work.number);
    work.ledger.check(work.path(), &numbers, verified.ledger)?;
    let done = Checkpoint {
        complete: true,
        // What was not described is asked for again, not only what changes.
        source_modseq: open.highest_modseq.filter(|_| undescribed == 0),
        target_known_below: target.uid_next.map_or(verified.known_below, |uid| uid.max(verified.known_below)),
        ..work.checkpoint.clone()
    };
    work.sync.ledger.save_checkpoint(&done)?;
    let (user, path) = (work.sync.sides.user.id, &work.mapping.source.path);
    work.sync.diary.remove_folder_item(user, path, SkippedKind::FolderFailed)?;
    work.sync.diary.remove_refuted_items(work.checkpoint.id)?;
    not_described(work, open.exists, undescribed)?;
    work.reader().forget();
    work.progress.step();
    work.progress.change(work.number, |n| {
        (n.verified_items, n.compared_items) = (verified.items, verified.compared);
    })?;
    if !work.checkpoint.complete || verified.looked_at > 0 {
        let n = work.progress.folder(work.number);
        work.progress.report(&reports::folder_done(&work.mapping.source.path, &n))?;
    }
    Ok(())
}

/// Names the messages of the target over which connections end when they are listed.
fn name_unlistable(work: &FolderWork<'_>, lane: &Lane) -> SyncResult {
    let uids = lane.target.unlistable().into_iter().filter_map(|id| match id {
        TargetId::Uid(uid) => Some(format!("UID {}", uid.0)),
        TargetId::File(_) => None,
    });
    let uids: Vec<_> = uids.collect();
    if uids.is_empty() {
        return Ok(());
    }
    let reason = items::unlistable_at_target(&work.checkpoint.target, &uids);
    let item = SkippedItem::of_folder(work.path(), SkippedKind::NotVerified, reason);
    Ok(work.sync.diary.add_skipped(work.sync.sides.user.id, &[item])?)
}

/// Reports messages that the source counts and does not describe.
fn not_described(work: &FolderWork<'_>, exists: u32, undescribed: u64) -> SyncResult {
    let (user, path, kind) =
        (work.sync.sides.user.id, &work.mapping.source.path, SkippedKind::SourceUnreadable);
    if undescribed == 0 {
        return Ok(work.sync.diary.remove_folder_item(user, path, kind)?);
    }
    let reason = items::not_described(exists, undescribed);
    work.sync.diary.add_skipped(user, &[SkippedItem::of_folder(path, kind, reason)])?;
    work.progress.change(work.number, |n| {
        n.total_items += undescribed;
        n.skipped_items += undescribed;
    })
}
