//! What went wrong on the local disk.

use super::server::Misuse;
use std::path::PathBuf;

/// What went wrong on the local disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disk {
    /// The system refused an operation on a file or directory.
    Refused {
        /// The operation.
        doing: Doing,
        /// The file or directory.
        path: PathBuf,
        /// Why.
        why: DiskError,
    },
    /// The folder cannot be stored under its name.
    FolderName {
        /// The folder.
        folder: String,
        /// Why not.
        why: BadName,
    },
    /// The address cannot name a directory.
    AddressName {
        /// The address.
        address: String,
        /// Why not.
        why: BadName,
    },
    /// The name is not one of a folder in this Maildir.
    NoFolder {
        /// The name, escaped.
        name: String,
        /// The Maildir.
        maildir: PathBuf,
    },
    /// The directory of a folder does not exist.
    FolderGone(PathBuf),
    /// This is a link that another account made, so no mail is written through it.
    ForeignLink(PathBuf),
    /// There is no Maildir at any of these places.
    NoMaildir(Vec<PathBuf>),
    /// The UserRoot does not exist in this Maildir.
    NoUserRoot {
        /// The UserRoot.
        user_root: String,
        /// The Maildir.
        maildir: PathBuf,
    },
    /// A message in this Maildir changed while it was read.
    ChangedWhileRead(PathBuf),
    /// Another program holds this lock.
    LockHeld(PathBuf),
    /// A message had another size than was announced, and was not stored.
    OtherSize {
        /// The bytes announced.
        announced: u64,
        /// The bytes that came.
        sent: u64,
    },
    /// No source folder is open.
    NoSourceOpen,
    /// A Maildir session was not used as its contract says.
    Misused(Misuse),
    /// The ledger names a Maildir file, but the target is an IMAP server.
    LedgerOfMaildir,
}

/// An operation on a file or directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Opening it.
    Opening,
    /// Listing its entries.
    Listing,
    /// Reading its state.
    Examining,
    /// Reading it.
    Reading,
    /// Reading a message in it.
    ReadingMessage,
    /// Comparing it with a message.
    Comparing,
    /// Writing it.
    Writing,
    /// Storing a message as it.
    Storing,
    /// Setting its date.
    SettingDate,
    /// Setting its flags.
    SettingFlags,
    /// Locking it.
    Locking,
    /// Making a file.
    Making,
    /// Making a folder.
    MakingFolder,
}

/// Why the system refused. The texts are the system's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiskError {
    /// No space is left, or the quota is used up.
    NoSpace,
    /// Access was denied.
    Denied(String),
    /// The file or directory does not exist.
    NotFound,
    /// Anything else.
    Other(String),
}

/// Why a name cannot be used on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadName {
    /// It is empty.
    Empty,
    /// One of its parts is empty.
    EmptyPart,
    /// It begins with a tilde.
    Tilde,
    /// It holds this character.
    Character(char),
    /// It is longer than 255 bytes on disk.
    TooLong,
}
