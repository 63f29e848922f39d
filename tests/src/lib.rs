//! What the end-to-end tests stand on: real mail servers on loopback, a mail client of the tests' own, corpora of
//! messages, and the comparison of two accounts message by message.
//!
//! Nothing here uses the product's own code: a mistake in it must not hide itself. The servers are started by the scripts
//! in `tests/servers`; a test names what it needs with [`require!`] and is left out, visibly, where that is missing.

mod cache;
mod client;
pub mod corpus;
mod date;
mod delivery;
mod diff;
mod disk;
mod dovecot;
mod left_out;
pub mod migration;
mod mutf7;
mod peers;
mod require;
mod server;
mod snapshot;
mod wait;

pub use cache::cache;
pub use client::{Client, ClientError, Fetched, Listed, Selected};
pub use corpus::{Corpus, Message};
pub use diff::Comparison;
pub use disk::SmallDisk;
pub use dovecot::{Dovecot, DovecotBuilder};
pub use left_out::{LeftOut, clear_left_out, left_out};
pub use peers::{Builder, Courier, Cyrus, Other};
pub use require::{available, powershell};
pub use server::{ADMIN, Certificate, PEOPLE, Server};
pub use snapshot::{Entry, Snapshot};
pub use wait::wait_until;

/// A mailbox's place in its account: Unicode names from the top down, without any namespace prefix.
pub type MailboxPath = Vec<String>;

/// The path of a mailbox written with `/` between its levels.
pub fn path(text: &str) -> MailboxPath {
    text.split('/').map(str::to_owned).collect()
}
