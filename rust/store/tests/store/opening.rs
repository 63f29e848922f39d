//! Opening: new, old, newer, damaged and locked databases.

use crate::support::{Place, added_batch, added_mailbox, added_user, entries, intent};
use imapmig_core::message::Uid;
use imapmig_core::ports::store::{BatchFilter, Catalog, Ledger, Requests, StoreError};
use imapmig_store::SqliteStore;
use rusqlite::Connection;
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};

#[test]
fn what_was_stored_is_there_after_the_store_was_closed() {
    let place = Place::new();
    let store = place.open();
    added_batch(&store, "one", &["a@x.example"]);

    drop(store);

    assert_eq!(place.open().batches(&BatchFilter::default()).unwrap().len(), 1);
}

#[test]
fn an_empty_file_from_a_process_that_ended_at_once_is_a_new_database() {
    let place = Place::new();
    File::create(place.directory.database()).unwrap();

    assert_eq!(place.open().endpoints().unwrap(), []);
}

#[test]
fn a_file_that_is_no_database_is_told_as_damaged() {
    let place = Place::new();
    fs::write(place.directory.database(), "this is a letter to my aunt, and no database\n".repeat(200))
        .unwrap();

    let error = SqliteStore::open(&place.directory).unwrap_err();

    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

#[test]
fn damaged_pages_are_told_as_damaged_when_they_are_read() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let mailbox = added_mailbox(&store, user, "INBOX");
    store.add_intents(mailbox, &(1..3_000).map(intent).collect::<Vec<_>>(), Uid(1)).unwrap();
    drop(store);
    let mut file = OpenOptions::new().write(true).open(place.directory.database()).unwrap();
    let length = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(4096)).unwrap();
    file.write_all(&vec![0xFF; usize::try_from(length).unwrap() - 4096]).unwrap();

    let error = SqliteStore::open(&place.directory)
        .and_then(|store| store.ledger(mailbox, &mut |_| std::ops::ControlFlow::Continue(())))
        .unwrap_err();

    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

#[test]
fn a_state_that_no_version_wrote_is_told_as_damaged() {
    let place = Place::new();
    let store = place.open();
    added_batch(&store, "one", &[]);
    Connection::open(place.directory.database())
        .unwrap()
        .execute("UPDATE batches SET status = 'Done'", [])
        .unwrap();

    let error = store.batches(&BatchFilter::default()).unwrap_err();

    assert!(matches!(&error, StoreError::Damaged { detail, .. } if detail.contains("Done")), "{error:?}");
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let place = Place::new();
    drop(place.open());
    let raw = Connection::open(place.directory.database()).unwrap();
    raw.pragma_update(None, "user_version", 1_000).unwrap();
    drop(raw);

    let error = SqliteStore::open(&place.directory).unwrap_err();

    assert!(matches!(error, StoreError::TooNew), "{error:?}");
}

#[test]
fn readers_go_on_while_another_process_writes_and_a_second_writer_is_told_that_it_is_locked() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let mailbox = added_mailbox(&store, user, "INBOX");
    let other = Connection::open(place.directory.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let read = store.batches(&BatchFilter::default()).unwrap().len();
    let opened_again = place.open().batches(&BatchFilter::default()).unwrap().len();
    let error = store.add_intents(mailbox, &[intent(1)], Uid(1)).unwrap_err();
    other.execute_batch("ROLLBACK").unwrap();
    let afterwards = store.add_intents(mailbox, &[intent(1)], Uid(1));

    assert_eq!((read, opened_again), (1, 1));
    assert!(matches!(error, StoreError::Locked), "{error:?}");
    assert!(afterwards.is_ok());
    assert_eq!(entries(&store, mailbox).len(), 1);
}

#[cfg(unix)]
#[test]
fn a_database_that_was_deleted_or_replaced_takes_no_more_changes() {
    let place = Place::new();
    let store = place.open();
    let database = place.directory.database();
    std::fs::remove_file(&database).unwrap();

    let deleted = store.set_setting("a", Some("b")).unwrap_err();
    std::fs::write(&database, "").unwrap();
    let replaced = store.set_setting("a", Some("b")).unwrap_err();

    for error in [deleted, replaced] {
        assert!(matches!(error, StoreError::Replaced), "{error}");
    }
}

#[test]
fn every_change_of_any_process_makes_another_version() {
    let place = Place::new();
    let (store, other) = (place.open(), place.open());
    let mut versions = vec![store.version().unwrap()];
    let unchanged = store.version().unwrap();

    store.set_setting("a", Some("b")).unwrap();
    versions.push(store.version().unwrap());
    other.set_setting("a", Some("c")).unwrap();
    versions.push(store.version().unwrap());

    assert_eq!(unchanged, versions[0]);
    assert!(versions[0] != versions[1] && versions[1] != versions[2], "{versions:?}");
}

#[cfg(unix)]
#[test]
fn opening_a_deleted_database_once_more_says_that_it_was_deleted() {
    let place = Place::new();
    let store = place.open();
    std::fs::remove_file(place.directory.database()).unwrap();

    // The first look at the version opens the file once more.
    let error = store.version().unwrap_err();

    assert!(matches!(error, StoreError::Replaced), "{error}");
}
