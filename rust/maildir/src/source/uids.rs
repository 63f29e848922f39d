//! The UIDs of a source folder's files, the same in every run.
//!
//! They are kept in a file of our own outside the source. Dovecot's `dovecot-uidlist` is only consulted for a file that is seen for the
//! first time: Dovecot numbers new files at its next scan, and a UID that was assigned here meanwhile must not refer to another file
//! later. Names are never removed: a file that one listing missed keeps its UID.

use crate::{disk, dotlock};
use imapmig_core::failure::{Doing, Failure, Scope};
use imapmig_core::message::{Uid, UidValidity};
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Higher UIDs of Dovecot are not adopted, so that free UIDs never run out.
const MOST: u32 = u32::MAX / 2;
const HEADING: &str = "imapmig-uids 1";

/// The numbers of one folder.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Uids {
    pub(super) validity: UidValidity,
    pub(super) next: u32,
    of: HashMap<Box<[u8]>, u32>,
}

impl Uids {
    /// Returns the UIDs of files with these bases, in the same order. Assigns UIDs durably to those that have none.
    pub(super) fn number(
        file: &Path,
        uidlist: impl FnOnce() -> Vec<u8>,
        bases: &[&[u8]],
    ) -> Result<(UidValidity, Uid, Vec<Uid>), Failure> {
        let kept = dotlock::read(file)?;
        let known = Self::parse(&kept).filter(|uids| bases.iter().all(|base| uids.of.contains_key(*base)));
        let uids = match known {
            Some(uids) => uids,
            None => {
                let dovecot = uidlist();
                let dovecot = Uidlist::parse(&dovecot);
                // Where our own file is damaged, Dovecot's UIDVALIDITY would promise numbers that are lost.
                let validity = dovecot.validity.filter(|_| kept.is_empty());
                let mut uids = Self::parse(&kept).unwrap_or_else(|| Self::empty(validity));
                uids.add(bases, &dovecot.of);
                uids.write(file).map_err(|e| disk::failure(Scope::User, Doing::Writing, file, &e))?;
                uids
            }
        };
        let numbers = bases.iter().filter_map(|base| uids.of.get(*base)).map(|uid| Uid(*uid)).collect();
        Ok((uids.validity, Uid(uids.next), numbers))
    }

    fn empty(validity: Option<u32>) -> Self {
        // Without Dovecot's, the time: a list that was lost and made again must not look like the old one.
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let validity = validity.unwrap_or_else(|| u32::try_from(now()).unwrap_or(u32::MAX));
        Self { validity: UidValidity(validity), next: 1, of: HashMap::new() }
    }

    /// Numbers new files: as Dovecot did where that number is free, the others behind all numbers, by name.
    fn add(&mut self, bases: &[&[u8]], dovecot: &HashMap<&[u8], u32>) {
        let mut taken: BTreeSet<u32> = self.of.values().copied().collect();
        let mut rest: Vec<&[u8]> = Vec::new();
        for base in bases {
            if self.of.contains_key(*base) {
                continue;
            }
            match dovecot.get(base).filter(|uid| **uid < MOST && taken.insert(**uid)) {
                Some(uid) => {
                    self.of.insert((*base).into(), *uid);
                    self.next = self.next.max(uid + 1);
                }
                None => rest.push(base),
            }
        }
        rest.sort_by_key(|base| (seconds(base), *base));
        for base in rest {
            self.of.insert(base.into(), self.next);
            self.next += 1;
        }
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut lines = bytes.split(|b| *b == b'\n');
        let heading = std::str::from_utf8(lines.next()?).ok()?;
        let mut numbers = heading.strip_prefix(HEADING)?.split_ascii_whitespace().map(str::parse);
        let (Some(Ok(validity)), Some(Ok(next))) = (numbers.next(), numbers.next()) else { return None };
        let mut of = HashMap::new();
        for line in lines.filter(|line| !line.is_empty()) {
            let (uid, base) = split_number(line)?;
            of.insert(base.into(), uid);
        }
        Some(Self { validity: UidValidity(validity), next, of })
    }

    fn write(&self, file: &Path) -> io::Result<()> {
        file.parent().map_or(Ok(()), disk::make_dir)?;
        dotlock::replace(file, &self.render())
    }

    fn render(&self) -> Vec<u8> {
        let mut out = format!("{HEADING} {} {}\n", self.validity.0, self.next).into_bytes();
        let mut lines: Vec<_> = self.of.iter().collect();
        lines.sort_by_key(|(_, uid)| **uid);
        for (base, uid) in lines {
            out.extend_from_slice(format!("{uid} ").as_bytes());
            out.extend_from_slice(base);
            out.push(b'\n');
        }
        out
    }
}

/// `dovecot-uidlist`, version 3 (`3 V<validity> N<next> ...`, `<uid> <fields> :<name>`) or 1 (`1 <validity> <next>`, `<uid> <name>`).
#[derive(Debug, Default, PartialEq, Eq)]
struct Uidlist<'a> {
    validity: Option<u32>,
    of: HashMap<&'a [u8], u32>,
}

