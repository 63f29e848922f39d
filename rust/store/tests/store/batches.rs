//! Batches as the store keeps them: names, counts, changes, removal.

use crate::support::{
    Place, added_batch, added_mailbox, batch, endpoint, entries, intent, new_checkpoint, row, users_of,
    wait_until_purged,
};
use imapmig_core::batch::{BatchOptions, RequestKind, ValidationWarning};
use imapmig_core::endpoint::EndpointSecrets;
use imapmig_core::ids::{BatchId, EndpointId};
use imapmig_core::message::Uid;
use imapmig_core::ports::store::{
    BatchChange, BatchFilter, Catalog, Confirmations, Diary, Ledger, Requests, Store, StoreError, UserChange,
};
use imapmig_core::status::{BatchEvent, BatchStatus, UserStatus};
use imapmig_core::time::UnixMs;

fn names(store: &dyn Store, filter: &BatchFilter) -> Vec<String> {
    store.batches(filter).unwrap().into_iter().map(|b| b.name).collect()
}

#[test]
fn a_batch_comes_back_as_it_was_added_with_its_users_counted() {
    let place = Place::new();
    let store = place.open();
    let source = endpoint("source");
    store.add_endpoint(&source, &EndpointSecrets::default()).unwrap();
    let mut added = batch("Wave 1", source.id);
    added.validation_warnings =
        vec![ValidationWarning { row_index: 3, email_address: "x".to_owned(), message: "no @".to_owned() }];
    added.started = Some(UnixMs(6_000));

    store.add_batch(&added, &[row("a@x.example", "1"), row("b@x.example", "2")]).unwrap();

    let found = store.batch_by_id(added.id).unwrap().unwrap();
    assert_eq!((found.counts.total, found.counts.pending), (2, 2));
    added.counts = found.counts;
    assert_eq!(found, added);
}

#[test]
fn every_batch_of_a_list_has_its_own_counts() {
    let place = Place::new();
    let store = place.open();
    let one = added_batch(&store, "one", &["a@x.example", "b@x.example", "c@x.example"]);
    added_batch(&store, "two", &["d@x.example"]);
    added_batch(&store, "none", &[]);
    let failed = UserChange { status: Some(UserStatus::Failed), ..UserChange::default() };
    store.change_user(users_of(&store, one.id)[1].id, &[], &failed).unwrap();

    let counts: Vec<_> = store.batches(&BatchFilter::default()).unwrap().iter().map(|b| b.counts).collect();

    assert_eq!(
        counts.iter().map(|c| (c.total, c.pending, c.failed)).collect::<Vec<_>>(),
        [(3, 2, 1), (1, 1, 0), (0, 0, 0)]
    );
}

#[test]
fn batches_are_listed_in_order_of_creation_and_filtered() {
    let place = Place::new();
    let store = place.open();
    let zebra = added_batch(&store, "Zebra", &["a@x.example"]);
    added_batch(&store, "Äpfel", &["b@x.example"]);
    let filter = BatchFilter::default();

    assert_eq!(names(&store, &filter), ["Zebra", "Äpfel"]);
    assert_eq!(
        names(&store, &BatchFilter { identity: Some("ÄPFEL".to_owned()), ..filter.clone() }),
        ["Äpfel"]
    );
    assert_eq!(
        names(&store, &BatchFilter { identity: Some(zebra.id.to_string()), ..filter.clone() }),
        ["Zebra"]
    );
    assert_eq!(names(&store, &BatchFilter { endpoint: Some(zebra.source), ..filter.clone() }), ["Zebra"]);
    assert!(names(&store, &BatchFilter { endpoint: Some(EndpointId::new()), ..filter.clone() }).is_empty());
    assert!(names(&store, &BatchFilter { identity: Some("nobody".to_owned()), ..filter }).is_empty());
}

#[test]
fn a_second_batch_of_the_same_name_in_another_case_is_refused() {
    let place = Place::new();
    let store = place.open();
    let first = added_batch(&store, "Wave", &[]);

    let refused = store.add_batch(&batch("WAVE", first.source), &[]);

    assert!(matches!(refused, Err(StoreError::NameInUse(name)) if name == "WAVE"));
}

