//! One folder of one user, from opening it on both sides to its checkpoint.

use crate::sync::UserSync;
use crate::sync::decide::diff::{self, Plan};
use crate::sync::decide::item::Item;
use crate::sync::decide::newest::Newest;
use crate::sync::decide::poison::Lessons;
use crate::sync::failure::{Done, OnSide};
use crate::sync::progress::Progress;
use crate::sync::skipped::{Note, of_folder};
use crate::sync::steps::append_pipeline::Lane;
use crate::sync::steps::carry_flags;
use crate::sync::steps::copy;
use crate::sync::steps::late_duplicates;
use crate::sync::steps::removed_folders;
use crate::sync::steps::verify::{self, Verified};
use crate::sync::work::FolderWork;
use imapmig_core::folder::WireName;
use imapmig_core::mapping::Mapping;
use imapmig_core::message::Uid;
use imapmig_core::ports::source::OpenSource;
use imapmig_core::ports::target::OpenTarget;
use imapmig_core::user::{Checkpoint, SkippedKind};

/// How many messages that are left out are written down at once: an account may hold millions beyond the limit.
const NOTED_AT_ONCE: usize = 500;

/// What one folder's sync is told by the account's.
pub(crate) struct FolderTask<'a> {
    pub(crate) sync: &'a UserSync,
    pub(crate) progress: &'a Progress<'a>,
    pub(crate) lessons: &'a Lessons,
    /// The folder's place among the account's.
    pub(crate) number: usize,
    pub(crate) mapping: &'a Mapping,
    pub(crate) subscribe: bool,
    /// Which messages are not too many, where there are too many.
    pub(crate) newest: Option<&'a Newest>,
}

/// Syncs the folder. `lanes` holds at least one lane, and holds it again after success.
pub(crate) fn run(task: &FolderTask<'_>, lanes: &mut Vec<Lane>) -> Done {
    let Some(lane) = lanes.first_mut() else { return Ok(()) };
    let open = lane.source.open(&task.mapping.source.wire).at_source()?;
    if removed_folders::has_nothing_new(task, lane, &open)? {
        return Ok(());
    }
    let (target_wire, target) = open_target(task, lane)?;
    let (checkpoint, adopt_flags) = checkpoint(task, &open, &target)?;
    lane.opened = Some((task.mapping.source.wire.clone(), target_wire.clone()));
    let mut plan = diff::make(lane.source.as_mut(), &open, &checkpoint, task.sync.store.as_ref())?;
    let work = FolderWork::new(task, target_wire, checkpoint, &target, lane);
    begin(task, &work, &plan, &open)?;
    work.settle(lane, &mut plan, &target, adopt_flags)?;
    let doubted = plan.set_doubted_apart();
    let items = leave_out(task, &work, lane, &mut plan)?;
    copy::copy(&work, &plan.flags, items, lanes)?;
    let Some(lane) = lanes.first_mut() else { return Ok(()) };
    // What a dead connection may have sent comes last, so that the server has had as much time as there was.
    plan.pending = doubted;
    work.settle_doubted(lane, &mut plan, adopt_flags)?;
    let items = leave_out(task, &work, lane, &mut plan)?;
    copy::copy(&work, &plan.flags, items, lanes)?;
    let Some(lane) = lanes.first_mut() else { return Ok(()) };
    carry_flags::carry(&work, lane.target.as_mut(), &plan.changes)?;
    let verified = verify::run(&work, lane, &plan)?;
    late_duplicates::take_back(&work, lane)?;
    end(&work, &open, &target, &verified)
}

/// Opens the target folder, made and subscribed where that is missing.
fn open_target(task: &FolderTask<'_>, lane: &mut Lane) -> Done<(WireName, OpenTarget)> {
    let mapping = task.mapping;
    let target = &mut lane.target;
    let wire = match &mapping.existing {
        Some(wire) => wire.clone(),
        None => target.create(&mapping.target, mapping.special_use).at_target()?,
    };
    if task.subscribe && !mapping.subscribed {
        // A folder that cannot be subscribed takes mail all the same.
        if let Err(failure) = target.subscribe(&wire) {
            if failure.scope > imapmig_core::failure::Scope::Mailbox {
                return Err(failure).at_target();
            }
            task.progress.report(&format!("\"{}\" could not be subscribed: {failure}", mapping.target))?;
        }
    }
    let open = target.open(&wire).at_target()?;
    Ok((wire, open))
}

