//! The state directory and its SQLite database: the [`Store`](imapmig_core::ports::store::Store) that cmdlets and
//! workers share.
//!
//! SQL, file permissions and the sealing of secrets are decided here; the meaning of batches and users is not.
//!
//! The crate is the adapter for SQLite. What only SQLite understands: pragmas, write-ahead log, `data_version` and busy handling
//! (`connection`), `user_version` and the tables' upgrades (`schema`), and result codes (`errors`). Other statements are SQL that PostgreSQL reads too, but for the parameters' `?1`.

#![forbid(unsafe_code)]

mod batches;
mod checkpoints;
mod columns;
mod conditions;
mod confirmations;
mod connection;
mod directory;
mod due;
mod endpoints;
mod errors;
mod flags;
mod known_below;
mod late_duplicates;
mod ledger;
mod logins;
mod moves;
mod passwords;
mod purge;
mod reports;
mod requests;
mod schema;
mod seal;
mod settings;
mod skipped;
mod store;
mod suspects;
mod turns;
mod users;
mod workers;

pub use directory::{DirectoryError, HOME_VARIABLE, StateDirectory};
pub use store::SqliteStore;
