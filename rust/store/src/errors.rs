//! How the database library's errors become [`StoreError`]s, in one place.
//!
//! Neither a [`Fault`] nor its [`StoreError`] names a file: the caller that opened the store knows where it is.

use imapmig_core::ports::store::StoreError;
use rusqlite::{Error as SqlError, ErrorCode, ffi};
use std::io;

/// What went wrong inside one store call.
#[derive(Debug)]
pub(crate) enum Fault {
    /// An error of the database library.
    Sql(SqlError),
    /// A rule of the store was broken.
    Rule(StoreError),
    /// A stored value that no version wrote.
    Unreadable(String),
    /// The row was removed meanwhile, or never existed.
    Gone(&'static str),
    /// The database's file was deleted or replaced.
    Replaced,
    /// The key file is missing, or does not open this secret.
    Key,
    /// A file of the state directory.
    File(io::Error),
}

impl From<SqlError> for Fault {
    fn from(error: SqlError) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Rule(error)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl Fault {
    /// Returns `true` if another process or connection held a lock, so that a retry may help.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self, Self::Sql(error) if matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
        ))
    }
}

/// The error as the port reports it.
impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Sql(error) => of_sql(&error),
            Fault::Rule(error) => error,
            Fault::Unreadable(detail) => Self::Damaged { detail },
            Fault::Gone(what) => Self::Gone(what.to_owned()),
            Fault::Replaced => Self::Replaced,
            Fault::Key => Self::Key,
            Fault::File(error) if is_full(&error) => Self::DiskFull,
            Fault::File(error) => Self::Other { detail: error.to_string() },
        }
    }
}

fn of_sql(error: &SqlError) -> StoreError {
    let extended = error.sqlite_error().map(|e| e.extended_code);
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Damaged { detail: error.to_string() }
        }
        Some(ErrorCode::DiskFull) => StoreError::DiskFull,
        // The shared-memory file beside the database could not grow: SQLite reports a full disk this way there.
        Some(ErrorCode::SystemIoFailure) if extended == Some(ffi::SQLITE_IOERR_SHMSIZE) => {
            StoreError::DiskFull
        }
        Some(ErrorCode::CannotOpen) => StoreError::CannotOpen,
        _ if matches!(
            error,
            SqlError::FromSqlConversionFailure(..)
                | SqlError::IntegralValueOutOfRange(..)
                | SqlError::InvalidColumnType(..)
                | SqlError::Utf8Error(..)
        ) =>
        {
            StoreError::Damaged { detail: error.to_string() }
        }
        _ => StoreError::Other { detail: error.to_string() },
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
