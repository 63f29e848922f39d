//! Finds messages that the target stored without telling their UIDs (no UIDPLUS).
//!
//! Its OK is all there is, so every candidate is read back and compared: only then is it certain that the whole message was
//! stored, and which one. Candidates are the target's messages that the ledger does not know.

use crate::sync::decide::diff::TargetKey;
use crate::sync::decide::duplicates::last_of_each;
use crate::sync::decide::item::FlagSets;
use crate::sync::decide::matching::pairs_in_turn;
use crate::sync::failure::{Done, OnSide};
use crate::sync::steps::append_pipeline::Lane;
use crate::sync::steps::carry_flags::taken;
use crate::sync::steps::content::{self, Seen};
use crate::sync::steps::copy::{Altered, Flying};
use crate::sync::work::FolderWork;
use imapmig_core::fingerprint::HeaderPrint;
use imapmig_core::message::{Digest, Flags};
use imapmig_core::ports::target::TargetMessage;
use imapmig_core::user::LedgerState;
use std::collections::HashSet;
use std::ops::ControlFlow;

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
            [key(Some(self.date), Some(self.flags.clone())), key(Some(self.date), None), key(None, None)]
        });
        let header = self.header.map(|print| (print.normal, None, None));
        let fields = self.header.and_then(|print| print.key).map(|fields| (fields, None, None));
        contents.chain([header, fields]).collect()
    }
}

impl FolderWork<'_> {
    /// Finds these messages and writes down where they are. Returns those that the target does not show, although it said that
    /// it stored them: they are looked for twice, the second time when nothing arrives any more.
    pub(crate) fn locate(&self, flags: &FlagSets, lane: &mut Lane, stored: Vec<Flying>) -> Done<Vec<Flying>> {
        if stored.is_empty() {
            return Ok(stored);
        }
        self.open_target(lane)?;
        let left = self.locate_once(flags, lane, stored)?;
        if left.is_empty() {
            return Ok(left);
        }
        self.wait_for_quiet(lane)?;
        self.locate_once(flags, lane, left)
    }

    fn locate_once(&self, flags: &FlagSets, lane: &mut Lane, stored: Vec<Flying>) -> Done<Vec<Flying>> {
        let candidates = self.candidates(lane)?;
        let ids: Vec<_> = candidates.iter().map(|m| m.id.clone()).collect();
        let read = content::at_target(lane.target.as_mut(), &ids)?;
        let seen = |m: &TargetMessage| read.get(&TargetKey::of(&m.id));
        let mut there: Vec<_> = candidates.iter().map(|m| look_there(m, seen(m))).collect();
        let mut here: Vec<_> = stored.iter().map(|f| self.look_here(flags, f)).collect();
        let digests: HashSet<_> = there.iter().filter_map(|look| look.digest).collect();
        if stored.iter().any(|f| !digests.contains(&f.content.digest)) {
            self.look_closer(lane, (&stored, &mut here), (&candidates, &mut there))?;
        }
        let keys = |looks: &[Look]| looks.iter().map(Look::keys).collect::<Vec<_>>();
        let pairs = pairs_in_turn(&keys(&here), &keys(&there));
        let mut finals = Vec::new();
        let mut altered = Vec::new();
        let mut found = HashSet::new();
        for (at, candidate) in pairs {
            let Flying { item, content } = stored[at];
            let id = candidates[candidate].id.clone();
            let now = seen(&candidates[candidate]).map(|s| s.content);
            self.has_size(&item, content.size);
            found.insert(at);
            if now.is_some_and(|now| now.digest == content.digest) {
                finals.push((item, LedgerState::Copied, Some(id), Some(content.digest)));
            } else {
                altered.push(Altered { item, sent: Some(content), now, id });
            }
        }
        self.finish(flags, finals)?;
        self.note_altered(lane, flags, altered, LedgerState::Copied)?;
        let left = stored.into_iter().enumerate().filter(|(at, _)| !found.contains(at));
        Ok(left.map(|(_, flying)| flying).collect())
    }

    /// The target's messages that the ledger does not know.
    fn candidates(&self, lane: &mut Lane) -> Done<Vec<TargetMessage>> {
        let known = self.known_targets()?;
        let mut found = Vec::new();
        let each = &mut |message: TargetMessage| {
            let key = TargetKey::of(&message.id);
            if !known.contains(&key) {
                found.push((key, message));
            }
        };
        lane.target.inventory(self.known_below(), each).at_target()?;
        Ok(last_of_each(found).into_iter().map(|(_, message)| message).collect())
    }

    fn look_here(&self, flags: &FlagSets, flying: &Flying) -> Look {
        Look {
            digest: Some(flying.content.digest),
            date: flying.item.date().unix_seconds,
            flags: taken(flags.of(&flying.item), &self.keywords),
            ..Look::default()
        }
    }

    /// Adds what is only needed when some message is not there as it was sent.
    fn look_closer(
        &self,
        lane: &mut Lane,
        (stored, here): (&[Flying], &mut [Look]),
        (candidates, there): (&[TargetMessage], &mut [Look]),
    ) -> Done {
        let uids: Vec<_> = stored.iter().map(|f| f.item.uid).collect();
        let ids: Vec<_> = candidates.iter().map(|m| m.id.clone()).collect();
        let read = content::at_source(lane.source.as_mut(), &uids)?;
        let headers = content::prints_at_source(lane.source.as_mut(), &uids)?;
        for (look, uid) in here.iter_mut().zip(&uids) {
            look.normal = read.get(uid).map(|seen| seen.normal);
            look.header = headers.get(uid).copied();
        }
        let headers = content::prints_at_target(lane.target.as_mut(), &ids)?;
        for (look, id) in there.iter_mut().zip(&ids) {
            look.header = headers.get(&TargetKey::of(id)).copied();
        }
        Ok(())
    }

    pub(crate) fn known_targets(&self) -> Done<HashSet<TargetKey>> {
        let mut known = HashSet::new();
        self.sync.store.ledger(self.checkpoint.id, &mut |entry| {
            known.extend(entry.target.as_ref().map(TargetKey::of));
            ControlFlow::Continue(())
        })?;
        Ok(known)
    }
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
