//! Requests and the lease of the worker.

use crate::support::{Place, added_batch, users_of};
use imapmig_core::batch::RequestKind;
use imapmig_core::ids::{BatchId, UserId, WorkerId};
use imapmig_core::ports::store::{BatchChange, Catalog, Outcome, Requests, Store, WorkerLease};
use imapmig_core::status::BatchStatus;
use imapmig_core::time::UnixMs;

fn request(store: &impl Store, batch: BatchId, kind: RequestKind) {
    let outcome = store.request(batch, &[kind], &BatchChange::default(), UnixMs(9)).unwrap();
    assert!(matches!(outcome, Outcome::Done(_)), "{kind:?}: {outcome:?}");
}

#[test]
fn requests_are_listed_in_the_order_of_asking_until_they_are_removed() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &["a@x.example"]);
    let user = users_of(&store, batch.id)[0].id;

    request(&store, batch.id, RequestKind::Start);
    store.request_for_user(RequestKind::SyncNow, user, (None, None), UnixMs(1)).unwrap();
    let requests = place.open().requests().unwrap();
    store.remove_request(requests[0].id).unwrap();
    store.remove_request(requests[0].id).unwrap();

    assert_eq!(
        requests.iter().map(|r| (r.kind, r.batch, r.user)).collect::<Vec<_>>(),
        [(RequestKind::Start, batch.id, None), (RequestKind::SyncNow, batch.id, Some(user))]
    );
    assert_eq!(store.requests().unwrap(), requests[1..]);
}

#[test]
fn a_request_and_the_state_that_shows_it_are_one_and_a_refused_one_changes_nothing() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &["a@x.example"]);
    let said = BatchChange { message: Some(Some("said".to_owned())), ..BatchChange::default() };

    let refused = store.request(batch.id, &[RequestKind::Stop], &said, UnixMs(1)).unwrap();
    let after_refusal = (store.batch_by_id(batch.id).unwrap().unwrap(), store.requests().unwrap());
    let started = store.request(batch.id, &[RequestKind::Start], &said, UnixMs(1)).unwrap();

    assert_eq!(refused, Outcome::Refused(BatchStatus::Created));
    assert_eq!((after_refusal.0.status, after_refusal.0.message), (BatchStatus::Created, None));
    assert_eq!(after_refusal.1, []);
    assert_eq!(started, Outcome::Done(BatchStatus::Starting));
    let shown = place.open().batch_by_id(batch.id).unwrap().unwrap();
    assert_eq!((shown.status, shown.message.as_deref()), (BatchStatus::Starting, Some("said")));
    assert_eq!(shown.requests, [RequestKind::Start]);
}

#[test]
fn a_stop_takes_back_what_was_requested_before() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &["a@x.example"]);

    for kind in [RequestKind::Start, RequestKind::Stop, RequestKind::Start, RequestKind::Stop] {
        request(&store, batch.id, kind);
    }

    let shown = store.batch_by_id(batch.id).unwrap().unwrap();
    assert_eq!((shown.status, shown.requests), (BatchStatus::Stopping, vec![RequestKind::Stop; 2]));
}

#[test]
fn a_request_for_a_user_that_is_gone_is_refused() {
    let place = Place::new();

    let refused = place.open().request_for_user(RequestKind::Start, UserId::new(), (None, None), UnixMs(0));

    assert!(refused.unwrap_err().to_string().contains("this migration user is not there any more"));
}

#[test]
fn one_worker_holds_the_lease_until_it_is_stale_or_released() {
    let place = Place::new();
    let store = place.open();
    let (one, two) = (WorkerId::new(), WorkerId::new());

    assert!(store.lease(one, "one", UnixMs(100), UnixMs(0)).unwrap());
    assert!(!store.lease(two, "two", UnixMs(150), UnixMs(100)).unwrap());
    assert!(store.lease(one, "one", UnixMs(200), UnixMs(150)).unwrap());
    let held = WorkerLease { worker: one, holder: "one".to_owned(), heartbeat: UnixMs(200) };
    assert_eq!(store.worker().unwrap(), Some(held));

    assert!(store.lease(two, "two", UnixMs(400), UnixMs(201)).unwrap());
    store.release(one).unwrap();
    assert_eq!(store.worker().unwrap().map(|lease| lease.worker), Some(two));
    store.release(two).unwrap();
    assert_eq!(store.worker().unwrap(), None);
}
