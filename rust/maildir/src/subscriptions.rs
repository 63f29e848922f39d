//! The `subscriptions` file of a Maildir, in both of Dovecot's forms.
//!
//! The old form has one name a line, as the directory without its first dot. The newer one begins with `V<TAB>2` and an
//! empty line; its names have tabs between the levels. A new file gets the old form, which every Dovecot reads.

use crate::directory::Directory;
use crate::dotlock;
use crate::folder_name;
use imapmig_core::failure::Failure;
use imapmig_core::folder::WireName;
use std::collections::BTreeSet;
use std::path::Path;

const FILE: &str = "subscriptions";
const VERSION_2: &str = "V\t2";

/// Subscribed names, as directories without their first dot.
pub(crate) struct Subscriptions(BTreeSet<String>);

impl Subscriptions {
    pub(crate) fn read(maildir: &Path) -> Result<Self, Failure> {
        Ok(Self::parse(&dotlock::read(&maildir.join(FILE))?))
    }

    /// Reads the subscriptions of a tree that users may write to; anything but a regular file counts as empty.
    pub(crate) fn inside(maildir: &Directory) -> Self {
        Self::parse(&maildir.read(FILE).unwrap_or_default())
    }

    fn parse(bytes: &[u8]) -> Self {
        Self(names(bytes))
    }

    pub(crate) fn contains(&self, wire: &WireName) -> bool {
        self.0.contains(&normal(&folder_name::subscription(wire)))
    }
}

/// Subscribes a folder; it may be subscribed already.
pub(crate) fn add(maildir: &Path, wire: &WireName) -> Result<(), Failure> {
    let name = folder_name::subscription(wire);
    dotlock::update(&maildir.join(FILE), |before| {
        if names(before).contains(&normal(&name)) {
            return ((), None);
        }
        let mut after = before.to_vec();
        if !after.is_empty() && !after.ends_with(b"\n") {
            after.push(b'\n');
        }
        let line = if is_version_2(before) { name.replace('.', "\t") } else { name.clone() };
        after.extend_from_slice(line.as_bytes());
        after.push(b'\n');
        ((), Some(after))
    })
}

fn is_version_2(bytes: &[u8]) -> bool {
    bytes.split(|b| *b == b'\n').next() == Some(VERSION_2.as_bytes())
}

fn names(bytes: &[u8]) -> BTreeSet<String> {
    let version_2 = is_version_2(bytes);
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().skip(if version_2 { 2 } else { 0 }).filter(|line| !line.is_empty());
    lines.map(|line| if version_2 { line.replace('\t', ".") } else { normal(line) }).collect()
}

/// The name with dots between its levels, whichever layout it comes from.
fn normal(name: &str) -> String {
    name.replace('/', ".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn wire(name: &str) -> WireName {
        WireName(name.into())
    }

    #[test]
    fn a_new_file_has_one_name_a_line_and_no_name_twice() {
        let root = tempfile::tempdir().unwrap();

        for name in ["INBOX", ".A.B", ".&AMk-", ".A.B"] {
            add(root.path(), &wire(name)).unwrap();
        }

        assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), "INBOX\nA.B\n&AMk-\n");
        let read = Subscriptions::read(root.path()).unwrap();
        assert!(read.contains(&wire(".A.B")));
        assert!(!read.contains(&wire(".A")));
    }

    #[test]
    fn dovecots_newer_form_is_read_and_kept() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(FILE), "V\t2\n\nA\tB\n").unwrap();

        add(root.path(), &wire(".A.B")).unwrap();
        add(root.path(), &wire(".C.D")).unwrap();

        assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), "V\t2\n\nA\tB\nC\tD\n");
        assert!(Subscriptions::read(root.path()).unwrap().contains(&wire(".C.D")));
    }

    #[test]
    fn a_file_without_a_last_line_end_is_added_to_on_a_new_line() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(FILE), "A").unwrap();

        add(root.path(), &wire(".B")).unwrap();

        assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), "A\nB\n");
    }
}
