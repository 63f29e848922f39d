//! One user from connecting to the last folder.

use super::{SyncDone, UserSync};
use imapmig_core::failure::{Failure, FailureKind, Scope};

pub(super) fn run(sync: &UserSync) -> Result<SyncDone, Failure> {
    Err(Failure::new(
        Scope::User,
        FailureKind::State,
        format!("{} cannot be synced yet", sync.user.email_address),
    ))
}