#[test]
fn a_batch_with_a_user_of_another_batch_is_refused_as_a_whole() {
    let place = Place::new();
    let store = place.open();
    let first = added_batch(&store, "first", &["Terry.Adams@x.example"]);
    let second = batch("second", first.source);

    let refused = store.add_batch(&second, &[row("new@x.example", "1"), row("terry.adams@X.example", "2")]);

    assert!(matches!(refused, Err(StoreError::UserInOtherBatch { batch, .. }) if batch == "first"));
    assert_eq!(store.batch_by_id(second.id).unwrap(), None);
    assert_eq!(store.addresses_in_use(&["new@x.example"], None).unwrap(), []);
}

#[test]
fn users_that_a_batch_has_already_are_left_as_they_are() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &["a@x.example"]);
    let first = users_of(&store, batch.id);

    let rows = [row("A@x.example", "other"), row("b@x.example", "1"), row("B@X.EXAMPLE", "2")];
    let added = store.add_users(batch.id, &rows, UnixMs(9_000)).unwrap();

    let users = users_of(&store, batch.id);
    assert_eq!((added, users.len()), (1, 2));
    assert_eq!(users[0], first[0]);
    assert_eq!((users[1].email_address.as_str(), users[1].queued), ("b@x.example", Some(UnixMs(9_000))));
}

#[test]
fn users_cannot_be_added_to_a_batch_that_is_gone() {
    let place = Place::new();
    let store = place.open();

    let refused = store.add_users(BatchId::new(), &[row("a@x.example", "1")], UnixMs(0));

    assert!(refused.unwrap_err().to_string().contains("Gone(\"migration batch\")"));
}

#[test]
fn addresses_in_use_are_told_with_their_batch_except_the_own() {
    let place = Place::new();
    let store = place.open();
    let own = added_batch(&store, "own", &["own@x.example"]);
    added_batch(&store, "other", &["taken@x.example"]);

    let asked = ["Taken@x.example", "own@x.example", "free@x.example"];
    let taken = store.addresses_in_use(&asked, Some(own.id)).unwrap();

    assert_eq!(taken, [("Taken@x.example".to_owned(), "other".to_owned())]);
}

#[test]
fn a_change_of_a_batch_leaves_what_it_does_not_name() {
    let place = Place::new();
    let store = place.open();
    let added = added_batch(&store, "one", &[]);
    let warning =
        |row| ValidationWarning { row_index: row, email_address: String::new(), message: "bad".to_owned() };
    let first = BatchChange {
        status: Some(BatchStatus::Syncing),
        message: Some(Some("on its way".to_owned())),
        started: Some(UnixMs(1)),
        add_warnings: vec![warning(1)],
        ..BatchChange::default()
    };
    let second = BatchChange {
        options: Some(BatchOptions::default()),
        initial_synced: Some(UnixMs(2)),
        last_synced: Some(UnixMs(3)),
        add_warnings: vec![warning(2)],
        ..BatchChange::default()
    };

    store.change_batch(added.id, &first).unwrap();
    store.change_batch(added.id, &second).unwrap();
    let changed = store.batch_by_id(added.id).unwrap().unwrap();
    store.change_batch(added.id, &BatchChange { message: Some(None), ..BatchChange::default() }).unwrap();

    assert_eq!(changed.status, BatchStatus::Syncing);
    assert_eq!(changed.message.as_deref(), Some("on its way"));
    assert_eq!(changed.options, BatchOptions::default());
    assert_eq!(
        (changed.started, changed.initial_synced, changed.last_synced),
        (Some(UnixMs(1)), Some(UnixMs(2)), Some(UnixMs(3)))
    );
    assert_eq!(changed.validation_warnings, [warning(1), warning(2)]);
    assert_eq!(store.batch_by_id(added.id).unwrap().unwrap().message, None);
}

