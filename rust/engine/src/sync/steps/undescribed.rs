//! Reports messages whose internal date or flags the source does not show in a form that can be read. The date at the target is that
//! of their header, or unknown; flags they have none.

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
    let of_date = |item: &Item| items::undated(item.date_origin == DateOrigin::Header);
    report_each(work, lane, &undated, SkippedKind::DateChanged, of_date, items::many_undated)?;

    let without_flags: Vec<&Item> = items.iter().filter(|item| !item.flags_known).collect();
    let of_flags = |_: &Item| items::WITHOUT_FLAGS.to_owned();
    report_each(work, lane, &without_flags, SkippedKind::FlagsReduced, of_flags, items::many_without_flags)
}

fn report_each(
    work: &FolderWork<'_>,
    lane: &mut Lane,
    items: &[&Item],
    kind: SkippedKind,
    one: impl Fn(&Item) -> String,
    many: impl Fn(usize) -> String,
) -> SyncResult {
    if items.len() > NAMED {
        let item = SkippedItem::of_folder(work.path(), kind, many(items.len()));
        return Ok(work.sync.diary.add_skipped(work.sync.sides.user.id, &[item])?);
    }
    for some in items.chunks(NOTED_AT_ONCE) {
        skipped::report(work, lane, some.iter().map(|item| Note::new(item, kind, one(item))))?;
    }
    Ok(())
}
