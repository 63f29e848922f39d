//! Reads what the source says about a folder's messages, and lays it beside the ledger.

use crate::sync::decide::diff::{Listing, Plan, Planner};
use crate::sync::decide::item::{FlagSets, Item};
use crate::sync::decide::newest::Age;
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::sessions::Lane;
use crate::sync::work::FolderWork;
use imapmig_core::failure::Scope;
use imapmig_core::folder::WireName;
use imapmig_core::message::MessageMeta;
use imapmig_core::ports::source::{OpenSource, Scan, SourceSession};
use imapmig_core::ports::store::Ledger;
use imapmig_core::user::Checkpoint;
use std::cmp::Reverse;
use std::collections::HashSet;
use std::ops::ControlFlow;

/// Opens the folder at the source and lists it: what changed since the checkpoint if that is known, otherwise everything.
pub(crate) fn open_and_list(
    source: &mut dyn SourceSession,
    name: &WireName,
    known: Option<&Checkpoint>,
) -> SyncResult<(OpenSource, Listing)> {
    let since = known.filter(|c| c.complete).and_then(|c| Some((c.source_modseq?, c.source_validity)));
    if let Some((modseq, validity)) = since {
        let mut flags = FlagSets::default();
        let mut items = Vec::new();
        let scan = Scan::ChangedSince(modseq);
        let open = source.open_and_scan(name, scan, &mut into(&mut flags, &mut items)).at_source()?;
        if open.validity == validity && open.highest_modseq.is_some_and(|now| now >= modseq) {
            return Ok((open, Listing::new(flags, items, false)));
        }
        let listing = list(source, &open)?;
        return Ok((open, listing));
    }
    let mut flags = FlagSets::default();
    let mut items = Vec::new();
    let open = source.open_and_scan(name, Scan::All, &mut into(&mut flags, &mut items)).at_source()?;
    Ok((open, Listing::new(flags, items, true)))
}

/// Lists everything in the folder that is open at the source.
pub(crate) fn list(source: &mut dyn SourceSession, open: &OpenSource) -> SyncResult<Listing> {
    let mut flags = FlagSets::default();
    let mut items = Vec::new();
    if open.exists > 0 {
        source.scan(Scan::All, &mut into(&mut flags, &mut items)).at_source()?;
    }
    Ok(Listing::new(flags, items, true))
}

/// The dates of all messages of these folders.
pub(crate) fn ages<'f>(
    lane: &mut Lane,
    folders: impl Iterator<Item = (usize, &'f WireName)>,
) -> SyncResult<Vec<Age>> {
    let mut ages = Vec::new();
    for (number, name) in folders {
        let each = &mut |meta: MessageMeta| {
            ages.push((meta.internal_date.unix_seconds, Reverse(number), meta.uid));
            ControlFlow::Continue(())
        };
        match lane.source.open_and_scan(name, Scan::All, each) {
            // A folder that cannot be opened fails when its turn comes.
            Err(failure) if failure.scope > Scope::Mailbox => return Err(failure).at_source(),
            _ => {}
        }
    }
    Ok(ages)
}

fn into<'a>(
    flags: &'a mut FlagSets,
    items: &'a mut Vec<Item>,
) -> impl FnMut(MessageMeta) -> ControlFlow<()> + 'a {
    |meta| {
        items.push(flags.item(&meta));
        ControlFlow::Continue(())
    }
}

/// Lays the listing beside the ledger, and drops the intents of messages that are gone.
pub(crate) fn plan(listing: Listing, checkpoint: &Checkpoint, store: &dyn Ledger) -> SyncResult<Plan> {
    let mut planner = Planner::new(listing);
    store.ledger(checkpoint.id, &mut |entry| {
        planner.entry(&entry);
        ControlFlow::Continue(())
    })?;
    let plan = planner.finish();
    if !plan.gone.is_empty() {
        store.drop_intents(checkpoint.id, &plan.gone)?;
    }
    Ok(plan)
}

/// Of messages that the source did not deliver, those that it still lists; the others are gone and are forgotten.
pub(crate) fn still_there(
    work: &FolderWork<'_>,
    lane: &mut Lane,
    missing: Vec<Item>,
) -> SyncResult<Vec<Item>> {
    if missing.is_empty() {
        return Ok(missing);
    }
    let mut wanted: HashSet<_> = missing.iter().map(|i| i.uid).collect();
    lane.source.open(&work.pair.source).at_source()?;
    let mut listed = HashSet::new();
    let each = &mut |meta: MessageMeta| {
        if wanted.remove(&meta.uid) {
            listed.insert(meta.uid);
        }
        ControlFlow::Continue(())
    };
    lane.source.scan(Scan::All, each).at_source()?;
    let (there, gone): (Vec<_>, Vec<_>) = missing.into_iter().partition(|i| listed.contains(&i.uid));
    work.ledger.drop_intents(&gone.iter().map(|i| i.uid).collect::<Vec<_>>())?;
    work.progress.change(work.number, |n| {
        n.total_items -= gone.len() as u64;
        n.total_bytes -= gone.iter().map(|i| i.size).sum::<u64>();
    })?;
    Ok(there)
}
