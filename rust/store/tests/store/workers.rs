//! Requests and the lease of the worker.

use crate::support::{Place, added_batch, entries, intent, new_checkpoint, reported, users_of};
use imapmig_core::batch::RequestKind;
use imapmig_core::ids::{BatchId, UserId, WorkerId};
use imapmig_core::message::{Flags, TargetValidity, Uid, UidValidity};
use imapmig_core::ports::store::{
    BatchChange, Catalog, Diary, Ledger, LedgerResult, Outcome, Requests, Store, StoreError, UserChange,
    WorkerLease,
};
use imapmig_core::status::{BatchEvent, BatchStatus, UserEvent, UserStatus};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{Checkpoint, LedgerState, SkippedKind, TargetId};
use imapmig_store::SqliteStore;

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

    assert!(refused.unwrap_err().to_string().contains("Gone(\"migration user\")"));
}

#[test]
fn one_worker_holds_the_lease_until_it_is_stale_or_released() {
    let place = Place::new();
    let store = place.open();
    let (one, two) = (WorkerId::new(), WorkerId::new());

    assert!(store.lease(one, "one", UnixMs(100), UnixMs(0)).unwrap());
    assert!(!store.lease(two, "two", UnixMs(150), UnixMs(100)).unwrap());
    assert!(store.renew_lease(one, UnixMs(200)).unwrap());
    let held = WorkerLease { worker: one, holder: "one".to_owned(), heartbeat: UnixMs(200) };
    assert_eq!(store.worker().unwrap(), Some(held));

    assert!(store.lease(two, "two", UnixMs(400), UnixMs(201)).unwrap());
    store.release(one).unwrap();
    assert_eq!(store.worker().unwrap().map(|lease| lease.worker), Some(two));
    store.release(two).unwrap();
    assert_eq!(store.worker().unwrap(), None);
}

#[test]
fn a_lease_that_another_worker_took_never_comes_back() {
    let place = Place::new();
    let store = place.open();
    let (one, two) = (WorkerId::new(), WorkerId::new());
    store.lease(one, "one", UnixMs(100), UnixMs(0)).unwrap();
    store.lease(two, "two", UnixMs(400), UnixMs(101)).unwrap();

    assert!(!store.renew_lease(one, UnixMs(500)).unwrap());
    store.release(two).unwrap();
    assert!(!store.renew_lease(one, UnixMs(600)).unwrap());
    assert_eq!(store.worker().unwrap(), None);
}

#[test]
fn a_worker_without_its_lease_writes_nothing_of_any_kind_and_may_still_read() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &["a@x.example"]);
    let user = users_of(&store, batch.id)[0].clone();
    let (one, two) = (WorkerId::new(), WorkerId::new());
    store.lease(one, "one", UnixMs(100), UnixMs(0)).unwrap();
    let fenced = store.fenced(one);
    let mailbox = fenced.ledger.checkpoint(&new_checkpoint(user.id, "INBOX")).unwrap();
    fenced.ledger.add_intents(mailbox.id, &[intent(1), intent(2)], Uid(5)).unwrap();
    request(&store, batch.id, RequestKind::Start);
    let asked = store.requests().unwrap();
    let state = |store: &SqliteStore| {
        (
            (users_of(store, batch.id), store.batch_by_id(batch.id).unwrap(), store.requests().unwrap()),
            (
                store.checkpoints(user.id).unwrap(),
                entries(store, mailbox.id),
                store.late_duplicates(mailbox.id).unwrap(),
            ),
            (store.skipped(user.id, None).unwrap(), store.report(user.id).unwrap(), store.worker().unwrap()),
        )
    };
    store.lease(two, "two", UnixMs(400), UnixMs(101)).unwrap();
    let before = state(&store);

    let status = UserChange { status: Some(UserStatus::Syncing), ..UserChange::default() };
    let message = BatchChange { message: Some(Some("said".to_owned())), ..BatchChange::default() };
    let copied = LedgerResult {
        uid: Uid(1),
        state: LedgerState::Copied,
        target: Some(TargetId::Uid(Uid(7))),
        digest: None,
    };
    let item = reported("INBOX", Some(1), SkippedKind::Refused);
    let refused = [
        fenced.ledger.add_intents(mailbox.id, &[intent(3)], Uid(6)),
        fenced.ledger.record(mailbox.id, &[copied], &[]),
        fenced.ledger.drop_intents(mailbox.id, &[Uid(1)]),
        fenced.ledger.checkpoint(&new_checkpoint(user.id, "Sent")).map(drop),
        fenced.ledger.save_checkpoint(&Checkpoint { complete: true, ..mailbox.clone() }),
        fenced.ledger.reset_mailbox(mailbox.id, UidValidity(1), TargetValidity::Uids(UidValidity(2))),
        fenced.ledger.forget_targets(mailbox.id),
        fenced.ledger.set_ledger_flags(mailbox.id, &[(Uid(1), Flags::from_wire(["\\Flagged"]))]),
        fenced.ledger.note_sent_again(mailbox.id, &[Uid(1)], Uid(1), UnixMs(1)),
        fenced.ledger.set_second_copies(mailbox.id, &[Uid(1)]),
        fenced.diary.add_skipped(user.id, &[item]),
        fenced.diary.add_report(user.id, UnixMs(1), "said"),
        fenced.catalog.change_user(user.id, &[], &status).map(drop),
        fenced.catalog.change_user_statuses(batch.id, UserEvent::Stopped, UnixMs(1)).map(drop),
        fenced.catalog.change_batch(batch.id, &message),
        fenced.catalog.batch_event(batch.id, BatchEvent::Begun, &message, UnixMs(1)).map(drop),
        fenced.requests.remove_request(asked[0].id),
        fenced.catalog.remove_user(user.id),
        fenced.catalog.remove_batch(batch.id),
    ];

    for (number, result) in refused.iter().enumerate() {
        assert!(matches!(result, Err(StoreError::LeaseLost)), "write {number}: {result:?}");
    }
    assert_eq!(state(&store), before);
    assert_eq!(fenced.catalog.user_by_id(user.id).unwrap(), Some(user.clone()));
}
