//! Pairs pending messages with messages of the target that the ledger does not know: which of them are the same.
//!
//! Target messages are matched with pending ones as multisets: two equal source messages need two target messages. First those of the
//! same size, date, header and whole content: a header alone proves nothing. Then those that a server may have changed: the same
//! header and content but for what servers change. Then those that a target rewrote: the same Message-ID, Date, From and Subject,
//! unique on both sides, and the same internal date. Last those that cannot be read: one of the same size and date is taken for the
//! message, which might be there twice otherwise; the verification reports it.

use crate::messages::items;
use crate::sync::decide::item::{Item, TargetKey};
use crate::sync::decide::matching::{Class, classes, nearest_pairs, pairs};
use crate::sync::decide::poison::Whose;
use crate::sync::failure::SyncResult;
use crate::sync::readings::{Readings, of_nobody};
use crate::sync::sessions::Lane;
use crate::sync::steps::content::Seen;
use crate::sync::work::FolderWork;
use imapmig_core::message::{Digest, Uid};
use imapmig_core::user::{SkippedItem, SkippedKind, TargetId};
use std::collections::HashSet;

/// With no more pending messages than this, all their headers are looked at for messages that a server changed.
const FEW: usize = 2_000;

/// How many messages that cannot be read are named.
const NAMED: usize = 20;

/// Whether equal messages have to agree in their date, and in their flags.
type Round = (bool, bool);

/// From full agreement to none.
const ROUNDS: [Round; 4] = [(true, true), (true, false), (false, true), (false, false)];

/// A target message that the ledger does not know.
pub(super) struct Found {
    pub(super) id: TargetId,
    pub(super) key: TargetKey,
    pub(super) size: u64,
    pub(super) seconds: i64,
    pub(super) flags: u32,
}

struct Pairing<'a, 'w> {
    work: &'a FolderWork<'w>,
    lane: &'a mut Lane,
    pending: &'a [Item],
    /// Only messages whose copy was interrupted look for a partner.
    only_intents: bool,
    /// The flags that each pending message was sent with, or would be.
    sent_flags: Vec<u32>,
    found: Vec<Found>,
    readings: Readings,
    /// Pending and found messages that are the same, by their places.
    pairs: Vec<(usize, usize)>,
    paired: (HashSet<usize>, HashSet<usize>),
}

/// Which messages are the same, and what was read to find that.
pub(super) struct Paired {
    pub(super) found: Vec<Found>,
    pub(super) readings: Readings,
    /// Places of pending and of found messages.
    pub(super) pairs: Vec<(usize, usize)>,
}

/// Pairs what can be paired. `sent_flags`: the flags that each pending message was sent with, or would be.
pub(super) fn run(
    work: &FolderWork<'_>,
    lane: &mut Lane,
    pending: &[Item],
    sent_flags: Vec<u32>,
    found: Vec<Found>,
) -> SyncResult<Paired> {
    let mut pairing = Pairing {
        work,
        lane,
        pending,
        only_intents: true,
        sent_flags,
        found,
        readings: work.reader().resume(),
        pairs: Vec::new(),
        paired: Default::default(),
    };
    let result = pairing.pair_all();
    let Pairing { found, readings, pairs, .. } = pairing;
    match result {
        Ok(()) => Ok(Paired { found, readings, pairs }),
        Err(failure) => {
            work.reader().keep(readings);
            Err(failure)
        }
    }
}

/// Names a message of the target for people.
fn name_of(id: &TargetId) -> String {
    match id {
        TargetId::Uid(uid) => format!("UID {}", uid.0),
        TargetId::File(name) => name.clone(),
    }
}

/// The places without their dates.
fn alone(pairs: Vec<((i64, usize), (i64, usize))>) -> Vec<(usize, usize)> {
    pairs.into_iter().map(|(wanted, found)| (wanted.1, found.1)).collect()
}

impl Pairing<'_, '_> {
    /// The places of pending and of found messages that have no partner yet.
    fn open(&self) -> (Vec<usize>, Vec<usize>) {
        let looks = |w: &usize| !self.only_intents || self.pending[*w].intent;
        let pending = (0..self.pending.len()).filter(|w| !self.paired.0.contains(w)).filter(looks).collect();
        let found = (0..self.found.len()).filter(|f| !self.paired.1.contains(f)).collect();
        (pending, found)
    }

    fn pair(&mut self, pending: usize, found: usize) {
        self.pairs.push((pending, found));
        self.paired.0.insert(pending);
        self.paired.1.insert(found);
    }

    fn look(&self, pending: usize) -> (u64, i64) {
        let item = &self.pending[pending];
        (item.size, item.date().unix_seconds)
    }

    /// The same with the size that was delivered, where the message was read: the source's own word for it may be wrong.
    fn sent(&self, pending: usize) -> (u64, i64) {
        let (size, date) = self.look(pending);
        let read = self.readings.here.get(&self.pending[pending].uid);
        (read.map_or(size, |seen| seen.content.size), date)
    }

