//! From the store's errors to what callers and the work on a user get. The sentences are those of `messages/`.

use crate::adapters::state::StateDirectory;
use crate::messages::state;
use imapmig_core::api::ApiError;
use imapmig_core::failure::{Failure, FailureKind, Retry, Scope};
use imapmig_core::ports::store::StoreError;

/// The error of a store call.
pub(crate) fn of_store(error: StoreError) -> ApiError {
    state::api_error(&error)
}

/// The error of opening the database of this state directory.
pub(crate) fn of_opening(error: StoreError, directory: &StateDirectory) -> ApiError {
    state::in_directory(of_store(error), directory.root())
}

/// The failure of work on a user that a store call ended.
pub(crate) fn failure_of_store(error: StoreError) -> Failure {
    let (kind, retry) = match error {
        // Another worker has taken over the user, or another confirmation has begun; nothing has failed.
        StoreError::LeaseLost | StoreError::ConfirmationOver => return Failure::cancelled(),
        StoreError::Locked => (FailureKind::State, Retry::Reconnect),
        StoreError::DiskFull => (FailureKind::DiskFull, Retry::Never),
        _ => (FailureKind::State, Retry::Never),
    };
    Failure::new(Scope::Batch, kind, error).retry(retry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::failures;

    #[test]
    fn a_locked_database_can_be_tried_again() {
        let error = of_store(StoreError::Locked);

        assert!(error.retryable);
        assert!(error.message.starts_with("The state database is locked"), "{}", error.message);
        assert_eq!(failure_of_store(StoreError::Locked).retry, Retry::Reconnect);
    }

    #[test]
    fn opening_a_database_fails_with_the_state_directorys_name() {
        let home = tempfile::tempdir().unwrap();
        let directory = StateDirectory::locate(Some(home.path())).unwrap();

        let error = of_opening(StoreError::TooNew, &directory);

        let named = format!("update this one. The state directory is {}.", directory.root().display());
        assert!(error.message.ends_with(&named), "{}", error.message);
    }

    #[test]
    fn a_command_and_a_users_work_say_the_same_of_a_database_that_cannot_be_used() {
        let damaged = || StoreError::Damaged { detail: "torn".to_owned() };
        for error in [|| StoreError::Key, || StoreError::DiskFull, || StoreError::Replaced] {
            assert_eq!(of_store(error()).message, failures::told(&failure_of_store(error())));
        }
        assert_eq!(of_store(damaged()).message, failures::told(&failure_of_store(damaged())));
    }
}
