//! Finds messages that the target stored without reporting their UIDs (no UIDPLUS).
//!
//! Its OK is all there is, so every candidate is read back and compared: only then is it certain that the whole message was
//! stored, and which one. Candidates are the target's messages that the ledger does not know.

use crate::sync::decide::duplicates::last_of_each;
use crate::sync::decide::flag_delta::taken;
use crate::sync::decide::item::{FlagSets, TargetKey};
use crate::sync::decide::matching::pairs_in_turn;
use crate::sync::decide::poison::Whose;
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::outcome::{Altered, Sent};
use crate::sync::readings::{Readings, of_nobody};
use crate::sync::sessions::Lane;
use crate::sync::skipped;
use crate::sync::steps::wait_until_stable;
use crate::sync::work::FolderWork;
use imapmig_core::fingerprint::HeaderPrint;
use imapmig_core::message::{Digest, Flags};
use imapmig_core::ports::target::{TargetMessage, TargetSession};
use imapmig_core::user::LedgerState;
use std::collections::HashSet;

/// What identifies a message, and the date and flags by which true duplicates differ.
type Key = (Digest, Option<i64>, Option<Flags>);

/// What one side shows of a message. Absent: not read.
struct Clues {
    digest: Option<Digest>,
    normal: Option<Digest>,
    header: Option<HeaderPrint>,
    date: i64,
    flags: Flags,
}

impl Clues {
    /// The keys of this message in the order in which they are tried: the whole content, the content but for what servers change,
    /// and the header of a message whose body was stored otherwise or in part.
    fn keys(&self) -> Vec<Option<Key>> {
        let contents = [self.digest, self.normal].into_iter().flat_map(|digest| {
            let key = |date, flags| digest.map(|digest| (digest, date, flags));
            let flags = || Some(self.flags.clone());
            [
                key(Some(self.date), flags()),
                key(Some(self.date), None),
                // A target that shows other dates still shows whose flags they are.
                key(None, flags()),
                key(None, None),
            ]
        });
        let header = self.header.map(|print| (print.normal, None, None));
        let fields = self.header.and_then(|print| print.key).map(|fields| (fields, None, None));
        contents.chain([header, fields]).collect()
    }
}

/// Finds these messages and writes down where they are. Returns those that the target does not show, although it said that
/// it stored them: they are looked for twice, the second time when nothing arrives any more.
pub(crate) fn run(
    work: &FolderWork<'_>,
    flags: &FlagSets,
    lane: &mut Lane,
    stored: Vec<Sent>,
) -> SyncResult<Vec<Sent>> {
    if stored.is_empty() {
        return Ok(stored);
    }
    lane.enter_target(&work.pair)?;
    let left = locate_once(work, flags, lane, stored)?;
    if left.is_empty() {
        return Ok(left);
    }
    wait_until_stable::run(work, lane)?;
    locate_once(work, flags, lane, left)
}

fn locate_once(
    work: &FolderWork<'_>,
    flags: &FlagSets,
    lane: &mut Lane,
    stored: Vec<Sent>,
) -> SyncResult<Vec<Sent>> {
    let candidates = candidates(work, lane)?;
    let (reader, ids) = (work.reader(), of_nobody(candidates.iter().map(|m| &m.id)));
    reader.with(|readings| {
        readings.read_there(reader, lane, ids)?;
        let digests: HashSet<_> = readings.there.values().map(|seen| seen.content.digest).collect();
        if stored.iter().any(|f| !digests.contains(&f.content.digest)) {
            read_closely(work, lane, readings, &stored, &candidates)?;
        }
        let here: Vec<_> = stored.iter().map(|f| clues_here(work, flags, f, readings).keys()).collect();
        let there: Vec<_> = candidates.iter().map(|m| clues_there(m, readings).keys()).collect();
        let mut pairs = pairs_in_turn(&here, &there);
        pairs.extend(unreadable(work, &stored, &candidates, &pairs));
        let mut finals = Vec::new();
        let mut altered = Vec::new();
        let mut found = HashSet::new();
        for (at, candidate) in pairs {
            let Sent { item, content } = stored[at];
            let id = candidates[candidate].id.clone();
            let now = readings.there.get(&TargetKey::of(&id)).map(|seen| seen.content);
            work.has_size(&item, content.size);
            found.insert(at);
            match now {
                Some(now) if now.digest == content.digest => {
                    work.is_compared(item.uid);
                    finals.push((item, LedgerState::Copied, Some(id), Some(content.digest)));
                }
                Some(now) => altered.push(Altered { item, sent: Some(content), now: Some(now), id }),
                // The verification reads what has no digest, and reports it.
                None => finals.push((item, LedgerState::Copied, Some(id), None)),
            }
        }
        work.ledger.finish(flags, finals)?;
        skipped::finish_altered(work, lane, flags, altered, LedgerState::Copied)?;
        let left = stored.into_iter().enumerate().filter(|(at, _)| !found.contains(at));
        Ok(left.map(|(_, sent)| sent).collect())
    })
}

