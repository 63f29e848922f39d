//! Compares a user's mail on both sides, independently of how it was moved (Confirm-MigrationBatch).
//!
//! Reads everything anew: nothing of the ledger is used but which folder goes to which, and the items that the migration
//! reported, which explain differences and hide none. [`confirm_user`] does one user, several folders side by side, and goes
//! on where an earlier call ended. Changes nothing on either side.

mod compare;
mod findings;
mod folder;
mod half;
mod lanes;
mod look;
mod meter;
mod user;
mod words;

pub use user::confirm_user;

use crate::sync::Retries;
use crate::sync::throttle::Throttles;
use imapmig_core::cancel::Cancel;
use imapmig_core::folder_filter::FolderFilter;
use imapmig_core::ids::ConfirmationId;
use imapmig_core::ports::Clock;
use imapmig_core::ports::source::SourceConnector;
use imapmig_core::ports::store::Store;
use imapmig_core::ports::target::TargetConnector;
use imapmig_core::user::User;
use std::sync::Arc;

/// Everything that one confirmation of one user needs.
pub struct UserConfirm {
    /// Whose mail.
    pub user: User,
    /// Under which confirmation the results are written.
    pub confirmation: ConfirmationId,
    /// Whether whole contents are compared.
    pub bytes: bool,
    /// Where it comes from.
    pub source: Arc<dyn SourceConnector>,
    /// Where it goes.
    pub target: Arc<dyn TargetConnector>,
    /// Which folders.
    pub filter: FolderFilter,
    /// The state database.
    pub store: Arc<dyn Store>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Asks the confirmation to stop.
    pub cancel: Cancel,
    /// The most connections to each side.
    pub lanes: usize,
    /// Pauses that servers stated.
    pub throttles: Arc<Throttles>,
    /// The source's keys in `throttles`; empty for local mail.
    pub source_keys: Vec<String>,
    /// The target's keys in `throttles`; empty for local mail.
    pub target_keys: Vec<String>,
    /// How often a lost connection is tried again.
    pub retries: Retries,
}
