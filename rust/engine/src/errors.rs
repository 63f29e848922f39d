//! From failures and the store's errors to what callers see: Exchange's exception names, PowerShell's categories, sentences.

use crate::adapters::state::{DirectoryError, StateDirectory};
use crate::messages::common::sentence;
use crate::messages::terms::{Term, spoken};
use imapmig_core::api::engine::Face;
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_core::failure::{Failure, FailureKind, Retry, Scope};
use imapmig_core::ports::store::StoreError;

/// The error of a store call. What a use case can say better it catches before.
pub(crate) fn of_store(error: StoreError) -> ApiError {
    use ErrorCategory as Category;
    let (code, category, retryable) = match &error {
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
    let error = ApiError::new(code, category, sentence(&words_of_store(&error)));
    if retryable { error.retryable() } else { error }
}

/// The error of opening the database of this state directory.
pub(crate) fn of_opening(error: StoreError, directory: &StateDirectory) -> ApiError {
    let mut error = of_store(error);
    error.message.push_str(&format!(" The state directory is {}.", directory.root().display()));
    error
}

/// The failure of work on a user that a store call ended.
pub(crate) fn failure_of_store(error: StoreError) -> Failure {
    let (kind, retry) = match error {
        // The user is another worker's now, or is compared anew; nothing of it has failed.
        StoreError::LeaseLost | StoreError::ConfirmationOver => return Failure::cancelled(),
        StoreError::Locked => (FailureKind::State, Retry::Reconnect),
        StoreError::DiskFull => (FailureKind::DiskFull, Retry::Never),
        _ => (FailureKind::State, Retry::Never),
    };
    let message = spoken(&words_of_store(&error), Face::PowerShell);
    Failure::new(Scope::Batch, kind, message).retry(retry)
}

/// What happened, and the remedy where cmdlets are one.
fn words_of_store(error: &StoreError) -> String {
    let remedy = match error {
        StoreError::UserAtWork(_) => format!("; stop it first with {}", Term::StopUser),
        StoreError::Key => format!(
            "; restore it, or enter the passwords again (of users with {} {}, of endpoints with {})",
            Term::SetBatch,
            Term::CsvData,
            Term::SetEndpoint
        ),
        _ => String::new(),
    };
    format!("{error}{remedy}")
}

/// The error of a state directory that cannot be used.
pub(crate) fn of_directory(error: &DirectoryError) -> ApiError {
    let category = match error {
        DirectoryError::WritableByOthers { .. } | DirectoryError::OwnedByAnother { .. } => {
            ErrorCategory::PermissionDenied
        }
        _ => ErrorCategory::WriteError,
    };
    ApiError::new("StateDirectoryException", category, sentence(&error.to_string()))
}

/// The error of a call that a failure ended.
pub(crate) fn of_failure(failure: &Failure) -> ApiError {
    let error = ApiError::new(exception(failure.kind), category(failure.kind), told(failure));
    if failure.retry == Retry::Never { error } else { error.retryable() }
}

/// PowerShell's category for a kind of failure.
pub(crate) const fn category(kind: FailureKind) -> ErrorCategory {
    match kind {
        FailureKind::Unreachable
        | FailureKind::Tls
        | FailureKind::Certificate
        | FailureKind::StartTlsMissing
        | FailureKind::ConnectionLimit
        | FailureKind::Protocol
        | FailureKind::Disconnected => ErrorCategory::ConnectionError,
        FailureKind::TimedOut => ErrorCategory::OperationTimeout,
        FailureKind::LoginRefused | FailureKind::Token => ErrorCategory::AuthenticationError,
        FailureKind::PermissionDenied => ErrorCategory::PermissionDenied,
        FailureKind::Throttled | FailureKind::QuotaExceeded | FailureKind::TooLarge => {
            ErrorCategory::LimitsExceeded
        }
        FailureKind::Refused => ErrorCategory::InvalidOperation,
        FailureKind::NotFound => ErrorCategory::ObjectNotFound,
        FailureKind::DiskFull | FailureKind::Local => ErrorCategory::WriteError,
        FailureKind::State => ErrorCategory::ResourceBusy,
        FailureKind::Cancelled => ErrorCategory::OperationStopped,
        FailureKind::SameMailbox => ErrorCategory::InvalidData,
    }
}

/// The exception's name for a kind of failure, Exchange's where it has one.
pub(crate) const fn exception(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Unreachable | FailureKind::Disconnected => "RemoteNetworkErrorTransientException",
        FailureKind::TimedOut => "MigrationServerConnectionTimeoutException",
        FailureKind::Tls => "SslStreamFailureException",
        FailureKind::Certificate => "CertificateValidationException",
        FailureKind::StartTlsMissing => "StartTlsNotOfferedException",
        FailureKind::LoginRefused => "AuthenticationErrorException",
        FailureKind::PermissionDenied => "MailboxPermissionException",
        FailureKind::ConnectionLimit => "TooManyConnectionsTransientException",
        FailureKind::Throttled => "ServerThrottledTransientException",
        FailureKind::QuotaExceeded => "QuotaExceededException",
        FailureKind::TooLarge => "MessageSizeLimitExceededException",
        FailureKind::Refused => "RemoteServerRefusedException",
        FailureKind::NotFound => "MailboxNotFoundException",
        FailureKind::Protocol => "ProtocolErrorException",
        FailureKind::Token => "AccessTokenException",
        FailureKind::DiskFull => "DiskFullException",
        FailureKind::Local => "LocalStoreException",
        FailureKind::State => "StateDatabaseException",
        FailureKind::Cancelled => "OperationCanceledException",
        FailureKind::SameMailbox => "UserDuplicateMailboxException",
    }
}

