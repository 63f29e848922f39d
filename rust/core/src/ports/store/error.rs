//! What can go wrong with the state database, as the engine sees it, whichever database it is.

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The name is taken.
    #[error("\"{0}\" already exists")]
    NameInUse(String),
    /// A batch uses the endpoint.
    #[error("the migration endpoint \"{endpoint}\" is used by the migration batch \"{batch}\"")]
    EndpointInUse {
        /// The endpoint.
        endpoint: String,
        /// One batch that uses it.
        batch: String,
    },
    /// Another batch has a user with this EmailAddress.
    #[error("\"{email_address}\" is already included in the migration batch \"{batch}\"")]
    UserInOtherBatch {
        /// The user.
        email_address: String,
        /// The other batch.
        batch: String,
    },
    /// A worker is at work on the user.
    #[error("\"{0}\" is being migrated")]
    UserAtWork(String),
    /// Another process holds the database for too long.
    #[error("the state database is locked by another process")]
    Locked,
    /// It is no database, or damaged.
    #[error("the state database is damaged ({detail})")]
    Damaged {
        /// What the database library said.
        detail: String,
    },
    /// It was written by a newer version.
    #[error("the state database was written by a newer version of ImapMigration")]
    TooNew,
    /// It is not there any more, although it was opened.
    #[error("the state database was deleted or replaced while it was in use")]
    Replaced,
    /// The worker's lease ended, so what it knows may be out of date.
    #[error("another worker has taken over the state directory, so this one writes nothing more")]
    LeaseLost,
    /// Results were written under a confirmation that was stopped, or replaced.
    #[error("the confirmation was stopped, or another one has taken its place")]
    ConfirmationOver,
    /// No space is left.
    #[error("no space is left for the state database")]
    DiskFull,
    /// The key is missing or not the one that sealed the secrets.
    #[error(
        "the stored secrets cannot be opened: the key file of the state directory is missing or another one"
    )]
    Key,
    /// Anything else.
    #[error("the state database gave an error: {detail}")]
    Other {
        /// What the database library said.
        detail: String,
    },
}

/// What a store call gives.
pub type StoreResult<T> = Result<T, StoreError>;
