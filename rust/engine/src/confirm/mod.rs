//! Compares a user's mail on both sides, independently of how it was moved (Confirm-MigrationBatch).
//!
//! Reads everything again: of the ledger only the mapping of the folders is used, and the items that the migration
//! reported, which explain differences and hide none. [`confirm_user`] does one user, several folders side by side, and goes
//! on where an earlier call ended. Changes nothing on either side.

mod compare;
mod findings;
mod folder;
mod half;
mod lanes;
mod meter;
mod plan;
mod read_side;
mod sessions;
mod user;
mod words;

pub use user::confirm_user;

use crate::sync::{LaneShare, Sides};
use imapmig_core::ids::ConfirmationId;
use imapmig_core::ports::store::{Confirmations, Diary, Ledger};
use std::sync::Arc;

/// Everything that one confirmation of one user needs.
pub struct UserConfirm {
    /// Whose mail, and where it comes from and goes.
    pub sides: Sides,
    /// Under which confirmation the results are written.
    pub confirmation: ConfirmationId,
    /// Whether whole contents are compared.
    pub bytes: bool,
    /// Where the results are written.
    pub confirmations: Arc<dyn Confirmations>,
    /// Which folder goes to which; nothing else of it is used.
    pub ledger: Arc<dyn Ledger>,
    /// The items that the migration reported.
    pub diary: Arc<dyn Diary>,
    /// How many connections there may be to each side.
    pub lanes: LaneShare,
}
