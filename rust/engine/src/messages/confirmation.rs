//! What is said about confirmations: why one is refused, and what it found.

use super::batches::being_removed;
use super::common::invalid_state;
use super::terms::Term;
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_core::batch::Batch;
use imapmig_core::status::BatchStatus;

/// A confirmation of the other kind is under way; `bytes`: one with bytes was asked for.
pub(crate) fn under_way(name: &str, bytes: bool) -> ApiError {
    let message = format!(
        "The migration batch \"{name}\" is being confirmed already, with{} {}. Please wait until that has ended, or end it with {} {}.",
        if bytes { "out" } else { "" },
        Term::Bytes,
        Term::ConfirmBatch,
        Term::Stop
    );
    invalid_state("MigrationBatchBeingConfirmedException", message, name)
}

/// A batch without mail to compare, or one that is not at rest.
pub(crate) fn refused(batch: &Batch) -> ApiError {
    let name = &batch.name;
    if batch.status == BatchStatus::Removing {
        return being_removed(name);
    }
    let message = if batch.started.is_none() || batch.options.analyze {
        format!(
            "The migration batch \"{name}\" can't be confirmed because nothing was migrated yet. Please start it with {} first.",
            Term::StartBatch
        )
    } else {
        format!(
            "The migration batch \"{name}\" can't be confirmed because its status is {}. Please wait until its users are synced ({}), or stop it with {}.",
            batch.status.shown(),
            Term::WaitBatch,
            Term::StopBatch
        )
    };
    invalid_state("MigrationBatchCannotBeConfirmedException", message, name)
}

/// A batch that was never confirmed.
pub(crate) fn never_confirmed(name: &str) -> ApiError {
    let message = format!(
        "The migration batch \"{name}\" was never confirmed. Please do that with {}.",
        Term::ConfirmBatch
    );
    ApiError::new("MigrationBatchNotConfirmedException", ErrorCategory::ObjectNotFound, message).target(name)
}
