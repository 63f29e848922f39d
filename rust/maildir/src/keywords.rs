//! Which letter in file names stands for which keyword: Dovecot's `dovecot-keywords`, one per folder.
//!
//! A line is `<number> <keyword>`; number 0 is the letter `a`, 25 is `z`. There are no more than these 26: a keyword
//! for which no letter is left is not kept. A letter never changes its meaning, because file names rely on it.

use crate::dotlock;
use imapmig_core::failure::Failure;
use std::path::{Path, PathBuf};

const LETTERS: usize = 26;

/// The file's name in a folder.
pub(crate) const FILE: &str = "dovecot-keywords";

/// The meanings of the letters in one folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeywordTable {
    names: [Option<Box<str>>; LETTERS],
}

impl KeywordTable {
    /// Reads the file's lines; malformed lines are ignored.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let mut table = Self::default();
        for line in String::from_utf8_lossy(bytes).lines() {
            let Some((number, name)) = line.split_once(' ') else { continue };
            let place = number.parse::<usize>().ok().and_then(|n| table.names.get_mut(n));
            if let Some(place @ None) = place
                && !name.is_empty()
            {
                *place = Some(name.into());
            }
        }
        table
    }

    fn render(&self) -> Vec<u8> {
        let line = |(n, name): (usize, &Option<Box<str>>)| name.as_ref().map(|name| format!("{n} {name}\n"));
        self.names.iter().enumerate().filter_map(line).collect::<String>().into_bytes()
    }

    /// The keyword of a letter.
    pub(crate) fn name(&self, letter: char) -> Option<&str> {
        let number = (letter as usize).checked_sub('a' as usize)?;
        self.names.get(number)?.as_deref()
    }

    /// The letter of a keyword.
    pub(crate) fn letter(&self, keyword: &str) -> Option<char> {
        let same = |name: &Option<Box<str>>| name.as_ref().is_some_and(|n| n.eq_ignore_ascii_case(keyword));
        let number = self.names.iter().position(same)?;
        char::from_u32('a' as u32 + u32::try_from(number).ok()?)
    }

    /// Assigns a letter to a keyword that has none. Returns `false` if no letter is left or the file cannot represent the keyword.
    pub(crate) fn assign(&mut self, keyword: &str) -> bool {
        if self.letter(keyword).is_some() {
            return true;
        }
        if !is_storable(keyword) {
            return false;
        }
        let free = self.names.iter_mut().find(|name| name.is_none());
        free.map(|place| *place = Some(keyword.into())).is_some()
    }

    /// The keywords, if no letter is left for another.
    pub(crate) fn all_if_full(&self) -> Option<Vec<String>> {
        self.names.iter().map(|name| name.as_ref().map(ToString::to_string)).collect()
    }
}

/// Whether the keyword is an atom; everything else would break the file's lines or a later FETCH (RFC 3501 section 9).
fn is_storable(keyword: &str) -> bool {
    !keyword.is_empty()
        && keyword.bytes().all(|b| {
            b.is_ascii_graphic() && !matches!(b, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']')
        })
}

/// The table of a folder and the file it came from.
#[derive(Debug)]
pub(crate) struct Keywords {
    path: PathBuf,
    table: KeywordTable,
}

impl Keywords {
    /// Reads a folder's table; a missing file is an empty one.
    pub(crate) fn read(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(FILE);
        let table = KeywordTable::parse(&dotlock::read(&path)?);
        Ok(Self { path, table })
    }

    /// The table as last read or written.
    pub(crate) const fn table(&self) -> &KeywordTable {
        &self.table
    }

    /// Assigns letters to these keywords, as long as letters are left, and makes that durable.
    pub(crate) fn assign<'a>(&mut self, keywords: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
        let unknown: Vec<_> = keywords.filter(|k| self.table.letter(k).is_none() && is_storable(k)).collect();
        if unknown.is_empty() || self.table.all_if_full().is_some() {
            return Ok(());
        }
        self.table = dotlock::update(&self.path, |before| {
            let mut table = KeywordTable::parse(before);
            for keyword in &unknown {
                table.assign(keyword);
            }
            let after = table.render();
            (table, (KeywordTable::parse(before).render() != after).then_some(after))
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dovecots_file_is_read_and_added_to() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "0 NonJunk\n2 $Forwarded\nrubbish\n99 far\n").unwrap();
        let mut keywords = Keywords::read(folder.path()).unwrap();

        keywords.assign(["nonjunk", "Label1"].into_iter()).unwrap();

        assert_eq!(keywords.table().letter("NONJUNK"), Some('a'));
        assert_eq!(keywords.table().letter("Label1"), Some('b'));
        assert_eq!(keywords.table().name('c'), Some("$Forwarded"));
        let file = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(file, "0 NonJunk\n1 Label1\n2 $Forwarded\n");
    }

    #[test]
    fn the_27th_keyword_finds_no_letter() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<_> = (0..27).map(|n| format!("k{n}")).collect();
        let mut keywords = Keywords::read(folder.path()).unwrap();

        keywords.assign(names.iter().map(String::as_str)).unwrap();

        assert_eq!(keywords.table().letter("k25"), Some('z'));
        assert_eq!(keywords.table().letter("k26"), None);
        assert_eq!(keywords.table().all_if_full().unwrap(), names[..26]);
    }

    #[test]
    fn letters_that_another_program_gave_meanwhile_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut keywords = Keywords::read(folder.path()).unwrap();
        std::fs::write(folder.path().join(FILE), "0 Theirs\n").unwrap();

        keywords.assign(["Ours"].into_iter()).unwrap();

        assert_eq!(keywords.table().name('a'), Some("Theirs"));
        assert_eq!(keywords.table().letter("Ours"), Some('b'));
    }

    #[test]
    fn a_keyword_that_is_no_atom_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut keywords = Keywords::read(folder.path()).unwrap();

        keywords.assign(["a b", "x\n1 y", "", "é", "a\"b"].into_iter()).unwrap();

        assert_eq!(keywords.table(), &KeywordTable::default());
        assert!(!folder.path().join(FILE).exists());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(names in prop::collection::vec("[a-zA-Z$.:/_-]{1,8}", 0..30)) {
            let mut table = KeywordTable::default();
            for name in &names {
                table.assign(name);
            }

            prop_assert_eq!(KeywordTable::parse(&table.render()), table);
        }

        #[test]
        fn no_file_makes_the_reader_panic(bytes: Vec<u8>) {
            let _ = KeywordTable::parse(&bytes);
        }
    }
}
