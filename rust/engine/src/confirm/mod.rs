//! Compares a user's mail on both sides, independently of how it was moved (Confirm-MigrationBatch).
//!
//! Reads everything anew: nothing of the ledger is used but which folder goes to which, and the items that the migration
//! reported, which explain differences and hide none. [`confirm_user`] does one user, folder by folder, and goes on where an
//! earlier call ended. Changes nothing on either side.

mod compare;
mod findings;
mod folder;
mod look;
mod user;

pub use user::{UserConfirm, confirm_user};
