//! Secrets: sealed, bound to their rows, nowhere in the clear.

use crate::support::{Place, added_batch, batch, endpoint, row, users_of};
use imapmig_core::endpoint::EndpointSecrets;
use imapmig_core::ports::store::{Catalog, StoreError};
use imapmig_core::secret::Secret;
use imapmig_core::time::UnixMs;
use imapmig_core::user::NewUser;
use imapmig_store::StateDirectory;
use rusqlite::Connection;
use std::fs;

/// Whether a file of the state directory holds these bytes.
fn is_in_a_file(directory: &StateDirectory, bytes: &[u8]) -> bool {
    fs::read_dir(directory.root())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .any(|path| fs::read(path).unwrap().windows(bytes.len()).any(|window| window == bytes))
}

fn sealed(directory: &StateDirectory, sql: &str) -> Vec<u8> {
    Connection::open(directory.database()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn no_secret_stands_readable_in_any_file_and_sealed_ones_go_with_their_batch() {
    let place = Place::new();
    let store = place.open();
    let source = endpoint("source");
    let secrets = EndpointSecrets {
        administrator_password: Some(Secret::from("Adm1nistr@tor-pw")),
        client_credential: Some(Secret::from("-----BEGIN PRIVATE KEY-----")),
    };
    store.add_endpoint(&source, &secrets).unwrap();
    let batch = batch("one", source.id);
    let user = NewUser {
        target_password: Some(Secret::from("Targ3t-passw0rd")),
        ..row("a@x.example", "S0urce-passw0rd")
    };
    store.add_batch(&batch, &[user]).unwrap();
    let passwords = sealed(&place.directory, "SELECT password FROM users");
    let credential = sealed(&place.directory, "SELECT client_credential FROM endpoints");
    let texts = ["S0urce-passw0rd", "Targ3t-passw0rd", "Adm1nistr@tor-pw", "-----BEGIN PRIVATE KEY-----"];

    assert!(is_in_a_file(&place.directory, b"a@x.example"), "the search works");
    assert!(is_in_a_file(&place.directory, &passwords) && is_in_a_file(&place.directory, &credential));
    for text in texts {
        assert!(!is_in_a_file(&place.directory, text.as_bytes()), "{text}");
    }

    store.remove_batch(batch.id).unwrap();
    assert!(!is_in_a_file(&place.directory, &passwords));
    store.remove_endpoint(source.id).unwrap();
    assert!(!is_in_a_file(&place.directory, &credential));

    drop(store);
    for text in texts {
        assert!(!is_in_a_file(&place.directory, text.as_bytes()), "{text}");
    }
}

#[test]
fn a_replaced_secret_is_in_no_file_any_more() {
    let place = Place::new();
    let store = place.open();
    let source = endpoint("source");
    let with = |text| EndpointSecrets { client_credential: Some(Secret::from(text)), ..Default::default() };
    store.add_endpoint(&source, &with("old")).unwrap();
    let old = sealed(&place.directory, "SELECT client_credential FROM endpoints");

    store.change_endpoint(&source, &with("new")).unwrap();

    assert!(!is_in_a_file(&place.directory, &old));
    assert_eq!(store.endpoint_secrets(source.id).unwrap(), with("new"));
}

#[test]
fn a_sealed_password_does_not_tell_its_length() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &[]);
    let rows = ["", "short", "a password of forty characters, roughly.."]
        .map(|password| row(&format!("{}@x.example", password.len()), password));
    store.add_users(batch.id, &rows, UnixMs(0)).unwrap();

    let lengths = Connection::open(place.directory.database())
        .unwrap()
        .query_row("SELECT COUNT(DISTINCT LENGTH(password)) FROM users", [], |row| row.get::<_, i64>(0))
        .unwrap();

    assert_eq!(lengths, 1);
}

#[test]
fn secrets_open_with_their_own_key_alone() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &["a@x.example"]);
    let user = users_of(&store, batch.id)[0].id;
    let key = fs::read(place.directory.key()).unwrap();
    let is_refused = || matches!(store.user_secrets(user), Err(StoreError::Key));

    fs::write(place.directory.key(), [7; 32]).unwrap();
    assert!(is_refused(), "another key");
    fs::write(place.directory.key(), &key[..31]).unwrap();
    assert!(is_refused(), "a cut key");
    fs::remove_file(place.directory.key()).unwrap();
    assert!(is_refused(), "no key");
    assert!(!place.directory.key().exists(), "reading makes no key");

    fs::write(place.directory.key(), &key).unwrap();
    assert_eq!(store.user_secrets(user).unwrap().password, Secret::from("secret-a@x.example"));
}

#[test]
fn after_the_key_was_lost_a_new_one_seals_what_is_entered_again() {
    let place = Place::new();
    let store = place.open();
    let source = endpoint("source");
    let secrets = EndpointSecrets { client_credential: Some(Secret::from("c")), ..Default::default() };
    store.add_endpoint(&source, &secrets).unwrap();
    fs::remove_file(place.directory.key()).unwrap();

    let lost = store.endpoint_secrets(source.id);
    store.change_endpoint(&source, &secrets).unwrap();

    assert!(matches!(lost, Err(StoreError::Key)));
    assert_eq!(store.endpoint_secrets(source.id).unwrap(), secrets);
}

#[test]
fn a_cut_key_file_is_never_overwritten() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &[]);
    fs::write(place.directory.key(), "cut").unwrap();

    let refused = store.add_users(batch.id, &[row("a@x.example", "p")], UnixMs(0));

    assert!(matches!(refused, Err(StoreError::Key)));
    assert_eq!(fs::read(place.directory.key()).unwrap(), b"cut");
}

#[test]
fn a_sealed_password_does_not_open_in_another_row_or_column() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &["mine@x.example", "other@x.example"]);
    let mine = users_of(&store, batch.id)[0].id;
    let raw = Connection::open(place.directory.database()).unwrap();
    let is_refused = || matches!(store.user_secrets(mine), Err(StoreError::Key));

    raw.execute("UPDATE users SET target_password = password", []).unwrap();
    assert!(is_refused());
    raw.execute("UPDATE users SET target_password = NULL", []).unwrap();
    assert!(!is_refused());
    raw.execute(
        "UPDATE users SET password = (SELECT password FROM users WHERE email_key = 'other@x.example')",
        [],
    )
    .unwrap();
    assert!(is_refused());
}

#[test]
fn errors_and_debug_output_hold_no_secret() {
    let place = Place::new();
    let store = place.open();
    let first = added_batch(&store, "first", &["a@x.example"]);
    let rows = [row("a@x.example", "hidden-password")];

    let error = store.add_batch(&batch("second", first.source), &rows).unwrap_err();

    assert!(!format!("{error} {error:?} {store:?}").contains("hidden-password"));
}
