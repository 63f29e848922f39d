//! What both servers report about all folders, before any of them is opened.

use crate::sync::SyncKind;
use crate::sync::both::both;
use crate::sync::decide::change::is_unchanged;
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::sessions::Lane;
use imapmig_core::failure::Scope;
use imapmig_core::folder::{FolderPath, FolderStatus, WireName};
use imapmig_core::mapping::Mapping;
use imapmig_core::ports::source::SourceSession;
use imapmig_core::ports::target::TargetSession;
use imapmig_core::user::Checkpoint;
use std::collections::BTreeMap;

/// What both servers say of a folder without opening it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FolderState {
    /// How many messages the source holds, where that is known.
    pub(crate) messages: Option<u32>,
    /// How many bytes they have, where that is known.
    pub(crate) bytes: Option<u64>,
    /// Whether both servers report that nothing changed since the last sync, and are to be believed.
    pub(crate) unchanged: bool,
}

/// Asks both servers for the status of these folders, without opening them.
pub(crate) fn states(
    lane: &mut Lane,
    folders: &[(usize, &Mapping)],
    known: &BTreeMap<FolderPath, Checkpoint>,
    kind: SyncKind,
) -> SyncResult<Vec<FolderState>> {
    let names: Vec<&WireName> = folders.iter().map(|(_, mapping)| &mapping.source.wire).collect();
    let complete = |mapping: &Mapping| known.get(&mapping.source.path).filter(|known| known.complete);
    let known_at_target = |mapping: &Mapping| complete(mapping).and(mapping.existing.as_ref()).is_some();
    let at_target: Vec<&Mapping> = folders.iter().map(|f| f.1).filter(|m| known_at_target(m)).collect();
    let target_names: Vec<&WireName> = at_target.iter().filter_map(|m| m.existing.as_ref()).collect();
    let Lane { source, target, .. } = lane;
    let (at_source, there) = both(|| source.statuses(&names), || target.statuses(&target_names));
    let (at_source, there) = (at_source.at_source()?, there.at_target()?);
    let there: BTreeMap<&FolderPath, FolderStatus> =
        at_target.iter().zip(there).filter_map(|(m, status)| Some((&m.source.path, status?))).collect();
    let mut states = Vec::with_capacity(folders.len());
    for ((_, mapping), here) in folders.iter().zip(at_source) {
        let path = &mapping.source.path;
        let unchanged = match (complete(mapping), here, there.get(path)) {
            (Some(known), Some(here), Some(there)) if kind != SyncKind::Final => {
                known.target == mapping.target && is_unchanged(known, &here, there)
            }
            _ => false,
        };
        let messages = match here {
            Some(here) => Some(here.messages),
            None if kind == SyncKind::Initial => counted(lane, &mapping.source.wire)?,
            None => None,
        };
        states.push(FolderState { messages, bytes: here.and_then(|here| here.bytes), unchanged });
    }
    Ok(states)
}

/// How many messages a folder holds, for sources that report nothing without opening it.
fn counted(lane: &mut Lane, name: &WireName) -> SyncResult<Option<u32>> {
    match lane.source.open(name) {
        Ok(open) => Ok(Some(open.exists)),
        // A folder that cannot be opened fails when its turn comes.
        Err(failure) if failure.scope <= Scope::Mailbox => Ok(None),
        Err(failure) => Err(failure).at_source(),
    }
}
