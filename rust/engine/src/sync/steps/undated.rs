//! Reports messages whose internal date the source does not show: theirs at the target is that of their header, or unknown.

use crate::messages::items;
use crate::sync::decide::item::Item;
use crate::sync::failure::SyncResult;
use crate::sync::sessions::Lane;
use crate::sync::skipped::{self, NOTED_AT_ONCE, Note};
use crate::sync::work::FolderWork;
use imapmig_core::message::DateOrigin;
use imapmig_core::user::{SkippedItem, SkippedKind};

/// Up to this number of messages in a folder get an item each; more of them share one.
const NAMED: usize = 1000;

/// Reports those of the messages that are about to be copied.
pub(crate) fn report(work: &FolderWork<'_>, lane: &mut Lane, items: &[Item]) -> SyncResult {
    let undated: Vec<&Item> = items.iter().filter(|item| item.date_origin != DateOrigin::Told).collect();
    if undated.len() > NAMED {
        let reason = items::many_undated(undated.len());
        let item = SkippedItem::of_folder(work.path(), SkippedKind::DateChanged, reason);
        return Ok(work.sync.diary.add_skipped(work.sync.sides.user.id, &[item])?);
    }
    for some in undated.chunks(NOTED_AT_ONCE) {
        skipped::report(work, lane, some.iter().map(|item| note(item)))?;
    }
    Ok(())
}

fn note(item: &Item) -> Note {
    let reason = items::undated(item.date_origin == DateOrigin::Header);
    Note::new(item, SkippedKind::DateChanged, reason)
}
