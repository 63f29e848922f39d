//! Other names at the target for folders whose own name it refused: the next one whenever the one before was refused too.

use crate::sync::decide::sided_failure::{Side, SidedFailure};
use crate::sync::lock::lock;
use imapmig_core::failure::{FailureKind, Retry};
use imapmig_core::folder::FolderPath;
use imapmig_core::mapping::{self, Mapping};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// The names of one user's run, by source folder.
#[derive(Debug, Default)]
pub(crate) struct SecondNames(Mutex<BTreeMap<FolderPath, Tried>>);

#[derive(Debug)]
struct Tried {
    /// The names that the folder may have, and which of them is its name now.
    names: Vec<FolderPath>,
    now: usize,
}

impl SecondNames {
    /// Gives a folder its next name, if the target refused the one that it has, or has another source folder under it (`shares`). Returns
    /// `false` if that was not the reason, or there are no more names.
    pub(crate) fn give_next(&self, mapping: &Mapping, failure: &SidedFailure, shares: bool) -> bool {
        let is_refused_name = failure.side == Side::Target
            // Some say that they made a folder, and know nothing of it afterwards.
            && matches!(failure.failure.kind, FailureKind::Refused | FailureKind::NotFound)
            // Some fall over a name and say that they have a fault of their own; an ordinary name is worth another try.
            && (failure.failure.retry == Retry::Never || !mapping::is_plain(&mapping.target))
            && mapping.existing.is_none();
        if mapping.source.path.is_inbox() || !(is_refused_name || shares) {
            return false;
        }
        let mut all = lock(&self.0);
        if let Some(tried) = all.get_mut(&mapping.source.path) {
            tried.now += 1;
            return tried.now < tried.names.len();
        }
        let names = mapping::other_names(&mapping.target);
        let has_any = !names.is_empty();
        all.insert(mapping.source.path.clone(), Tried { names, now: 0 });
        has_any
    }

    /// The names that folders have now, by source folder.
    pub(crate) fn now(&self) -> BTreeMap<FolderPath, FolderPath> {
        let all = lock(&self.0);
        all.iter()
            .filter_map(|(source, tried)| Some((source.clone(), tried.names.get(tried.now)?.clone())))
            .collect()
    }
}