    fn look_there(&self, found: usize) -> (u64, i64) {
        (self.found[found].size, self.found[found].seconds)
    }

    fn pair_all(&mut self) -> SyncResult {
        if self.pending.iter().any(|item| item.intent) {
            // Whatever the source says of sizes: what was sent must not be taken for an equal message that was not.
            self.same_content()?;
        }
        self.only_intents = false;
        self.same_content()?;
        self.written_anew()?;
        self.unreadable()
    }

    /// The same content. Pairs that agree in date and flags too come first, whatever their sizes: a server that reports wrong sizes
    /// must not give a message the copy of its twin.
    fn same_content(&mut self) -> SyncResult {
        for rounds in [&ROUNDS[..1], &ROUNDS[1..]] {
            self.unchanged(rounds)?;
            self.changed(rounds)?;
        }
        Ok(())
    }

    /// The same size, date and header.
    fn unchanged(&mut self, rounds: &[Round]) -> SyncResult {
        let (pending, found) = self.open();
        let alike = classes(
            pending.into_iter().map(|w| (self.look(w), w)).collect(),
            found.into_iter().map(|f| (self.look_there(f), f)).collect(),
        );
        self.fetch_prints(&alike)?;
        let by_header = classes(
            alike
                .iter()
                .flat_map(|c| &c.wanted)
                .filter_map(|w| {
                    Some(((self.look(*w), self.readings.headers_here.get(&self.pending[*w].uid)?.normal), *w))
                })
                .collect(),
            alike
                .iter()
                .flat_map(|c| &c.found)
                .filter_map(|f| {
                    Some((
                        (self.look_there(*f), self.readings.headers_there.get(&self.found[*f].key)?.normal),
                        *f,
                    ))
                })
                .collect(),
        );
        // Equal headers prove nothing about the bodies below them.
        self.read(&by_header)?;
        for class in by_header {
            self.pair_by(&class, rounds, |seen| seen.content.digest);
        }
        Ok(())
    }

    /// The same but for what servers change.
    fn changed(&mut self, rounds: &[Round]) -> SyncResult {
        let (pending, found) = self.open();
        if pending.is_empty() || found.is_empty() {
            return Ok(());
        }
        let sizes: HashSet<_> = found.iter().map(|f| self.found[*f].size).collect();
        let dates: HashSet<_> = found.iter().map(|f| self.found[*f].seconds).collect();
        let few = pending.len() <= FEW;
        let likely = |w: &usize| {
            let item = &self.pending[*w];
            let look = self.look(*w);
            few || item.intent || sizes.contains(&look.0) || dates.contains(&look.1)
        };
        let pending: Vec<_> = pending.into_iter().filter(likely).collect();
        self.fetch_prints(&[Class { wanted: pending.clone(), found: found.clone() }])?;
        let by_header = classes(
            pending
                .into_iter()
                .filter_map(|w| Some((self.readings.headers_here.get(&self.pending[w].uid)?.normal, w)))
                .collect(),
            found
                .into_iter()
                .filter_map(|f| Some((self.readings.headers_there.get(&self.found[f].key)?.normal, f)))
                .collect(),
        );
        self.read(&by_header)?;
        for class in by_header {
            self.pair_by(&class, rounds, |seen| seen.normal);
        }
        Ok(())
    }

    /// Rewritten by the target, and recognised by its header's key alone. Both are read, so that the change is reported.
    fn written_anew(&mut self) -> SyncResult {
        let (pending, found) = self.open();
        let mut by_key = classes(
            pending
                .into_iter()
                .filter_map(|w| Some((self.readings.headers_here.get(&self.pending[w].uid)?.key?, w)))
                .collect(),
            found
                .into_iter()
                .filter_map(|f| Some((self.readings.headers_there.get(&self.found[f].key)?.key?, f)))
                .collect(),
        );
        by_key.retain(|class| match (&*class.wanted, &*class.found) {
            ([pending], [found]) => self.may_be_written_anew(*pending, *found),
            _ => false,
        });
        self.read(&by_key)?;
        by_key.iter().for_each(|class| self.pair(class.wanted[0], class.found[0]));
        Ok(())
    }

    /// A server that rewrites messages changes their headers. The same header above another body is another message, such as
    /// an earlier draft, unless this program may have sent it there.
    fn may_be_written_anew(&self, pending: usize, found: usize) -> bool {
        let item = &self.pending[pending];
        let header = self.readings.headers_here.get(&item.uid).map(|print| print.normal);
        let changed =
            header != self.readings.headers_there.get(&self.found[found].key).map(|print| print.normal);
        (item.intent || changed) && self.look(pending).1 == self.look_there(found).1
    }

