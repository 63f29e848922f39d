//! Which messages were under way when a connection broke, and what follows for them.
//!
//! Some servers break the connection over one message. One that was under way twice goes alone from then on; one that broke
//! the connection three times while it was alone is given up, so that it does not hold up the others forever. But when one
//! after the other would have to be given up, the messages are not to blame. Workers that die or give up early pass on what they
//! learnt as [`Suspect`]s. What is left out for a reason that may pass is tried again by each later sync, alone and once. The same
//! counts hold for messages that are read to be compared, at either side.

use crate::sync::decide::item::TargetKey;
use crate::sync::decide::sided_failure::Side;
use imapmig_core::failure;
use imapmig_core::folder::FolderPath;
use imapmig_core::message::Uid;
use imapmig_core::user::{Suspect, SuspectId, TargetId};
use std::collections::{HashMap, HashSet};

/// Number of broken connections, among other messages, after which a message is sent alone.
const TOGETHER: u32 = 2;
/// Number of broken connections, alone, after which a message is given up.
const ALONE: u32 = 3;
/// Maximum number of messages given up in a row, without one stored in between.
const IN_A_ROW: u32 = 3;
/// Maximum number of messages given up before any could be read.
const UNREADABLE: u32 = 10;
/// How often a server may defer a message without stating a pause.
const PUT_OFF: u32 = 5;

/// A message that may be to blame for a broken connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Whose {
    /// One of the source, or its copy.
    Source(Uid),
    /// A message of the target that is not a known copy.
    Target(TargetKey),
}

impl From<Uid> for Whose {
    fn from(uid: Uid) -> Self {
        Self::Source(uid)
    }
}

impl From<SuspectId> for Whose {
    fn from(id: SuspectId) -> Self {
        match id {
            SuspectId::Source(uid) => Self::Source(uid),
            SuspectId::Target(uid) => Self::Target(TargetKey::of(&TargetId::Uid(uid))),
        }
    }
}

/// What is known about one user's servers and messages.
#[derive(Debug, Default)]
pub(crate) struct PoisonTracker {
    given_up_in_a_row: u32,
    stored: u64,
    put_off: HashMap<(FolderPath, Uid), PutOff>,
    deaths: HashMap<FolderPath, HashMap<Whose, Deaths>>,
    /// How many messages each side could not deliver to be read; absent once it has delivered one.
    unreadable: HashMap<Side, Option<u32>>,
    /// How often a connection that ended over one message of a folder brought it nearer to not being read any more.
    reading_ends: HashMap<FolderPath, u64>,
    /// Messages whose headers were being read for a report when the connection broke.
    broken_headers: HashSet<(FolderPath, Uid)>,
    /// Messages that are left out for a reason that may pass, by this sync or an earlier one.
    left_out: HashMap<FolderPath, HashSet<Uid>>,
    /// What is not saved yet.
    unsaved: HashSet<(FolderPath, SuspectId)>,
}

#[derive(Clone, Copy, Debug)]
struct PutOff {
    times: u32,
    /// How many messages had been stored when it was put off first.
    stored: u64,
}

/// What to do with a deferred message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// It is tried again after the pause.
    Again,
    /// Others were stored meanwhile: it is refused.
    Refused,
    /// Nothing is stored any more: the server is not well.
    Over,
}

#[derive(Clone, Debug, Default)]
struct Deaths {
    together: u32,
    alone: u32,
    last: Option<(Side, String)>,
}

impl PoisonTracker {
    /// Takes over what earlier workers saved. A message that was given up before is given up again when it breaks one more connection.
    pub(crate) fn load(&mut self, suspects: Vec<Suspect>) {
        for suspect in suspects {
            let alone = if suspect.left_out { suspect.alone.min(ALONE - 1) } else { suspect.alone };
            let side = |side| match side {
                failure::Side::Source => Side::Source,
                failure::Side::Target => Side::Target,
            };
            let last = suspect.last.map(|(end, words)| (side(end), words));
            if let (true, SuspectId::Source(uid)) = (suspect.left_out, suspect.id) {
                self.left_out.entry(suspect.folder.clone()).or_default().insert(uid);
            }
            let deaths = Deaths { together: suspect.together, alone, last };
            self.deaths.entry(suspect.folder).or_default().insert(suspect.id.into(), deaths);
        }
    }