/// A failed user's `Error`, with the exception's name in front, and `ErrorSummary`, the bare sentence.
pub(crate) fn of_user(failure: &Failure) -> (String, String) {
    let summary = sentence(&failure.message) + &signed_in_at(failure);
    (format!("{}: {}", exception(failure.kind), told(failure)), summary)
}

/// Which server refused which login: the message alone leaves open which of the two ends it was.
fn signed_in_at(failure: &Failure) -> String {
    let concerns_a_login = matches!(
        failure.kind,
        FailureKind::LoginRefused | FailureKind::PermissionDenied | FailureKind::Token
    );
    match &failure.place {
        Some(place) if concerns_a_login && place.server.is_some() => format!(" ({place})"),
        _ => String::new(),
    }
}

/// What happened, and what the server said about it.
pub(crate) fn told(failure: &Failure) -> String {
    let mut text = sentence(&failure.message) + &signed_in_at(failure);
    if let Some(said) = failure.server_text.as_deref().map(str::trim).filter(|said| !said.is_empty()) {
        text.push_str(" The server said: ");
        text.push_str(said);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use imapmig_core::failure::{Place, Side};

    #[test]
    fn a_users_error_has_the_exception_in_front_and_the_servers_words_behind() {
        let failure = Failure::new(Scope::User, FailureKind::Refused, "the server x refused to list folders")
            .said("NO no");

        let (error, summary) = of_user(&failure);

        assert_eq!(
            error,
            "RemoteServerRefusedException: The server x refused to list folders. The server said: NO no"
        );
        assert_eq!(summary, "The server x refused to list folders.");
    }

    #[test]
    fn a_refused_login_names_side_server_and_login_and_a_later_place_does_not_replace_it() {
        let place = Place {
            side: Side::Target,
            server: Some("imap.fabrikam.com:993".to_owned()),
            login: Some("annb@contoso.edu".to_owned()),
        };
        let failure = Failure::new(Scope::User, FailureKind::LoginRefused, "the login was refused")
            .said("NO no")
            .at(&place)
            .at(&Place { side: Side::Source, server: None, login: None });

        let (error, summary) = of_user(&failure);

        let named = "The login was refused. (target imap.fabrikam.com:993, as annb@contoso.edu)";
        assert_eq!(summary, named);
        assert_eq!(error, format!("AuthenticationErrorException: {named} The server said: NO no"));
    }

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
    fn a_lost_key_is_reported_with_the_ways_to_enter_the_passwords_again() {
        let failure = failure_of_store(StoreError::Key);

        assert_eq!(spoken(&of_store(StoreError::Key).message, Face::PowerShell), sentence(&failure.message));
        assert!(failure.message.contains("Set-MigrationEndpoint"), "{}", failure.message);
    }
}
