//! Which folders a Maildir holds: Maildir++ (`.A.B`), and plain subfolders (Dovecot's `LAYOUT=fs`) where there are some.

use crate::disk;
use crate::folder_name;
use crate::subscriptions::Subscriptions;
use imapmig_core::failure::{Doing, Failure, Scope};
use imapmig_core::folder::{Folder, FolderPath, WireName};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Folders below this are not looked for.
const MAX_DEPTH: usize = 100;
/// Where Dovecot moves what it deletes.
const DOVECOT_TRASH: &[u8] = b"..DOVECOT-TRASHED";

/// Which layouts count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Maildir++ alone: what a Dovecot that serves it as such shows.
    PlusPlus,
    /// Plain subfolders too.
    Any,
}

/// All folders, parents that are only a part of a name included.
pub(crate) fn folders(
    maildir: &Path,
    layout: Layout,
    subscriptions: &Subscriptions,
) -> Result<Vec<Folder>, Failure> {
    let mut found = BTreeMap::from([(WireName(b"INBOX".into()), true)]);
    collect(maildir, b"", if layout == Layout::Any { MAX_DEPTH } else { 0 }, layout, &mut found)?;
    let mut folders: Vec<_> = found
        .into_iter()
        .map(|(wire, selectable)| Folder {
            path: place(&wire),
            special_use: None,
            subscribed: subscriptions.contains(&wire),
            selectable,
            wire,
        })
        .collect();
    add_parents(&mut folders);
    Ok(folders)
}

fn place(wire: &WireName) -> FolderPath {
    let path = folder_name::path_of(wire);
    // A directory `.INBOX` is a folder of its own and must not be taken for the Maildir itself.
    if path.is_inbox() && wire.0 != b"INBOX" { path.child("INBOX") } else { path }
}

fn collect(
    directory: &Path,
    prefix: &[u8],
    levels: usize,
    layout: Layout,
    found: &mut BTreeMap<WireName, bool>,
) -> Result<(), Failure> {
    let fail = |e: &std::io::Error| disk::failure(Scope::User, Doing::Listing, directory, e);
    for entry in fs::read_dir(directory).map_err(|e| fail(&e))? {
        let entry = entry.map_err(|e| fail(&e))?;
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        let top = prefix.is_empty();
        if matches!(name, b"cur" | b"new" | b"tmp") || name == DOVECOT_TRASH || (!top && name[0] == b'.') {
            continue;
        }
        if !fs::metadata(entry.path()).is_ok_and(|m| m.is_dir()) {
            continue;
        }
        let wire = WireName([prefix, name].concat());
        let selectable = entry.path().join("cur").is_dir();
        // Dovecot follows links, and so does our own target. At a source they could lead to other people's mail: such a
        // folder is listed, so that opening it says why it is left out, but nothing below it.
        if layout == Layout::Any && entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
            if selectable || name[0] == b'.' {
                found.insert(wire, true);
            }
            continue;
        }
        if name[0] == b'.' {
            found.insert(wire, selectable);
        } else if levels > 0 {
            let below = found.len();
            let prefix = [&wire.0[..], b"/"].concat();
            collect(&entry.path(), &prefix, levels - 1, layout, found)?;
            if selectable || found.len() > below {
                found.insert(wire, selectable);
            }
        }
    }
    Ok(())
}

fn add_parents(folders: &mut Vec<Folder>) {
    let mut known: BTreeSet<_> = folders.iter().map(|f| f.path.clone()).collect();
    for at in 0..folders.len() {
        let mut path = folders[at].path.parent();
        while let Some(parent) = path {
            if !known.insert(parent.clone()) {
                break;
            }
            folders.push(Folder {
                wire: WireName(Vec::new()),
                path: parent.clone(),
                special_use: None,
                selectable: false,
                subscribed: false,
            });
            path = parent.parent();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(maildir: &Path) -> Vec<(String, bool, bool)> {
        let mut names: Vec<_> = folders(maildir, Layout::Any, &Subscriptions::read(maildir).unwrap())
            .unwrap()
            .into_iter()
            .map(|f| (f.path.segments().join("|"), f.selectable, f.subscribed))
            .collect();
        names.sort();
        names
    }

    #[test]
    fn maildir_plus_plus_folders_are_listed_with_their_parents() {
        let root = tempfile::tempdir().unwrap();
        for name in ["cur", ".A.B/cur", ".&AMk-t&AOk-/cur", "..DOVECOT-TRASHED/cur", ".INBOX/cur", ".half"] {
            fs::create_dir_all(root.path().join(name)).unwrap();
        }
        fs::write(root.path().join("subscriptions"), "A.B\n").unwrap();

        let found = names(root.path());

        let expected = [
            ("A", false, false),
            ("A|B", true, true),
            ("INBOX", true, false),
            ("INBOX|INBOX", true, false),
            ("half", false, false),
            ("Été", true, false),
        ];
        assert_eq!(found, expected.map(|(n, s, u)| (n.to_owned(), s, u)));
    }

    #[test]
    fn plain_subfolders_are_listed_too() {
        let root = tempfile::tempdir().unwrap();
        for name in ["cur", "Archive/2024/cur", "Archive/2024/new", "Drafts/cur", "notes"] {
            fs::create_dir_all(root.path().join(name)).unwrap();
        }

        let found = names(root.path());

        let expected = [("Archive", false), ("Archive|2024", true), ("Drafts", true), ("INBOX", true)];
        assert_eq!(found, expected.map(|(n, s)| (n.to_owned(), s, false)));
        let none = Subscriptions::read(root.path()).unwrap();
        assert_eq!(folders(root.path(), Layout::PlusPlus, &none).unwrap().len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn linked_folders_are_listed_at_a_source_but_nothing_below_them() {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir_all(root.path().join("cur")).unwrap();
        fs::create_dir_all(outside.path().join("cur")).unwrap();
        fs::create_dir_all(outside.path().join("below/cur")).unwrap();
        for name in [".linked", "plain"] {
            std::os::unix::fs::symlink(outside.path(), root.path().join(name)).unwrap();
        }
        std::os::unix::fs::symlink(root.path(), root.path().join("up")).unwrap();

        let found = names(root.path());

        let expected = ["INBOX", "linked", "plain", "up"];
        assert_eq!(found, expected.map(|n| (n.to_owned(), true, false)));
    }
}
