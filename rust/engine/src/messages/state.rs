//! What is said about the state directory and its database.

use super::common::sentence;
use super::terms::Term;
use crate::adapters::state::{DirectoryError, HOME_VARIABLE};
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
        StoreError::CannotOpen | StoreError::Gone(_) | StoreError::Other { .. } => {
            ("StateDatabaseException", Category::NotSpecified, false)
        }
    };
    let error = ApiError::new(code, category, sentence(&with_remedy(error)));
    if retryable { error.retryable() } else { error }
}

/// What happened, and what can be done.
fn with_remedy(error: &StoreError) -> String {
    let happened = happened(error);
    match remedy(error) {
        Some(remedy) => format!("{happened}; {remedy}"),
        None => happened,
    }
}

/// What happened.
pub(super) fn happened(error: &StoreError) -> String {
    match error {
        StoreError::NameInUse(name) => format!("\"{name}\" already exists"),
        StoreError::EndpointInUse { endpoint, batch } => {
            format!("the migration endpoint \"{endpoint}\" is used by the migration batch \"{batch}\"")
        }
        StoreError::UserInOtherBatch { email_address, batch } => {
            format!("\"{email_address}\" is already included in the migration batch \"{batch}\"")
        }
        StoreError::UserAtWork(user) => format!("\"{user}\" is being migrated"),
        StoreError::Damaged { detail } => format!("the state database is damaged ({detail})"),
        StoreError::Gone(what) => {
            format!("the state database gave an error: this {what} is not there any more")
        }
        StoreError::Other { detail } => format!("the state database gave an error: {detail}"),
        StoreError::CannotOpen => "the state database cannot be opened for reading and writing".to_owned(),
        StoreError::Locked => "the state database is locked by another process".to_owned(),
        StoreError::TooNew => {
            "the state database was written by a newer version of ImapMigration".to_owned()
        }
        StoreError::Replaced => {
            "the state database was deleted or replaced while it was in use".to_owned()
        }
        StoreError::LeaseLost => {
            "another worker has taken over the state directory, so this one writes nothing more".to_owned()
        }
        StoreError::ConfirmationOver => {
            "the confirmation was stopped, or another one has taken its place".to_owned()
        }
        StoreError::DiskFull => "no space is left for the state database".to_owned(),
        StoreError::Key => {
            "the stored secrets cannot be opened: the key file of the state directory is missing or another one"
                .to_owned()
        }
    }
}

/// What can be done; completes "what happened; ...".
pub(super) fn remedy(error: &StoreError) -> Option<String> {
    Some(match error {
        StoreError::UserAtWork(_) => format!("stop it first with {}", Term::StopUser),
        StoreError::Locked => "try again, or end the process that holds it".to_owned(),
        StoreError::Damaged { .. } => "restore it from a copy, or move the state directory away".to_owned(),
        StoreError::CannotOpen => "check the permissions of it and of its directory".to_owned(),
        StoreError::TooNew => "update this one".to_owned(),
        StoreError::Replaced => "open the state directory again".to_owned(),
        StoreError::DiskFull => "free some space".to_owned(),
        StoreError::Key => format!(
            "restore it; or remove it if it is damaged, and enter the passwords again (of users with {} {}, of endpoints with {})",
            Term::SetBatch,
            Term::CsvData,
            Term::SetEndpoint
        ),
        _ => return None,
    })
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
    ApiError::new("StateDirectoryException", category, sentence(&directory_refused(error)))
}

fn directory_refused(error: &DirectoryError) -> String {
    match error {
        DirectoryError::NoHome => {
            format!("there is no home directory for the state directory; set {HOME_VARIABLE}")
        }
        DirectoryError::Unusable { path, source } => {
            format!("the state directory {path} cannot be used: {source}")
        }
        DirectoryError::NoDirectory { path } => format!("the state directory {path} is no directory"),
        DirectoryError::WritableByOthers { path, who, remedy } => {
            format!("the state directory {path} can be written by {who}; take the permission away ({remedy})")
        }
        DirectoryError::OwnedByAnother { path } => format!(
            "the state directory {path} belongs to another user; run as that user, or set {HOME_VARIABLE}"
        ),
    }
}

/// The error of a worker's lock that cannot be taken.
pub(crate) fn lock_error(lock: &Path, error: &std::io::Error) -> ApiError {
    let message = format!("The worker's lock {} cannot be used: {error}.", lock.display());
    ApiError::new("StateDirectoryException", ErrorCategory::WriteError, message)
}
