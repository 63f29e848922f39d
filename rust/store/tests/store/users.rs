//! Users as the store keeps them: filters, changes, counts.

use crate::support::{Place, added_batch, added_user, reported, row, users_of};
use imapmig_core::failure::FailureKind;
use imapmig_core::ids::UserId;
use imapmig_core::ports::store::{Catalog, Diary, Store, UserChange, UserFilter};
use imapmig_core::secret::Secret;
use imapmig_core::status::{UserEvent, UserStatus};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{NewUser, SkippedKind, UserFailure, UserProgress, UserSecrets, UserTurn};

fn addresses(store: &dyn Store, filter: &UserFilter) -> Vec<String> {
    store.users(filter).unwrap().into_iter().map(|u| u.email_address).collect()
}

#[test]
fn a_user_comes_back_as_its_row_was() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &[]);
    let new = NewUser {
        user_root: Some("Users/Terry".to_owned()),
        target_user_name: Some("terry".to_owned()),
        target_password: Some(Secret::from("other")),
        ..row("Terry@x.example", "pässwörd ")
    };

    store.add_users(batch.id, std::slice::from_ref(&new), UnixMs(77)).unwrap();

    let user = &users_of(&store, batch.id)[0];
    assert_eq!(user.email_address, new.email_address);
    assert_eq!(user.user_name, new.user_name);
    assert_eq!((&user.user_root, &user.target_user_name), (&new.user_root, &new.target_user_name));
    assert_eq!((user.status, user.queued), (UserStatus::Queued, Some(UnixMs(77))));
    assert_eq!((user.batch, user.batch_name.as_str()), (batch.id, "one"));
    assert_eq!(user.progress, UserProgress::default());
    let secrets = UserSecrets { password: new.password, target_password: new.target_password };
    assert_eq!(store.user_secrets(user.id).unwrap(), secrets);
}

#[test]
fn users_are_listed_in_order_of_their_rows_and_filtered() {
    let place = Place::new();
    let store = place.open();
    let one = added_batch(&store, "one", &["z@x.example", "a@x.example"]);
    added_batch(&store, "two", &["m@x.example"]);
    let first = users_of(&store, one.id)[0].id;
    let failed = UserChange { status: Some(UserStatus::Failed), ..UserChange::default() };
    store.change_user(first, &[], &failed).unwrap();
    let all = UserFilter::default();
    let by = |identity: &str| UserFilter { identity: Some(identity.to_owned()), ..all.clone() };
    let in_states = |statuses: &[UserStatus]| UserFilter { statuses: statuses.to_vec(), ..all.clone() };

    assert_eq!(addresses(&store, &all), ["z@x.example", "a@x.example", "m@x.example"]);
    assert_eq!(
        addresses(&store, &UserFilter { limit: Some(2), ..all.clone() }),
        ["z@x.example", "a@x.example"]
    );
    assert_eq!(addresses(&store, &UserFilter { batch: Some(one.id), ..all.clone() }).len(), 2);
    assert_eq!(addresses(&store, &by("M@X.example")), ["m@x.example"]);
    assert_eq!(addresses(&store, &by(&first.to_string())), ["z@x.example"]);
    assert_eq!(addresses(&store, &by(&UserId::new().to_string())), [""; 0]);
    assert_eq!(addresses(&store, &in_states(&[UserStatus::Failed])), ["z@x.example"]);
    assert_eq!(addresses(&store, &in_states(&[UserStatus::Failed, UserStatus::Queued])).len(), 3);
}

#[test]
fn a_user_changes_only_in_the_states_that_are_named() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let syncing = UserChange { status: Some(UserStatus::Syncing), ..UserChange::default() };

    let refused = store.change_user(user, &[UserStatus::Stopped, UserStatus::Failed], &syncing).unwrap();
    let unchanged = store.user_by_id(user).unwrap().unwrap().status;
    let done = store.change_user(user, &[UserStatus::Stopped, UserStatus::Queued], &syncing).unwrap();

    assert_eq!((refused, unchanged), (false, UserStatus::Queued));
    assert!(done);
    assert_eq!(store.user_by_id(user).unwrap().unwrap().status, UserStatus::Syncing);
}

