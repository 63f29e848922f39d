//! What a program is to copy.

use std::path::Path;
use std::time::Duration;

use imapmig_tests::Dovecot;

use crate::line::Ends;

/// The password of every user at the target.
pub(crate) const TARGET_PASSWORD: &str = "pw";

/// A user's password at the source: each has its own, as in the CSV files of the documents. (Ours first looks whether rows that
/// share one open one mailbox, which costs a connection for each.)
pub(crate) fn source_password(user: &str) -> String {
    format!("pw-{user}")
}

/// The first copy, or the one behind it with nothing new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    First,
    Again,
}

/// What a program is to copy.
pub(crate) struct Job<'a> {
    pub(crate) ends: &'a Ends,
    pub(crate) target: &'a Dovecot,
    pub(crate) users: &'a [String],
    /// A folder for the program's own state, kept from the first pass to the next.
    pub(crate) home: &'a Path,
    /// A program that takes longer is ended.
    pub(crate) limit: Duration,
}
