//! The exit codes, in one list for the program, its help and docs/imapmig.md.

use imapmig_core::api::batch::BatchView;
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_core::confirmation::ConfirmationResult;
use imapmig_core::status::BatchStatus;
use std::fmt::Write;
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    WithExceptions = 3,
    UsersFailed = 4,
    NotFound = 5,
    Refused = 6,
    TimeOver = 7,
    Incomplete = 8,
}

/// All of them, with what they mean.
pub(crate) const LIST: [(Exit, &str); 9] = [
    (Exit::Done, "done"),
    (Exit::Failed, "failed for another reason, stopped, or declined"),
    (Exit::Usage, "wrong usage: an option or value that does not exist"),
    (Exit::WithExceptions, "done, but some items were skipped; only with --detailed-exit-code"),
    (Exit::UsersFailed, "some users failed, or all"),
    (Exit::NotFound, "no batch, user or endpoint has that name"),
    (Exit::Refused, "a server refused or could not be reached: sign-in, certificate, TLS, network"),
    (Exit::TimeOver, "the time given to wait is over"),
    (Exit::Incomplete, "a confirmation found messages that are missing, doubled or altered"),
];

impl Exit {
    /// The code for an error.
    pub(crate) fn of_error(error: &ApiError) -> Self {
        match (error.category, error.code.as_str()) {
            (_, "ManagementObjectNotFoundException") => Self::NotFound,
            (
                ErrorCategory::ConnectionError
                | ErrorCategory::AuthenticationError
                | ErrorCategory::OperationTimeout,
                _,
            )
            | (
                _,
                "MailboxPermissionException" | "RemoteServerRefusedException" | "MailboxNotFoundException",
            ) => Self::Refused,
            _ => Self::Failed,
        }
    }

    /// The code for a batch at rest. Skipped items are reported elsewhere and count only if `detailed` is set: a
    /// script that stops at the first code other than 0 would never complete a batch with one message over the limit.
    pub(crate) fn of_batch(batch: &BatchView, detailed: bool) -> Self {
        match batch.status {
            BatchStatus::Synced | BatchStatus::Completed if detailed && batch.skipped_items > 0 => {
                Self::WithExceptions
            }
            BatchStatus::Synced | BatchStatus::Completed => Self::Done,
            BatchStatus::SyncedWithErrors | BatchStatus::CompletedWithErrors | BatchStatus::Failed => {
                Self::UsersFailed
            }
            _ => Self::Failed,
        }
    }
}

impl Exit {
    /// The code for a confirmation that has ended.
    pub(crate) const fn of_confirmation(result: ConfirmationResult, detailed: bool) -> Self {
        match result {
            ConfirmationResult::Incomplete => Self::Incomplete,
            ConfirmationResult::CompleteWithExceptions if detailed => Self::WithExceptions,
            ConfirmationResult::CompleteWithExceptions | ConfirmationResult::Complete => Self::Done,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The list as a section of the help and of the man page.
pub(crate) fn help() -> String {
    let mut text = "Exit codes:\n".to_owned();
    for (exit, meaning) in LIST {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {}  {meaning}", exit as u8);
    }
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: &str, category: ErrorCategory) -> ApiError {
        ApiError::new(code, category, "a text")
    }

    #[test]
    fn the_codes_are_listed_from_0_on_without_a_gap() {
        let codes: Vec<_> = LIST.iter().map(|(exit, _)| *exit as u8).collect();

        assert_eq!(codes, (0..9).collect::<Vec<_>>());
    }

    #[test]
    fn the_documentation_has_the_same_list() {
        let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/imapmig.md");
        let page = std::fs::read_to_string(page).unwrap();

        for (exit, meaning) in LIST {
            assert!(page.contains(&format!("| {} | {meaning} |\n", exit as u8)), "{exit:?}");
        }
    }

    #[test]
    fn errors_are_told_apart_by_who_refused() {
        for (code, category, wanted) in [
            ("ManagementObjectNotFoundException", ErrorCategory::ObjectNotFound, Exit::NotFound),
            ("WorkerNotFoundException", ErrorCategory::ObjectNotFound, Exit::Failed),
            ("CertificateValidationException", ErrorCategory::ConnectionError, Exit::Refused),
            ("AuthenticationErrorException", ErrorCategory::AuthenticationError, Exit::Refused),
            ("MigrationServerConnectionTimeoutException", ErrorCategory::OperationTimeout, Exit::Refused),
            ("RemoteServerRefusedException", ErrorCategory::InvalidOperation, Exit::Refused),
            ("StateDirectoryException", ErrorCategory::PermissionDenied, Exit::Failed),
            ("OperationCanceledException", ErrorCategory::OperationStopped, Exit::Failed),
        ] {
            assert_eq!(Exit::of_error(&error(code, category)), wanted, "{code}");
        }
    }
}
