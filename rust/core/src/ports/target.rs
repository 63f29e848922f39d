//! Where mail is written to: one signed-in connection to one user's mail at the target.

use crate::cancel::Cancel;
use crate::failure::Failure;
use crate::folder::{Folder, FolderPath, SpecialUse, WireName};
use crate::message::{Flags, InternalDate, Uid, UidValidity};
use crate::user::TargetId;

/// Opens connections to one user's mail at the target.
pub trait TargetConnector: Send + Sync {
    /// Connects and signs in.
    ///
    /// # Errors
    /// Scope `User` or `Batch`.
    fn connect(&self, cancel: &Cancel) -> Result<Box<dyn TargetSession>, Failure>;
}

/// What a target can do and cannot, for the mapping and the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetProfile {
    /// What separates levels; absent: there are no levels.
    pub delimiter: Option<char>,
    /// Whether names that differ only in case are one mailbox.
    pub case_insensitive: bool,
    /// Names at the top that the target keeps for itself, e.g. `Files`.
    pub reserved: Vec<String>,
    /// Characters that no name may hold, the delimiter apart.
    pub forbidden: Vec<char>,
    /// The longest name in bytes of its wire form.
    pub max_name_bytes: usize,
    /// The most levels.
    pub max_depth: usize,
    /// The largest message in bytes (APPENDLIMIT, RFC 7889), where known.
    pub append_limit: Option<u64>,
    /// Whether outer blanks in a segment are lost or refused.
    pub trims_blanks: bool,
    /// Whether characters beyond the Basic Multilingual Plane, such as emoji, can stand in names.
    pub wide_characters: bool,
    /// Whether a literal8 (BINARY, RFC 3516) can be appended.
    pub literal8: bool,
    /// Whether several lanes into one mailbox help.
    pub parallel: bool,
}

/// Which keywords a mailbox takes (PERMANENTFLAGS).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keywords {
    /// Any (`\*`).
    Any,
    /// These only.
    Only(Vec<String>),
}

/// A mailbox that was opened for writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTarget {
    /// Its UIDVALIDITY; 0 for Maildir.
    pub validity: UidValidity,
    /// The next UID; for Maildir 1.
    pub uid_next: Uid,
    /// How many messages it holds.
    pub exists: u32,
    /// Which keywords it takes.
    pub keywords: Keywords,
}

/// A message found at the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetMessage {
    /// Where it stands.
    pub id: TargetId,
    /// Its size in bytes.
    pub size: u64,
    /// Its internal date.
    pub internal_date: InternalDate,
    /// Its flags.
    pub flags: Flags,
}

/// What identifies a message while it is appended; the same that its outcome carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppendKey(pub u64);

/// A message about to be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppendHead {
    /// Comes back with the outcome.
    pub key: AppendKey,
    /// How many bytes follow, exactly.
    pub size: u64,
    /// Its flags, already cut to what the mailbox takes.
    pub flags: Flags,
    /// Its internal date.
    pub internal_date: InternalDate,
    /// Send as literal8.
    pub literal8: bool,
    /// For targets that derive a name: the source account, folder, UIDVALIDITY and UID in one line.
    pub origin: String,
}

/// Why a target did not take a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// Too large.
    TooLarge,
    /// The mailbox is full; more of the same will be refused too.
    Quota,
    /// Slow down.
    Throttled,
    /// Not permitted.
    Permission,
    /// A message of a MULTIAPPEND beside it was refused, so none was stored.
    Neighbour,
    /// The message itself is not to its liking, or it does not say.
    Message,
}

/// What became of an appended message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendOutcome {
    /// Stored; the id where the target tells it.
    Stored(Option<TargetId>),
    /// A message with this origin and these bytes was there already (Maildir).
    AlreadyThere(TargetId),
    /// Refused and certainly not stored.
    Refused {
        /// Why.
        kind: RefusalKind,
        /// The server's literal answer.
        text: String,
        /// The pause it stated.
        pause: Option<std::time::Duration>,
    },
}

