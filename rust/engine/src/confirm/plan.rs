//! Which folders of a user are compared, and with which: as a sync would choose them now.

use super::UserConfirm;
use super::findings::Reported;
use super::sessions::Sessions;
use crate::sync::both;
use crate::sync::failure::SyncResult;
use imapmig_core::folder::FolderPath;
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
    let (sources, targets) = both::folders(&mut *sessions.source, &mut *sessions.target)?;
    let checkpoints = confirm.ledger.checkpoints(confirm.sides.user.id)?;
    let known = checkpoints.iter().map(|one| (one.source.clone(), one.source_validity)).collect();
    let places: BTreeMap<_, _> = checkpoints.into_iter().map(|one| (one.source, one.target)).collect();
    let profile = sessions.target.profile();
    let choice = mapping::choose(sources, &targets, profile, &confirm.sides.filter, &places);
    let reported = Reported::of(confirm.diary.skipped(confirm.sides.user.id, None)?);
    let unreadable = sessions.source.passed_over().unreadable;
    Ok(Plan { mappings: choice.mappings, known, reported, unreadable })
}