#[test]
fn a_change_of_a_user_leaves_what_it_does_not_name() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let before = store.user_by_id(user).unwrap().unwrap();
    let progress = UserProgress {
        total_items: 1,
        total_bytes: 1 << 40,
        synced_items: 3,
        adopted_items: 4,
        skipped_items: 5,
        bytes_transferred: 6,
        verified_items: 7,
        compared_items: 8,
    };
    let failure = UserFailure { at: UnixMs(7), kind: FailureKind::Throttled, side: None };
    let everything = UserChange {
        failure: Some(failure.clone()),
        status: Some(UserStatus::Failed),
        error: Some(Some(("LoginRefused: NO".to_owned(), "the login was refused".to_owned()))),
        waiting: Some(Some("the server's pause".to_owned())),
        progress: Some(progress),
        queued: Some(Some(UnixMs(1))),
        started: Some(UnixMs(2)),
        initial_synced: Some(UnixMs(3)),
        last_synced: Some(UnixMs(4)),
        next_sync: Some(Some(UnixMs(5))),
        add_queued_ms: 10,
        add_in_progress_ms: 20,
    };

    store.change_user(user, &[], &everything).unwrap();
    let more = UserChange { add_queued_ms: 1, add_in_progress_ms: 2, ..UserChange::default() };
    store.change_user(user, &[], &more).unwrap();
    let changed = store.user_by_id(user).unwrap().unwrap();
    let clear = UserChange {
        error: Some(None),
        waiting: Some(None),
        queued: Some(None),
        next_sync: Some(None),
        ..UserChange::default()
    };
    store.change_user(user, &[], &clear).unwrap();
    let cleared = store.user_by_id(user).unwrap().unwrap();

    let expected = imapmig_core::user::User {
        status: UserStatus::Failed,
        error: Some("LoginRefused: NO".to_owned()),
        error_summary: Some("the login was refused".to_owned()),
        failure: Some(failure.clone()),
        waiting: Some("the server's pause".to_owned()),
        progress,
        queued: Some(UnixMs(1)),
        started: Some(UnixMs(2)),
        initial_synced: Some(UnixMs(3)),
        last_synced: Some(UnixMs(4)),
        next_sync: Some(UnixMs(5)),
        queued_ms: 11,
        in_progress_ms: 22,
        ..before
    };
    assert_eq!(changed, expected);
    assert_eq!((cleared.error, cleared.error_summary, cleared.waiting), (None, None, None));
    assert_eq!(cleared.failure, Some(failure));
    assert_eq!((cleared.queued, cleared.next_sync), (None, None));
}

#[test]
fn all_users_of_a_batch_take_their_next_state_at_once() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &["a@x.example", "b@x.example", "c@x.example"]);
    let other = added_batch(&store, "two", &["d@x.example"]);
    let users = users_of(&store, batch.id);
    let failed = UserChange {
        status: Some(UserStatus::Failed),
        error: Some(Some(("e".to_owned(), "s".to_owned()))),
        ..UserChange::default()
    };
    let synced = UserChange { status: Some(UserStatus::Synced), ..UserChange::default() };
    store.change_user(users[0].id, &[], &failed).unwrap();
    store.change_user(users[1].id, &[], &synced).unwrap();

    let started = store.change_user_statuses(batch.id, UserEvent::Started, UnixMs(9_000)).unwrap();
    let after_start = users_of(&store, batch.id);
    let stopped = store.change_user_statuses(batch.id, UserEvent::Stopped, UnixMs(9_500)).unwrap();
    let after_stop = users_of(&store, batch.id);

    assert_eq!((started, stopped), (1, 3));
    assert_eq!((after_start[0].status, after_start[0].queued), (UserStatus::Queued, Some(UnixMs(9_000))));
    assert_eq!((after_start[0].error.as_ref(), after_start[0].error_summary.as_ref()), (None, None));
    assert_eq!(after_start[1].status, UserStatus::Synced);
    assert_eq!(
        after_stop.iter().map(|u| u.status).collect::<Vec<_>>(),
        [UserStatus::Stopped, UserStatus::IncrementalStopped, UserStatus::Stopped]
    );
    assert_eq!(after_stop[0].queued_ms, 500);
    assert_eq!(users_of(&store, other.id)[0].status, UserStatus::Queued);
}

