//! What is said about starting a worker.

use imapmig_core::api::{ApiError, ErrorCategory};
use std::io;
use std::path::Path;

/// The line in the log of a worker that its session's job object holds on to, as WinRM's and OpenSSH's may.
pub(crate) const ENDS_WITH_SESSION: &str = " WARN this session may end the worker when it is closed; run \"imapmig worker --stay\" as a scheduled task (docs/service.md)";

/// There is no executable; `named`: where it was to be.
pub(crate) fn not_found(named: Option<&Path>, variable: &str) -> ApiError {
    let place =
        named.map_or_else(|| "beside the program".to_owned(), |path| format!("at {}", path.display()));
    let message = format!(
        "The worker that moves the mail can't be started: there is no executable imapmig {place}. Set {variable} to its path, or run \"imapmig worker\" yourself."
    );
    ApiError::new("WorkerNotFoundException", ErrorCategory::ObjectNotFound, message)
}

/// The executable cannot be run.
pub(crate) fn not_started(executable: &Path, error: &io::Error) -> ApiError {
    let message = format!("The worker {} can't be started: {error}.", executable.display());
    ApiError::new("WorkerNotStartedException", ErrorCategory::NotSpecified, message).retryable()
}
