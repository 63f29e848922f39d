//! Finds pending messages at the target before any of them is appended: after a crash, a lost answer, a batch that was made anew,
//! a changed UIDVALIDITY.
//!
//! Target messages that the ledger does not know are matched with pending ones as multisets: two equal source messages need two
//! target messages. First those of the same size, date, header and whole content: a header alone proves nothing.
//! Then those that a server may have changed: the same header and content but for what servers change. Last
//! those that a target wrote anew: the same Message-ID, Date, From and Subject, unique on both sides, and the same internal date.

use crate::sync::decide::diff::Plan;
use crate::sync::decide::duplicates::last_of_each;
use crate::sync::decide::flag_delta::FlagChange;
use crate::sync::decide::flag_delta::{is_deleted, lacking, taken, undeleted, united};
use crate::sync::decide::item::{Item, TargetKey};
use crate::sync::decide::matching::{Class, classes, nearest_pairs, pairs};
use crate::sync::decide::outcome::Altered;
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::sessions::Lane;
use crate::sync::skipped;
use crate::sync::steps::content::{self, Seen};
use crate::sync::work::FolderWork;
use imapmig_core::fingerprint::HeaderPrint;
use imapmig_core::message::{Flags, Uid};
use imapmig_core::ports::target::{OpenTarget, TargetMessage, TargetSession};
use imapmig_core::user::{LedgerState, TargetId};
use std::collections::{HashMap, HashSet};

/// With no more pending messages than this, all their headers are looked at for messages that a server changed.
const FEW: usize = 2_000;

/// Whether equal messages have to agree in their date, and in their flags.
type Round = (bool, bool);

/// From full agreement to none.
const ROUNDS: [Round; 4] = [(true, true), (true, false), (false, true), (false, false)];

/// A target message that the ledger does not know.
struct Found {
    id: TargetId,
    key: TargetKey,
    size: u64,
    seconds: i64,
    flags: u32,
}

struct Adoption<'a, 'w> {
    work: &'a FolderWork<'w>,
    lane: &'a mut Lane,
    pending: &'a [Item],
    /// Only messages whose copy was interrupted look for a partner.
    only_intents: bool,
    /// The flags that each pending message was sent with, or would be.
    sent_flags: Vec<u32>,
    found: Vec<Found>,
    here: HashMap<Uid, HeaderPrint>,
    there: HashMap<TargetKey, HeaderPrint>,
    read_here: HashMap<Uid, Seen>,
    read_there: HashMap<TargetKey, Seen>,
    /// Pending and found messages that are the same, by their places.
    pairs: Vec<(usize, usize)>,
    paired: (HashSet<usize>, HashSet<usize>),
}

/// Adopts what is at the target already; what remains in the plan was not there when it was looked at. The folder is open on
/// both sides.
pub(crate) fn run(
    work: &FolderWork<'_>,
    lane: &mut Lane,
    plan: &mut Plan,
    target: &OpenTarget,
    adopt_flags: bool,
) -> SyncResult {
    if plan.pending.is_empty() {
        return Ok(());
    }
    // Intents first, so that of equal messages those are settled that may have been stored.
    let flags = &plan.flags;
    plan.pending.sort_by_key(|i| (!i.intent, is_deleted(flags.of(i)), i.uid));
    let (found, unknown_from) = unknown_at_target(work, lane, plan, target)?;
    if !found.is_empty() {
        let pending = std::mem::take(&mut plan.pending);
        let sent_flags = sent_flags(work, plan, &pending);
        let mut adoption = Adoption {
            work,
            lane,
            pending: &pending,
            only_intents: true,
            sent_flags,
            found,
            here: HashMap::new(),
            there: HashMap::new(),
            read_here: HashMap::new(),
            read_there: HashMap::new(),
            pairs: Vec::new(),
            paired: Default::default(),
        };
        if pending.iter().any(|item| item.intent) {
            // Whatever the source says of sizes: what was sent must not be taken for an equal message that was not.
            adoption.same_content()?;
        }
        adoption.only_intents = false;
        adoption.same_content()?;
        adoption.written_anew()?;
        adoption.adopt(plan, adopt_flags)?;
        let adopted = adoption.paired.0;
        plan.pending = pending
            .iter()
            .enumerate()
            .filter(|(at, _)| !adopted.contains(at))
            .map(|(_, item)| *item)
            .collect();
    }
    work.ledger.set_known_below(unknown_from);
    Ok(())
}

/// The flags that each pending message was sent with, or would be.
fn sent_flags(work: &FolderWork<'_>, plan: &mut Plan, pending: &[Item]) -> Vec<u32> {
    let intended: HashMap<_, _> = plan.intended.iter().cloned().collect();
    let sent = |item: &Item| {
        let flags = intended.get(&item.uid).unwrap_or_else(|| plan.flags.of(item));
        let flags = taken(flags, &work.keywords);
        plan.flags.number(&flags)
    };
    pending.iter().map(sent).collect()
}

