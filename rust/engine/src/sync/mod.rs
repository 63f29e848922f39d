//! Brings one user's mail from a source to a target: the initial sync and every incremental one.
//!
//! Knows the ports and nothing of IMAP, Maildir or SQL. [`run_user`] does one user from start to end; which user, when and how
//! many at once is the worker's business. What holds whatever happens: no message is appended before its intent is durable,
//! and after any unclean end the target is looked at before anything is appended again (`steps::adopt`).

pub(crate) mod attempts;
pub(crate) mod both;
mod budget;
pub(crate) mod decide;
mod executor;
pub(crate) mod failure;
mod folder;
mod lane_share;
mod lanes;
mod ledger;
pub(crate) mod lock;
mod originals;
mod outcome;
mod probe;
mod progress;
mod readings;
mod second_names;
pub(crate) mod sessions;
pub(crate) mod sides;
pub(crate) mod skipped;
pub(crate) mod steps;
pub mod throttle;
mod user;
mod work;

pub use crate::retry::Retries;
pub use budget::ByteBudget;
pub use decide::same_mailbox::{AccountProbe, FolderProbe, MessageProbe};
pub use lane_share::{LaneShare, LaneShares};
pub use probe::probe;
pub use sides::Sides;

use imapmig_core::failure::Failure;
use imapmig_core::ports::store::{Catalog, Diary, Ledger};
use imapmig_core::user::UserProgress;
use std::path::PathBuf;
use std::sync::Arc;

/// Which sync it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncKind {
    /// The first one, or its continuation after a stop or failure.
    Initial,
    /// One after it: new mail and changed flags.
    Incremental,
    /// The last one, which completes the user. Every folder is opened, also those that both servers report as unchanged: what a server
    /// reports of folders that are not open may be stale, and no later sync would bring what is missed now.
    Final,
}

/// What is left out as too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest message in bytes.
    pub max_message_bytes: u64,
    /// How many messages of one user, the newest.
    pub max_items: u64,
}

/// The limits of the documents.
impl Default for Limits {
    fn default() -> Self {
        Self { max_message_bytes: 35 * 1024 * 1024, max_items: 500_000 }
    }
}

/// Everything that one sync of one user needs.
pub struct UserSync {
    /// Whose mail, and where it comes from and goes.
    pub sides: Sides,
    /// Which sync.
    pub kind: SyncKind,
    /// What is too much.
    pub limits: Limits,
    /// The memory for bodies on their way, shared by everything in the process.
    pub budget: Arc<ByteBudget>,
    /// How far each mailbox is synced, and the outcome of its messages.
    pub ledger: Arc<dyn Ledger>,
    /// The user's report and reported items.
    pub diary: Arc<dyn Diary>,
    /// Where the user's numbers are shown while the sync runs.
    pub users: Arc<dyn Catalog>,
    /// The folder for originals of messages that the target refused or changed; it lies directly in the state directory.
    pub kept_dir: PathBuf,
    /// How many connections there may be to each side.
    pub lanes: LaneShare,
}

/// A sync that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncDone {
    /// The numbers at its end; `total_items == synced_items + skipped_items`.
    pub progress: UserProgress,
    /// How many folders were looked at.
    pub folders: u64,
}

/// Syncs one user: every folder that can be, the newest messages first. What is waited for, the numbers and the report are
/// written to the store while it runs; the user's state is the caller's to write.
///
/// # Errors
/// What the caller has to act on: stopped, no way in, a full mailbox, retries used up, or folders that failed (the others
/// are done then). The next call resumes where this one ended.
pub fn run_user(sync: &UserSync) -> Result<SyncDone, Failure> {
    user::run(sync)
}
