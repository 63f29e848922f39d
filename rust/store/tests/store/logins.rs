//! New logins and passwords for users that are there already.

use crate::support::{Place, added_batch, added_mailbox, intent, row, states, users_of};
use imapmig_core::batch::Batch;
use imapmig_core::ids::UserId;
use imapmig_core::message::Uid;
use imapmig_core::ports::store::{Catalog, Ledger, LedgerResult, LoginChange, StoreError, UserChange};
use imapmig_core::secret::Secret;
use imapmig_core::status::UserStatus;
use imapmig_core::time::UnixMs;
use imapmig_core::user::{LedgerState, NewUser, User};
use imapmig_store::SqliteStore;
use std::fs;

const ADDRESSES: [&str; 2] = ["ann@x.example", "bob@x.example"];
const NOW: UnixMs = UnixMs(9_000);

fn set(store: &SqliteStore, user: UserId, status: UserStatus) {
    let times = Some(UnixMs(1));
    let change = UserChange {
        status: Some(status),
        started: times,
        initial_synced: times,
        last_synced: times,
        ..UserChange::default()
    };
    assert!(store.change_user(user, &[], &change).unwrap());
}

fn ledger_entries(store: &SqliteStore, user: &User) -> usize {
    states(store, user.id).len()
}

/// A batch of two users with one message in the ledger each.
fn synced(store: &SqliteStore) -> (Batch, Vec<User>) {
    let batch = added_batch(store, "one", &ADDRESSES);
    for user in users_of(store, batch.id) {
        set(store, user.id, UserStatus::Synced);
        let mailbox = added_mailbox(store, user.id, "INBOX");
        store.add_intents(mailbox, &[intent(1)], Uid(1)).unwrap();
        let result = LedgerResult { uid: Uid(1), state: LedgerState::Copied, target: None, digest: None };
        store.record(mailbox, &[result], &[]).unwrap();
    }
    let users = users_of(store, batch.id);
    (batch, users)
}

#[test]
fn a_new_password_changes_nothing_else_and_a_new_login_waits_until_the_worker_is_done() {
    let place = Place::new();
    let store = place.open();
    let (batch, before) = synced(&store);
    set(&store, before[0].id, UserStatus::Syncing);
    let other = NewUser { user_name: "somebody else".to_owned(), ..row(ADDRESSES[0], "new") };
    let same = NewUser { user_name: before[0].user_name.clone(), ..row("ANN@X.example", "new") };

    let changes = [&other, &same].map(|row| store.change_logins(batch.id, &[row], NOW).unwrap());

    assert_eq!(changes, [[LoginChange::AtWork], [LoginChange::Passwords]]);
    let after = users_of(&store, batch.id);
    assert_eq!(store.user_secrets(after[0].id).unwrap().password, Secret::from("new"));
    assert_eq!(store.user_secrets(after[1].id).unwrap().password, Secret::from("secret-bob@x.example"));
    assert_eq!((after[0].status, after[0].started), (UserStatus::Syncing, Some(UnixMs(1))));
    assert_eq!(ledger_entries(&store, &after[0]), 1);
}

#[test]
fn another_login_makes_a_user_as_new_and_leaves_the_others() {
    let place = Place::new();
    let store = place.open();
    let (batch, before) = synced(&store);
    let row = NewUser {
        user_root: Some("users/ann".to_owned()),
        target_user_name: Some("ann".to_owned()),
        ..row(ADDRESSES[0], "administrator's")
    };

    let changes = store.change_logins(batch.id, &[&row], NOW).unwrap();

    let after = users_of(&store, batch.id);
    assert_eq!(changes, [LoginChange::Login]);
    assert_eq!(
        (after[0].user_root.as_deref(), after[0].target_user_name.as_deref()),
        (Some("users/ann"), Some("ann"))
    );
    assert_eq!((after[0].status, after[0].queued), (UserStatus::Queued, Some(NOW)));
    assert_eq!((after[0].started, after[0].initial_synced, after[0].last_synced), (None, None, None));
    assert!(store.checkpoints(after[0].id).unwrap().is_empty());
    assert_eq!((ledger_entries(&store, &after[0]), ledger_entries(&store, &after[1])), (0, 1));
    assert_eq!(after[1], before[1]);
}

#[test]
fn what_a_row_leaves_out_stays_and_a_stranger_is_told() {
    let place = Place::new();
    let store = place.open();
    let (batch, before) = synced(&store);
    let full = NewUser {
        user_root: Some("users/ann".to_owned()),
        target_user_name: Some("ann".to_owned()),
        target_password: Some(Secret::from("target")),
        ..row(ADDRESSES[0], "p1")
    };
    store.change_logins(batch.id, &[&full], NOW).unwrap();
    let short = NewUser { user_name: before[0].user_name.clone(), ..row(ADDRESSES[0], "p2") };

    let changes = store.change_logins(batch.id, &[&row("eve@x.example", "p"), &short], NOW).unwrap();

    assert_eq!(changes, [LoginChange::NotInBatch, LoginChange::Passwords]);
    let user = &users_of(&store, batch.id)[0];
    assert_eq!(
        (user.user_root.as_deref(), user.target_user_name.as_deref()),
        (Some("users/ann"), Some("ann"))
    );
    let secrets = store.user_secrets(user.id).unwrap();
    assert_eq!(
        (secrets.password, secrets.target_password),
        (Secret::from("p2"), Some(Secret::from("target")))
    );
}

#[test]
fn a_lost_key_is_no_longer_missed_after_the_passwords_were_given_again() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &ADDRESSES);
    let users = users_of(&store, batch.id);
    fs::remove_file(place.directory.key()).unwrap();
    let lost = store.user_secrets(users[0].id);

    let rows = ADDRESSES.map(|address| row(address, "again"));
    store.change_logins(batch.id, &rows.each_ref(), NOW).unwrap();

    assert!(matches!(lost, Err(StoreError::Key)), "{lost:?}");
    for user in users {
        assert_eq!(store.user_secrets(user.id).unwrap().password, Secret::from("again"));
    }
    assert_eq!(store.users_with_equal_passwords(batch.id).unwrap().len(), 1);
}

#[test]
fn users_that_move_to_another_batch_keep_their_ledger_where_both_ends_are_the_same() {
    let place = Place::new();
    let store = place.open();
    let (batch, users) = synced(&store);
    let new = Batch { id: imapmig_core::ids::BatchId::new(), name: "two".to_owned(), ..batch.clone() };

    store.add_batch_of(&new, &[users[0].id]).unwrap();

    let moved = store.user_by_id(users[0].id).unwrap().unwrap();
    assert_eq!((moved.batch, moved.status), (new.id, UserStatus::Synced));
    assert_eq!(ledger_entries(&store, &moved), 1);
    assert_eq!(users_of(&store, batch.id).len(), 1);
    assert_eq!(store.user_secrets(moved.id).unwrap().password, Secret::from("secret-ann@x.example"));
}

#[test]
fn users_that_move_to_another_target_are_as_new() {
    let place = Place::new();
    let store = place.open();
    let (batch, users) = synced(&store);
    let new = Batch {
        id: imapmig_core::ids::BatchId::new(),
        name: "two".to_owned(),
        target: Some(batch.source),
        ..batch.clone()
    };

    store.add_batch_of(&new, &[users[0].id]).unwrap();

    let moved = store.user_by_id(users[0].id).unwrap().unwrap();
    assert_eq!((moved.status, moved.initial_synced), (UserStatus::Queued, None));
    assert_eq!(ledger_entries(&store, &moved), 0);
}
