//! Notices that a source gives known UIDs to other messages without a new UIDVALIDITY: servers that count messages instead of
//! numbering them, and mailboxes that were restored from a backup.
//!
//! Size and date are hints, so the messages that look different are read; only other bytes prove it.

use crate::sync::decide::diff::Plan;
use crate::sync::failure::SyncResult;
use crate::sync::sessions::Lane;
use crate::sync::steps::content;

/// How many of the messages that look different are read.
const SAMPLE: usize = 50;

/// Whether known UIDs of the open source folder stand for other messages.
pub(crate) fn are_reused(lane: &mut Lane, plan: &Plan) -> SyncResult<bool> {
    let sample = &plan.other_looks[..plan.other_looks.len().min(SAMPLE)];
    if sample.is_empty() {
        return Ok(false);
    }
    let uids: Vec<_> = sample.iter().map(|(uid, _)| *uid).collect();
    let now = content::at_source(&mut lane.source, &uids)?;
    let other = |(uid, before): &(_, Option<_>)| {
        now.get(uid).is_some_and(|seen| *before != Some(seen.content.digest))
    };
    Ok(sample.iter().any(other))
}
