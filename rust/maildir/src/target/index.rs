//! The files of a folder, read once: finds a message by its name, and whether a message of some origin was written.
//!
//! Names only, sorted, one allocation each: half a million take about 60 MB while the folder is open.

use crate::filename::{self, SEPARATOR};
use crate::listing::{Listing, Place, Places, Stamp};
use imapmig_core::failure::Failure;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;

/// The files of a folder.
#[derive(Debug)]
pub(crate) struct Index {
    names: BTreeMap<Box<str>, Place>,
    stamp: Option<Stamp>,
}

impl Index {
    /// Reads the folder.
    pub(crate) fn scan(folder: &Path) -> Result<Self, Failure> {
        let Listing { files, stamp } = Listing::read(&Places::at(folder)?)?;
        // No program names messages outside ASCII.
        let text =
            files.into_iter().filter_map(|(name, place)| Some((name.into_string().ok()?.into(), place)));
        Ok(Self { names: text.collect(), stamp })
    }

    /// Returns `true` if nothing has changed on disk since the scan.
    pub(crate) fn is_fresh(&self, folder: &Path) -> Result<bool, Failure> {
        Ok(self.stamp.is_some() && self.stamp == Some(Stamp::of(&Places::at(folder)?)?))
    }

    /// How many messages there are.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Returns the file with this base and any flags.
    pub(crate) fn of_base(&self, base: &str) -> Option<(&str, Place)> {
        self.starting_with(base).find(|(name, _)| filename::base(name) == base)
    }

    /// The file whose base is this stem with or without sizes behind it.
    pub(crate) fn of_stem(&self, stem: &str) -> Option<(&str, Place)> {
        self.starting_with(stem).find(|(name, _)| {
            let rest = &name[stem.len()..];
            rest.is_empty() || rest.starts_with([',', SEPARATOR])
        })
    }

    fn starting_with<'a, 'b>(
        &'a self,
        prefix: &'b str,
    ) -> impl Iterator<Item = (&'a str, Place)> + use<'a, 'b> {
        self.names
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(move |(name, _)| name.starts_with(prefix))
            .map(|(name, place)| (&**name, *place))
    }

    /// The next names behind `after`, at most `count`.
    pub(crate) fn page(&self, after: Option<&str>, count: usize) -> Vec<(Box<str>, Place)> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.names
            .range::<str, _>((from, Bound::Unbounded))
            .take(count)
            .map(|(name, place)| (name.clone(), *place))
            .collect()
    }

    /// Adds a file that was written.
    pub(crate) fn insert(&mut self, name: &str, place: Place) {
        self.names.insert(name.into(), place);
    }

    /// Removes a file that no longer exists.
    pub(crate) fn remove(&mut self, name: &str) {
        self.names.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(names: &[&str]) -> Index {
        let spelled = |name: &&str| name.replace(':', &SEPARATOR.to_string()).into();
        Index { names: names.iter().map(|name| (spelled(name), Place::Cur)).collect(), stamp: None }
    }

    #[test]
    fn a_base_is_found_whatever_its_flags_and_never_mistaken_for_a_longer_one() {
        let index = index(&["1.a,S=1:2,S", "1.a,S=10:2,F", "1.b"]);

        let found = |base| index.of_base(base).map(|(name, _)| name.replace(SEPARATOR, ":"));
        assert_eq!(found("1.a,S=1").as_deref(), Some("1.a,S=1:2,S"));
        assert_eq!(found("1.a,S=10").as_deref(), Some("1.a,S=10:2,F"));
        assert_eq!(found("1.b").as_deref(), Some("1.b"));
        assert_eq!(found("1"), None);
        assert!(index.of_stem("1.a").is_some());
        assert_eq!(index.of_stem("1."), None);
    }

    #[test]
    fn pages_go_through_all_names_in_order() {
        let index = index(&["3", "1", "2"]);

        let first = index.page(None, 2);
        let second = index.page(first.last().map(|(n, _)| &**n), 2);

        let names: Vec<_> = first.iter().chain(&second).map(|(n, _)| &**n).collect();
        assert_eq!(names, ["1", "2", "3"]);
    }
}
