//! Which messages were under way when a connection broke, and what becomes of them.
//!
//! Some servers break the connection over one message. One that was under way twice goes alone from then on; one that broke
//! the connection three times while it was alone is given up, so that it does not hold up the others forever. But when one
//! after the other would have to be given up, the messages are not to blame. Workers that die or give up early pass on what they
//! learnt as [`Suspect`]s. What is left out for a reason that may pass is tried again by each later sync, alone and once.

use crate::sync::decide::sided_failure::{Side, SidedFailure};
use imapmig_core::failure;
use imapmig_core::folder::FolderPath;
use imapmig_core::message::Uid;
use imapmig_core::user::Suspect;
use std::collections::{HashMap, HashSet};

/// So often among others, before a message goes alone.
const TOGETHER: u32 = 2;
/// So often alone, before a message is given up.
const ALONE: u32 = 3;
/// So many are given up without one that was stored between them.
const IN_A_ROW: u32 = 3;
/// So often a server may put a message off without saying for how long.
const PUT_OFF: u32 = 5;

/// What was learnt about one user's servers and messages.
#[derive(Debug, Default)]
pub(crate) struct PoisonTracker {
    given_up_in_a_row: u32,
    stored: u64,
    put_off: HashMap<(FolderPath, Uid), PutOff>,
    deaths: HashMap<(FolderPath, Uid), Deaths>,
    /// Messages whose headers were being read for a report when the connection broke.
    broken_headers: HashSet<(FolderPath, Uid)>,
    /// Messages that are left out for a reason that may pass, by this sync or an earlier one.
    left_out: HashSet<(FolderPath, Uid)>,
    /// What was learnt since it was last handed out.
    unsaved: HashSet<(FolderPath, Uid)>,
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
    /// Takes over what earlier workers learnt. One that was given up before is given up again when it breaks one more connection.
    pub(crate) fn load(&mut self, suspects: Vec<Suspect>) {
        for suspect in suspects {
            let alone = if suspect.left_out { suspect.alone.min(ALONE - 1) } else { suspect.alone };
            let side = |side| match side {
                failure::Side::Source => Side::Source,
                failure::Side::Target => Side::Target,
            };
            let last = suspect.last.map(|(end, words)| (side(end), words));
            let key = (suspect.folder, suspect.uid);
            if suspect.left_out {
                self.left_out.insert(key.clone());
            }
            self.deaths.insert(key, Deaths { together: suspect.together, alone, last });
        }
    }

    /// What was learnt since the last call, to be passed on.
    pub(crate) fn take_unsaved(&mut self) -> Vec<Suspect> {
        let unsaved = std::mem::take(&mut self.unsaved);
        unsaved.into_iter().map(|(folder, uid)| self.suspect(folder, uid)).collect()
    }

    /// Notes that the message is left out for a reason that may pass.
    pub(crate) fn leave_out(&mut self, folder: &FolderPath, uid: Uid) -> Suspect {
        self.left_out.insert((folder.clone(), uid));
        self.suspect(folder.clone(), uid)
    }

    /// Returns `true` if the message is left out for a reason that may pass.
    pub(crate) fn is_left_out(&self, folder: &FolderPath, uid: Uid) -> bool {
        self.left_out.contains(&(folder.clone(), uid))
    }

    fn suspect(&self, folder: FolderPath, uid: Uid) -> Suspect {
        let deaths = self.deaths_of(&folder, uid).cloned().unwrap_or_default();
        let last = deaths.last.and_then(|(side, words)| match side {
            Side::Source => Some((failure::Side::Source, words)),
            Side::Target => Some((failure::Side::Target, words)),
            Side::Own => None,
        });
        let left_out = self.is_left_out(&folder, uid);
        Suspect { folder, uid, together: deaths.together, alone: deaths.alone, last, left_out }
    }

    /// Notes that these messages were under way together when a connection broke.
    pub(crate) fn under_way(&mut self, folder: &FolderPath, uids: impl Iterator<Item = Uid>) {
        for uid in uids {
            self.deaths.entry((folder.clone(), uid)).or_default().together += 1;
            self.unsaved.insert((folder.clone(), uid));
        }
    }

    /// Notes that the connection broke while only this message was under way. Returns `true` if that brings the message nearer to
    /// its end.
    pub(crate) fn alone(&mut self, folder: &FolderPath, uid: Uid, failure: &SidedFailure) -> bool {
        self.unsaved.insert((folder.clone(), uid));
        let deaths = self.deaths.entry((folder.clone(), uid)).or_default();
        deaths.together = TOGETHER;
        deaths.alone += 1;
        deaths.last = Some((failure.side, failure.failure.to_string()));
        deaths.alone <= ALONE
    }

