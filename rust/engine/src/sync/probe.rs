//! Probes an account, to find out whether two logins open the same mailbox.
//!
//! Some servers ignore the user that an administrator asks for and open the administrator's own mailbox. A probe holds
//! what was opened: the first folders, and their first and last messages. A mailbox stays in use between two probes, so mail that
//! arrived or was deleted meanwhile is no difference; mailboxes that a script filled alike within one second are distinguished by
//! anything else.

use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Failure, Scope};
use imapmig_core::folder::FolderPath;
use imapmig_core::message::{InternalDate, Uid, UidValidity};
use imapmig_core::ports::source::{SourceConnector, SourceSession};
use imapmig_core::time::UnixMs;
use std::time::Duration;

/// How many folders are opened, the INBOX first.
const FOLDERS: usize = 5;
/// Of how many of them that hold anything the messages are looked at.
const FILLED: usize = 2;
/// How many of the first and of the last messages.
const ENDS: u32 = 5;
/// How far clocks may be apart: a message that is older than a look by more than this was there at that look.
const CLOCKS: Duration = Duration::from_mins(10);

/// What identifies an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountProbe {
    /// When it was looked at.
    pub at: UnixMs,
    /// Its first folders.
    pub folders: Vec<FolderLook>,
}

/// What identifies a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderLook {
    /// Its place.
    pub path: FolderPath,
    /// See [`imapmig_core::ports::source::OpenSource::id`].
    pub id: Option<String>,
    /// Its UIDVALIDITY.
    pub validity: UidValidity,
    /// Its next UID; one above the last message's where the server does not tell.
    pub uid_next: Uid,
    /// Its first and last messages in order of their UIDs; absent where they were not read.
    pub messages: Option<Vec<MessageLook>>,
    /// Whether these are all.
    pub all: bool,
}

/// What identifies a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MessageLook {
    /// Its UID.
    pub uid: Uid,
    /// Its size.
    pub size: u64,
    /// Its internal date.
    pub date: InternalDate,
    /// The digest of its header: it tells to whom it was delivered.
    pub header: [u8; 32],
}

/// What two looks at one folder say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likeness {
    Same,
    Other,
    Unknown,
}

impl AccountProbe {
    /// Whether both certainly are the same mailbox. Empty ones prove nothing.
    #[must_use]
    pub fn proves_same_mailbox(&self, other: &Self) -> bool {
        let mut same = false;
        for mine in &self.folders {
            let Some(theirs) = other.folders.iter().find(|folder| folder.path == mine.path) else { continue };
            match likeness((mine, self.at), (theirs, other.at)) {
                Likeness::Same => same = true,
                Likeness::Other => return false,
                Likeness::Unknown => {}
            }
        }
        same
    }
}

impl FolderLook {
    /// Whether a message with this UID would have been seen.
    fn covers(&self, uid: Uid, messages: &[MessageLook]) -> bool {
        let first_end = messages.len().min(ENDS as usize).checked_sub(1);
        let last_end = messages.len().saturating_sub(ENDS as usize);
        let reaches = |at: usize, fits: &dyn Fn(Uid) -> bool| messages.get(at).is_some_and(|m| fits(m.uid));
        uid < self.uid_next
            && (self.all
                || first_end.is_some_and(|at| reaches(at, &|end| uid <= end))
                || reaches(last_end, &|start| uid >= start))
    }
}

fn likeness((mine, at): (&FolderLook, UnixMs), (theirs, then): (&FolderLook, UnixMs)) -> Likeness {
    let other_id = matches!((&mine.id, &theirs.id), (Some(mine), Some(theirs)) if mine != theirs);
    if mine.validity != theirs.validity || other_id {
        return Likeness::Other;
    }
    let (Some(my), Some(their)) = (&mine.messages, &theirs.messages) else { return Likeness::Unknown };
    let mut common = 0;
    for message in my {
        match their.iter().find(|m| m.uid == message.uid) {
            Some(same) if same == message => common += 1,
            Some(_) => return Likeness::Other,
            None => {}
        }
    }
    let was_there = |new: &[MessageLook], look: &FolderLook, at: UnixMs| {
        let old = |m: &MessageLook| UnixMs(m.date.unix_seconds.saturating_mul(1000)).after(CLOCKS) < at;
        new.iter().any(|m| m.uid >= look.uid_next && old(m))
    };
    if was_there(my, theirs, then) || was_there(their, mine, at) {
        return Likeness::Other;
    }
    let gone = |from: &[MessageLook], look: &FolderLook, seen: &[MessageLook]| {
        from.iter().filter(|m| look.covers(m.uid, seen) && seen.iter().all(|s| s.uid != m.uid)).count()
    };
    let gone = gone(my, theirs, their) + gone(their, mine, my);
    if common > gone { Likeness::Same } else { Likeness::Unknown }
}

/// Looks at the account; `None` when it has no folder at all. `now`: the time of the look.
///
/// # Errors
/// What connecting, signing in and reading give.
pub fn probe(
    source: &dyn SourceConnector,
    now: UnixMs,
    cancel: &Cancel,
) -> Result<Option<AccountProbe>, Failure> {
    let mut session = source.connect(cancel)?;
    let mut listed = session.folders()?;
    listed.retain(|folder| folder.selectable);
    listed.sort_by(|a, b| (!a.path.is_inbox(), &a.path).cmp(&(!b.path.is_inbox(), &b.path)));
    let mut folders = Vec::new();
    let mut filled = 0;
    for folder in listed.into_iter().take(FOLDERS) {
        let open = match session.open(&folder.wire) {
            Ok(open) => open,
            // What cannot be opened fails when its turn comes.
            Err(failure) if failure.scope <= Scope::Mailbox => continue,
            Err(failure) => return Err(failure),
        };
        let looks = open.exists == 0 || filled < FILLED;
        let messages = if looks { Some(messages(session.as_mut())?) } else { None };
        filled += usize::from(open.exists > 0);
        let above_last = || messages.iter().flatten().last().map_or(1, |m| m.uid.0.saturating_add(1));
        folders.push(FolderLook {
            path: folder.path,
            id: open.id,
            validity: open.validity,
            uid_next: open.uid_next.unwrap_or_else(|| Uid(above_last())),
            all: messages.as_ref().is_some_and(|m| m.len() == open.exists as usize),
            messages,
        });
    }
    Ok((!folders.is_empty()).then_some(AccountProbe { at: now, folders }))
}

/// The first and the last messages of the open folder.
fn messages(session: &mut dyn SourceSession) -> Result<Vec<MessageLook>, Failure> {
    let mut messages = Vec::new();
    session.ends(ENDS, &mut |meta| {
        let header = [0; 32];
        messages.push(MessageLook { uid: meta.uid, size: meta.size, date: meta.internal_date, header });
    })?;
    messages.sort_unstable();
    messages.dedup_by_key(|message| message.uid);
    if !messages.is_empty() {
        let uids: Vec<_> = messages.iter().map(|message| message.uid).collect();
        session.headers(&uids, &mut |uid, header| {
            if let Ok(at) = messages.binary_search_by_key(&uid, |message| message.uid) {
                messages[at].header = *blake3::hash(header).as_bytes();
            }
        })?;
    }
    Ok(messages)
}

#[cfg(test)]
mod tests;
