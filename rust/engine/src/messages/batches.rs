//! What is said about batches: how they are made, changed, started, stopped, completed and removed.

use super::common::{invalid, invalid_state};
use super::terms::Term;
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_core::status::BatchStatus;

/// What an operation is doing, for a progress bar.
pub(crate) mod doing {
    pub(crate) const READING: &str = "Reading the CSV file";
    pub(crate) const ADDING: &str = "Adding the users";
    pub(crate) const CHANGING: &str = "Changing logins and passwords";

    pub(crate) fn storing(users: usize) -> String {
        format!("Storing {users} users")
    }
}

/// Source and target are one endpoint.
pub(crate) fn one_endpoint_twice(endpoint: &str) -> ApiError {
    invalid(format!(
        "The migration endpoint \"{endpoint}\" is both source and target. Please choose another target."
    ))
}

/// Users of a CSV file and users of other batches at once.
pub(crate) fn users_from_two_places() -> ApiError {
    invalid(
        "A batch is made of the users of a CSV file or of users of earlier batches. Please give one of them.",
    )
}

/// Users to add and users to change at once.
pub(crate) fn files_for_two_purposes() -> ApiError {
    invalid(
        "A CSV file holds either users to add, or new logins and passwords of users that are in the batch. Please give one of them at a time.",
    )
}

/// The local store as a source.
pub(crate) fn local_source() -> ApiError {
    invalid("The local store can only be a target. Please name the migration endpoint that mail comes from.")
}

/// No source.
pub(crate) fn no_source() -> ApiError {
    invalid(format!(
        "{} is missing. Please name the migration endpoint that mail comes from.",
        Term::SourceEndpoint
    ))
}

/// Exchange's text for a name that is taken.
pub(crate) fn name_in_use(name: &str) -> ApiError {
    let message = format!("The migration batch already exists. Please choose another name than \"{name}\".");
    ApiError::new("MigrationBatchAlreadyExistsException", ErrorCategory::ResourceExists, message).target(name)
}

/// Exchange's text for one batch too many.
pub(crate) fn too_many() -> ApiError {
    let message = "The maximum number of migration batches is already running. Please remove a batch before you add another one.";
    ApiError::new("MaximumNumberOfBatchesReachedException", ErrorCategory::LimitsExceeded, message)
}

/// A batch that was never started, or has ended, cannot be completed.
pub(crate) fn cannot_complete(name: &str, status: BatchStatus) -> ApiError {
    let message = format!(
        "The migration batch \"{name}\" can't be completed because its status is {}. Please start it with {} first.",
        status.shown(),
        Term::StartBatch
    );
    invalid_state("MigrationBatchCannotBeCompletedException", message, name)
}

/// Users are behind, and the request does not wait for them.
pub(crate) fn users_behind(name: &str, behind: u32, total: u32) -> ApiError {
    let message = format!(
        "The migration batch \"{name}\" can't be completed with {} because {behind} of its {total} users are not synced. Please look at them with {}.",
        Term::SyncAndComplete,
        Term::GetUser
    );
    invalid_state("MigrationBatchCannotBeCompletedException", message, name)
}

/// Nothing to stop.
pub(crate) fn cannot_stop(name: &str, status: BatchStatus) -> ApiError {
    let message = format!(
        "The migration batch \"{name}\" can't be stopped because none of its users is being migrated: its status is {}.",
        status.shown()
    );
    invalid_state("MigrationBatchCannotBeStoppedException", message, name)
}

/// A batch that is not started has no further sync.
pub(crate) fn cannot_sync(name: &str, status: BatchStatus) -> ApiError {
    let message = format!(
        "The migration batch \"{name}\" can't be synced now because its status is {}. Please start it with {} first.",
        status.shown(),
        Term::StartBatch
    );
    invalid_state("MigrationBatchNotStartedException", message, name)
}

/// A batch that is damaged, or has ended for good.
pub(crate) fn cannot_start(name: &str, status: BatchStatus) -> ApiError {
    let message = format!(
        "The migration batch \"{name}\" can't be started because its status is {}. Please remove it and create it again.",
        status.shown()
    );
    invalid_state("MigrationBatchCannotBeStartedException", message, name)
}

/// A batch that the worker is removing.
pub(crate) fn being_removed(name: &str) -> ApiError {
    let message = format!("The migration batch \"{name}\" is being removed.");
    invalid_state("MigrationBatchBeingRemovedException", message, name)
}
