//! Wishes and the lease of the worker.

use crate::support::{Place, added_batch, users_of};
use imapmig_core::batch::WishKind;
use imapmig_core::ids::{UserId, WorkerId};
use imapmig_core::ports::store::{Store, WorkerLease};
use imapmig_core::time::UnixMs;

#[test]
fn wishes_are_told_in_the_order_of_asking_until_they_are_removed() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &["a@x.example"]);
    let user = users_of(&store, batch.id)[0].id;

    store.add_wish(WishKind::Start, batch.id, None, UnixMs(9)).unwrap();
    store.add_wish(WishKind::SyncNow, batch.id, Some(user), UnixMs(1)).unwrap();
    let wishes = place.open().wishes().unwrap();
    store.remove_wish(wishes[0].id).unwrap();
    store.remove_wish(wishes[0].id).unwrap();

    assert_eq!(
        wishes.iter().map(|w| (w.kind.clone(), w.batch, w.user)).collect::<Vec<_>>(),
        [(WishKind::Start, batch.id, None), (WishKind::SyncNow, batch.id, Some(user))]
    );
    assert_eq!(store.wishes().unwrap(), wishes[1..]);
}

#[test]
fn a_wish_for_a_user_of_another_batch_is_refused() {
    let place = Place::new();
    let store = place.open();
    let batch = added_batch(&store, "one", &[]);
    let other = added_batch(&store, "two", &["a@x.example"]);
    let foreign = users_of(&store, other.id)[0].id;

    for user in [foreign, UserId::new()] {
        let refused = store.add_wish(WishKind::Start, batch.id, Some(user), UnixMs(0));
        assert!(refused.unwrap_err().to_string().contains("this migration user is not there any more"));
    }
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