    /// What was found out since the last call, to be saved.
    pub(crate) fn take_unsaved(&mut self) -> Vec<Suspect> {
        let unsaved = std::mem::take(&mut self.unsaved);
        unsaved.into_iter().map(|(folder, id)| self.suspect(folder, id)).collect()
    }

    /// Notes that the message is left out for a reason that may pass.
    pub(crate) fn leave_out(&mut self, folder: &FolderPath, uid: Uid) -> Suspect {
        self.left_out.entry(folder.clone()).or_default().insert(uid);
        self.suspect(folder.clone(), SuspectId::Source(uid))
    }

    /// Returns `true` if the message is left out for a reason that may pass.
    pub(crate) fn is_left_out(&self, folder: &FolderPath, uid: Uid) -> bool {
        self.left_out.get(folder).is_some_and(|uids| uids.contains(&uid))
    }

    fn suspect(&self, folder: FolderPath, id: SuspectId) -> Suspect {
        let deaths = self.deaths_of(&folder, id).cloned().unwrap_or_default();
        let last = deaths.last.and_then(|(side, words)| match side {
            Side::Source => Some((failure::Side::Source, words)),
            Side::Target => Some((failure::Side::Target, words)),
            Side::Own => None,
        });
        let left_out = matches!(id, SuspectId::Source(uid) if self.is_left_out(&folder, uid));
        Suspect { folder, id, together: deaths.together, alone: deaths.alone, last, left_out }
    }

    /// Notes that these messages were under way together when a connection broke.
    pub(crate) fn under_way(
        &mut self,
        folder: &FolderPath,
        messages: impl Iterator<Item = impl Into<Whose>>,
    ) {
        for whose in messages.map(Into::into) {
            self.deaths_in(folder, whose).together += 1;
            self.save_later(folder, whose);
        }
    }

    fn save_later(&mut self, folder: &FolderPath, whose: Whose) {
        let id = match whose {
            Whose::Source(uid) => Some(SuspectId::Source(uid)),
            // Only servers end connections, and their messages have UIDs.
            Whose::Target(key) => key.uid().map(SuspectId::Target),
        };
        self.unsaved.extend(id.map(|id| (folder.clone(), id)));
    }

    /// Notes that the connection broke while only this message was under way: at which side, and the words of the failure. Returns `true` if that brings the message nearer to
    /// its end.
    pub(crate) fn alone(
        &mut self,
        folder: &FolderPath,
        whose: impl Into<Whose>,
        last: (Side, String),
    ) -> bool {
        let whose = whose.into();
        self.save_later(folder, whose);
        let deaths = self.deaths_in(folder, whose);
        deaths.together = TOGETHER;
        deaths.alone += 1;
        deaths.last = Some(last);
        deaths.alone <= ALONE
    }

    /// Notes that the connection broke while only this message was read. Returns `true` if that brings the message nearer to its end:
    /// when many would have to be given up and none could be read, they are not to blame.
    pub(crate) fn unread(&mut self, folder: &FolderPath, whose: Whose, last: (Side, String)) -> bool {
        let broke = last.0;
        let (alone, side) = self
            .deaths_of(folder, whose)
            .map_or((0, None), |deaths| (deaths.alone, deaths.last.as_ref().map(|(side, _)| *side)));
        if alone + 1 == ALONE && !self.goes_alone_again(folder, whose) {
            let unreadable = self.unreadable.entry(broke).or_insert(Some(0));
            if unreadable.is_some_and(|number| number >= UNREADABLE) {
                return false;
            }
            *unreadable = unreadable.map(|number| number + 1);
        }
        let is_nearer = self.alone(folder, whose, last) || side != Some(broke);
        if is_nearer {
            *self.reading_ends.entry(folder.clone()).or_default() += 1;
        }
        is_nearer
    }

    /// How often a connection ended that brought one message of this folder nearer to not being read any more. The folder is not to
    /// blame for those.
    pub(crate) fn reading_ends(&self, folder: &FolderPath) -> u64 {
        self.reading_ends.get(folder).copied().unwrap_or(0)
    }