/// What became of messages that were to be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// They are gone.
    Removed,
    /// They are all there still, none of them marked as deleted by this program; why, in words.
    Left(String),
}

/// One connection to one user's mail at the target.
///
/// Appends are a stream: `append_begin`, chunks, `append_end`, the next; outcomes come later, from any of these calls. A
/// key without outcome when a call fails is unknown: the message may be stored.
pub trait TargetSession: Send {
    /// What the target can do.
    fn profile(&self) -> &TargetProfile;

    /// All folders.
    ///
    /// # Errors
    /// Scope `User`.
    fn folders(&mut self) -> Result<Vec<Folder>, Failure>;

    /// Makes a folder, its missing parents too where the target needs that, and tells its name. One that is already there is fine.
    ///
    /// # Errors
    /// Scope `Mailbox` when the name is refused.
    fn create(&mut self, path: &FolderPath, special_use: Option<SpecialUse>) -> Result<WireName, Failure>;

    /// Subscribes a folder.
    ///
    /// # Errors
    /// Scope `Mailbox`.
    fn subscribe(&mut self, name: &WireName) -> Result<(), Failure>;

    /// Opens a folder for writing.
    ///
    /// # Errors
    /// Scope `Mailbox`.
    fn open(&mut self, name: &WireName) -> Result<OpenTarget, Failure>;

    /// Tells of the open folder's messages from this UID on (all of them for Maildir), as they arrive. A message may come twice.
    ///
    /// # Errors
    /// Scope `Mailbox` or `User`.
    fn inventory(&mut self, from: Uid, each: &mut dyn FnMut(TargetMessage)) -> Result<(), Failure>;

    /// The header of each of these messages, up to the blank line.
    ///
    /// # Errors
    /// Scope `Mailbox` or `User`.
    fn headers(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, &[u8])) -> Result<(), Failure>;

    /// Streams the bytes of these messages: for each its id, then chunks, then an empty chunk.
    ///
    /// # Errors
    /// Scope `Mailbox` or `User`.
    fn read(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, &[u8])) -> Result<(), Failure>;

    /// Begins to append a message to the open folder; outcomes that have arrived meanwhile are added to `outcomes`.
    ///
    /// # Errors
    /// Scope `User` when the connection is gone.
    fn append_begin(
        &mut self,
        head: &AppendHead,
        outcomes: &mut Vec<(AppendKey, AppendOutcome)>,
    ) -> Result<(), Failure>;

    /// Its next bytes.
    ///
    /// # Errors
    /// As `append_begin`.
    fn append_chunk(&mut self, bytes: &[u8]) -> Result<(), Failure>;

    /// Its last byte has been given.
    ///
    /// # Errors
    /// As `append_begin`.
    fn append_end(&mut self, outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> Result<(), Failure>;

    /// Waits until every message that was ended has its outcome. Maildir makes them durable here.
    ///
    /// # Errors
    /// As `append_begin`.
    fn append_finish(&mut self, outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> Result<(), Failure>;

    /// Gives messages of the open folder these flags, replacing what they have.
    ///
    /// # Errors
    /// Scope `Mailbox` or `User`.
    fn set_flags(&mut self, changes: &[(TargetId, Flags)]) -> Result<(), Failure>;

    /// Removes messages of the open folder that this program stored twice, and no others. They may be marked as deleted for a
    /// moment; when this fails they may remain so.
    ///
    /// # Errors
    /// Scope `Mailbox` or `User`.
    fn remove(&mut self, ids: &[TargetId]) -> Result<Removal, Failure> {
        let _ = ids;
        Ok(Removal::Left("the target removes nothing".to_owned()))
    }

    /// Tells the flags of these messages of the open folder; vanished ones are left out.
    ///
    /// # Errors
    /// Scope `Mailbox` or `User`.
    fn flags(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, Flags)) -> Result<(), Failure>;
}