/// The folder's checkpoint, started over when either side has a new UIDVALIDITY; and whether messages found at the target
/// are given the source's flags: not when they were synced before and the user has had them since.
fn checkpoint(task: &FolderTask<'_>, open: &OpenSource, target: &OpenTarget) -> Done<(Checkpoint, bool)> {
    let store = task.sync.store.as_ref();
    let mapping = task.mapping;
    let new = Checkpoint {
        id: imapmig_core::ids::MailboxId(0),
        user: task.sync.user.id,
        source: mapping.source.path.clone(),
        source_validity: open.validity,
        target: mapping.target.clone(),
        target_validity: target.validity,
        target_known_below: Uid(0),
        source_modseq: None,
        complete: false,
    };
    let there = store.checkpoint(&new)?;
    let same = (there.source_validity, there.target_validity) == (open.validity, target.validity);
    if same && there.target == mapping.target {
        return Ok((there, true));
    }
    if removed_folders::is_noted(&there)
        && (there.source_validity, &there.target) == (open.validity, &mapping.target)
    {
        let made_anew = Checkpoint { target_validity: target.validity, ..there };
        store.save_checkpoint(&made_anew)?;
        return Ok((made_anew, true));
    }
    let side = if there.source_validity == open.validity { "target" } else { "source" };
    task.progress.report(&format!(
        "The {side} folder of \"{}\" has a new UIDVALIDITY: its messages are compared with those at the target by content",
        mapping.source.path
    ))?;
    store.reset_mailbox(there.id, open.validity, target.validity)?;
    let fresh = Checkpoint { id: there.id, ..new };
    store.save_checkpoint(&fresh)?;
    Ok((fresh, !there.complete))
}

fn begin(task: &FolderTask<'_>, work: &FolderWork<'_>, plan: &Plan, open: &OpenSource) -> Done {
    if let Some(reason) = task.mapping.renamed.clone().filter(|_| !work.checkpoint.complete) {
        let item = of_folder(&task.mapping.source.path, SkippedKind::FolderRenamed, reason);
        task.sync.store.add_skipped(task.sync.user.id, &[item])?;
    }
    let verified = if work.checkpoint.complete { plan.numbers.synced_items } else { 0 };
    work.progress.change(work.number, |n| {
        *n = plan.numbers;
        n.verified_items = verified;
    })?;
    if plan.undescribed > 0 {
        work.progress.report(&format!(
            "\"{}\": the source counted {} messages and described {} fewer; they were removed meanwhile, or it lists some twice",
            work.mapping.source.path, open.exists, plan.undescribed
        ))?;
    }
    Ok(())
}

/// Takes out of the plan what is too large or too old, as skipped items; gives what remains, the newest first.
fn leave_out(
    task: &FolderTask<'_>,
    work: &FolderWork<'_>,
    lane: &mut Lane,
    plan: &mut Plan,
) -> Done<Vec<Item>> {
    let limit = work.largest();
    let mut skipped = Vec::new();
    let mut kept = Vec::with_capacity(plan.pending.len());
    for item in std::mem::take(&mut plan.pending) {
        if task.newest.is_some_and(|newest| !newest.takes(work.number, &item)) {
            let most = task.sync.limits.max_items;
            let reason =
                format!("the account holds more than {most} messages, and this is not among the newest");
            let note = Note {
                uid: item.uid,
                kind: SkippedKind::ItemLimit,
                size: item.size,
                internal_date: item.date(),
                reason,
                kept_file: None,
            };
            skipped.push((item, note));
        } else if item.size > limit {
            let reason = format!("the message has {} bytes, and the limit is {limit}", item.size);
            skipped.push(work.large(&item, item.size, reason, None));
        } else {
            kept.push(item);
        }
        if skipped.len() == NOTED_AT_ONCE {
            work.skip(lane, &plan.flags, std::mem::take(&mut skipped))?;
        }
    }
    work.skip(lane, &plan.flags, skipped)?;
    kept.sort_unstable_by_key(Item::newest_first);
    Ok(kept)
}

/// Checks that the counts add up, then writes the checkpoint.
fn end(work: &FolderWork<'_>, open: &OpenSource, target: &OpenTarget, verified: &Verified) -> Done {
    let numbers = work.progress.folder(work.number);
    work.check(&numbers, verified)?;
    let done = Checkpoint {
        complete: true,
        source_modseq: open.highest_modseq,
        target_known_below: verified.known_below.max(target.uid_next),
        ..work.checkpoint.clone()
    };
    work.sync.store.save_checkpoint(&done)?;
    let (user, path) = (work.sync.user.id, &work.mapping.source.path);
    work.sync.store.remove_folder_item(user, path, SkippedKind::FolderFailed)?;
    work.sync.store.remove_refuted_items(work.checkpoint.id)?;
    work.progress.step();
    work.progress.change(work.number, |n| n.verified_items = verified.items)?;
    if !work.checkpoint.complete || verified.copied > 0 {
        let n = work.progress.folder(work.number);
        work.progress.report(&format!(
            "\"{}\" is done: {} of {} messages are at the target ({} were there before), {} were left out, {} were verified",
            work.mapping.source.path, n.synced_items, n.total_items, n.adopted_items, n.skipped_items, n.verified_items
        ))?;
    }
    Ok(())
}

/// The item that tells of a folder which could not be migrated.
pub(crate) fn failed(mapping: &Mapping, reason: String) -> imapmig_core::user::SkippedItem {
    of_folder(&mapping.source.path, SkippedKind::FolderFailed, reason)
}
