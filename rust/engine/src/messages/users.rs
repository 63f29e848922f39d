//! What is said about single users.

use super::common::{invalid, invalid_state};
use super::terms::Term;
use imapmig_core::api::ApiError;
use imapmig_core::batch::Batch;
use imapmig_core::user::User;

/// A user of a batch that was never started.
pub(crate) fn batch_not_started(user: &User, batch: &Batch) -> ApiError {
    let message = format!(
        "The user \"{}\" can't be started alone because the status of its migration batch \"{}\" is {}. Please start the batch with {}.",
        user.email_address,
        batch.name,
        batch.status.shown(),
        Term::StartBatch
    );
    invalid_state("MigrationBatchNotStartedException", message, &user.email_address)
}

/// A user that is not being migrated.
pub(crate) fn cannot_stop(user: &User) -> ApiError {
    let message = format!(
        "The user \"{}\" can't be stopped because it isn't being migrated: its status is {}.",
        user.email_address, user.status
    );
    invalid_state("MigrationUserCannotBeStoppedException", message, &user.email_address)
}

/// An instant that only whole batches wait for.
pub(crate) fn instant_in_future(parameter: Term) -> ApiError {
    invalid(format!(
        "{parameter} of a single user can't lie in the future. Please set it for the whole batch with {} {parameter}.",
        Term::SetBatch
    ))
}

/// A user that is not synced; `what` was to be done to it.
pub(crate) fn not_synced(what: &str, user: &User) -> ApiError {
    let message = format!(
        "The user \"{}\" can't be {what} because its status is {}. Please start it with {} first.",
        user.email_address,
        user.status,
        Term::StartUser
    );
    invalid_state("MigrationUserNotSyncedException", message, &user.email_address)
}