/// Pairs what is left with candidates over which the connection ends: of the same size and date, or at least one of the two.
fn unreadable(
    work: &FolderWork<'_>,
    stored: &[Sent],
    candidates: &[TargetMessage],
    paired: &[(usize, usize)],
) -> Vec<(usize, usize)> {
    let (here, there): (HashSet<_>, HashSet<_>) = paired.iter().copied().unzip();
    let is_unreadable =
        |m: &TargetMessage| work.reader().why_unreadable(Whose::Target(TargetKey::of(&m.id))).is_some();
    let keys = |(size, date): (u64, i64)| {
        [(Some(size), Some(date)), (Some(size), None), (None, Some(date))].map(Some)
    };
    let none = || [None; 3];
    let open = |at: usize, sent: &Sent| match here.contains(&at) {
        false => keys((sent.content.size, sent.item.date().unix_seconds)),
        true => none(),
    };
    let candidate = |at: usize, m: &TargetMessage| match !there.contains(&at) && is_unreadable(m) {
        true => keys((m.size, m.internal_date.unix_seconds)),
        false => none(),
    };
    let wanted: Vec<_> = stored.iter().enumerate().map(|(at, sent)| open(at, sent).to_vec()).collect();
    let found: Vec<_> = candidates.iter().enumerate().map(|(at, m)| candidate(at, m).to_vec()).collect();
    pairs_in_turn(&wanted, &found)
}

/// The target's messages that the ledger does not know.
fn candidates(work: &FolderWork<'_>, lane: &mut Lane) -> SyncResult<Vec<TargetMessage>> {
    let mut found = Vec::new();
    let each = &mut |message: TargetMessage| {
        let key = TargetKey::of(&message.id);
        if !work.ledger.knows(key) {
            found.push((key, message));
        }
    };
    lane.target.inventory(work.ledger.known_below(), each).at_target()?;
    Ok(last_of_each(found).into_iter().map(|(_, message)| message).collect())
}

/// Reads what is only needed when some message is not there as it was sent.
fn read_closely(
    work: &FolderWork<'_>,
    lane: &mut Lane,
    readings: &mut Readings,
    stored: &[Sent],
    candidates: &[TargetMessage],
) -> SyncResult {
    let reader = work.reader();
    let uids: Vec<_> = stored.iter().map(|f| f.item.uid).collect();
    readings.read_here(reader, lane, uids.clone())?;
    readings.read_headers_here(reader, lane, uids)?;
    readings.read_headers_there(reader, lane, of_nobody(candidates.iter().map(|m| &m.id)))
}

fn clues_here(work: &FolderWork<'_>, flags: &FlagSets, sent: &Sent, readings: &Readings) -> Clues {
    let uid = &sent.item.uid;
    Clues {
        digest: Some(sent.content.digest),
        normal: readings.here.get(uid).map(|seen| seen.normal),
        header: readings.headers_here.get(uid).copied(),
        date: sent.item.date().unix_seconds,
        flags: taken(flags.of(&sent.item), &work.keywords),
    }
}

fn clues_there(message: &TargetMessage, readings: &Readings) -> Clues {
    let key = TargetKey::of(&message.id);
    let seen = readings.there.get(&key);
    Clues {
        digest: seen.map(|seen| seen.content.digest),
        normal: seen.map(|seen| seen.normal),
        header: readings.headers_there.get(&key).copied(),
        date: message.internal_date.unix_seconds,
        flags: message.flags.clone(),
    }
}
