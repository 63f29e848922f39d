//! Confirms one user: every folder that is migrated, with new connections where the old ones were lost.

use super::UserConfirm;
use super::findings::{Reported, not_compared};
use super::folder::{self, Sessions};
use super::lanes::{self, Begun};
use super::meter::Meter;
use crate::messages::items::confirmation::unreadable_folder;
use crate::sync::attempts::{self, Resumable};
use crate::sync::decide::sided_failure::SidedFailure;
use crate::sync::failure::{OnSide, SyncResult};
use imapmig_core::failure::Failure;
use imapmig_core::folder::{Folder, FolderPath, SpecialUse};
use imapmig_core::folder_use::FolderUses;
use imapmig_core::mapping::{self, Mapping};
use imapmig_core::message::UidValidity;
use std::collections::{BTreeMap, HashSet};

/// What is compared.
pub(super) struct Plan {
    mappings: Vec<Mapping>,
    /// The UIDVALIDITY that the migration's report refers to, by source folder.
    pub(super) known: BTreeMap<FolderPath, UidValidity>,
    /// What the migration reported.
    pub(super) reported: Reported,
    /// Lines of the source's listing that cannot be read.
    unreadable: Vec<String>,
}

/// Compares a user's mail on both sides. What was compared in an earlier call of the same confirmation is not read again.
///
/// # Errors
/// Stopped, no way in, or retries used up. The next call resumes where this one ended.
pub fn confirm_user(confirm: &UserConfirm) -> Result<(), Failure> {
    let mut work = Confirming { confirm, begun: Begun::default() };
    attempts::until_done(&confirm.sides, &mut work).map_err(SidedFailure::placed)
}

/// A confirmation of one user over lost connections.
struct Confirming<'a> {
    confirm: &'a UserConfirm,
    begun: Begun,
}

impl Resumable for Confirming<'_> {
    type Done = ();
    type Mark = (usize, u64);

    fn mark(&self) -> SyncResult<Self::Mark> {
        let done = self.confirm.confirmations.confirmed_folders(self.confirm.sides.user.id)?;
        Ok((done.len(), self.begun.progress()))
    }

    fn attempt(&mut self) -> SyncResult {
        attempt(self.confirm, &mut self.begun)
    }
}

fn attempt(confirm: &UserConfirm, begun: &mut Begun) -> SyncResult {
    for keys in [&confirm.sides.source_keys, &confirm.sides.target_keys] {
        confirm.sides.throttles.wait(keys, &confirm.sides.cancel, &mut |_| {}).map_err(SidedFailure::own)?;
    }
    let cancel = confirm.sides.cancel.child();
    let mut sessions = lanes::connect(confirm, &cancel)?;
    let plan = plan(confirm, &mut sessions)?;
    let done = confirm.confirmations.confirmed_folders(confirm.sides.user.id)?;
    let meter = Meter::new(confirm, done.iter().map(|folder| folder.counts.source_items).sum());
    let done: HashSet<FolderPath> = done.into_iter().map(|folder| folder.source).collect();
    for what in &plan.unreadable {
        let path = FolderPath::new([what]);
        if !done.contains(&path) {
            let details = unreadable_folder();
            folder::whole(confirm, not_compared(&path, &path, details))?;
        }
    }
    let open = plan.mappings.iter().filter(|mapping| !done.contains(&mapping.source.path)).collect();
    lanes::run(confirm, &plan, open, &meter, cancel, sessions, begun)
}

/// Which folders are compared, and with which: as a sync would choose them now.
fn plan(confirm: &UserConfirm, sessions: &mut Sessions) -> SyncResult<Plan> {
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
