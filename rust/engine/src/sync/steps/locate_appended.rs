//! Where messages are that the target stored without telling their ids (no UIDPLUS).
//!
//! They are looked for among the target's messages that the ledger does not know: by date and size, by content where that leaves
//! a doubt, and by what servers change last.

use crate::sync::decide::diff::TargetKey;
use crate::sync::decide::duplicates::last_of_each;
use crate::sync::decide::item::FlagSets;
use crate::sync::decide::matching::{classes, pairs};
use crate::sync::failure::{Done, OnSide};
use crate::sync::steps::append_pipeline::Lane;
use crate::sync::steps::content;
use crate::sync::steps::copy::{Altered, Flying};
use crate::sync::work::{Final, FolderWork};
use imapmig_core::message::Uid;
use imapmig_core::ports::target::TargetMessage;
use imapmig_core::user::{LedgerState, TargetId};
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

impl FolderWork<'_> {
    /// Finds messages that the target stored without telling where: by date and size, and by content where that leaves a doubt.
    pub(crate) fn place(&self, flags: &FlagSets, lane: &mut Lane, stored: Vec<Flying>) -> Done {
        if stored.is_empty() {
            return Ok(());
        }
        for Flying { item, content } in &stored {
            self.has_size(item, content.size);
        }
        lane.target.open(&self.target_wire).at_target()?;
        let known = self.known_targets()?;
        let mut found = Vec::new();
        let each = &mut |message: TargetMessage| {
            let key = TargetKey::of(&message.id);
            if !known.contains(&key) {
                found.push((key, message));
            }
        };
        lane.target.inventory(self.known_below(), each).at_target()?;
        let found: Vec<_> = last_of_each(found).into_iter().map(|(_, message)| message).collect();
        let ids: Vec<_> = found.iter().map(|m| m.id.clone()).collect();
        let by_look = classes(
            stored.iter().map(|f| ((f.content.size, f.item.date().unix_seconds), *f)).collect(),
            found.iter().map(|m| ((m.size, m.internal_date.unix_seconds), m.id.clone())).collect(),
        );
        let mut placed: HashMap<Uid, TargetId> = HashMap::new();
        let mut taken_ids = HashSet::new();
        let mut sure = |flying: &Flying, id: TargetId| {
            taken_ids.insert(TargetKey::of(&id));
            placed.insert(flying.item.uid, id);
        };
        for class in by_look {
            let alike = class.wanted.iter().all(|f| f.content.digest == class.wanted[0].content.digest);
            if class.wanted.len() == class.found.len() && alike {
                class.wanted.iter().zip(class.found).for_each(|(flying, id)| sure(flying, id));
                continue;
            }
            let seen = content::at_target(lane.target.as_mut(), &class.found)?;
            let by_digest = class
                .found
                .into_iter()
                .filter_map(|id| seen.get(&TargetKey::of(&id)).map(|s| (s.content.digest, id)));
            let wanted = class.wanted.into_iter().map(|f| (f.content.digest, f)).collect();
            pairs(wanted, by_digest.collect()).into_iter().for_each(|(flying, id)| sure(&flying, id));
        }
        let (there, changed): (Vec<_>, Vec<_>) =
            stored.into_iter().partition(|f| placed.contains_key(&f.item.uid));
        let (doubtful, good): (Vec<_>, Vec<_>) =
            there.into_iter().partition(|f| f.content.traits.may_be_altered());
        let finals = good
            .into_iter()
            .map(|f| (f.item, LedgerState::Copied, placed.get(&f.item.uid).cloned(), Some(f.content.digest)));
        self.finish(flags, finals.collect())?;
        let rest = ids.into_iter().filter(|id| !taken_ids.contains(&TargetKey::of(id))).collect();
        self.place_changed(flags, lane, changed, rest)?;
        self.compare_doubtful(flags, lane, doubtful, &placed)
    }

    fn compare_doubtful(
        &self,
        flags: &FlagSets,
        lane: &mut Lane,
        doubtful: Vec<Flying>,
        placed: &HashMap<Uid, TargetId>,
    ) -> Done {
        let ids: Vec<_> = doubtful.iter().filter_map(|f| placed.get(&f.item.uid).cloned()).collect();
        let seen = content::at_target(lane.target.as_mut(), &ids)?;
        for (Flying { item, content }, id) in doubtful.into_iter().zip(ids) {
            let now = seen.get(&TargetKey::of(&id)).map(|s| s.content);
            if now.is_some_and(|now| now.digest == content.digest) {
                self.finish(flags, vec![(item, LedgerState::Copied, Some(id), Some(content.digest))])?;
            } else {
                let altered = Altered { item, sent: Some(content), now, id };
                self.note_altered(lane, flags, vec![altered], LedgerState::Copied)?;
            }
        }
        Ok(())
    }

    /// Messages that are at the target with another size or date than they were sent with.
    fn place_changed(
        &self,
        flags: &FlagSets,
        lane: &mut Lane,
        changed: Vec<Flying>,
        candidates: Vec<TargetId>,
    ) -> Done {
        if changed.is_empty() {
            return Ok(());
        }
        let uids: Vec<_> = changed.iter().map(|f| f.item.uid).collect();
        let here = content::at_source(lane.source.as_mut(), &uids)?;
        let there = content::at_target(lane.target.as_mut(), &candidates)?;
        let wanted = changed.iter().filter_map(|f| here.get(&f.item.uid).map(|s| (s.normal, *f))).collect();
        let found = candidates.into_iter().filter_map(|id| {
            let seen = there.get(&TargetKey::of(&id))?;
            Some((seen.normal, (id, seen.content)))
        });
        for (Flying { item, content }, (id, now)) in pairs(wanted, found.collect()) {
            if now.digest == content.digest {
                self.finish(flags, vec![(item, LedgerState::Copied, Some(id), Some(content.digest))])?;
            } else {
                let altered = Altered { item, sent: Some(content), now: Some(now), id };
                self.note_altered(lane, flags, vec![altered], LedgerState::Copied)?;
            }
        }
        // What is not found this way either was stored all the same: the server said so.
        let finals = self.unfinished(&changed)?;
        self.finish(flags, finals)
    }

    fn unfinished(&self, stored: &[Flying]) -> Done<Vec<Final>> {
        let mut intents = HashSet::new();
        self.sync.store.ledger(self.checkpoint.id, &mut |entry| {
            if entry.state == LedgerState::Intent {
                intents.insert(entry.uid);
            }
            ControlFlow::Continue(())
        })?;
        let left = stored.iter().filter(|f| intents.contains(&f.item.uid));
        Ok(left.map(|f| (f.item, LedgerState::Copied, None, Some(f.content.digest))).collect())
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