impl<'a> Uidlist<'a> {
    /// Unreadable lines are ignored.
    fn parse(bytes: &'a [u8]) -> Self {
        let mut lines = bytes.split(|b| *b == b'\n');
        let heading = lines.next().map(String::from_utf8_lossy).unwrap_or_default();
        let mut words = heading.split(' ');
        let third = match words.next() {
            Some("3") => true,
            Some("1") => false,
            _ => return Self::default(),
        };
        let validity = if third {
            words.find_map(|word| word.strip_prefix('V')).and_then(|v| v.parse().ok())
        } else {
            words.next().and_then(|v| v.parse().ok())
        };
        let Some(validity) = validity.filter(|v| *v != 0) else { return Self::default() };
        let mut of = HashMap::new();
        for (uid, rest) in lines.filter_map(split_number) {
            let name = if third {
                rest.iter().position(|b| *b == b':').map(|at| &rest[at + 1..])
            } else {
                Some(rest)
            };
            if let Some(name) = name.filter(|_| uid > 0) {
                of.insert(name.split(|b| *b == b':').next().unwrap_or(name), uid);
            }
        }
        Self { validity: Some(validity), of }
    }
}

fn split_number(line: &[u8]) -> Option<(u32, &[u8])> {
    let at = line.iter().position(|b| *b == b' ')?;
    let number = std::str::from_utf8(&line[..at]).ok()?.parse().ok()?;
    Some((number, &line[at + 1..]))
}

/// The delivery time in front of a name; what has none comes last.
fn seconds(base: &[u8]) -> u64 {
    let digits = base.split(|b| !b.is_ascii_digit()).next().unwrap_or_default();
    std::str::from_utf8(digits).ok().and_then(|d| d.parse().ok()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UIDLIST: &[u8] = b"3 V1700000000 N12 Gabc\n7 S10 W12 :1.a,S=10\n9 :2.b\nrubbish\n11 :5.gone\n";

    fn number(folder: &Path, uidlist: Option<&[u8]>, bases: &[&str]) -> (u32, u32, Vec<u32>) {
        let bases: Vec<_> = bases.iter().map(|b| b.as_bytes()).collect();
        let (validity, next, uids) =
            Uids::number(&folder.join("index/uids"), || uidlist.unwrap_or_default().to_vec(), &bases)
                .unwrap();
        (validity.0, next.0, uids.into_iter().map(|u| u.0).collect())
    }

    #[test]
    fn dovecots_numbers_are_taken_at_first_sight() {
        let folder = tempfile::tempdir().unwrap();

        let found = number(folder.path(), Some(UIDLIST), &["2.b", "1.a,S=10", "3.new"]);

        assert_eq!(found, (1_700_000_000, 11, vec![9, 7, 10]));
    }

    #[test]
    fn a_number_given_here_never_moves_to_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let first = number(folder.path(), Some(UIDLIST), &["1.a,S=10", "3.new"]);

        // Dovecot has numbered both newcomers meanwhile, and uses the number that 3.new got here for another.
        let dovecot = b"3 V1700000000 N14 Gabc\n7 :1.a,S=10\n8 :4.newer\n13 :3.new\n";
        let second = number(folder.path(), Some(dovecot), &["1.a,S=10", "3.new", "4.newer"]);

        assert_eq!(first.2, [7, 8]);
        assert_eq!(second.2, [7, 8, 9]);
    }

    #[test]
    fn without_dovecot_files_are_numbered_by_time_and_keep_their_numbers() {
        let folder = tempfile::tempdir().unwrap();

        let (validity, _, first) = number(folder.path(), None, &["10.b", "9.z", "nodate"]);
        let (again, next, second) = number(folder.path(), None, &["10.b", "8.late", "nodate"]);

        assert_eq!(first, [2, 1, 3]);
        assert_eq!(second, [2, 4, 3]);
        assert_eq!((validity, next), (again, 5));
    }

    #[test]
    fn a_file_that_comes_back_has_its_old_number() {
        let folder = tempfile::tempdir().unwrap();
        number(folder.path(), None, &["1.a", "2.b"]);

        number(folder.path(), None, &["2.b", "3.c"]);
        let (_, _, found) = number(folder.path(), None, &["1.a", "2.b", "3.c"]);

        assert_eq!(found, [1, 2, 3]);
    }

    #[test]
    fn the_first_version_of_the_uidlist_is_read() {
        let list = Uidlist::parse(b"1 1234 9\n5 1.a:2,S\n6 2.b\n");

        assert_eq!(list.validity, Some(1234));
        assert_eq!(list.of, HashMap::from([(&b"1.a"[..], 5), (&b"2.b"[..], 6)]));
    }

    #[test]
    fn a_damaged_uidlist_counts_as_missing() {
        for bytes in [&b""[..], b"3 N5\n1 :a\n", b"2 V5\n1 :a\n", b"\xff\xff", b"3 V0 N1\n1 :a"] {
            assert_eq!(Uidlist::parse(bytes), Uidlist::default(), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(bases in prop::collection::btree_set("[ -~]{1,8}", 0..10)) {
            let bases: Vec<_> = bases.iter().map(|b| b.as_bytes()).collect();
            let mut uids = Uids::empty(Some(5));
            uids.add(&bases, &HashMap::new());

            prop_assert_eq!(Uids::parse(&uids.render()), Some(uids));
        }

        #[test]
        fn no_file_makes_the_readers_panic(bytes: Vec<u8>) {
            let _ = (Uids::parse(&bytes), Uidlist::parse(&bytes));
        }
    }
}
