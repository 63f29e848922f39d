//! What is asked about thousands of users without reading them: how many are in which state, and who is due.

use crate::support::{Place, added_batch, batch, row, users_of};
use imapmig_core::batch::RequestKind;
use imapmig_core::ids::BatchId;
use imapmig_core::ports::store::{BatchFilter, Catalog, Requests, UserChange};
use imapmig_core::status::{UserCounts, UserEvent, UserStatus};
use imapmig_core::time::UnixMs;

#[test]
fn users_are_counted_without_being_read_whatever_becomes_of_them() {
    let place = Place::new();
    let store = place.open();
    let addresses: Vec<_> = (0..40).map(|user| format!("u{user}@x.example")).collect();
    let addresses: Vec<_> = addresses.iter().map(String::as_str).collect();
    let (one, two) =
        (added_batch(&store, "one", &addresses[..30]), added_batch(&store, "two", &addresses[30..]));
    let users = users_of(&store, one.id);
    for (number, user) in users.iter().enumerate() {
        let status = UserStatus::ALL[number % UserStatus::ALL.len()];
        let change = UserChange { status: Some(status), ..UserChange::default() };
        store.change_user(user.id, &[], &change).unwrap();
        store.change_user(user.id, &[status], &change).unwrap();
    }
    store.remove_user(users[3].id).unwrap();
    store.add_users(one.id, &[row("late@x.example", "secret")], UnixMs(7)).unwrap();
    store.change_user_statuses(two.id, UserEvent::Stopped, UnixMs(8)).unwrap();
    let other = batch("three", one.source);
    let idle = users_of(&store, two.id)[0].id;
    store.add_batch_of(&other, &[idle]).unwrap();
    store.remove_batch(two.id).unwrap();

    let counted = |batch: BatchId| {
        let mut counts = UserCounts::default();
        users_of(&store, batch).iter().for_each(|user| counts.add(user.status, 1));
        counts
    };
    let expected = [counted(one.id), counted(other.id)];
    // What is counted is read from nowhere else.
    let raw = rusqlite::Connection::open(place.directory.database()).unwrap();
    raw.execute_batch("DROP TRIGGER users_removed; DELETE FROM users;").unwrap();

    let shown: Vec<_> = store.batches(&BatchFilter::default()).unwrap().iter().map(|b| b.counts).collect();
    assert_eq!(shown, expected);
    assert_eq!(store.batch_by_id(one.id).unwrap().unwrap().counts, expected[0]);
}

#[test]
fn due_are_those_in_step_or_completing_whose_time_has_come_in_order_of_their_rows() {
    let place = Place::new();
    let store = place.open();
    let one = added_batch(
        &store,
        "one",
        &["a@x.example", "b@x.example", "c@x.example", "d@x.example", "e@x.example"],
    );
    let users: Vec<_> = users_of(&store, one.id).iter().map(|user| user.id).collect();
    let set = |user: usize, status, next: Option<i64>| {
        let change =
            UserChange { status: Some(status), next_sync: Some(next.map(UnixMs)), ..UserChange::default() };
        store.change_user(users[user], &[], &change).unwrap();
    };
    set(0, UserStatus::Synced, Some(20));
    set(1, UserStatus::Synced, Some(9));
    set(2, UserStatus::Completing, Some(8));
    set(3, UserStatus::Synced, None);
    set(4, UserStatus::IncrementalSyncing, Some(1));

    assert_eq!(store.due_users(one.id, UnixMs(7)).unwrap(), (vec![], Some(UnixMs(8))));
    assert_eq!(store.due_users(one.id, UnixMs(9)).unwrap(), (vec![users[1], users[2]], Some(UnixMs(20))));
    store.make_due(one.id, UnixMs(10)).unwrap();
    assert_eq!(
        store.due_users(one.id, UnixMs(10)).unwrap(),
        (vec![users[0], users[1], users[2], users[3]], None)
    );
    assert_eq!(store.user_by_id(users[4]).unwrap().unwrap().next_sync, Some(UnixMs(10)));
}

#[test]
fn the_final_sync_of_a_user_that_completes_is_due_at_once() {
    let place = Place::new();
    let store = place.open();
    let one = added_batch(&store, "one", &["a@x.example", "b@x.example"]);
    let users = users_of(&store, one.id);
    for user in &users {
        let synced = UserChange {
            status: Some(UserStatus::Synced),
            next_sync: Some(Some(UnixMs(1_000))),
            ..UserChange::default()
        };
        store.change_user(user.id, &[], &synced).unwrap();
    }

    let asked = (Some(UserEvent::CompleteRequested), None);
    store.request_for_user(RequestKind::SyncNow, users[1].id, asked, UnixMs(5)).unwrap();
    assert_eq!(store.due_users(one.id, UnixMs(5)).unwrap().0, [users[1].id]);
    store.change_user_statuses(one.id, UserEvent::CompleteRequested, UnixMs(6)).unwrap();
    assert_eq!(store.due_users(one.id, UnixMs(6)).unwrap().0, [users[0].id, users[1].id]);
}
