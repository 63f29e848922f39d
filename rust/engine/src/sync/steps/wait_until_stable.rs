//! Waits until nothing more arrives in a target folder: a server goes on with what a connection sent before it died.

use crate::sync::failure::{Done, OnSide, Trouble};
use crate::sync::steps::append_pipeline::Lane;
use crate::sync::work::FolderWork;
use imapmig_core::failure::{Failure, FailureKind, Retry, Scope};
use imapmig_core::ports::target::OpenTarget;
use std::time::Duration;

/// A folder is quiet when nothing has arrived between two looks so far apart.
const QUIET: Duration = Duration::from_secs(1);
/// So many quiet looks in a row are wanted once something had arrived between two looks.
const CALM_AFTER_ARRIVALS: u32 = 3;
/// A folder in which other mail arrives all the time is never quiet; then this many looks have to do.
const LOOKS: u32 = 30;

impl FolderWork<'_> {
    /// Opens the target folder once it is quiet.
    pub(crate) fn wait_for_quiet(&self, lane: &mut Lane) -> Done<OpenTarget> {
        let key = [format!("settle:{}", self.checkpoint.id.0)];
        let mut before = self.open_target(lane)?;
        let (mut calm, mut wanted) = (0, 1);
        for _ in 0..LOOKS {
            self.sync.throttles.pause_for(&key[0], QUIET);
            self.sync.throttles.wait(&key, &self.sync.cancel, &mut |_| {}).map_err(Trouble::own)?;
            let now = self.open_target(lane)?;
            let quiet = (now.uid_next, now.exists) == (before.uid_next, before.exists);
            before = now;
            // A server that was caught storing may pause in between, for as long as its disk does.
            (calm, wanted) = if quiet { (calm + 1, wanted) } else { (0, CALM_AFTER_ARRIVALS) };
            if calm >= wanted {
                break;
            }
        }
        Ok(before)
    }

    /// Opens the target folder, which must still be the one that the ledger speaks of.
    pub(crate) fn open_target(&self, lane: &mut Lane) -> Done<OpenTarget> {
        let open = lane.target.open(&self.target_wire).at_target()?;
        if open.validity == self.checkpoint.target_validity {
            return Ok(open);
        }
        let text = "the target folder was replaced by another one while it was looked at";
        Err(Trouble::target(Failure::new(Scope::User, FailureKind::Protocol, text).retry(Retry::Reconnect)))
    }
}