    /// Returns `true` if the message has to be appended alone.
    pub(crate) fn goes_alone(&self, folder: &FolderPath, uid: Uid) -> bool {
        self.is_left_out(folder, uid)
            || self.deaths_of(folder, uid).is_some_and(|deaths| deaths.together >= TOGETHER)
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
    pub(crate) fn deaths_alone(&self, folder: &FolderPath, uid: Uid) -> u32 {
        self.deaths_of(folder, uid).map_or(0, |deaths| deaths.alone)
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
        let of_folder = self.deaths.iter().filter(|((path, _), _)| path == folder);
        of_folder.map(|(_, deaths)| deaths.together + deaths.alone).sum()
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

    fn deaths_of(&self, folder: &FolderPath, uid: Uid) -> Option<&Deaths> {
        self.deaths.get(&(folder.clone(), uid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imapmig_core::failure::{Failure, FailureKind, Scope};
    use proptest::prelude::*;

    fn dead(poison: &mut PoisonTracker, uid: u32) {
        let failure = Failure::new(Scope::User, FailureKind::Disconnected, "gone");
        for _ in 0..ALONE {
            poison.alone(&FolderPath::inbox(), Uid(uid), &SidedFailure::target(failure.clone()));
        }
    }

    #[test]
    fn deaths_are_counted_over_the_lives_of_workers() {
        let mut given_up = 0;
        let mut suspects = Vec::new();
        for _ in 0..ALONE {
            let mut poison = PoisonTracker::default();
            poison.load(suspects);
            let failure = Failure::new(Scope::User, FailureKind::Disconnected, "gone");
            poison.alone(&FolderPath::inbox(), Uid(1), &SidedFailure::target(failure));
            suspects = poison.take_unsaved();
            given_up += usize::from(poison.give_up(&FolderPath::inbox(), Uid(1)).is_some());
            assert!(poison.take_unsaved().is_empty());
        }

        assert_eq!(given_up, 1);
        assert_eq!(suspects[0].last, Some((failure::Side::Target, "gone".to_owned())));
    }

    #[test]
    fn what_was_given_up_before_is_given_up_after_one_more_death_however_many_there_are() {
        let mut before = PoisonTracker::default();
        (1..=5).for_each(|uid| dead(&mut before, uid));
        let suspects = (1..=5).map(|uid| before.leave_out(&FolderPath::inbox(), Uid(uid))).collect();
        let mut poison = PoisonTracker::default();
        poison.load(suspects);
        let gone = || {
            let failure = Failure::new(Scope::User, FailureKind::Disconnected, "gone");
            SidedFailure::target(failure)
        };

        let inbox = FolderPath::inbox();
        let at_first: Vec<_> = (1..=5).map(|uid| poison.give_up(&inbox, Uid(uid)).is_some()).collect();
        (1..=5).for_each(|uid| assert!(poison.alone(&inbox, Uid(uid), &gone())));
        let after_one: Vec<_> = (1..=5).map(|uid| poison.give_up(&inbox, Uid(uid)).is_some()).collect();

        assert_eq!((at_first, after_one), (vec![false; 5], vec![true; 5]));
        assert!(poison.goes_alone(&inbox, Uid(1)));
    }

    #[test]
    fn a_message_goes_alone_after_two_broken_connections() {
        let mut poison = PoisonTracker::default();

        poison.under_way(&FolderPath::inbox(), [Uid(1), Uid(2)].into_iter());
        poison.under_way(&FolderPath::inbox(), [Uid(2)].into_iter());

        let alone = [1, 2].map(|uid| poison.goes_alone(&FolderPath::inbox(), Uid(uid)));
        assert_eq!(alone, [false, true]);
    }

    #[test]
    fn the_header_of_a_message_that_breaks_the_source_is_not_read_for_its_report() {
        let mut poison = PoisonTracker::default();
        let failure = Failure::new(Scope::User, FailureKind::Disconnected, "gone");
        let source = SidedFailure { side: Side::Source, failure };

        poison.alone(&FolderPath::inbox(), Uid(1), &source);
        dead(&mut poison, 2);
        poison.headers_broke(&FolderPath::inbox(), &[Uid(3)]);

        let read = [1, 2, 3, 4].map(|uid| poison.may_read_header(&FolderPath::inbox(), Uid(uid)));
        assert_eq!(read, [false, true, false, true]);
    }

    #[test]
    fn a_message_put_off_again_and_again_is_refused_when_others_are_stored() {
        let mut poison = PoisonTracker::default();
        let put_off = |poison: &mut PoisonTracker| {
            (0..PUT_OFF).map(|_| poison.put_off(&FolderPath::inbox(), Uid(1))).last()
        };

        assert_eq!(put_off(&mut poison), Some(Patience::Over));
        poison.stored();
        assert_eq!(put_off(&mut poison), Some(Patience::Refused));
        poison.leave_out(&FolderPath::inbox(), Uid(1));
        let mut next = PoisonTracker::default();
        next.load(vec![poison.suspect(FolderPath::inbox(), Uid(1))]);
        assert_eq!(next.put_off(&FolderPath::inbox(), Uid(1)), Patience::Refused);
    }

    #[test]
    fn a_server_that_dies_over_everything_is_not_the_messages_fault() {
        let mut poison = PoisonTracker::default();
        (1..=5).for_each(|uid| dead(&mut poison, uid));

        let given_up =
            |poison: &mut PoisonTracker, uid| poison.give_up(&FolderPath::inbox(), Uid(uid)).is_some();
        assert_eq!([1, 2, 3, 4].map(|uid| given_up(&mut poison, uid)), [true, true, true, false]);
        poison.stored();
        assert!(given_up(&mut poison, 5));
    }

    proptest! {
        #[test]
        fn no_more_are_given_up_in_a_row_than_a_server_in_order_would_break_on(
            stored_before in proptest::collection::vec(any::<bool>(), 1..40),
        ) {
            let mut poison = PoisonTracker::default();
            let mut in_a_row = 0;

            for (uid, stored) in (1..).zip(stored_before) {
                if stored {
                    poison.stored();
                    in_a_row = 0;
                }
                dead(&mut poison, uid);
                let is_given_up = poison.give_up(&FolderPath::inbox(), Uid(uid)).is_some();
                in_a_row += 1;
                prop_assert_eq!(is_given_up, in_a_row <= IN_A_ROW);
            }
        }
    }
}
