//! Takes back what a dead connection had sent and the server stored after all, later than anybody looked.
//!
//! A server may sit on the last appends of a connection that is gone, for as long as its disk is busy. Messages that were
//! undecided then, looked for, not found and copied anew are looked for once more when the folder is done: a second copy that
//! the ledger does not know, with the same bytes, size and date as ours, is removed where that touches nothing else, and told of
//! where it is not. No other message of the target is ever removed.

use super::content;
use super::items::Note;
use super::lane::Lane;
use super::plan::TargetKey;
use super::scan::FlagSets;
use super::trouble::{Done, OnSide};
use super::work::FolderWork;
use imapmig_core::message::{Uid, UidValidity};
use imapmig_core::ports::target::TargetMessage;
use imapmig_core::user::{LedgerState, SkippedKind, TargetId};
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

/// The UIDVALIDITY of a target whose messages have names that repeat themselves (Maildir): a repeat lands on itself there.
const NO_UIDS: UidValidity = UidValidity(0);

/// Removes second copies of `doubted` messages; `from` is the UID up to which the target was known before they were copied.
pub(super) fn take_back(work: &FolderWork<'_>, lane: &mut Lane, doubted: &HashSet<Uid>, from: Uid) -> Done {
    if doubted.is_empty() || work.checkpoint.target_validity == NO_UIDS {
        return Ok(());
    }
    let mut flags = FlagSets::default();
    let mut known = HashSet::new();
    let mut own = HashMap::new();
    work.sync.store.ledger(work.checkpoint.id, &mut |entry| {
        if let Some(target) = &entry.target {
            let key = TargetKey::of(target);
            known.insert(key);
            if entry.state == LedgerState::Copied && doubted.contains(&entry.uid) {
                own.insert(key, flags.item_of_entry(&entry));
            }
        }
        ControlFlow::Continue(())
    })?;
    if own.is_empty() {
        return Ok(());
    }
    let open = lane.target.open(&work.target_wire).at_target()?;
    work.wait_for_quiet(lane, &open)?;
    let mut shown = Vec::new();
    lane.target.inventory(from, &mut |message| shown.push(message)).at_target()?;
    let look = |m: &TargetMessage| (m.size, m.internal_date.unix_seconds);
    let (ours, others): (Vec<_>, Vec<_>) = shown
        .into_iter()
        .filter(|m| !known.contains(&TargetKey::of(&m.id)) || own.contains_key(&TargetKey::of(&m.id)))
        .partition(|m| own.contains_key(&TargetKey::of(&m.id)));
    let looks: HashSet<_> = ours.iter().map(look).collect();
    let likely: Vec<_> = others.into_iter().filter(|m| looks.contains(&look(m))).collect();
    if likely.is_empty() {
        return Ok(());
    }
    let looks: HashSet<_> = likely.iter().map(look).collect();
    let ids = likely.iter().chain(ours.iter().filter(|m| looks.contains(&look(m)))).map(|m| m.id.clone());
    let seen = content::at_target(lane.target.as_mut(), &ids.collect::<Vec<_>>())?;
    let digest = |m: &TargetMessage| seen.get(&TargetKey::of(&m.id)).map(|s| s.content.digest);
    let mut copies = HashMap::new();
    for message in &ours {
        if let (Some(digest), Some(item)) = (digest(message), own.get(&TargetKey::of(&message.id))) {
            copies.insert(digest, *item);
        }
    }
    let strays: Vec<_> =
        likely.iter().filter_map(|m| Some((m.id.clone(), *copies.get(&digest(m)?)?))).collect();
    if strays.is_empty() {
        return Ok(());
    }
    let ids: Vec<TargetId> = strays.iter().map(|(id, _)| id.clone()).collect();
    let path = &work.mapping.source.path;
    if lane.target.remove(&ids).at_target()? {
        return work.progress.report(&format!(
            "\"{path}\": {} messages that a dead connection had stored once more were taken back",
            ids.len()
        ));
    }
    let notes = strays.into_iter().map(|(_, item)| Note {
        uid: item.uid,
        kind: SkippedKind::Doubled,
        size: item.size,
        internal_date: item.date(),
        reason: "the message is at the target twice: the server stored what a dead connection had sent after it was looked \
                 for, and offers no way to remove a single message"
            .to_owned(),
        kept_file: None,
    });
    work.note(lane, notes.collect())
}
