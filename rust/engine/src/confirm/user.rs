//! Confirms one user: every folder that is migrated, with new connections where the old ones were lost.

use super::UserConfirm;
use super::findings::not_compared;
use super::folder;
use super::lanes::{self, Begun};
use super::meter::Meter;
use super::plan::plan;
use crate::messages::items::confirmation::unreadable_folder;
use crate::sync::attempts::{self, Resumable};
use crate::sync::decide::sided_failure::SidedFailure;
use crate::sync::failure::SyncResult;
use imapmig_core::failure::Failure;
use imapmig_core::folder::FolderPath;
use std::collections::HashSet;

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