    /// Notes that this side delivered a message to be read.
    pub(crate) fn was_read(&mut self, side: Side) {
        self.unreadable.insert(side, None);
    }

    /// The side that ends the connection over this message, and the words of the last failure, when it is not to be read any more.
    pub(crate) fn why_unreadable(
        &self,
        folder: &FolderPath,
        whose: impl Into<Whose>,
    ) -> Option<(Side, String)> {
        self.deaths_of(folder, whose).filter(|deaths| deaths.alone >= ALONE)?.last.clone()
    }

    fn goes_alone_again(&self, folder: &FolderPath, whose: Whose) -> bool {
        matches!(whose, Whose::Source(uid) if self.is_left_out(folder, uid))
    }

    /// Returns `true` if the message has to go alone.
    pub(crate) fn goes_alone(&self, folder: &FolderPath, whose: impl Into<Whose>) -> bool {
        let whose = whose.into();
        self.goes_alone_again(folder, whose)
            || self.deaths_of(folder, whose).is_some_and(|deaths| deaths.together >= TOGETHER)
    }

    /// The side that broke and the words of its last failure, when the message is to be given up.
    pub(crate) fn give_up(&mut self, folder: &FolderPath, uid: Uid) -> Option<(Side, String)> {
        let last = self.deaths_of(folder, uid).filter(|deaths| deaths.alone >= ALONE)?.last.clone();
        if self.is_left_out(folder, uid) {
            return last;
        }
        self.given_up_in_a_row += 1;
        last.filter(|_| self.given_up_in_a_row <= IN_A_ROW)
    }

    /// Notes that the connection broke while these headers were read for a report.
    pub(crate) fn headers_broke(&mut self, folder: &FolderPath, uids: &[Uid]) {
        self.broken_headers.extend(uids.iter().map(|uid| (folder.clone(), *uid)));
    }

    /// Returns `false` if reading the message's header may break the connection, so that a report goes without its words.
    pub(crate) fn may_read_header(&self, folder: &FolderPath, uid: Uid) -> bool {
        let last = self.deaths_of(folder, uid).and_then(|deaths| deaths.last.as_ref());
        last.is_none_or(|(side, _)| *side != Side::Source)
            && !self.broken_headers.contains(&(folder.clone(), uid))
    }

    /// How often the connection broke while nothing but this message was under way.
    pub(crate) fn deaths_alone(&self, folder: &FolderPath, whose: impl Into<Whose>) -> u32 {
        self.deaths_of(folder, whose).map_or(0, |deaths| deaths.alone)
    }

    /// A server put the message off without saying for how long.
    pub(crate) fn put_off(&mut self, folder: &FolderPath, uid: Uid) -> Patience {
        if self.is_left_out(folder, uid) {
            // It was waited for before; whether others are stored in this sync says nothing.
            return Patience::Refused;
        }
        let stored = self.stored;
        let put_off = self.put_off.entry((folder.clone(), uid)).or_insert(PutOff { times: 0, stored });
        put_off.times += 1;
        match put_off.times {
            times if times < PUT_OFF => Patience::Again,
            _ if stored > put_off.stored => Patience::Refused,
            _ => Patience::Over,
        }
    }

    /// How often messages of this folder were under way when a connection ended.
    pub(crate) fn blamed(&self, folder: &FolderPath) -> u32 {
        let of_folder = self.deaths.get(folder).into_iter().flat_map(HashMap::values);
        of_folder.map(|deaths| deaths.together + deaths.alone).sum()
    }

    /// Returns `true` if a message was stored in this run.
    pub(crate) fn has_stored(&self) -> bool {
        self.stored > 0
    }

    /// Notes that a message was stored, so the servers are well.
    pub(crate) fn stored(&mut self) {
        self.stored += 1;
        self.given_up_in_a_row = 0;
    }

    fn deaths_of(&self, folder: &FolderPath, whose: impl Into<Whose>) -> Option<&Deaths> {
        self.deaths.get(folder)?.get(&whose.into())
    }

    fn deaths_in(&mut self, folder: &FolderPath, whose: Whose) -> &mut Deaths {
        self.deaths.entry(folder.clone()).or_default().entry(whose).or_default()
    }
}

#[cfg(test)]
mod tests;
