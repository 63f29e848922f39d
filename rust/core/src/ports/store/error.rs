//! What can go wrong with the state database, as the engine sees it, whichever database it is. The engine makes the sentences.

use std::fmt;

/// What can go wrong with the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The name is taken.
    NameInUse(String),
    /// A batch uses the endpoint.
    EndpointInUse {
        /// The endpoint.
        endpoint: String,
        /// One batch that uses it.
        batch: String,
    },
    /// Another batch has a user with this EmailAddress.
    UserInOtherBatch {
        /// The user.
        email_address: String,
        /// The other batch.
        batch: String,
    },
    /// A worker is at work on the user.
    UserAtWork(String),
    /// Another process holds the database for too long.
    Locked,
    /// It is no database, or damaged.
    Damaged {
        /// What the database library said.
        detail: String,
    },
    /// It was written by a newer version.
    TooNew,
    /// It is not there any more, although it was opened.
    Replaced,
    /// The worker's lease ended, so what it knows may be out of date.
    LeaseLost,
    /// Results were written under a confirmation that was stopped, or replaced.
    ConfirmationOver,
    /// No space is left.
    DiskFull,
    /// The key is missing or not the one that sealed the secrets.
    Key,
    /// The file system does not let it be opened for reading and writing.
    CannotOpen,
    /// What a call names (a user, a mailbox) was removed.
    Gone(String),
    /// Anything else.
    Other {
        /// What the database library said.
        detail: String,
    },
}

/// For logs: the data as they are.
impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for StoreError {}

/// What a store call gives.
pub type StoreResult<T> = Result<T, StoreError>;
