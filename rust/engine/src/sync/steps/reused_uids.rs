//! Notices that a source gives known UIDs to other messages without a new UIDVALIDITY: servers that count messages instead of
//! numbering them, and mailboxes that were restored from a backup.
//!
//! Size and date are hints, so the messages that look different are read; only other bytes prove it.

use crate::sync::decide::diff::Plan;
use crate::sync::failure::SyncResult;
use crate::sync::readings::Reader;
use crate::sync::sessions::Lane;
use imapmig_core::ports::target::OpenTarget;

/// How many of the messages that look different are read.
const SAMPLE: usize = 50;

/// Whether known UIDs of the open source folder stand for other messages.
pub(crate) fn are_reused(reader: Reader<'_>, lane: &mut Lane, plan: &Plan) -> SyncResult<bool> {
    let sample = &plan.other_looks[..plan.other_looks.len().min(SAMPLE)];
    if sample.is_empty() {
        return Ok(false);
    }
    let uids: Vec<_> = sample.iter().map(|(uid, _)| *uid).collect();
    reader.with(|readings| {
        readings.read_here(reader, lane, uids)?;
        let other = |(uid, before): &(_, Option<_>)| {
            readings.here.get(uid).is_some_and(|seen| *before != Some(seen.content.digest))
        };
        Ok(sample.iter().any(other))
    })
}

/// Whether the target folder was recreated under the same UIDVALIDITY: its UIDs begin again below known ones.
pub(crate) fn is_made_anew(target: &OpenTarget, plan: &Plan) -> bool {
    let highest = plan.known.last().and_then(|key| key.uid());
    // A next UID of 1 in a folder that holds messages is a server that does not know it.
    let stated = target.uid_next.filter(|uid| target.exists == 0 || uid.0 > 1);
    stated.is_some_and(|next| highest.is_some_and(|uid| uid >= next))
}
