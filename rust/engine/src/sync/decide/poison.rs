//! What was learnt in this run: how many lanes are granted, and which messages were under way when a connection broke.
//!
//! Some servers break the connection over one message. One that was under way twice goes alone from then on; one that broke
//! the connection three times while it was alone is given up, so that it does not hold up the others for ever. But when one
//! after the other would have to be given up, the messages are not to blame.

use crate::sync::failure::{Side, SidedFailure};
use crate::sync::lock::lock;
use imapmig_core::folder::FolderPath;
use imapmig_core::message::Uid;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// So often among others, before a message goes alone.
const TOGETHER: u32 = 2;
/// So often alone, before a message is given up.
const ALONE: u32 = 3;
/// So many are given up without one that was stored between them.
const IN_A_ROW: u32 = 3;
/// So often a server may put a message off without saying for how long.
const PUT_OFF: u32 = 5;

/// What was learnt about one user's servers and messages.
#[derive(Debug)]
pub(crate) struct PoisonTracker {
    given_up_in_a_row: AtomicU32,
    stored: AtomicU64,
    put_off: Mutex<HashMap<(FolderPath, Uid), PutOff>>,
    deaths: Mutex<HashMap<(FolderPath, Uid), Deaths>>,
    /// Messages whose headers were being read for a report when the connection broke.
    broken_headers: Mutex<HashSet<(FolderPath, Uid)>>,
}

#[derive(Clone, Copy, Debug)]
struct PutOff {
    times: u32,
    /// How many messages had been stored when it was put off first.
    stored: u64,
}

