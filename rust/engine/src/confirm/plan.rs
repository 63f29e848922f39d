//! Which folders of a user are compared, and with which: as a sync would choose them now.

use super::UserConfirm;
use super::findings::Reported;
use super::sessions::Sessions;
use crate::sync::failure::{OnSide, SyncResult};
use imapmig_core::folder::{Folder, FolderPath, SpecialUse};
use imapmig_core::folder_use::FolderUses;
use imapmig_core::mapping::{self, Mapping};
use imapmig_core::message::UidValidity;
use std::collections::BTreeMap;

/// What is compared.
pub(super) struct Plan {
    pub(super) mappings: Vec<Mapping>,
    /// The UIDVALIDITY that the migration's report refers to, by source folder.
    pub(super) known: BTreeMap<FolderPath, UidValidity>,
    /// What the migration reported.
    pub(super) reported: Reported,
    /// Lines of the source's listing that cannot be read.
    pub(super) unreadable: Vec<String>,
}

/// Which folders are compared, and with which: as a sync would choose them now.
pub(super) fn plan(confirm: &UserConfirm, sessions: &mut Sessions) -> SyncResult<Plan> {
    let sources = sessions.source.folders().at_source()?;
    let targets = sessions.target.folders().at_target()?;
    let checkpoints = confirm.ledger.checkpoints(confirm.sides.user.id)?;
    let known = checkpoints.iter().map(|one| (one.source.clone(), one.source_validity)).collect();
    let places: BTreeMap<_, _> = checkpoints.into_iter().map(|one| (one.source, one.target)).collect();
    let uses = FolderUses::of(&sources);
    let use_of = |path: &FolderPath| uses.of_path(path);
    let taken: Vec<Folder> = sources
        .into_iter()
        .filter(|folder| folder.selectable && confirm.sides.filter.takes(&folder.path, &use_of))
        .collect();
    let mut mappings = mapping::map(&taken, &targets, sessions.target.profile(), &places);
    // A view of messages that lie in other folders is migrated only by name.
    mappings.retain(|mapping| {
        mapping.special_use != Some(SpecialUse::Flagged)
            || confirm.sides.filter.asks_for(&mapping.source.path, &use_of)
    });
    let reported = Reported::of(confirm.diary.skipped(confirm.sides.user.id, None)?);
    Ok(Plan { mappings, known, reported, unreadable: sessions.source.passed_over().unreadable })
}
