//! The two sides of one user's mail, and what all work on them shares: syncing and comparing.

use crate::retry::Retries;
use crate::sync::decide::sided_failure::Side;
use crate::sync::throttle::Throttles;
use imapmig_core::cancel::Cancel;
use imapmig_core::folder_filter::FolderFilter;
use imapmig_core::ports::Clock;
use imapmig_core::ports::source::SourceConnector;
use imapmig_core::ports::target::TargetConnector;
use imapmig_core::user::User;
use std::sync::Arc;
use std::time::Duration;

/// Both sides of one user.
pub struct Sides {
    /// Whose mail.
    pub user: User,
    /// Where it comes from.
    pub source: Arc<dyn SourceConnector>,
    /// Where it goes.
    pub target: Arc<dyn TargetConnector>,
    /// Which folders.
    pub filter: FolderFilter,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Asks the work to stop.
    pub cancel: Cancel,
    /// Pauses that servers stated.
    pub throttles: Arc<Throttles>,
    /// The source's keys in `throttles`, from [`keys`](crate::sync::throttle::keys); empty for local mail.
    pub source_keys: Vec<String>,
    /// The target's keys in `throttles`; empty for local mail.
    pub target_keys: Vec<String>,
    /// How often a lost connection is tried again.
    pub retries: Retries,
}

impl Sides {
    /// The keys of a side in `throttles`.
    pub(crate) fn keys(&self, side: Side) -> &[String] {
        match side {
            Side::Source => &self.source_keys,
            Side::Target => &self.target_keys,
            Side::Own => &[],
        }
    }

    /// Makes everything that talks to that account wait. Returns `true` if nothing waited yet.
    pub(crate) fn pause(&self, side: Side, span: Duration) -> bool {
        let Some(account) = self.keys(side).last() else { return false };
        let first = self.throttles.until(self.keys(side)).is_none();
        self.throttles.pause_for(account, span);
        first
    }
}
