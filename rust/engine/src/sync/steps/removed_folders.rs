//! Folders that were done, and that the user has removed or renamed at the target since.
//!
//! What was copied into such a folder is not copied again: the user did with it as they pleased, and would find all of it twice
//! after a rename. New mail goes to a folder of the old name, which is made only then. That holds while the account at the
//! target is the one that was copied to; one that was recreated, as its other folders show, is filled again.

use crate::messages::reports;
use crate::sync::UserSync;
use crate::sync::decide::diff::Listing;
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::progress::Progress;
use crate::sync::sessions::Lane;
use crate::sync::steps::scan;
use crate::sync::work::FolderTask;
use imapmig_core::folder::Folder;
use imapmig_core::mapping::Mapping;
use imapmig_core::message::TargetValidity;
use imapmig_core::ports::source::OpenSource;
use imapmig_core::ports::target::TargetSession;
use imapmig_core::user::{Checkpoint, SkippedKind};

/// Whether it was noted that the folder is not there any more.
pub(crate) fn is_noted(checkpoint: &Checkpoint) -> bool {
    checkpoint.complete && checkpoint.target_validity == TargetValidity::Removed
}

/// Notes what was removed since the last sync. Before any folder is synced: a folder of a recreated account would
/// look like the one it was, once it is filled.
pub(crate) fn note(
    sync: &UserSync,
    progress: &Progress<'_>,
    lane: &mut Lane,
    mappings: &[Mapping],
) -> SyncResult {
    let missing = |checkpoint: &Checkpoint| {
        let goes_there = |m: &&Mapping| m.source.path == checkpoint.source && m.target == checkpoint.target;
        mappings.iter().find(goes_there).is_some_and(|mapping| mapping.existing.is_none())
    };
    let mut known = sync.ledger.checkpoints(sync.sides.user.id)?;
    known.retain(|checkpoint| checkpoint.complete && checkpoint.target_validity != TargetValidity::Removed);
    if !known.iter().any(missing) {
        return Ok(());
    }
    // A list that was not whole is no reason; a parent without mail of its own is what some servers leave of a folder.
    let mut folders = lane.target.folders().at_target()?;
    folders.retain(|folder| folder.selectable);
    let listed = |checkpoint: &Checkpoint| folders.iter().any(|folder| folder.path == checkpoint.target);
    let same_account = is_the_same_account(lane, &known, &folders)?;
    for gone in known.iter().filter(|checkpoint| missing(checkpoint) && !listed(checkpoint)) {
        if !same_account {
            sync.ledger.reset_mailbox(gone.id, gone.source_validity, TargetValidity::Removed)?;
            continue;
        }
        sync.ledger.forget_targets(gone.id)?;
        progress.report(&reports::removed_at_target(&gone.source, &gone.target))?;
    }
    Ok(())
}

/// Whether a folder at the target, the INBOX if there is one, is still the one that was copied to.
fn is_the_same_account(lane: &mut Lane, known: &[Checkpoint], folders: &[Folder]) -> SyncResult<bool> {
    let place = |checkpoint: &Checkpoint| folders.iter().find(|folder| folder.path == checkpoint.target);
    let mut there: Vec<_> = known.iter().filter_map(|c| Some((c, place(c)?))).collect();
    there.sort_by_key(|(checkpoint, _)| !checkpoint.target.is_inbox());
    let Some((copied_to, folder)) = there.first() else { return Ok(false) };
    let now = lane.target.open(&folder.wire).at_target()?;
    // A recreated folder may have the same UIDVALIDITY; its UIDs start over as well.
    let is_behind = now.uid_next.is_some_and(|uid| uid < copied_to.target_known_below);
    Ok(now.validity == copied_to.target_validity && !is_behind)
}

/// Returns `true` if it was noted that the folder was removed at the target, and it is still not there.
pub(crate) fn is_removed(task: &FolderTask<'_>) -> bool {
    task.mapping.existing.is_none()
        && task.known.is_some_and(|known| known.target == task.mapping.target && is_noted(known))
}

/// The listing of a removed folder; `None` if the source holds nothing new, so that the folder is done.
pub(crate) fn unless_nothing_new(
    task: &FolderTask<'_>,
    open: &OpenSource,
    listing: Listing,
) -> SyncResult<Option<Listing>> {
    let Some(checkpoint) = task.known.filter(|c| c.source_validity == open.validity) else {
        return Ok(Some(listing));
    };
    let ledger = task.sync.ledger.as_ref();
    let plan = scan::plan(listing.clone(), checkpoint, ledger)?;
    if !plan.pending.is_empty() || !plan.other_looks.is_empty() {
        return Ok(Some(listing));
    }
    let source = &task.mapping.source.path;
    ledger.save_checkpoint(&Checkpoint { source_modseq: open.highest_modseq, ..checkpoint.clone() })?;
    task.sync.diary.remove_folder_item(task.sync.sides.user.id, source, SkippedKind::FolderFailed)?;
    task.progress.step();
    task.progress.change(task.number, |n| *n = plan.numbers)?;
    Ok(None)
}
