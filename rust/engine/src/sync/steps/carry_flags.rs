//! Sets of flags against each other, and changed flags carried to the target.
//!
//! Only what changed at the source is applied, to what the target has now, so that what the user did there stays.

use crate::sync::decide::flag_delta::FlagChange;
use crate::sync::decide::item::TargetKey;
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::work::FolderWork;
use imapmig_core::ports::target::TargetSession;
use std::collections::HashMap;

/// How many messages one request names.
const AT_ONCE: usize = 500;

/// Carries the changes to the open target folder, then writes them into the ledger.
pub(crate) fn run(
    work: &FolderWork<'_>,
    target: &mut dyn TargetSession,
    changes: &[FlagChange],
) -> SyncResult {
    for changes in changes.chunks(AT_ONCE) {
        let ids: Vec<_> = changes.iter().map(|c| c.target.clone()).collect();
        let mut now = HashMap::new();
        target
            .flags(&ids, &mut |id, flags| {
                now.insert(TargetKey::of(id), flags);
            })
            .at_target()?;
        let mut set = Vec::new();
        for change in changes {
            // What the user removed at the target has no flags any more.
            let Some(has) = now.get(&TargetKey::of(&change.target)) else { continue };
            set.extend(change.applied_to(has, &work.keywords).map(|flags| (change.target.clone(), flags)));
        }
        if !set.is_empty() {
            target.set_flags(&set).at_target()?;
        }
        let ledger: Vec<_> = changes.iter().map(|c| (c.uid, c.after.clone())).collect();
        work.ledger.set_flags(&ledger)?;
    }
    Ok(())
}
