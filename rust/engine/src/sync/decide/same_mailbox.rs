//! Whether two logins open the same mailbox, by what probes of them saw.
//!
//! A mailbox stays in use between two probes, so mail that arrived or was deleted meanwhile is no difference; mailboxes that a
//! script filled alike within one second are distinguished by anything else. Pure.

use imapmig_core::folder::FolderPath;
use imapmig_core::message::{InternalDate, Uid, UidValidity};
use imapmig_core::time::UnixMs;
use std::time::Duration;

/// How many of the first and of the last messages of a folder a probe reads.
pub(crate) const ENDS: u32 = 5;
/// How far clocks may be apart: a message that is older than a probe by more than this was there at that probe.
const CLOCKS: Duration = Duration::from_mins(10);

/// What identifies an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountProbe {
    /// When it was probed.
    pub at: UnixMs,
    /// Its first folders.
    pub folders: Vec<FolderProbe>,
}

/// What identifies a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderProbe {
    /// Its place.
    pub path: FolderPath,
    /// See [`imapmig_core::ports::source::OpenSource::id`].
    pub id: Option<String>,
    /// Its UIDVALIDITY.
    pub validity: UidValidity,
    /// Its next UID; one above the last message's if the server does not report it.
    pub uid_next: Uid,
    /// Its first and last messages in order of their UIDs; absent where they were not read.
    pub messages: Option<Vec<MessageProbe>>,
    /// Whether these are all.
    pub all: bool,
}

/// What identifies a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MessageProbe {
    /// Its UID.
    pub uid: Uid,
    /// Its size.
    pub size: u64,
    /// Its internal date.
    pub date: InternalDate,
    /// The digest of its header, which names the recipient.
    pub header: [u8; 32],
}

/// What two probes of one folder say.
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

impl FolderProbe {
    /// Whether a message with this UID would have been seen.
    fn covers(&self, uid: Uid, messages: &[MessageProbe]) -> bool {
        let first_end = messages.len().min(ENDS as usize).checked_sub(1);
        let last_end = messages.len().saturating_sub(ENDS as usize);
        let reaches = |at: usize, fits: &dyn Fn(Uid) -> bool| messages.get(at).is_some_and(|m| fits(m.uid));
        uid < self.uid_next
            && (self.all
                || first_end.is_some_and(|at| reaches(at, &|end| uid <= end))
                || reaches(last_end, &|start| uid >= start))
    }
}

fn likeness((mine, at): (&FolderProbe, UnixMs), (theirs, then): (&FolderProbe, UnixMs)) -> Likeness {
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
    let was_there = |new: &[MessageProbe], then: &FolderProbe, at: UnixMs| {
        let old = |m: &MessageProbe| UnixMs(m.date.unix_seconds.saturating_mul(1000)).after(CLOCKS) < at;
        new.iter().any(|m| m.uid >= then.uid_next && old(m))
    };
    if was_there(my, theirs, then) || was_there(their, mine, at) {
        return Likeness::Other;
    }
    let gone = |from: &[MessageProbe], other: &FolderProbe, seen: &[MessageProbe]| {
        from.iter().filter(|m| other.covers(m.uid, seen) && seen.iter().all(|s| s.uid != m.uid)).count()
    };
    let gone = gone(my, theirs, their) + gone(their, mine, my);
    if common > gone { Likeness::Same } else { Likeness::Unknown }
}

#[cfg(test)]
mod tests;
