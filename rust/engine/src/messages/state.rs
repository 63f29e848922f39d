//! What is said about the state directory and its database.

use super::common::sentence;
use super::terms::Term;
use crate::adapters::state::DirectoryError;
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_core::ports::store::StoreError;
use std::path::Path;

/// The error of a store call. What a use case can say better it catches before.
pub(crate) fn api_error(error: &StoreError) -> ApiError {
    use ErrorCategory as Category;
    let (code, category, retryable) = match error {
        StoreError::NameInUse(_) => {
            ("ManagementObjectAlreadyExistsException", Category::ResourceExists, false)
        }
        StoreError::EndpointInUse { .. } => {
            ("CannotRemoveEndpointWithAssociatedBatchesException", Category::ResourceBusy, false)
        }
        StoreError::UserInOtherBatch { .. } => {
            ("UserDuplicateInOtherBatchException", Category::ResourceExists, false)
        }
        StoreError::UserAtWork(_) => ("UserAlreadyBeingMigratedException", Category::ResourceBusy, false),
        StoreError::Locked => ("StateDatabaseLockedException", Category::ResourceBusy, true),
        StoreError::Damaged { .. } => ("StateDatabaseDamagedException", Category::ReadError, false),
        StoreError::TooNew => ("StateDatabaseTooNewException", Category::InvalidOperation, false),
        StoreError::Replaced => ("StateDatabaseReplacedException", Category::ObjectNotFound, false),
        StoreError::DiskFull => ("StateDatabaseDiskFullException", Category::WriteError, true),
        StoreError::Key => ("StateDatabaseKeyException", Category::PermissionDenied, false),
        StoreError::LeaseLost => ("WorkerLeaseLostException", Category::OperationStopped, false),
        StoreError::ConfirmationOver => {
            ("MigrationBatchConfirmationOverException", Category::OperationStopped, false)
        }
        StoreError::Other { .. } => ("StateDatabaseException", Category::NotSpecified, false),
    };
    let error = ApiError::new(code, category, sentence(&with_remedy(error)));
    if retryable { error.retryable() } else { error }
}

/// What happened, and what can be done.
fn with_remedy(error: &StoreError) -> String {
    let remedy = match error {
        StoreError::UserAtWork(_) => format!("stop it first with {}", Term::StopUser),
        StoreError::Locked => "try again, or end the process that holds it".to_owned(),
        StoreError::Damaged { .. } => remedies::RESTORE.to_owned(),
        StoreError::TooNew => "update this one".to_owned(),
        StoreError::Replaced => remedies::OPEN_AGAIN.to_owned(),
        StoreError::DiskFull => remedies::FREE_SPACE.to_owned(),
        StoreError::Key => remedies::enter_passwords_again(),
        _ => return error.to_string(),
    };
    format!("{error}; {remedy}")
}

/// What can be done; completes "what happened; ...".
pub(super) mod remedies {
    use super::Term;

    pub(crate) const RESTORE: &str = "restore it from a copy, or move the state directory away";
    pub(crate) const FREE_SPACE: &str = "free some space";
    pub(crate) const OPEN_AGAIN: &str = "open the state directory again";

    pub(crate) fn enter_passwords_again() -> String {
        format!(
            "restore it; or remove it if it is damaged, and enter the passwords again (of users with {} {}, of endpoints with {})",
            Term::SetBatch,
            Term::CsvData,
            Term::SetEndpoint
        )
    }
}

/// Which directory it is whose database cannot be opened.
pub(crate) fn in_directory(mut error: ApiError, directory: &Path) -> ApiError {
    error.message.push_str(&format!(" The state directory is {}.", directory.display()));
    error
}

/// The error of a state directory that cannot be used.
pub(crate) fn directory_error(error: &DirectoryError) -> ApiError {
    let category = match error {
        DirectoryError::WritableByOthers { .. } | DirectoryError::OwnedByAnother { .. } => {
            ErrorCategory::PermissionDenied
        }
        _ => ErrorCategory::WriteError,
    };
    ApiError::new("StateDirectoryException", category, sentence(&error.to_string()))
}

/// The error of a worker's lock that cannot be taken.
pub(crate) fn lock_error(lock: &Path, error: &std::io::Error) -> ApiError {
    let message = format!("The worker's lock {} cannot be used: {error}.", lock.display());
    ApiError::new("StateDirectoryException", ErrorCategory::WriteError, message)
}