/// The target's messages that the ledger does not know, and the UID from which on nothing is known after that.
fn unknown_at_target(
    work: &FolderWork<'_>,
    lane: &mut Lane,
    plan: &mut Plan,
    target: &OpenTarget,
) -> SyncResult<(Vec<Found>, Uid)> {
    let mut unknown_from = target.uid_next;
    let mut found = Vec::new();
    if target.exists == 0 {
        return Ok((Vec::new(), unknown_from));
    }
    let strays = work.sync.ledger.doubts(work.checkpoint.id)?.strays;
    let mut each = |message: TargetMessage| {
        if let TargetId::Uid(uid) = message.id {
            if strays.binary_search(&uid).is_ok() {
                return;
            }
            unknown_from = unknown_from.max(Uid(uid.0.saturating_add(1)));
        }
        let key = TargetKey::of(&message.id);
        if plan.knows(key) {
            return;
        }
        let one = Found {
            flags: plan.flags.number(&message.flags),
            id: message.id,
            key,
            size: message.size,
            seconds: message.internal_date.unix_seconds,
        };
        found.push((key, one));
    };
    lane.target.inventory(work.ledger.known_below(), &mut each).at_target()?;
    let mut found: Vec<_> = last_of_each(found).into_iter().map(|(_, one)| one).collect();
    // Among equals, one that is marked as deleted is chosen last.
    found.sort_by_key(|f: &Found| is_deleted(plan.flags.set(f.flags)));
    Ok((found, unknown_from))
}

/// The places without their dates.
fn alone(pairs: Vec<((i64, usize), (i64, usize))>) -> Vec<(usize, usize)> {
    pairs.into_iter().map(|(wanted, found)| (wanted.1, found.1)).collect()
}

impl Adoption<'_, '_> {
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

    fn look_there(&self, found: usize) -> (u64, i64) {
        (self.found[found].size, self.found[found].seconds)
    }

    /// The same content. Pairs that agree in date and flags too come first, whatever their sizes: a server that gives wrong sizes
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
                .filter_map(|w| Some(((self.look(*w), self.here.get(&self.pending[*w].uid)?.normal), *w)))
                .collect(),
            alike
                .iter()
                .flat_map(|c| &c.found)
                .filter_map(|f| {
                    Some(((self.look_there(*f), self.there.get(&self.found[*f].key)?.normal), *f))
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
                .filter_map(|w| Some((self.here.get(&self.pending[w].uid)?.normal, w)))
                .collect(),
            found.into_iter().filter_map(|f| Some((self.there.get(&self.found[f].key)?.normal, f))).collect(),
        );
        self.read(&by_header)?;
        for class in by_header {
            self.pair_by(&class, rounds, |seen| seen.normal);
        }
        Ok(())
    }

    /// Written anew by the target, and recognised by its header's key alone. Both are read, so that the change is reported.
    fn written_anew(&mut self) -> SyncResult {
        let (pending, found) = self.open();
        let mut by_key = classes(
            pending
                .into_iter()
                .filter_map(|w| Some((self.here.get(&self.pending[w].uid)?.key?, w)))
                .collect(),
            found.into_iter().filter_map(|f| Some((self.there.get(&self.found[f].key)?.key?, f))).collect(),
        );
        by_key.retain(|class| match (&*class.wanted, &*class.found) {
            ([pending], [found]) => self.may_be_written_anew(*pending, *found),
            _ => false,
        });
        self.read(&by_key)?;
        by_key.iter().for_each(|class| self.pair(class.wanted[0], class.found[0]));
        Ok(())
    }

    /// A server that writes messages anew changes their headers. The same header above another body is another message, such as
    /// an earlier draft, unless this program may have sent it there.
    fn may_be_written_anew(&self, pending: usize, found: usize) -> bool {
        let item = &self.pending[pending];
        let header = self.here.get(&item.uid).map(|print| print.normal);
        let changed = header != self.there.get(&self.found[found].key).map(|print| print.normal);
        (item.intent || changed) && self.look(pending).1 == self.look_there(found).1
    }

    fn fetch_prints(&mut self, of: &[Class<usize, usize>]) -> SyncResult {
        let uids = of.iter().flat_map(|c| &c.wanted).map(|w| self.pending[*w].uid);
        let mut uids: Vec<_> = uids.filter(|uid| !self.here.contains_key(uid)).collect();
        uids.sort_unstable();
        let found = of.iter().flat_map(|c| &c.found).map(|f| &self.found[*f]);
        let ids: Vec<_> = found.filter(|f| !self.there.contains_key(&f.key)).map(|f| f.id.clone()).collect();
        self.here.extend(content::prints_at_source(&mut self.lane.source, &uids)?);
        self.there.extend(content::prints_at_target(&mut self.lane.target, &ids)?);
        Ok(())
    }

