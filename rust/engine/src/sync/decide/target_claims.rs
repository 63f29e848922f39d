//! Which target folder each source folder has taken, so that no two of them share one.
//!
//! A server that trims names, normalises them or ignores their case opens one folder under several names, whatever it announced.
//! A ledger knows its own folder only: where two of them claim messages of one target folder, a message of one source folder is
//! taken for the copy of an equal message of the other.

use imapmig_core::folder::{FolderPath, WireName};
use imapmig_core::folder_use::folded;
use imapmig_core::message::TargetValidity;
use std::collections::{BTreeMap, BTreeSet};

/// The target folders that the source folders of one user have taken.
#[derive(Debug, Default)]
pub(crate) struct TargetClaims {
    by_wire: BTreeMap<WireName, FolderPath>,
    /// By the target's path without what servers may ignore in it.
    by_likeness: BTreeMap<FolderPath, Vec<Claim>>,
    /// Source folders that were refused a target folder.
    refused: BTreeSet<FolderPath>,
}

#[derive(Clone, Debug)]
struct Claim {
    source: FolderPath,
    wire: WireName,
    /// Absent where the folder was not opened yet.
    validity: Option<TargetValidity>,
}

/// What a claim met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Claimed {
    /// No other source folder has the target folder.
    Free,
    /// This source folder has it.
    Taken(FolderPath),
    /// These names may be of the same folder: they are, unless the target lists both.
    Alike(Vec<(FolderPath, WireName)>),
}

impl TargetClaims {
    /// Looks whether the target folder, which was opened under this name, is another source folder's.
    pub(crate) fn check(
        &self,
        source: &FolderPath,
        target: &FolderPath,
        wire: &WireName,
        validity: TargetValidity,
    ) -> Claimed {
        if let Some(other) = self.by_wire.get(wire).filter(|other| *other != source) {
            return Claimed::Taken(other.clone());
        }
        let like: Vec<_> = self
            .by_likeness
            .get(&likeness(target))
            .into_iter()
            .flatten()
            .filter(|claim| claim.source != *source && claim.wire != *wire)
            .filter(|claim| claim.validity.is_none_or(|other| other == validity))
            .map(|claim| (claim.source.clone(), claim.wire.clone()))
            .collect();
        if like.is_empty() { Claimed::Free } else { Claimed::Alike(like) }
    }

    /// Takes the target folder for this source folder.
    pub(crate) fn take(
        &mut self,
        source: &FolderPath,
        target: &FolderPath,
        wire: &WireName,
        validity: Option<TargetValidity>,
    ) {
        self.by_wire.entry(wire.clone()).or_insert_with(|| source.clone());
        let like = self.by_likeness.entry(likeness(target)).or_default();
        like.retain(|claim| claim.source != *source);
        like.push(Claim { source: source.clone(), wire: wire.clone(), validity });
    }

    /// Returns `true` if the source folder has the target folder, which was opened then.
    pub(crate) fn has(&self, source: &FolderPath, target: &FolderPath) -> bool {
        let like = self.by_likeness.get(&likeness(target)).into_iter().flatten();
        like.into_iter().any(|claim| claim.source == *source && claim.validity.is_some())
    }

    /// Notes that the source folder needs another name, and releases what it had claimed.
    pub(crate) fn refuse(&mut self, source: &FolderPath) {
        self.by_wire.retain(|_, taken| taken != source);
        self.by_likeness.values_mut().for_each(|like| like.retain(|claim| claim.source != *source));
        self.refused.insert(source.clone());
    }

    /// Returns `true` if the source folder has to go elsewhere.
    pub(crate) fn is_refused(&self, source: &FolderPath) -> bool {
        self.refused.contains(source)
    }
}

fn likeness(path: &FolderPath) -> FolderPath {
    FolderPath::new(path.segments().iter().map(|segment| folded(segment)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use imapmig_core::message::UidValidity;
    use proptest::prelude::*;

    fn uids(validity: u32) -> TargetValidity {
        TargetValidity::Uids(UidValidity(validity))
    }

    fn path(name: &str) -> FolderPath {
        FolderPath::new([name])
    }

    fn wire(name: &str) -> WireName {
        WireName(name.into())
    }

    fn taken(names: &[(&str, Option<u32>)]) -> TargetClaims {
        let mut claims = TargetClaims::default();
        for (name, validity) in names {
            claims.take(&path(name), &path(name), &wire(name), validity.map(uids));
        }
        claims
    }

    #[test]
    fn one_name_is_one_folder_and_stays_with_the_first() {
        let mut claims = taken(&[("a", Some(7))]);
        claims.take(&path("z"), &path("a"), &wire("a"), Some(uids(7)));

        let look = |source| claims.check(&path(source), &path("a"), &wire("a"), uids(7));

        assert_eq!((look("z"), look("a")), (Claimed::Taken(path("a")), Claimed::Free));
    }

    #[test]
    fn names_that_differ_in_what_servers_ignore_may_be_one_folder_unless_its_uidvalidity_differs() {
        let claims = taken(&[("Cafe\u{301} ", Some(7)), ("other", Some(7))]);

        let look = |validity| {
            claims.check(&path("CAF\u{c9}"), &path("CAF\u{c9}"), &wire("CAF\u{c9}"), uids(validity))
        };

        let first = (path("Cafe\u{301} "), wire("Cafe\u{301} "));
        assert_eq!((look(7), look(8)), (Claimed::Alike(vec![first]), Claimed::Free));
    }

    #[test]
    fn a_folder_that_was_not_opened_may_have_any_uidvalidity() {
        let claims = taken(&[("a", None)]);

        assert!(matches!(claims.check(&path("A"), &path("A"), &wire("A"), uids(3)), Claimed::Alike(_)));
    }

    #[test]
    fn what_a_refused_folder_had_taken_is_free() {
        let mut claims = taken(&[("a", Some(7))]);
        claims.refuse(&path("a"));

        assert_eq!(claims.check(&path("z"), &path("a"), &wire("a"), uids(7)), Claimed::Free);
        assert!(claims.is_refused(&path("a")) && !claims.is_refused(&path("z")));
    }

    proptest! {
        #[test]
        fn no_two_source_folders_hold_one_target_folder(
            claims in proptest::collection::vec((0_u8..4, 0_u8..4), 1..20),
        ) {
            let mut taken = TargetClaims::default();
            let mut holders: BTreeMap<u8, u8> = BTreeMap::new();
            for (source, target) in claims {
                let (from, to) = (path(&format!("s{source}")), path(&format!("t{target}")));
                let name = wire(&format!("t{target}"));

                let met = taken.check(&from, &to, &name, uids(u32::from(target) + 1));

                match holders.get(&target) {
                    Some(other) if *other != source => {
                        prop_assert_eq!(met, Claimed::Taken(path(&format!("s{other}"))));
                    }
                    _ => {
                        prop_assert_eq!(met, Claimed::Free);
                        taken.take(&from, &to, &name, Some(uids(u32::from(target) + 1)));
                        holders.insert(target, source);
                    }
                }
            }
        }
    }
}
