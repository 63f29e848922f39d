//! Finds the name that a server actually gave to a created folder.
//!
//! Some servers normalise names (NFC), fold case, trim spaces, replace characters or truncate names, and answer OK. The folder is the
//! one that was not listed before, or the one that opens under the requested name.

use crate::command::Command;
use crate::folders::{Layout, list_any, list_command};
use crate::session::Session;
use crate::statuses::StatusAnswer;
use imapmig_core::failure::Failure;
use imapmig_core::folder::{FolderPath, WireName};
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use unicode_normalization::UnicodeNormalization;

/// Minimum number of letters that a truncated name keeps.
const LEAST_LETTERS: usize = 8;

/// Names listed or created before, shared by an account's connections.
#[derive(Debug, Default)]
pub(crate) struct KnownNames(Mutex<Option<HashSet<Vec<u8>>>>);

impl KnownNames {
    /// Notes what was listed.
    pub(crate) fn note<'n>(&self, names: impl Iterator<Item = &'n WireName>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert_default().extend(names.map(|name| name.0.clone()));
    }

    /// Returns `true` if the name did not exist before. Before the first listing no name is new.
    fn is_new(&self, name: &[u8]) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().is_some_and(|known| !known.contains(name))
    }
}

/// How similar two names are, most similar first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    /// Equal except for Unicode form, surrounding spaces and case.
    Spelling,
    /// Equal in their letters and digits.
    Letters,
    /// One is a prefix of the other.
    CutOff,
    /// Equal in their number of levels only.
    Depth,
}

/// Finds the listed folder that the server regards as this one.
pub(crate) fn find(
    session: &mut Session,
    layout: &Layout,
    known: &KnownNames,
    name: &WireName,
) -> Result<Option<WireName>, Failure> {
    let Some(wanted) = layout.path_of(&name.0, session.utf8) else { return Ok(None) };
    let (listed, _, _) = list_any(session, &list_command(b"*", session.utf8))?;
    let utf8 = session.utf8;
    let mut alike: Vec<(Likeness, bool, WireName)> = listed
        .into_iter()
        .filter(|l| !l.has("\\NonExistent") && !l.has("\\Noselect"))
        .filter_map(|l| {
            let likeness = likeness(&wanted, &layout.path_of(&l.name, utf8)?)?;
            Some((likeness, !known.is_new(&l.name), WireName(l.name)))
        })
        .collect();
    alike.sort_by_key(|(likeness, known, _)| (*likeness, *known));
    let mut opened = None;
    for (likeness, was_known, found) in alike {
        match likeness {
            Likeness::Spelling => return Ok(Some(found)),
            Likeness::Depth if was_known => continue,
            Likeness::Letters | Likeness::CutOff | Likeness::Depth => {}
        }
        let opened = match opened {
            Some(validity) => validity,
            None => *opened.insert(validity(session, name)?),
        };
        // What was there before is another folder, unless the server opens it under this name.
        let is_it = match opened {
            Some(opened) => validity(session, &found)? == Some(opened),
            None => !was_known && likeness != Likeness::Depth,
        };
        if is_it {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The UIDVALIDITY of a folder; `None` if the server knows none by this name.
pub(crate) fn validity(session: &mut Session, name: &WireName) -> Result<Option<u64>, Failure> {
    let command = Command::new("STATUS").mailbox(&name.0, session.utf8).text(" (UIDVALIDITY)");
    let reply = session.run(&command)?;
    if !reply.status.is_ok() {
        return Ok(None);
    }
    let answer = reply.untagged.iter().find_map(|line| StatusAnswer::parse(line));
    Ok(answer.map(|answer| answer.number("UIDVALIDITY").unwrap_or(0)))
}

fn likeness(wanted: &FolderPath, found: &FolderPath) -> Option<Likeness> {
    if wanted.segments().len() != found.segments().len() {
        return None;
    }
    let all = |alike: &dyn Fn(&str, &str) -> bool| {
        wanted.segments().iter().zip(found.segments()).all(|(wanted, found)| alike(wanted, found))
    };
    let cut_off = |wanted: &str, found: &str| {
        let (wanted, found) = (letters(wanted), letters(found));
        !found.is_empty()
            && (wanted == found || found.chars().count() >= LEAST_LETTERS && wanted.starts_with(&found))
    };
    Some(if all(&|wanted, found| folded(wanted) == folded(found)) {
        Likeness::Spelling
    } else if all(&|wanted, found| letters(wanted) == letters(found) && !letters(found).is_empty()) {
        Likeness::Letters
    } else if all(&cut_off) {
        Likeness::CutOff
    } else {
        Likeness::Depth
    })
}

fn folded(segment: &str) -> String {
    segment.nfc().collect::<String>().trim().to_lowercase()
}

fn letters(segment: &str) -> String {
    segment.nfc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike_in_spelling_in_letters_or_as_far_as_they_go() {
        let like = |wanted: &str, found: &str| {
            let path = |name: &str| FolderPath::new(name.split('/'));
            likeness(&path(wanted), &path(found))
        };

        assert_eq!(like("A/ Tail ", "a/Tail"), Some(Likeness::Spelling));
        assert_eq!(like("He said \"no\"", "He said 'no'"), Some(Likeness::Letters));
        assert_eq!(like("A very long name", "A very lon"), Some(Likeness::CutOff));
        assert_eq!(like("Sales", "S"), Some(Likeness::Depth));
        assert_eq!(like("!!", "??"), Some(Likeness::Depth));
        assert_eq!(like("A/B", "A"), None);
    }

    #[test]
    fn nothing_is_new_before_anything_was_listed() {
        let known = KnownNames::default();
        let before = known.is_new(b"a");
        known.note([WireName(b"b".to_vec())].iter());

        assert_eq!((before, known.is_new(b"a"), known.is_new(b"b")), (false, true, false));
    }
}
