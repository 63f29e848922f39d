//! Which folders are migrated: -ExcludeFolders and -IncludeFolders in Exchange's syntax.
//!
//! A name stands for one folder below the root, in any case; `Name/*` for it and everything below; `#Inbox#` and its
//! like for a well-known folder whatever its name; `\#` for a plain `#`. There are no other wildcards. What is both
//! included and excluded is left out.

use crate::folder::{FolderPath, SpecialUse};

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// Nothing but blanks.
    #[error("a folder name in ExcludeFolders or IncludeFolders is empty")]
    Empty,
    /// Between number signs, but no well-known folder.
    #[error(
        "\"{0}\" names no well-known folder; use one of {names}, or write \\# for a number sign in a name",
        names = WELL_KNOWN.map(|w| w.0).join(", ")
    )]
    UnknownWellKnown(String),
}

/// The choice of folders of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderFilter {
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    start: Start,
    /// Lower-case segments below the start.
    below: Vec<String>,
    with_subfolders: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    Root,
    Inbox,
    Use(SpecialUse),
    /// A well-known folder that IMAP has no attribute for.
    Named(&'static str),
}

const WELL_KNOWN: [(&str, Start); 14] = [
    ("#Root#", Start::Root),
    ("#Inbox#", Start::Inbox),
    ("#SentItems#", Start::Use(SpecialUse::Sent)),
    ("#DeletedItems#", Start::Use(SpecialUse::Trash)),
    ("#Drafts#", Start::Use(SpecialUse::Drafts)),
    ("#JunkEmail#", Start::Use(SpecialUse::Junk)),
    ("#Archive#", Start::Use(SpecialUse::Archive)),
    ("#AllItems#", Start::Use(SpecialUse::All)),
    ("#Outbox#", Start::Named("outbox")),
    ("#Notes#", Start::Named("notes")),
    ("#Calendar#", Start::Named("calendar")),
    ("#Contacts#", Start::Named("contacts")),
    ("#Journal#", Start::Named("journal")),
    ("#Tasks#", Start::Named("tasks")),
];

impl FolderFilter {
    /// Reads the two lists; empty lists take everything.
    ///
    /// # Errors
    /// An empty name, or an unknown one between number signs.
    pub fn parse<S: AsRef<str>>(include: &[S], exclude: &[S]) -> Result<Self, FilterError> {
        let parse = |list: &[S]| -> Result<Vec<_>, _> {
            list.iter().map(|text| Pattern::parse(text.as_ref())).collect()
        };
        Ok(Self { include: parse(include)?, exclude: parse(exclude)? })
    }

    /// Whether the folder is migrated. `use_of` returns the use of the folder itself or of one above it.
    #[must_use]
    pub fn takes(&self, path: &FolderPath, use_of: &dyn Fn(&FolderPath) -> Option<SpecialUse>) -> bool {
        let matches = |patterns: &[Pattern]| patterns.iter().any(|p| p.matches(path, use_of));
        (self.include.is_empty() || matches(&self.include)) && !matches(&self.exclude)
    }

    /// Returns `true` if the folder is migrated because it was named, not because everything is.
    #[must_use]
    pub fn asks_for(&self, path: &FolderPath, use_of: &dyn Fn(&FolderPath) -> Option<SpecialUse>) -> bool {
        !self.include.is_empty() && self.takes(path, use_of)
    }
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, FilterError> {
        let text = text.trim().trim_start_matches('/');
        let (name, with_subfolders) = match text.strip_suffix("/*") {
            Some(name) => (name, true),
            None => (text.trim_end_matches('/'), false),
        };
        if name.is_empty() {
            return if with_subfolders {
                Ok(Self { start: Start::Root, below: Vec::new(), with_subfolders })
            } else {
                Err(FilterError::Empty)
            };
        }
        let mut segments: Vec<_> = name.split('/').collect();
        let mut start = Start::Root;
        if segments[0].len() > 1 && segments[0].starts_with('#') && segments[0].ends_with('#') {
            let known = WELL_KNOWN.iter().find(|(word, _)| word.eq_ignore_ascii_case(segments[0]));
            start = known.ok_or_else(|| FilterError::UnknownWellKnown(segments[0].to_owned()))?.1;
            segments.remove(0);
        }
        let below = segments.iter().map(|s| s.replace("\\#", "#").to_lowercase()).collect();
        Ok(Self { start, below, with_subfolders })
    }

    fn matches(&self, path: &FolderPath, use_of: &dyn Fn(&FolderPath) -> Option<SpecialUse>) -> bool {
        let segments = path.segments();
        (0..=segments.len()).any(|depth| {
            let start = FolderPath::new(segments[..depth].iter().cloned());
            let rest = &segments[depth..];
            let fits =
                rest.len() == self.below.len() || (self.with_subfolders && rest.len() > self.below.len());
            fits && self.starts_at(&start, use_of)
                && rest.iter().zip(&self.below).all(|(segment, wanted)| segment.to_lowercase() == *wanted)
        })
    }

    fn starts_at(&self, start: &FolderPath, use_of: &dyn Fn(&FolderPath) -> Option<SpecialUse>) -> bool {
        match self.start {
            Start::Root => start.segments().is_empty(),
            Start::Inbox => start.is_inbox(),
            Start::Use(wanted) => use_of(start) == Some(wanted),
            Start::Named(name) => start.segments().len() == 1 && start.segments()[0].to_lowercase() == name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(include: &[&str], exclude: &[&str], path: &str) -> bool {
        let filter = FolderFilter::parse(include, exclude).unwrap();
        let trash = FolderPath::new(["Papierkorb"]);
        filter.takes(&FolderPath::new(path.split('/')), &|p| (*p == trash).then_some(SpecialUse::Trash))
    }

    #[test]
    fn without_lists_everything_is_taken() {
        assert!(taken(&[], &[], "Projects/Alpha"));
    }

    #[test]
    fn an_excluded_name_is_compared_in_any_case_and_leaves_its_subfolders() {
        assert!(!taken(&[], &["deleted items"], "Deleted Items"));
        assert!(taken(&[], &["deleted items"], "Deleted Items/2020"));
    }

    #[test]
    fn a_name_with_a_star_takes_the_subfolders_along() {
        assert!(!taken(&[], &["Projects/*"], "Projects"));
        assert!(!taken(&[], &["Projects/*"], "projects/Alpha/Old"));
        assert!(taken(&[], &["Projects/*"], "Projects2"));
    }

    #[test]
    fn a_well_known_folder_is_found_by_its_use_whatever_its_name() {
        assert!(!taken(&[], &["#DeletedItems#"], "Papierkorb"));
        assert!(!taken(&[], &["#deleteditems#/*"], "Papierkorb/Alt"));
        assert!(!taken(&["#Inbox#"], &[], "Papierkorb"));
        assert!(taken(&["#Inbox#/*"], &[], "inbox/Sub"));
    }

    #[test]
    fn an_escaped_number_sign_is_part_of_the_name() {
        assert!(!taken(&[], &[r"\#Notes\#"], "#Notes#"));
        assert!(taken(&[], &[r"\#Notes\#"], "Notes"));
    }

    #[test]
    fn what_is_included_and_excluded_is_left_out() {
        assert!(!taken(&["#Root#/*"], &["Projects"], "Projects"));
    }

    #[test]
    fn an_empty_or_unknown_name_is_an_error() {
        assert_eq!(FolderFilter::parse(&[" "], &[]), Err(FilterError::Empty));
        let error = FolderFilter::parse(&["#Bin#"], &[]).unwrap_err();
        assert!(error.to_string().contains("#DeletedItems#"), "{error}");
    }
}