/// What is to become of a message that was put off.
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
    /// Begins with nothing learnt.
    pub(crate) fn new() -> Self {
        Self {
            given_up_in_a_row: AtomicU32::new(0),
            stored: AtomicU64::new(0),
            put_off: Mutex::default(),
            deaths: Mutex::default(),
            broken_headers: Mutex::default(),
        }
    }

    pub(crate) fn under_way(&self, folder: &FolderPath, uids: impl Iterator<Item = Uid>) {
        let mut deaths = lock(&self.deaths);
        for uid in uids {
            deaths.entry((folder.clone(), uid)).or_default().together += 1;
        }
    }

    /// Tells whether this brings the message nearer to its end.
    pub(crate) fn alone(&self, folder: &FolderPath, uid: Uid, trouble: &SidedFailure) -> bool {
        let mut deaths = lock(&self.deaths);
        let entry = deaths.entry((folder.clone(), uid)).or_default();
        entry.together = TOGETHER;
        entry.alone += 1;
        entry.last = Some((trouble.side, trouble.failure.to_string()));
        entry.alone <= ALONE
    }

    pub(crate) fn goes_alone(&self, folder: &FolderPath, uid: Uid) -> bool {
        lock(&self.deaths).get(&(folder.clone(), uid)).is_some_and(|d| d.together >= TOGETHER)
    }

    /// The side that broke and the words of its last failure, when the message is to be given up.
    pub(crate) fn give_up(&self, folder: &FolderPath, uid: Uid) -> Option<(Side, String)> {
        let last = lock(&self.deaths).get(&(folder.clone(), uid)).filter(|d| d.alone >= ALONE)?.last.clone();
        let before = self.given_up_in_a_row.fetch_add(1, Ordering::AcqRel);
        last.filter(|_| before < IN_A_ROW)
    }

    /// Notes that the connection broke while these headers were read for a report.
    pub(crate) fn headers_broke(&self, folder: &FolderPath, uids: &[Uid]) {
        lock(&self.broken_headers).extend(uids.iter().map(|uid| (folder.clone(), *uid)));
    }

    /// Returns `false` if reading the message's header may break the connection, so that a report goes without its words.
    pub(crate) fn may_read_header(&self, folder: &FolderPath, uid: Uid) -> bool {
        let message = (folder.clone(), uid);
        let deaths = lock(&self.deaths);
        let last = deaths.get(&message).and_then(|d| d.last.as_ref());
        last.is_none_or(|(side, _)| *side != Side::Source) && !lock(&self.broken_headers).contains(&message)
    }

    /// How often the connection broke while nothing but this message was under way.
    pub(crate) fn deaths_alone(&self, folder: &FolderPath, uid: Uid) -> u32 {
        lock(&self.deaths).get(&(folder.clone(), uid)).map_or(0, |d| d.alone)
    }

    /// A server put the message off without saying for how long.
    pub(crate) fn put_off(&self, folder: &FolderPath, uid: Uid) -> Patience {
        let stored = self.stored.load(Ordering::Acquire);
        let mut put_off = lock(&self.put_off);
        let entry = put_off.entry((folder.clone(), uid)).or_insert(PutOff { times: 0, stored });
        entry.times += 1;
        match entry.times {
            times if times < PUT_OFF => Patience::Again,
            _ if stored > entry.stored => Patience::Refused,
            _ => Patience::Over,
        }
    }

    /// How often messages of this folder were under way when a connection ended.
    pub(crate) fn blamed(&self, folder: &FolderPath) -> u32 {
        let deaths = lock(&self.deaths);
        deaths.iter().filter(|((path, _), _)| path == folder).map(|(_, d)| d.together + d.alone).sum()
    }

    /// Whether a message was stored in this run.
    pub(crate) fn has_stored(&self) -> bool {
        self.stored.load(Ordering::Acquire) > 0
    }

    /// A message was stored, so the servers are well.
    pub(crate) fn stored(&self) {
        self.stored.fetch_add(1, Ordering::AcqRel);
        self.given_up_in_a_row.store(0, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imapmig_core::failure::{Failure, FailureKind, Scope};

    fn dead(poison: &PoisonTracker, uid: u32) {
        let failure = Failure::new(Scope::User, FailureKind::Disconnected, "gone");
        for _ in 0..ALONE {
            poison.alone(&FolderPath::inbox(), Uid(uid), &SidedFailure::target(failure.clone()));
        }
    }

    #[test]
    fn a_message_goes_alone_after_two_broken_connections() {
        let poison = PoisonTracker::new();

        poison.under_way(&FolderPath::inbox(), [Uid(1), Uid(2)].into_iter());
        poison.under_way(&FolderPath::inbox(), [Uid(2)].into_iter());

        let alone = [1, 2].map(|uid| poison.goes_alone(&FolderPath::inbox(), Uid(uid)));
        assert_eq!(alone, [false, true]);
    }

    #[test]
    fn the_header_of_a_message_that_breaks_the_source_is_not_read_for_its_report() {
        let poison = PoisonTracker::new();
        let failure = Failure::new(Scope::User, FailureKind::Disconnected, "gone");
        let source = SidedFailure { side: Side::Source, failure };

        poison.alone(&FolderPath::inbox(), Uid(1), &source);
        dead(&poison, 2);
        poison.headers_broke(&FolderPath::inbox(), &[Uid(3)]);

        let read = [1, 2, 3, 4].map(|uid| poison.may_read_header(&FolderPath::inbox(), Uid(uid)));
        assert_eq!(read, [false, true, false, true]);
    }

    #[test]
    fn a_message_put_off_again_and_again_is_refused_when_others_are_stored() {
        let poison = PoisonTracker::new();
        let put_off = |uid| (0..PUT_OFF).map(|_| poison.put_off(&FolderPath::inbox(), Uid(uid))).last();

        assert_eq!(put_off(1), Some(Patience::Over));
        poison.stored();
        assert_eq!(put_off(1), Some(Patience::Refused));
    }

    #[test]
    fn a_server_that_dies_over_everything_is_not_the_messages_fault() {
        let poison = PoisonTracker::new();
        (1..=5).for_each(|uid| dead(&poison, uid));

        let mut given_up = |uid| poison.give_up(&FolderPath::inbox(), Uid(uid)).is_some();
        assert_eq!([1, 2, 3, 4].map(&mut given_up), [true, true, true, false]);
        poison.stored();
        assert!(given_up(5));
    }
}
