//! One side of a folder: its messages, and what was read of each so far. Knows no servers.
//!
//! What was read outlives lost connections, so that a large folder is read to its end over a line that breaks. A message that
//! breaks the connection whenever it is requested alone is given up after a few tries; until then the others go first.

use super::compare::Facts;
use crate::sync::decide::duplicates::last_of_each;
use crate::sync::decide::item::{FlagSets, TargetKey};
use crate::sync::decide::sided_failure::SidedFailure;
use crate::sync::failure::SyncResult;
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::Failure;
use imapmig_core::fingerprint::HeaderPrint;
use imapmig_core::message::{Digest, TargetValidity, Uid, UidValidity};
use imapmig_core::user::TargetId;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;

/// The most messages that one request names.
const AT_ONCE: usize = 500;
/// How many connections a message may break before it is given up.
const TRIES: u32 = 3;

/// What a folder's messages are read with.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    /// Whole contents instead of headers.
    pub(super) bytes: bool,
    pub(super) cancel: &'a Cancel,
    /// Is called with the number of messages that were read since the last call.
    pub(super) each: &'a (dyn Fn(u64) -> SyncResult + Sync),
}

impl Reading<'_> {
    pub(super) fn read(&self, messages: usize) -> SyncResult {
        if self.cancel.is_cancelled() {
            return Err(SidedFailure::own(Failure::cancelled()));
        }
        (self.each)(messages as u64)
    }
}

/// What was seen of a message.
pub(super) enum Seen {
    /// Its header, and whether it has one.
    Header(HeaderPrint, bool),
    /// All of it.
    Body { size: u64, digest: Digest, header: HeaderPrint, has_header: bool },
}

impl Seen {
    pub(super) fn of_header(header: &[u8]) -> Self {
        Self::Header(HeaderPrint::of(header), is_there(header))
    }

    pub(super) fn note_in(self, look: &mut Facts) {
        let (print, has_header) = match self {
            Self::Header(print, has_header) => {
                let mut both = print.normal.0.to_vec();
                both.extend_from_slice(&look.size.to_be_bytes());
                look.content = Some(Digest::of(&both));
                (print, has_header)
            }
            Self::Body { size, digest, header, has_header } => {
                look.size = size;
                look.content = Some(digest);
                (header, has_header)
            }
        };
        look.header = has_header.then_some(print.normal);
        look.key = print.key;
    }
}

/// Whether a message has a header at all.
pub(super) fn is_there(header: &[u8]) -> bool {
    !header.trim_ascii().is_empty()
}

/// What identifies a message within its folder.
pub(super) trait MessageId: Clone + Ord {
    /// A short form of it.
    type Key: Copy + Eq + Hash;

    /// The short form.
    fn key(&self) -> Self::Key;
}

impl MessageId for Uid {
    type Key = Self;

    fn key(&self) -> Self {
        *self
    }
}

impl MessageId for TargetId {
    type Key = TargetKey;

    fn key(&self) -> TargetKey {
        TargetKey::of(self)
    }
}

/// What a server says about a folder's messages.
pub(super) struct Listing<I> {
    /// How the messages are identified; at the source always by UIDs.
    pub(super) validity: TargetValidity,
    /// How many messages it counts.
    pub(super) exists: u64,
    /// Each message, perhaps more than once.
    pub(super) described: Vec<(I, Facts)>,
    /// The sets that the messages' flags are numbers of.
    pub(super) flags: FlagSets,
}

/// One side of a folder.
pub(super) struct Half<I: MessageId> {
    /// The UIDVALIDITY of the last listing.
    pub(super) validity: Option<TargetValidity>,
    /// How many messages the server counts.
    pub(super) exists: u64,
    pub(super) ids: Vec<I>,
    /// What is known of each of `ids`.
    pub(super) messages: Vec<Facts>,
    pub(super) flags: FlagSets,
    /// How many messages the next request names.
    at_once: usize,
    /// How often the connection broke at a message that was requested alone.
    broke: HashMap<I::Key, u32>,
    /// Messages of which not even the header is delivered.
    headless: HashSet<I::Key>,
    /// Grows with everything that need not be done again.
    pub(super) progress: u64,
}

impl<I: MessageId> Default for Half<I> {
    fn default() -> Self {
        Self {
            validity: None,
            exists: 0,
            ids: Vec::new(),
            messages: Vec::new(),
            flags: FlagSets::default(),
            at_once: AT_ONCE,
            broke: HashMap::new(),
            headless: HashSet::new(),
            progress: 0,
        }
    }
}

impl<I: MessageId> Half<I> {
    /// Takes a new listing, and keeps what was read of the messages that are still there.
    pub(super) fn relist(&mut self, listing: Listing<I>) {
        let Listing { validity, exists, described, flags } = listing;
        let same = self.validity == Some(validity);
        let mut read: HashMap<I::Key, Facts> = HashMap::new();
        if same {
            let earlier = self.ids.iter().map(MessageId::key).zip(self.messages.drain(..));
            read.extend(earlier.filter(|(_, look)| look.content.is_some() || look.header.is_some()));
        } else {
            self.broke.clear();
            self.headless.clear();
        }
        let keep = |(id, look): (I, Facts)| {
            let earlier = read.get(&id.key());
            let look =
                earlier.map_or(look, |earlier| Facts { date: look.date, flags: look.flags, ..*earlier });
            (id, look)
        };
        (self.ids, self.messages) = last_of_each(described).into_iter().map(keep).unzip();
        (self.validity, self.exists, self.flags) = (Some(validity), exists, flags);
    }