    /// Target messages that cannot be read, and pending ones of the same size and date. For those that may have been sent, the same
    /// size or date will do where as many of them as of the others have it. Where the target delivers the header at least, it has to be
    /// the same, and is enough for those that may have been sent: servers may report wrong sizes and other dates.
    fn unreadable(&mut self) -> SyncResult {
        let reader = self.work.reader();
        let is_unreadable = |f: &usize| reader.why_unreadable(Whose::Target(self.found[*f].key)).is_some();
        let unreadable: Vec<_> = self.open().1.into_iter().filter(is_unreadable).collect();
        let rounds = [
            (true, true, true),
            (true, true, false),
            (true, false, false),
            (false, true, false),
            (false, false, false),
        ];
        for (by_header, (by_size, by_date, by_flags)) in
            [true, false].into_iter().flat_map(|by_header| rounds.map(|round| (by_header, round)))
        {
            if !by_header && !by_size && !by_date {
                continue;
            }
            let key = |(size, date): (u64, i64), flags: u32, header: Option<Digest>| {
                let rest = (by_size.then_some(size), by_date.then_some(date), by_flags.then_some(flags));
                (rest, header.filter(|_| by_header))
            };
            let header_here = |w: &usize| Some(self.readings.headers_here.get(&self.pending[*w].uid)?.normal);
            let header_there = |f: &usize| Some(self.readings.headers_there.get(&self.found[*f].key)?.normal);
            let may_be = |w: &usize| {
                let alike = (by_size && by_date) || self.pending[*w].intent;
                alike && (!by_header || header_here(w).is_some())
            };
            let open = self.open().0.into_iter().filter(may_be);
            let wanted = open.map(|w| (key(self.sent(w), self.sent_flags[w], header_here(&w)), w)).collect();
            let open = unreadable.iter().filter(|f| !self.paired.1.contains(f));
            let open = open.filter(|f| header_there(f).is_some() == by_header);
            let found =
                open.map(|f| (key(self.look_there(*f), self.found[*f].flags, header_there(f)), *f)).collect();
            for class in classes(wanted, found) {
                // Without size and date, only those that cannot be others.
                let (wanted, found) = (class.wanted.len(), class.found.len());
                let is_certain =
                    wanted == found || by_size && by_date || by_header && !by_date && wanted < found;
                let pairs = class.wanted.into_iter().zip(class.found).filter(|_| is_certain);
                pairs.for_each(|(pending, found)| self.pair(pending, found));
            }
        }
        let left: Vec<_> = unreadable.iter().filter(|f| !self.paired.1.contains(f)).collect();
        if left.is_empty() || self.open().0.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = left.iter().take(NAMED).map(|f| name_of(&self.found[**f].id)).collect();
        let reason = items::adopted_nothing_of(left.len(), &names);
        let item = SkippedItem::of_folder(self.work.path(), SkippedKind::NotVerified, reason);
        Ok(self.work.sync.diary.add_skipped(self.work.sync.sides.user.id, &[item])?)
    }

    fn fetch_prints(&mut self, of: &[Class<usize, usize>]) -> SyncResult {
        let (uids, ids) = self.members(of);
        self.readings.read_headers_here(self.work.reader(), self.lane, uids)?;
        self.readings.read_headers_there(self.work.reader(), self.lane, ids)
    }

    fn read(&mut self, of: &[Class<usize, usize>]) -> SyncResult {
        let (uids, ids) = self.members(of);
        self.readings.read_here(self.work.reader(), self.lane, uids)?;
        self.readings.read_there(self.work.reader(), self.lane, ids)
    }

    /// The members of these classes on both sides, as they are read.
    fn members(&self, of: &[Class<usize, usize>]) -> (Vec<Uid>, Vec<(TargetId, Whose)>) {
        let mut uids: Vec<_> = of.iter().flat_map(|c| &c.wanted).map(|w| self.pending[*w].uid).collect();
        uids.sort_unstable();
        let found = of.iter().flat_map(|c| &c.found).map(|f| &self.found[*f].id);
        (uids, of_nobody(found))
    }

    /// Pairs the members that are alike by this key. True duplicates differ in their date or flags alone, so those that agree
    /// in these as well come first; a target that shows other dates still shows whose flags they are, and dates that are near.
    fn pair_by<K: Ord>(&mut self, class: &Class<usize, usize>, rounds: &[Round], key: impl Fn(&Seen) -> K) {
        for &(by_date, by_flags) in rounds {
            let rest = |date: i64, flags: u32| (by_date.then_some(date), by_flags.then_some(flags));
            let wanted = class.wanted.iter().filter(|w| !self.paired.0.contains(w)).filter_map(|w| {
                let (seen, date) = (self.readings.here.get(&self.pending[*w].uid)?, self.look(*w).1);
                Some(((key(seen), rest(date, self.sent_flags[*w])), (date, *w)))
            });
            let found = class.found.iter().filter(|f| !self.paired.1.contains(f)).filter_map(|f| {
                let (seen, date) = (self.readings.there.get(&self.found[*f].key)?, self.found[*f].seconds);
                Some(((key(seen), rest(date, self.found[*f].flags)), (date, *f)))
            });
            let (wanted, found) = (wanted.collect(), found.collect());
            let paired = if by_flags { nearest_pairs(wanted, found) } else { alone(pairs(wanted, found)) };
            for (pending, found) in paired {
                self.pair(pending, found);
            }
        }
    }
}
