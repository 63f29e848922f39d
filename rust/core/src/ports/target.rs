//! Where mail is written to: one signed-in connection to one user's mail at the target.

use crate::cancel::Cancel;
use crate::failure::{Failure, Scope};
use crate::folder::{Folder, FolderPath, FolderStatus, SpecialUse, WireName};
use crate::message::{Flags, InternalDate, Keywords, TargetValidity, Uid};
use crate::user::TargetId;
use std::collections::HashSet;

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

/// How much more mail a target's quota admits; absent where there is no such quota, or the target does not report it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Bytes.
    pub bytes: Option<u64>,
    /// Messages.
    pub messages: Option<u64>,
}

/// A mailbox that was opened for writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTarget {
    /// How its messages are identified.
    pub validity: TargetValidity,
    /// The next UID, as the server states it; absent where it states none, or one that cannot be. For Maildir 1.
    pub uid_next: Option<Uid>,
    /// How many messages it holds.
    pub exists: u32,
    /// Which keywords it takes.
    pub keywords: Keywords,
}

/// A folder that is to be made ready for mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FolderRequest<'a> {
    /// Its place.
    pub path: &'a FolderPath,
    /// What it is used for, if it has to be created.
    pub special_use: Option<SpecialUse>,
    /// Its name, if it is there already.
    pub existing: Option<&'a WireName>,
    /// Whether it is to be subscribed.
    pub subscribe: bool,
}

/// A folder that is ready for mail, and open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadyTarget {
    /// Its name.
    pub wire: WireName,
    /// What the server reported when it was opened.
    pub open: OpenTarget,
    /// Why it could not be subscribed; it takes mail all the same.
    pub not_subscribed: Option<Failure>,
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

/// The outcome of an append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendOutcome {
    /// Stored, with the id where the target sends it.
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

/// The outcome of a removal.
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

    /// Returns how much more mail the quota admits.
    ///
    /// # Errors
    /// Scope `User`.
    fn room(&mut self) -> Result<Room, Failure> {
        Ok(Room::default())
    }

    /// Creates a folder, with its missing parents where the target needs that, and returns its name. A folder that exists already is no error.
    ///
    /// # Errors
    /// Scope `Mailbox` when the name is refused.
    fn create(&mut self, path: &FolderPath, special_use: Option<SpecialUse>) -> Result<WireName, Failure>;

    /// Returns the place of a folder by its name, as the target lists it; `None` if that is not known.
    fn path_of(&self, name: &WireName) -> Option<FolderPath> {
        let _ = name;
        None
    }

    /// Returns those messages of the open folder that cannot be listed, because the connection ends over them.
    fn unlistable(&self) -> Vec<TargetId> {
        Vec::new()
    }

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

    /// Returns what the server reports about each of these folders without opening it, in their order; `None` where it
    /// reports nothing usable.
    ///
    /// # Errors
    /// Scope `User`.
    fn statuses(&mut self, names: &[&WireName]) -> Result<Vec<Option<FolderStatus>>, Failure> {
        Ok(vec![None; names.len()])
    }

    /// Creates a folder where that is needed, subscribes it where that is asked for, and opens it; in one round trip where
    /// the server allows that.
    ///
    /// # Errors
    /// As [`Self::create`] and [`Self::open`]. A refused subscription is returned with the folder.
    fn prepare(&mut self, folder: &FolderRequest<'_>) -> Result<ReadyTarget, Failure> {
        prepare_step_by_step(self, folder)
    }

    /// Lists the open folder's messages from this UID on (all of them for Maildir), as they arrive. A message may come twice.
    ///
    /// # Errors
    /// Scope `Mailbox` or `User`.
    fn inventory(&mut self, from: Uid, each: &mut dyn FnMut(TargetMessage)) -> Result<(), Failure>;

    /// Lists these messages of the open folder; those that are not there are left out.
    ///
    /// # Errors
    /// Scope `Mailbox` or `User`.
    fn list(&mut self, ids: &[TargetId], each: &mut dyn FnMut(TargetMessage)) -> Result<(), Failure> {
        let wanted: HashSet<&TargetId> = ids.iter().collect();
        let uid = |id: &TargetId| if let TargetId::Uid(uid) = id { Some(*uid) } else { None };
        let from = ids.iter().filter_map(uid).min().unwrap_or(Uid(1));
        self.inventory(from, &mut |message| {
            if wanted.contains(&message.id) {
                each(message);
            }
        })
    }

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

    /// Waits as [`Self::append_finish`] does, for the last messages that are appended to the folder: they are listed along where that
    /// costs no further round trip, and [`Self::list`] returns that listing.
    ///
    /// # Errors
    /// As `append_begin`.
    fn append_finish_all(&mut self, outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> Result<(), Failure> {
        self.append_finish(outcomes)
    }

    /// Replaces the flags of messages of the open folder.
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

    /// Reads the flags of these messages of the open folder; vanished ones are left out.
    ///
    /// # Errors
    /// Scope `Mailbox` or `User`.
    fn flags(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, Flags)) -> Result<(), Failure>;
}

/// Makes a folder ready for mail one step after the other; see [`TargetSession::prepare`].
///
/// # Errors
/// As [`TargetSession::prepare`].
pub fn prepare_step_by_step<T: TargetSession + ?Sized>(
    target: &mut T,
    folder: &FolderRequest<'_>,
) -> Result<ReadyTarget, Failure> {
    let wire = match folder.existing {
        Some(wire) => wire.clone(),
        None => target.create(folder.path, folder.special_use)?,
    };
    let not_subscribed = match if folder.subscribe { target.subscribe(&wire) } else { Ok(()) } {
        Err(failure) if failure.scope > Scope::Mailbox => return Err(failure),
        subscribed => subscribed.err(),
    };
    let open = target.open(&wire)?;
    Ok(ReadyTarget { wire, open, not_subscribed })
}