    fn read(&mut self, of: &[Class<usize, usize>]) -> SyncResult {
        let uids = of.iter().flat_map(|c| &c.wanted).map(|w| self.pending[*w].uid);
        let mut uids: Vec<_> = uids.filter(|uid| !self.read_here.contains_key(uid)).collect();
        uids.sort_unstable();
        let found = of.iter().flat_map(|c| &c.found).map(|f| &self.found[*f]);
        let ids: Vec<_> =
            found.filter(|f| !self.read_there.contains_key(&f.key)).map(|f| f.id.clone()).collect();
        self.read_here.extend(content::at_source(&mut self.lane.source, &uids)?);
        self.read_there.extend(content::at_target(&mut self.lane.target, &ids)?);
        Ok(())
    }

    /// Pairs the members that are alike by this key. True duplicates differ in their date or flags alone, so those that agree
    /// in these as well come first; a target that shows other dates still shows whose flags they are, and dates that are near.
    fn pair_by<K: Ord>(&mut self, class: &Class<usize, usize>, rounds: &[Round], key: impl Fn(&Seen) -> K) {
        for &(by_date, by_flags) in rounds {
            let rest = |date: i64, flags: u32| (by_date.then_some(date), by_flags.then_some(flags));
            let wanted = class.wanted.iter().filter(|w| !self.paired.0.contains(w)).filter_map(|w| {
                let (seen, date) = (self.read_here.get(&self.pending[*w].uid)?, self.look(*w).1);
                Some(((key(seen), rest(date, self.sent_flags[*w])), (date, *w)))
            });
            let found = class.found.iter().filter(|f| !self.paired.1.contains(f)).filter_map(|f| {
                let (seen, date) = (self.read_there.get(&self.found[*f].key)?, self.found[*f].seconds);
                Some(((key(seen), rest(date, self.found[*f].flags)), (date, *f)))
            });
            let (wanted, found) = (wanted.collect(), found.collect());
            let paired = if by_flags { nearest_pairs(wanted, found) } else { alone(pairs(wanted, found)) };
            for (pending, found) in paired {
                self.pair(pending, found);
            }
        }
    }

    /// Writes the pairs into the ledger, with the flags that the target lacks.
    fn adopt(&mut self, plan: &mut Plan, adopt_flags: bool) -> SyncResult {
        let mut finals = Vec::new();
        let mut altered = Vec::new();
        let mut set = Vec::new();
        let mut matched = std::mem::take(&mut self.pairs);
        let intended: HashMap<_, _> = plan.intended.iter().cloned().collect();
        matched.sort_unstable();
        for (at, found) in matched {
            let (item, found) = (self.pending[at], &self.found[found]);
            let here = self.read_here.get(&item.uid).map(|s| s.content);
            let there = self.read_there.get(&found.key).map(|s| s.content);
            match (here, there) {
                (Some(here), Some(there)) if here.digest != there.digest => {
                    let id = found.id.clone();
                    altered.push(Altered { item, sent: Some(here), now: Some(there), id });
                }
                _ => {
                    if here.is_some() && there.is_some() {
                        self.work.is_compared(item.uid);
                    }
                    let digest = here.map(|c| c.digest);
                    finals.push((item, LedgerState::Adopted, Some(found.id.clone()), digest));
                }
            }
            let has = plan.flags.set(found.flags);
            if let Some(before) = intended.get(&item.uid).cloned() {
                let after = plan.flags.of(&item).clone();
                plan.changes.push(FlagChange { uid: item.uid, target: found.id.clone(), before, after });
            } else if adopt_flags {
                self.work.gives_flags(item.uid);
                let wanted = taken(&self.adoptable(plan.flags.of(&item), &item), &self.work.keywords);
                if !lacking(&wanted, has).is_empty() {
                    set.push((found.id.clone(), united(has, &wanted)));
                }
            }
            plan.known.push(found.key);
        }
        plan.known.sort_unstable();
        if !set.is_empty() {
            self.lane.target.set_flags(&set).at_target()?;
        }
        let number = finals.len() + altered.len();
        for finals in finals.chunks(500) {
            self.work.ledger.finish(&plan.flags, finals.to_vec())?;
        }
        skipped::finish_altered(self.work, self.lane, &plan.flags, altered, LedgerState::Adopted)?;
        if number > 0 {
            let folder = &self.work.mapping.source.path;
            self.work
                .progress
                .report(&format!("\"{folder}\": {number} messages were found at the target"))?;
        }
        Ok(())
    }

    /// A message that may be a user's own is not marked as deleted.
    fn adoptable(&self, flags: &Flags, item: &Item) -> Flags {
        if item.intent { flags.clone() } else { undeleted(flags) }
    }
}
