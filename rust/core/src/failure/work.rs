//! Failures that the engine itself finds: in a batch's settings, while folders are copied, and in its own threads.

use super::{Case, Failure, Side};
use crate::folder_filter::FilterError;
use std::path::PathBuf;

/// What the engine found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// The work was asked to stop. Nothing has failed.
    Stopped,
    /// The system starts no further thread; its words.
    NoThread(String),
    /// An internal check failed, or a thread panicked.
    Fault,
    /// The batch's endpoint was removed.
    EndpointGone,
    /// The stored folder filter cannot be read.
    FolderFilter(FilterError),
    /// This Maildir endpoint has no folder.
    EndpointWithoutFolder(String),
    /// The Maildir endpoint's folder is a file.
    FolderIsFile(PathBuf),
    /// The Maildir endpoint's folder cannot be used; the system's words.
    FolderUnusable(PathBuf, String),
    /// The administrator's certificates cannot be read; the system's words.
    AuthoritiesUnreadable(PathBuf, String),
    /// The original of a message cannot be kept in this file; the system's words.
    OriginalNotKept(PathBuf, String),
    /// Two rows open the same mailbox.
    SameMailbox(Box<[Row; 2]>),
    /// Connections end whenever this folder is copied; the last failure.
    FolderEndsConnections(Box<Failure>),
    /// A failure that happened again and again with one folder.
    DuringFolder {
        /// What happened.
        case: Box<Case>,
        /// The folder.
        folder: String,
        /// How often.
        times: u32,
    },
    /// The target opens one folder under two names.
    OneFolderTwice {
        /// The first name.
        other: String,
        /// The second name.
        folder: String,
    },
    /// The folder that was open at this end was replaced by another one.
    FolderReplaced(Side),
    /// The counts of a folder contradict its ledger.
    CountsDiffer {
        /// The folder.
        folder: String,
        /// Messages at the source, at the target, and left out, as they were counted.
        counted: [u64; 3],
        /// Messages at the target, left out, and undecided, as the ledger holds them.
        ledger: [u64; 3],
    },
    /// Some folders of a user could not be migrated.
    FoldersFailed {
        /// How many.
        failed: usize,
        /// Of how many.
        all: usize,
        /// The user.
        user: String,
        /// The first of them.
        folder: String,
        /// What happened to it.
        first: Box<Case>,
    },
    /// The target stores nothing at the moment.
    StoresNothingNow,
    /// Another connection of this user failed.
    Interrupted(String),
    /// The target did not answer the append of a message for this folder.
    NoAnswer(String),
    /// The target mailbox of this user is full.
    TargetFull(String),
    /// The target permits no writing into a folder.
    WritingNotPermitted {
        /// The user.
        user: String,
        /// The folder.
        folder: String,
    },
    /// The target takes no message of this user.
    TakesNothing(String),
    /// The source announced a message of another size than it sent.
    OtherSize {
        /// The bytes announced.
        announced: u64,
        /// The bytes sent.
        sent: u64,
    },
    /// A fetch was broken off, perhaps in the middle of an answer.
    FetchBrokenOff,
}

/// The names in one row of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The user.
    pub email_address: String,
    /// The name that signs in.
    pub user_name: String,
}
