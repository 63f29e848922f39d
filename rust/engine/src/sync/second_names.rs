//! Other names at the target for folders whose own name it refused: the next one whenever the one before was refused too.

use crate::sync::decide::sided_failure::{Side, SidedFailure};
use crate::sync::lock::lock;
use imapmig_core::failure::{FailureKind, Retry};
use imapmig_core::folder::FolderPath;
use imapmig_core::mapping::{self, Mapping};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Names of more characters may be too long.
const LONG: usize = 24;

/// The names of one user's run, by source folder.
#[derive(Debug, Default)]
pub(crate) struct SecondNames(Mutex<BTreeMap<FolderPath, Tried>>);

#[derive(Debug)]
struct Tried {
    /// The names that the folder may have, and which of them is its name now.
    names: Vec<FolderPath>,
    now: usize,
    /// What the target said to its own name.
    first: SidedFailure,
}

impl Tried {
    /// Returns `true` if the target says of other names, one without any level above it among them, what it said of the first, which is
    /// not long: then the name is not the reason.
    fn is_pointless(&self, own: &FolderPath, failure: &SidedFailure) -> bool {
        let words = |failure: &SidedFailure| failure.failure.server_text.clone();
        let tried = &self.names[..(self.now + 1).min(self.names.len())];
        let has_flat = std::iter::once(own).chain(tried).any(|name| name.segments().len() == 1);
        let enough = if mapping::is_plain(own) { 1 } else { 2 };
        let is_long = own.to_string().chars().count() > LONG;
        has_flat
            && !is_long
            && tried.len() >= enough
            && words(failure).is_some()
            && words(failure) == words(&self.first)
    }
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
            let pointless = !shares && tried.is_pointless(&mapping.source.path, failure);
            tried.now = if pointless { tried.names.len() } else { tried.now + 1 };
            return tried.now < tried.names.len();
        }
        let names = mapping::other_names(&mapping.target);
        let has_any = !names.is_empty();
        all.insert(mapping.source.path.clone(), Tried { names, now: 0, first: failure.clone() });
        has_any
    }

    /// What the target said to a folder's own name, if it took none of the others either.
    pub(crate) fn all_refused(&self, source: &FolderPath) -> Option<SidedFailure> {
        let all = lock(&self.0);
        all.get(source).filter(|tried| tried.now >= tried.names.len()).map(|tried| tried.first.clone())
    }

    /// The names that folders have now, by source folder.
    pub(crate) fn now(&self) -> BTreeMap<FolderPath, FolderPath> {
        let all = lock(&self.0);
        all.iter()
            .filter_map(|(source, tried)| Some((source.clone(), tried.names.get(tried.now)?.clone())))
            .collect()
    }
}
