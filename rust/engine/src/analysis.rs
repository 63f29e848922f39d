//! Examines both sides of a user before anything is copied: how much mail there is, and what would go wrong.
//!
//! Knows the ports alone. Opens folders at the target, and creates and changes nothing there.

use crate::messages::{failures, items, reports};
use crate::sync::Limits;
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Failure, Scope};
use imapmig_core::folder::FolderPath;
use imapmig_core::folder_filter::FolderFilter;
use imapmig_core::mapping::{self, Mapping};
use imapmig_core::message::MessageMeta;
use imapmig_core::ports::source::{Scan, SourceConnector, SourceSession};
use imapmig_core::ports::target::{Room, TargetConnector};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{SkippedItem, SkippedKind, UserProgress};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// The most items that are listed for one user; the report counts the rest.
const MOST_ITEMS: usize = 1_000;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Analysis {
    /// Messages and bytes at the source.
    pub progress: UserProgress,
    /// How many folders of the source are migrated.
    pub folders: u64,
    /// What would be left out or differ.
    pub items: Vec<SkippedItem>,
    /// Messages that are at the target already.
    pub at_target: u64,
    /// How many items there are beyond those listed.
    pub more_items: u64,
    /// Messages that are not too large, and their bytes.
    pub fitting_items: u64,
    /// See `fitting_items`.
    pub fitting_bytes: u64,
}

impl Analysis {
    /// The summary for the user's report.
    #[must_use]
    pub fn summary(&self) -> String {
        let items = self.items.len() as u64 + self.more_items;
        reports::analyzed_user(&self.progress, self.folders, self.at_target, items)
    }

    fn add(&mut self, item: SkippedItem) {
        if self.items.len() < MOST_ITEMS {
            self.items.push(item);
        } else {
            self.more_items += 1;
        }
    }
}

/// Examines a user's mailboxes on both sides.
///
/// # Errors
/// One of them cannot be reached, signed in to or listed.
pub fn analyze(
    source: &dyn SourceConnector,
    target: &dyn TargetConnector,
    filter: &FolderFilter,
    limits: Limits,
    cancel: &Cancel,
) -> Result<Analysis, Failure> {
    let mut source = source.connect(cancel)?;
    let mut target = target.connect(cancel)?;
    let folders = source.folders()?;
    let targets = target.folders()?;
    let mappings = mapping::choose(folders, &targets, target.profile(), filter, &BTreeMap::new()).mappings;
    let largest = target
        .profile()
        .append_limit
        .map_or(limits.max_message_bytes, |limit| limit.min(limits.max_message_bytes));
    let mut analysis = Analysis { folders: mappings.len() as u64, ..Analysis::default() };
    for name in source.passed_over().unreadable {
        let reason = items::analysis::unreadable_folder();
        analysis.add(SkippedItem::of_folder(&FolderPath::new([name]), SkippedKind::FolderFailed, reason));
    }
    for mapping in &mappings {
        if cancel.is_cancelled() {
            return Err(Failure::cancelled());
        }
        look(&mut analysis, source.as_mut(), mapping, largest, cancel)?;
        if let Some(name) = &mapping.existing
            && let Some(opened) = of_folder(&mut analysis, mapping, target.open(name))?
        {
            analysis.at_target += u64::from(opened.exists);
        }
    }
    let total = analysis.progress.total_items;
    if total > limits.max_items {
        let reason = items::analysis::more_than_newest(total - limits.max_items, limits.max_items);
        analysis.add(SkippedItem::of_folder(&FolderPath::inbox(), SkippedKind::ItemLimit, reason));
    }
    compare_with_room(&mut analysis, target.room()?);
    Ok(analysis)
}

/// Reports a quota at the target that has too little room for what is copied.
fn compare_with_room(analysis: &mut Analysis, room: Room) {
    let (bytes, messages) = (analysis.fitting_bytes, analysis.fitting_items);
    let bytes = room.bytes.filter(|left| bytes > *left).map(|left| items::analysis::bytes_over(bytes, left));
    let messages = room
        .messages
        .filter(|left| messages > *left)
        .map(|left| items::analysis::messages_over(messages, left));
    let over: Vec<String> = bytes.into_iter().chain(messages).collect();
    if !over.is_empty() {
        let reason = items::analysis::too_little_room(&over, analysis.at_target > 0);
        analysis.add(SkippedItem::of_folder(&FolderPath::inbox(), SkippedKind::Quota, reason));
    }
}

/// Counts a folder's messages at the source.
fn look(
    analysis: &mut Analysis,
    source: &mut dyn SourceSession,
    mapping: &Mapping,
    largest: u64,
    cancel: &Cancel,
) -> Result<(), Failure> {
    let path = &mapping.source.path;
    if let Some(reason) = mapping.other_name() {
        analysis.add(SkippedItem::of_folder(path, SkippedKind::FolderRenamed, reason.to_owned()));
    }
    if of_folder(analysis, mapping, source.open(&mapping.source.wire))?.is_none() {
        return Ok(());
    }
    let mut seen = Vec::new();
    let scanned = source.scan(Scan::All, &mut |message: MessageMeta| {
        seen.push((message.uid, message.size, message.internal_date));
        if cancel.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    of_folder(analysis, mapping, scanned)?;
    seen.sort_unstable_by_key(|(uid, ..)| *uid);
    seen.dedup_by_key(|(uid, ..)| *uid);
    for (uid, size, date) in seen {
        analysis.progress.total_items += 1;
        analysis.progress.total_bytes += size;
        if size > largest {
            let reason = items::analysis::large(largest);
            let received = UnixMs(date.unix_seconds.saturating_mul(1000));
            analysis.add(SkippedItem {
                uid: Some(uid),
                size,
                date_received: Some(received),
                ..SkippedItem::of_folder(path, SkippedKind::LargeItem, reason)
            });
        } else {
            analysis.fitting_items += 1;
            analysis.fitting_bytes += size;
        }
    }
    Ok(())
}

/// What concerns one folder alone becomes an item; the other folders are still looked at.
fn of_folder<T>(
    analysis: &mut Analysis,
    mapping: &Mapping,
    result: Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(failure) if matches!(failure.scope, Scope::Mailbox | Scope::Message) => {
            analysis.add(SkippedItem::of_folder(
                &mapping.source.path,
                SkippedKind::FolderFailed,
                failures::words(&failure),
            ));
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}
