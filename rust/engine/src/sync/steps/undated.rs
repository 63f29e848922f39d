//! Reports messages whose internal date the source does not show: theirs at the target is that of their header, or unknown.

use crate::sync::decide::item::Item;
use crate::sync::failure::SyncResult;
use crate::sync::sessions::Lane;
use crate::sync::skipped::{self, NOTED_AT_ONCE, Note};
use crate::sync::work::FolderWork;
use imapmig_core::message::DateOrigin;
use imapmig_core::user::{SkippedItem, SkippedKind};

/// Of so many messages in one folder each gets its own item; more of them share one.
const NAMED: usize = 1000;

/// Reports those of the messages that are about to be copied.
pub(crate) fn report(work: &FolderWork<'_>, lane: &mut Lane, items: &[Item]) -> SyncResult {
    let undated: Vec<&Item> = items.iter().filter(|item| item.date_origin != DateOrigin::Told).collect();
    if undated.len() > NAMED {
        let reason = format!(
            "the source shows no date of arrival that can be read for {} messages; they get the date of their topmost Received field or their Date field, where they have one",
            undated.len()
        );
        let item = SkippedItem::of_folder(work.path(), SkippedKind::DateChanged, reason);
        return Ok(work.sync.diary.add_skipped(work.sync.user.id, &[item])?);
    }
    for some in undated.chunks(NOTED_AT_ONCE) {
        skipped::report(work, lane, some.iter().map(|item| note(item)))?;
    }
    Ok(())
}

fn note(item: &Item) -> Note {
    let instead = if item.date_origin == DateOrigin::Header {
        "it gets that of its topmost Received field or its Date field"
    } else {
        "its header has none either, so that the target sets one"
    };
    let reason = format!("the source shows no date of arrival that can be read; {instead}");
    Note::new(item, SkippedKind::DateChanged, reason)
}
