//! Work on both sides at the same time.

use crate::sync::failure::{OnSide, SyncResult};
use imapmig_core::folder::Folder;
use imapmig_core::ports::source::SourceSession;
use imapmig_core::ports::target::TargetSession;
use std::panic::resume_unwind;
use std::thread;

/// Does one thing on this thread and the other on a thread of its own. Returns when both have ended; a panic goes on here.
pub(crate) fn both<A, B: Send>(here: impl FnOnce() -> A, there: impl FnOnce() -> B + Send) -> (A, B) {
    thread::scope(|scope| {
        let there = scope.spawn(there);
        let here = here();
        (here, there.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Lists the folders of both sides at the same time.
pub(crate) fn folders(
    source: &mut dyn SourceSession,
    target: &mut dyn TargetSession,
) -> SyncResult<(Vec<Folder>, Vec<Folder>)> {
    let (sources, targets) = both(|| source.folders(), || target.folders());
    Ok((sources.at_source()?, targets.at_target()?))
}
