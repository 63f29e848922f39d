//! A full disk and a read-only one, on a small file system of the test's own where the system lets it mount one.

use crate::support::{Place, added_mailbox, added_user, entries, intent};
use imapmig_core::message::Uid;
use imapmig_core::ports::store::{Catalog, Ledger, StoreError};
use imapmig_store::{SqliteStore, StateDirectory};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A file system of one megabyte.
struct SmallDisk {
    mounted_at: PathBuf,
    _temporary: TempDir,
}

impl SmallDisk {
    fn mount() -> Option<Self> {
        let temporary = tempfile::tempdir().unwrap();
        let mounted_at = temporary.path().to_owned();
        let done = run(&["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs"], &mounted_at);
        if !done {
            eprintln!("not run: only root can mount a small file system, and not everywhere");
        }
        done.then_some(Self { mounted_at, _temporary: temporary })
    }

    fn make_read_only(&self) {
        assert!(run(&["mount", "-o", "remount,ro"], &self.mounted_at));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        run(&["umount"], &self.mounted_at);
    }
}

fn run(command: &[&str], path: &Path) -> bool {
    Command::new(command[0])
        .args(&command[1..])
        .arg(path)
        .output()
        .is_ok_and(|output| output.status.success())
}

#[test]
fn a_full_disk_is_told_and_what_was_stored_before_stays() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let directory = StateDirectory::locate(Some(&disk.mounted_at)).unwrap();
    let store = SqliteStore::open(&directory).unwrap();
    let user = added_user(&store);
    let mailbox = added_mailbox(&store, user, "INBOX");

    let mut stored = 0;
    let error = loop {
        let part: Vec<_> = (stored + 1..=stored + 100).map(intent).collect();
        match store.add_intents(mailbox, &part, Uid(1)) {
            Ok(()) => stored += 100,
            Err(error) => break error,
        }
    };

    assert!(matches!(error, StoreError::DiskFull), "{error:?}");
    assert!(stored > 100);
    assert_eq!(entries(&store, mailbox).len(), stored as usize);
    drop(store);
    assert_eq!(entries(&SqliteStore::open(&directory).unwrap(), mailbox).len(), stored as usize);
}

#[test]
fn a_disk_that_is_full_from_the_start_is_told() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let directory = StateDirectory::locate(Some(&disk.mounted_at)).unwrap();
    // Everything that fits.
    let _full = fs::write(disk.mounted_at.join("filler"), vec![1; 2 << 20]);

    let error = SqliteStore::open(&directory).unwrap_err();

    assert!(matches!(error, StoreError::DiskFull), "{error:?}");
}

#[test]
fn a_read_only_state_directory_is_told() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let directory = StateDirectory::locate(Some(&disk.mounted_at)).unwrap();
    drop(SqliteStore::open(&directory).unwrap());
    disk.make_read_only();

    let error = SqliteStore::open(&directory).unwrap_err();

    let is_named = match &error {
        StoreError::CannotOpen => true,
        StoreError::Other { detail } => detail.contains("read"),
        _ => false,
    };
    assert!(is_named, "{error:?}");
}

#[test]
fn a_database_that_vanished_while_it_was_open_does_not_stop_the_next_opening() {
    let place = Place::new();
    let store = place.open();
    added_user(&store);
    drop(store);
    fs::remove_file(place.directory.database()).unwrap();

    assert_eq!(place.open().endpoints().unwrap(), []);
}
