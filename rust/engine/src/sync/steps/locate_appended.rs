//! Finds messages that the target stored without reporting their UIDs (no UIDPLUS).
//!
//! Its OK is all there is, so every candidate is read back and compared: only then is it certain that the whole message was
//! stored, and which one. Candidates are the target's messages that the ledger does not know.

use crate::sync::decide::duplicates::last_of_each;
use crate::sync::decide::flag_delta::taken;
use crate::sync::decide::item::{FlagSets, TargetKey};
use crate::sync::decide::matching::pairs_in_turn;
use crate::sync::decide::outcome::{Altered, Sent};
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::sessions::Lane;
use crate::sync::skipped;
use crate::sync::steps::content::{self, Seen};
use crate::sync::steps::wait_until_stable;
use crate::sync::work::FolderWork;
use imapmig_core::fingerprint::HeaderPrint;
use imapmig_core::message::{Digest, Flags};
use imapmig_core::ports::target::{TargetMessage, TargetSession};
use imapmig_core::user::LedgerState;
use std::collections::HashSet;

/// What identifies a message, and the date and flags that tell true duplicates apart.
type Key = (Digest, Option<i64>, Option<Flags>);

/// What one side shows of a message. Absent: not read.
#[derive(Default)]
struct Look {
    digest: Option<Digest>,
    normal: Option<Digest>,
    header: Option<HeaderPrint>,
    date: i64,
    flags: Flags,
}

impl Look {
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
    let ids: Vec<_> = candidates.iter().map(|m| m.id.clone()).collect();
    let read = content::at_target(&mut lane.target, &ids)?;
    let seen = |m: &TargetMessage| read.get(&TargetKey::of(&m.id));
    let mut there: Vec<_> = candidates.iter().map(|m| look_there(m, seen(m))).collect();
    let mut here: Vec<_> = stored.iter().map(|f| look_here(work, flags, f)).collect();
    let digests: HashSet<_> = there.iter().filter_map(|look| look.digest).collect();
    if stored.iter().any(|f| !digests.contains(&f.content.digest)) {
        look_closer(lane, (&stored, &mut here), (&candidates, &mut there))?;
    }
    let keys = |looks: &[Look]| looks.iter().map(Look::keys).collect::<Vec<_>>();
    let pairs = pairs_in_turn(&keys(&here), &keys(&there));
    let mut finals = Vec::new();
    let mut altered = Vec::new();
    let mut found = HashSet::new();
    for (at, candidate) in pairs {
        let Sent { item, content } = stored[at];
        let id = candidates[candidate].id.clone();
        let now = seen(&candidates[candidate]).map(|s| s.content);
        work.has_size(&item, content.size);
        found.insert(at);
        if now.is_some_and(|now| now.digest == content.digest) {
            work.is_compared(item.uid);
            finals.push((item, LedgerState::Copied, Some(id), Some(content.digest)));
        } else {
            altered.push(Altered { item, sent: Some(content), now, id });
        }
    }
    work.ledger.finish(flags, finals)?;
    skipped::finish_altered(work, lane, flags, altered, LedgerState::Copied)?;
    let left = stored.into_iter().enumerate().filter(|(at, _)| !found.contains(at));
    Ok(left.map(|(_, sent)| sent).collect())
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

fn look_here(work: &FolderWork<'_>, flags: &FlagSets, sent: &Sent) -> Look {
    Look {
        digest: Some(sent.content.digest),
        date: sent.item.date().unix_seconds,
        flags: taken(flags.of(&sent.item), &work.keywords),
        ..Look::default()
    }
}

/// Adds what is only needed when some message is not there as it was sent.
fn look_closer(
    lane: &mut Lane,
    (stored, here): (&[Sent], &mut [Look]),
    (candidates, there): (&[TargetMessage], &mut [Look]),
) -> SyncResult {
    let uids: Vec<_> = stored.iter().map(|f| f.item.uid).collect();
    let ids: Vec<_> = candidates.iter().map(|m| m.id.clone()).collect();
    let read = content::at_source(&mut lane.source, &uids)?;
    let headers = content::prints_at_source(&mut lane.source, &uids)?;
    for (look, uid) in here.iter_mut().zip(&uids) {
        look.normal = read.get(uid).map(|seen| seen.normal);
        look.header = headers.get(uid).copied();
    }
    let headers = content::prints_at_target(&mut lane.target, &ids)?;
    for (look, id) in there.iter_mut().zip(&ids) {
        look.header = headers.get(&TargetKey::of(id)).copied();
    }
    Ok(())
}

fn look_there(message: &TargetMessage, seen: Option<&Seen>) -> Look {
    Look {
        digest: seen.map(|s| s.content.digest),
        normal: seen.map(|s| s.normal),
        header: None,
        date: message.internal_date.unix_seconds,
        flags: message.flags.clone(),
    }
}