#[test]
fn users_who_share_a_password_are_told_in_order_of_their_rows() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &[]);
    let rows = [("a", "same"), ("b", "own"), ("c", "two"), ("d", "same"), ("e", "two"), ("f", "same ")]
        .map(|(name, password)| row(&format!("{name}@x.example"), password));
    store.add_users(batch.id, &rows, UnixMs(0)).unwrap();
    let ids: Vec<_> = users_of(&store, batch.id).iter().map(|u| u.id).collect();

    let groups = store.users_with_equal_passwords(batch.id).unwrap();

    assert_eq!(groups, [vec![ids[0], ids[3]], vec![ids[2], ids[4]]]);
}

#[test]
fn users_who_share_a_login_and_user_root_are_grouped_in_order_of_their_rows() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &[]);
    let login = |address: &str, user_name: &str, root: Option<&str>| NewUser {
        user_name: user_name.to_owned(),
        user_root: root.map(str::to_owned),
        ..row(&format!("{address}@x.example"), address)
    };
    let rows = [
        login("a", "admin", Some("a")),
        login("b", "one", None),
        login("c", "admin", None),
        login("d", "one", None),
        login("e", "admin", Some("a")),
        login("f", "One", None),
    ];
    store.add_users(batch.id, &rows, UnixMs(0)).unwrap();
    let ids: Vec<_> = users_of(&store, batch.id).iter().map(|u| u.id).collect();

    let groups = store.users_with_equal_logins(batch.id).unwrap();

    assert_eq!(groups, [vec![ids[0], ids[4]], vec![ids[1], ids[3]]]);
}

#[test]
fn a_batch_is_scheduled_by_the_states_and_times_of_its_users_in_order_of_their_rows() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &["a@x.example", "b@x.example"]);
    added_batch(&store, "two", &["c@x.example"]);
    let ids: Vec<_> = users_of(&store, batch.id).iter().map(|u| u.id).collect();
    let change = UserChange {
        status: Some(UserStatus::Synced),
        started: Some(UnixMs(1)),
        next_sync: Some(Some(UnixMs(7))),
        ..UserChange::default()
    };
    store.change_user(ids[1], &[], &change).unwrap();

    let turns = store.turns(batch.id).unwrap();

    let queued = UserTurn { id: ids[0], status: UserStatus::Queued, began: false, next_sync: None };
    let synced = UserTurn { id: ids[1], status: UserStatus::Synced, began: true, next_sync: Some(UnixMs(7)) };
    assert_eq!(turns, [queued, synced]);
}

#[test]
fn the_numbers_of_a_batch_are_those_of_its_users_added_up() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &["a@x.example", "b@x.example"]);
    let other = added_batch(&store, "two", &["c@x.example"]);
    let progress =
        UserProgress { total_items: 9, synced_items: 7, skipped_items: 2, ..UserProgress::default() };
    for user in [users_of(&store, batch.id), users_of(&store, other.id)].concat() {
        let change = UserChange { progress: Some(progress), ..UserChange::default() };
        store.change_user(user.id, &[], &change).unwrap();
    }

    assert_eq!(store.batch_progress(batch.id).unwrap(), progress.plus(&progress));
}

#[test]
fn users_with_reported_items_are_told_once_each() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &["a@x.example", "b@x.example"]);
    let user = &users_of(&store, batch.id)[1];
    store
        .add_skipped(
            user.id,
            &[
                reported("INBOX", Some(1), SkippedKind::LargeItem),
                reported("INBOX", Some(2), SkippedKind::LargeItem),
            ],
        )
        .unwrap();

    let reported: Vec<_> = store.users_with_reported_items(batch.id).unwrap();

    assert_eq!(reported.iter().map(|u| u.id).collect::<Vec<_>>(), [user.id]);
}

#[test]
fn the_many_items_beyond_the_limit_do_not_hide_the_others() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &["a@x.example"]);
    let user = users_of(&store, batch.id)[0].id;
    let mut items: Vec<_> =
        (1..=50).map(|uid| reported("INBOX", Some(uid), SkippedKind::ItemLimit)).collect();
    items.push(reported("INBOX", Some(51), SkippedKind::Refused));
    store.add_skipped(user, &items).unwrap();

    let first = store.skipped(user, Some(2)).unwrap();

    let seen: Vec<_> = first.iter().map(|i| (i.uid.unwrap().0, i.kind)).collect();
    assert_eq!(seen, [(51, SkippedKind::Refused), (1, SkippedKind::ItemLimit)]);
}