    /// Reads what is not read yet. `request` asks for messages and passes on what it sees of each.
    pub(super) fn read(
        &mut self,
        reading: Reading<'_>,
        mut request: impl FnMut(&[I], &mut dyn FnMut(&I, Seen)) -> SyncResult,
    ) -> SyncResult {
        let places: HashMap<I::Key, usize> = self.ids.iter().map(MessageId::key).zip(0..).collect();
        reading.read(self.messages.iter().filter(|look| look.content.is_some()).count())?;
        let (mut open, mut suspects) = (VecDeque::new(), VecDeque::new());
        for at in (0..self.ids.len()).filter(|at| self.messages[*at].content.is_none()) {
            match self.broke.get(&self.ids[at].key()) {
                None => open.push_back(at),
                Some(tries) if *tries < TRIES => suspects.push_back(at),
                Some(_) => {}
            }
        }
        loop {
            let mut asked: Vec<usize> = open.drain(..self.at_once.min(open.len())).collect();
            if asked.is_empty() {
                asked.extend(suspects.pop_front());
            }
            if asked.is_empty() {
                return Ok(());
            }
            let ids: Vec<I> = asked.iter().map(|at| self.ids[*at].clone()).collect();
            let messages = &mut self.messages;
            let mut counted = Ok(());
            let result = request(&ids, &mut |id, seen| {
                if let Some(at) = places.get(&id.key()) {
                    let is_new = messages[*at].content.is_none();
                    seen.note_in(&mut messages[*at]);
                    if is_new && counted.is_ok() {
                        counted = reading.read(1);
                    }
                }
            });
            let left: Vec<usize> =
                asked.iter().copied().filter(|at| self.messages[*at].content.is_none()).collect();
            let read = asked.len() - left.len();
            self.progress += read as u64;
            counted?;
            let Err(failure) = result else {
                self.at_once = (self.at_once * 2).min(AT_ONCE);
                continue;
            };
            let goes_on = failure.concerns_only_the_folder();
            match left[..] {
                [one] if asked.len() == 1 => {
                    let tries = self.broke.entry(self.ids[one].key()).or_default();
                    *tries = if goes_on { TRIES } else { *tries + 1 };
                    self.progress += u64::from(*tries >= TRIES);
                }
                _ if read == 0 => self.at_once = (asked.len() / 8).max(1),
                _ => {}
            }
            if !goes_on {
                return Err(failure);
            }
            if asked.len() > 1 {
                self.at_once = self.at_once.min((asked.len() / 8).max(1));
                left.into_iter().rev().for_each(|at| open.push_front(at));
            }
        }
    }

    /// Reads the headers of messages whose bodies were given up, so that they can be paired.
    pub(super) fn read_headers(
        &mut self,
        mut request: impl FnMut(&[I], &mut dyn FnMut(&HeaderPrint, bool)) -> SyncResult,
    ) -> SyncResult {
        for at in 0..self.ids.len() {
            let key = self.ids[at].key();
            let given_up = self.broke.get(&key).is_some_and(|tries| *tries >= TRIES);
            if !given_up || self.messages[at].header.is_some() || self.headless.contains(&key) {
                continue;
            }
            let look = &mut self.messages[at];
            let result = request(std::slice::from_ref(&self.ids[at]), &mut |print, has_header| {
                look.header = has_header.then_some(print.normal);
                look.key = print.key;
            });
            if self.messages[at].header.is_none() {
                self.headless.insert(key);
                self.progress += 1;
            }
            match result {
                Err(failure) if !failure.concerns_only_the_folder() => return Err(failure),
                _ => {}
            }
        }
        Ok(())
    }

    /// A listing of some of the messages, of which nothing is read.
    pub(super) fn some_of(&self, places: impl Iterator<Item = usize>) -> Listing<I> {
        let unread = |look: &Facts| Facts { content: None, header: None, key: None, ..*look };
        let described: Vec<_> = places.map(|at| (self.ids[at].clone(), unread(&self.messages[at]))).collect();
        Listing {
            validity: self.validity.unwrap_or(TargetValidity::Uids(UidValidity(0))),
            exists: described.len() as u64,
            described,
            flags: FlagSets::default(),
        }
    }

    /// The contents that were read, and their sizes.
    pub(super) fn contents(&self) -> HashMap<I::Key, (Digest, u64)> {
        let read = |(id, message): (&I, &Facts)| Some((id.key(), (message.content?, message.size)));
        self.ids.iter().zip(&self.messages).filter_map(read).collect()
    }

    /// Forgets messages that a later listing does not name any more.
    pub(super) fn drop_vanished(&mut self, later: &Listing<I>) {
        let listed: HashSet<I::Key> = later.described.iter().map(|(id, _)| id.key()).collect();
        let before = self.ids.len();
        let all = std::mem::take(&mut self.ids).into_iter().zip(std::mem::take(&mut self.messages));
        (self.ids, self.messages) = all.filter(|(id, _)| listed.contains(&id.key())).unzip();
        self.exists = self.exists.saturating_sub((before - self.ids.len()) as u64);
    }

    /// Whether messages were neither delivered nor given up: they may be gone.
    pub(super) fn may_have_lost(&self) -> bool {
        let given_up = |id: &I| self.broke.get(&id.key()).is_some_and(|tries| *tries >= TRIES);
        self.ids.iter().zip(&self.messages).any(|(id, look)| look.content.is_none() && !given_up(id))
    }
}

#[cfg(test)]
mod tests;
