//! Finds pending messages at the target before any of them is appended: after a crash, a lost answer, a batch that was created again,
//! a changed UIDVALIDITY.
//!
//! Which target messages are copies of which pending ones is found in `steps::pairing`.

use crate::messages::reports;
use crate::sync::decide::diff::Plan;
use crate::sync::decide::duplicates::last_of_each;
use crate::sync::decide::flag_delta::FlagChange;
use crate::sync::decide::flag_delta::{is_deleted, lacking, taken, undeleted, united};
use crate::sync::decide::item::{Item, TargetKey};
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::outcome::Altered;
use crate::sync::sessions::Lane;
use crate::sync::skipped;
use crate::sync::steps::pairing::{self, Found, Paired};
use crate::sync::work::FolderWork;
use imapmig_core::message::{Flags, Uid};
use imapmig_core::ports::target::{OpenTarget, TargetMessage, TargetSession};
use imapmig_core::user::{LedgerState, TargetId};
use std::collections::{HashMap, HashSet};

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
    // Intents first, so that of equal messages those are adopted first that may have been stored.
    let flags = &plan.flags;
    plan.pending.sort_by_key(|i| (!i.intent, is_deleted(flags.of(i)), i.uid));
    let (found, unknown_from) = unknown_at_target(work, lane, plan, target)?;
    if !found.is_empty() {
        let pending = std::mem::take(&mut plan.pending);
        let sent_flags = sent_flags(work, plan, &pending);
        let paired = pairing::run(work, lane, &pending, sent_flags, found)?;
        let adopted: HashSet<_> = paired.pairs.iter().map(|(at, _)| *at).collect();
        adopt(work, lane, &pending, paired, plan, adopt_flags)?;
        let left = pending.iter().enumerate().filter(|(at, _)| !adopted.contains(at));
        plan.pending = left.map(|(_, item)| *item).collect();
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
    let mut unknown_from = target.uid_next.unwrap_or_else(|| work.ledger.known_below());
    let mut found = Vec::new();
    if target.exists == 0 {
        return Ok((Vec::new(), unknown_from));
    }
    let second_copies = work.sync.ledger.late_duplicates(work.checkpoint.id)?.second_copies;
    let mut each = |message: TargetMessage| {
        if let TargetId::Uid(uid) = message.id {
            if second_copies.binary_search(&uid).is_ok() {
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

/// Writes the pairs into the ledger, with the flags that the target lacks.
fn adopt(
    work: &FolderWork<'_>,
    lane: &mut Lane,
    pending: &[Item],
    paired: Paired,
    plan: &mut Plan,
    adopt_flags: bool,
) -> SyncResult {
    let mut finals = Vec::new();
    let mut altered = Vec::new();
    let mut set = Vec::new();
    let Paired { found: all, mut readings, pairs: mut matched } = paired;
    let intended: HashMap<_, _> = plan.intended.iter().cloned().collect();
    matched.sort_unstable();
    for (at, found) in matched {
        let (item, found) = (pending[at], &all[found]);
        let here = readings.here.get(&item.uid).map(|s| s.content);
        let there = readings.there.get(&found.key).map(|s| s.content);
        readings.drop_pair(item.uid, found.key);
        match (here, there) {
            (Some(here), Some(there)) if here.digest != there.digest => {
                let id = found.id.clone();
                altered.push(Altered { item, sent: Some(here), now: Some(there), id });
            }
            _ => {
                // Without a digest it is not compared yet.
                let compared = here.filter(|_| there.is_some());
                if compared.is_some() {
                    work.is_compared(item.uid);
                }
                let digest = compared.map(|c| c.digest);
                finals.push((item, LedgerState::Adopted, Some(found.id.clone()), digest));
            }
        }
        let has = plan.flags.set(found.flags);
        if let Some(before) = intended.get(&item.uid).cloned() {
            let after = plan.flags.of(&item).clone();
            plan.changes.push(FlagChange { uid: item.uid, target: found.id.clone(), before, after });
        } else if adopt_flags {
            work.gives_flags(item.uid);
            let wanted = taken(&adoptable(plan.flags.of(&item), &item), &work.keywords);
            if !lacking(&wanted, has).is_empty() {
                set.push((found.id.clone(), united(has, &wanted)));
            }
        }
        plan.known.push(found.key);
    }
    plan.known.sort_unstable();
    if !set.is_empty() {
        lane.target.set_flags(&set).at_target()?;
    }
    let number = finals.len() + altered.len();
    for finals in finals.chunks(500) {
        work.ledger.finish(&plan.flags, finals.to_vec())?;
    }
    skipped::finish_altered(work, lane, &plan.flags, altered, LedgerState::Adopted)?;
    // What is not adopted is compared again if a connection ends over what is copied next. Reading it anew each time would hide which
    // message that is: only one that is first on its connection is suspect.
    work.reader().keep(readings);
    if number > 0 {
        let folder = &work.mapping.source.path;
        work.progress.report(&reports::adopted(folder, number))?;
    }
    Ok(())
}

/// A message that may be a user's own is not marked as deleted.
fn adoptable(flags: &Flags, item: &Item) -> Flags {
    if item.intent { flags.clone() } else { undeleted(flags) }
}
