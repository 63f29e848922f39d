//! Waits until nothing more arrives in a target folder: a server may still store what a connection sent before it died.

use crate::clock;
use crate::sync::decide::sided_failure::SidedFailure;
use crate::sync::failure::SyncResult;
use crate::sync::sessions::Lane;
use crate::sync::work::FolderWork;
use imapmig_core::ports::target::OpenTarget;
use std::time::Duration;

/// A folder is stable when nothing has arrived between two looks so far apart.
const STABLE: Duration = Duration::from_secs(1);
/// Number of unchanged listings in a row that are required once something had arrived between two of them.
const CALM_AFTER_ARRIVALS: u32 = 3;
/// A folder in which other mail arrives all the time is never stable; then this many looks have to do.
const LOOKS: u32 = 30;

/// Opens the target folder once nothing arrives in it any more.
pub(crate) fn run(work: &FolderWork<'_>, lane: &mut Lane) -> SyncResult<OpenTarget> {
    let sides = &work.sync.sides;
    let mut before = lane.enter_target(&work.pair)?;
    let (mut calm, mut wanted) = (0, 1);
    for _ in 0..LOOKS {
        clock::wait(sides.clock.as_ref(), STABLE, &sides.cancel).map_err(SidedFailure::own)?;
        let now = lane.enter_target(&work.pair)?;
        let stable = (now.uid_next, now.exists) == (before.uid_next, before.exists);
        before = now;
        // A server that was caught storing may pause in between, for as long as its disk does.
        (calm, wanted) = if stable { (calm + 1, wanted) } else { (0, CALM_AFTER_ARRIVALS) };
        if calm >= wanted {
            break;
        }
    }
    Ok(before)
}