#[test]
fn a_removed_batch_takes_all_that_belongs_to_it_along() {
    let place = Place::new();
    let store = place.open();
    let removed = added_batch(&store, "removed", &["a@x.example"]);
    let kept = added_batch(&store, "kept", &["b@x.example"]);
    let (user, other) = (users_of(&store, removed.id)[0].id, users_of(&store, kept.id)[0].id);
    let (mailbox, other_mailbox) =
        (added_mailbox(&store, user, "INBOX"), added_mailbox(&store, other, "INBOX"));
    store.add_intents(mailbox, &[intent(1), intent(2)], Uid(1)).unwrap();
    store.add_intents(other_mailbox, &[intent(1)], Uid(1)).unwrap();
    store.add_report(user, UnixMs(0), "began").unwrap();
    store.request_for_user(RequestKind::Start, user, (None, None), UnixMs(0)).unwrap();

    store.remove_batch(removed.id).unwrap();

    wait_until_purged(&place);
    assert_eq!(store.batch_by_id(removed.id).unwrap(), None);
    assert_eq!(store.user_by_id(user).unwrap(), None);
    assert_eq!(store.requests().unwrap(), []);
    assert_eq!(store.checkpoints(user).unwrap(), []);
    assert_eq!(store.report(user).unwrap(), []);
    assert_eq!(entries(&store, mailbox), []);
    assert_eq!(entries(&store, other_mailbox).len(), 1);
    assert_eq!(store.addresses_in_use(&["a@x.example"], None).unwrap(), []);
}

#[test]
fn work_that_goes_on_for_a_removed_batch_leaves_nothing_behind() {
    let place = Place::new();
    let store = place.open();
    let removed = added_batch(&store, "removed", &["a@x.example"]);
    let user = users_of(&store, removed.id)[0].id;
    let mailbox = added_mailbox(&store, user, "INBOX");
    store.remove_batch(removed.id).unwrap();

    let refused = [
        store.add_intents(mailbox, &[intent(1)], Uid(1)),
        store.record(mailbox, &[], &[intent(1)]),
        store.checkpoint(&new_checkpoint(user, "Sent")).map(drop),
        store.save_checkpoint(&new_checkpoint(user, "INBOX")),
        store.add_skipped(user, &[]),
        store.add_report(user, UnixMs(0), "late"),
        store.change_batch(removed.id, &BatchChange::default()),
        store.request(removed.id, &[RequestKind::Start], &BatchChange::default(), UnixMs(0)).map(drop),
        store.user_secrets(user).map(drop),
    ];

    for result in refused {
        assert!(result.unwrap_err().to_string().contains("Gone("));
    }
    assert!(!store.change_user(user, &[], &UserChange::default()).unwrap());
    assert_eq!(entries(&store, mailbox), []);
}

#[test]
fn a_lifetime_begins_anew_with_a_command_and_a_new_state_but_not_with_an_incremental_sync() {
    let place = Place::new();
    let store = place.open();
    let id = added_batch(&store, "one", &["a@x.example"]).id;
    let user = users_of(&store, id)[0].id;
    let active = || store.batch_by_id(id).unwrap().unwrap().active.0;
    let event = |event, at| store.batch_event(id, event, &BatchChange::default(), UnixMs(at)).unwrap();
    let synced = UserChange { status: Some(UserStatus::Synced), ..UserChange::default() };
    let syncing = UserChange { status: Some(UserStatus::IncrementalSyncing), ..UserChange::default() };

    store.request(id, &[RequestKind::Start], &BatchChange::default(), UnixMs(10_000)).unwrap();
    assert_eq!(active(), 10_000);
    event(BatchEvent::Begun, 11_000);
    store.change_user(user, &[], &synced).unwrap();
    event(BatchEvent::UsersChanged, 12_000);
    assert_eq!(active(), 12_000);
    store.change_user(user, &[], &syncing).unwrap();
    event(BatchEvent::UsersChanged, 20_000);
    store.change_user(user, &[], &synced).unwrap();
    event(BatchEvent::UsersChanged, 21_000);
    assert_eq!(active(), 12_000);
    store.request_for_user(RequestKind::SyncNow, user, (None, None), UnixMs(30_000)).unwrap();
    assert_eq!(active(), 30_000);
    store.request_confirmation(id, false, UnixMs(40_000)).unwrap();
    assert_eq!(active(), 40_000);
}
