//! The JSON shapes of the C ABI: the requests and replies of its functions.
//!
//! Names are PascalCase, times are `...UnixMs`, enums are Exchange's names. Unknown request properties are errors;
//! readers of replies ignore what they do not know. The command line's `--json` prints the same shapes.

pub mod batch;
pub mod config;
pub mod confirmation;
pub mod endpoint;
pub mod engine;
pub mod operation;
pub mod server;
pub mod statistics;
pub mod user;

use serde::{Deserialize, Serialize};

/// The category an error record gets: members of PowerShell's ErrorCategory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ErrorCategory {
    /// The request itself is wrong.
    InvalidArgument,
    /// What was given cannot be used (a CSV file).
    InvalidData,
    /// Not in this state.
    InvalidOperation,
    /// No such thing.
    ObjectNotFound,
    /// The name is taken.
    ResourceExists,
    /// Held by another process, or used by something else.
    ResourceBusy,
    /// A limit is reached.
    LimitsExceeded,
    /// The server cannot be reached.
    ConnectionError,
    /// The server took too long.
    OperationTimeout,
    /// The server refused the credentials.
    AuthenticationError,
    /// Not permitted.
    PermissionDenied,
    /// A file could not be read.
    ReadError,
    /// A file could not be written.
    WriteError,
    /// It was stopped on request.
    OperationStopped,
    /// A fault of ImapMigration itself.
    NotSpecified,
}

/// An error as it travels in a reply. `code` is an exception name as in Exchange where there is one
/// (`ManagementObjectNotFoundException`), and never changes once published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "PascalCase")]
#[error("{message}")]
pub struct ApiError {
    /// The exception's name.
    pub code: String,
    /// PowerShell's category.
    pub category: ErrorCategory,
    /// What is wrong, and the remedy.
    pub message: String,
    /// Whether the same call can succeed later.
    pub retryable: bool,
    /// The name of the thing concerned.
    pub target: Option<String>,
}

impl ApiError {
    /// An error that trying again does not help.
    #[must_use]
    pub fn new(code: &str, category: ErrorCategory, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), category, message: message.into(), retryable: false, target: None }
    }

    /// The same error with the name of the thing concerned.
    #[must_use]
    pub fn target(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// The same error, worth trying again.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }
}

/// A request or reply without content: `{}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

/// A request that names one thing by its name or Guid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct IdentityRequest {
    /// The name (any case) or Guid. Where the cmdlet allows it, absent means the only one there is.
    pub identity: Option<String>,
}
