//! Confirmations: what is resumed, what begins anew, and what goes with a user.

use crate::support::{Place, batch, endpoint, row, users_of};
use imapmig_core::confirmation::{
    Confirmation, ConfirmationCounts, ConfirmationResult, ConfirmedFolder, Finding, FindingKind,
};
use imapmig_core::endpoint::{EndpointSecrets, Limit};
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::{BatchId, ConfirmationId, UserId};
use imapmig_core::message::Uid;
use imapmig_core::ports::store::{Catalog, Confirmations, LoginChange, StoreError, StoreResult};
use imapmig_core::time::UnixMs;
use imapmig_core::user::NewUser;
use imapmig_store::SqliteStore;

const NOW: UnixMs = UnixMs(9_000);

fn finding(uid: u32) -> Finding {
    Finding {
        kind: FindingKind::Missing,
        folder: FolderPath::new(["Projets", "Été"]),
        target_folder: FolderPath::new(["Projets.Été"]),
        uid: Some(Uid(uid)),
        target: None,
        subject: format!("subject {uid}"),
        message_id: "<a@b>".to_owned(),
        size: u64::from(uid) << 30,
        received: Some(UnixMs(-5)),
        details: "the target does not have the message".to_owned(),
        explanation: (uid == 2).then(|| "too large".to_owned()),
    }
}

fn folder(name: &str, missing: u64) -> ConfirmedFolder {
    let counts = ConfirmationCounts { source_items: 5, matched: 5 - missing, missing, ..Default::default() };
    ConfirmedFolder { source: FolderPath::new([name]), counts }
}

/// A batch of two users.
fn two_users(place: &Place) -> (SqliteStore, BatchId, [UserId; 2]) {
    let store = place.open();
    let source = endpoint("E");
    store.add_endpoint(&source, &EndpointSecrets::default()).unwrap();
    let batch = batch("B", source.id);
    store.add_batch(&batch, &[row("ann@x.org", "a"), row("ben@x.org", "b")]).unwrap();
    let users = users_of(&store, batch.id);
    (store, batch.id, [users[0].id, users[1].id])
}

#[test]
fn what_was_found_comes_back_as_it_was_in_pages() {
    let place = Place::new();
    let (store, batch, [ann, ben]) = two_users(&place);
    let of = store.request_confirmation(batch, true, NOW).unwrap().id;

    store.add_findings(of, ann, &[finding(1), finding(2)]).unwrap();
    store.add_findings(of, ben, &[finding(3)]).unwrap();

    let first = store.findings(batch, None, 2).unwrap();
    let rest = store.findings(batch, first.last().map(|last| last.number), 2).unwrap();
    let shown: Vec<_> =
        first.iter().chain(&rest).map(|one| (one.user.as_str(), one.finding.clone())).collect();
    assert_eq!((first.len(), rest.len()), (2, 1));
    assert_eq!(shown, [("ann@x.org", finding(1)), ("ann@x.org", finding(2)), ("ben@x.org", finding(3))]);
}

#[test]
fn the_numbers_of_a_users_folders_are_added_up_and_give_its_result() {
    let place = Place::new();
    let (store, batch, [ann, ben]) = two_users(&place);
    let of = store.request_confirmation(batch, false, NOW).unwrap().id;

    store.add_confirmed_folder(of, ann, &folder("INBOX", 0)).unwrap();
    store.add_confirmed_folder(of, ann, &folder("Sent", 2)).unwrap();
    store.note_compared(of, ann, 10).unwrap();
    store.end_user_confirmation(of, ann, None, NOW).unwrap();
    store.end_user_confirmation(of, ben, Some("the password is wrong"), NOW).unwrap();

    let users = store.user_confirmations(batch).unwrap();
    let shown = |at: usize| (users[at].counts.matched, users[at].compared, users[at].result());
    assert_eq!(shown(0), (8, 10, Some(ConfirmationResult::Incomplete)));
    assert_eq!(shown(1), (0, 0, Some(ConfirmationResult::Incomplete)));
    assert_eq!(users[1].error.as_deref(), Some("the password is wrong"));
    assert_eq!(store.confirmed_folders(ann).unwrap(), [folder("INBOX", 0), folder("Sent", 2)]);
}

#[test]
fn a_stopped_confirmation_is_resumed_by_one_of_its_kind_and_replaced_by_another() {
    let place = Place::new();
    let (store, batch, [ann, ben]) = two_users(&place);
    let first = store.request_confirmation(batch, false, NOW).unwrap();
    let of = first.id;
    store.add_confirmed_folder(of, ann, &folder("INBOX", 1)).unwrap();
    store.add_findings(of, ann, &[finding(1)]).unwrap();
    store.end_user_confirmation(of, ann, None, NOW).unwrap();
    store.end_user_confirmation(of, ben, Some("the server is down"), NOW).unwrap();

    assert!(store.stop_confirmation(batch).unwrap());
    store.end_confirmation(of, NOW).unwrap();
    assert!(store.open_confirmations().unwrap().is_empty());
    assert_eq!(store.confirmation(batch).unwrap().unwrap().ended, None, "a stopped one does not end");
    let resumed = store.request_confirmation(batch, false, UnixMs(10_000)).unwrap();
    assert_eq!(resumed, Confirmation { id: resumed.id, ..first });
    assert_ne!(resumed.id, of, "its threads may still be at work");
    let ended: Vec<_> = store.user_confirmations(batch).unwrap().iter().map(|user| user.ended).collect();
    assert_eq!(ended, [Some(NOW), None], "who could not be compared is tried again");
    assert_eq!(store.findings(batch, None, 9).unwrap().len(), 1);

    store.stop_confirmation(batch).unwrap();
    let other = store.request_confirmation(batch, true, UnixMs(11_000)).unwrap();
    assert_eq!(store.open_confirmations().unwrap(), [other]);
    assert!(store.findings(batch, None, 9).unwrap().is_empty());
    assert!(store.confirmed_folders(ann).unwrap().is_empty());
    assert!(store.user_confirmations(batch).unwrap().iter().all(|user| user.ended.is_none()));
}

#[test]
fn a_folder_is_cleared_alone_and_all_goes_with_its_user_and_batch() {
    let place = Place::new();
    let (store, batch, [ann, ben]) = two_users(&place);
    let of = store.request_confirmation(batch, false, NOW).unwrap().id;
    let other = Finding { folder: FolderPath::inbox(), ..finding(7) };
    for user in [ann, ben] {
        store.add_findings(of, user, &[finding(1), other.clone()]).unwrap();
        store.add_confirmed_folder(of, user, &folder("INBOX", 1)).unwrap();
        store.note_compared(of, user, 5).unwrap();
    }

    store.clear_findings(of, ann, &finding(1).folder).unwrap();
    assert_eq!(store.findings(batch, None, 9).unwrap().len(), 3);
    store.remove_user(ben).unwrap();
    assert_eq!(store.findings(batch, None, 9).unwrap().len(), 1);
    store.remove_batch(batch).unwrap();

    assert_eq!(store.confirmation(batch).unwrap(), None);
    assert!(store.open_confirmations().unwrap().is_empty());
    assert!(store.request_confirmation(batch, false, NOW).is_err());
}

/// Every write of a worker.
fn writes(store: &SqliteStore, of: ConfirmationId, user: UserId) -> Vec<StoreResult<()>> {
    vec![
        store.clear_findings(of, user, &finding(1).folder),
        store.add_findings(of, user, &[finding(1)]),
        store.note_compared(of, user, 5),
        store.add_confirmed_folder(of, user, &folder("INBOX", 1)),
        store.end_user_confirmation(of, user, None, NOW),
    ]
}

fn are_refused(results: &[StoreResult<()>]) -> bool {
    results.iter().all(|result| matches!(result, Err(StoreError::ConfirmationOver)))
}

#[test]
fn nothing_is_written_under_a_confirmation_that_was_stopped_resumed_or_replaced() {
    let place = Place::new();
    let (store, batch, [ann, _]) = two_users(&place);
    let first = store.request_confirmation(batch, false, NOW).unwrap().id;
    assert_eq!(store.request_confirmation(batch, false, NOW).unwrap().id, first, "the same is under way");

    store.stop_confirmation(batch).unwrap();
    assert!(are_refused(&writes(&store, first, ann)), "stopped");
    let resumed = store.request_confirmation(batch, false, NOW).unwrap().id;
    assert!(are_refused(&writes(&store, first, ann)), "resumed");
    store.stop_confirmation(batch).unwrap();
    let by_bytes = store.request_confirmation(batch, true, NOW).unwrap().id;
    store.end_confirmation(resumed, NOW).unwrap();

    assert!(are_refused(&writes(&store, resumed, ann)), "replaced");
    assert!(store.confirmation(batch).unwrap().unwrap().is_open());
    assert!(store.findings(batch, None, 9).unwrap().is_empty());
    assert!(writes(&store, by_bytes, ann).iter().all(Result::is_ok));
}

#[test]
fn another_login_clears_what_was_found_about_its_user_alone() {
    let place = Place::new();
    let (store, batch, [ann, ben]) = two_users(&place);
    let of = store.request_confirmation(batch, false, NOW).unwrap().id;
    for user in [ann, ben] {
        assert!(writes(&store, of, user).iter().all(Result::is_ok));
    }

    let same = store.change_logins(batch, &[&row("ann@x.org", "a")], NOW).unwrap();
    assert_eq!(same, [LoginChange::Passwords]);
    assert_eq!(store.confirmation(batch).unwrap().unwrap().id, of, "it is the same mailbox");
    let login = NewUser { user_name: "other".to_owned(), ..row("ann@x.org", "a") };
    let other = store.change_logins(batch, &[&login], NOW).unwrap();

    assert_eq!(other, [LoginChange::Login]);
    assert!(are_refused(&writes(&store, of, ann)), "it may be of the earlier mailbox");
    let ended: Vec<_> = store.user_confirmations(batch).unwrap().iter().map(|user| user.ended).collect();
    assert_eq!(ended, [None, Some(NOW)]);
    assert!(store.confirmed_folders(ann).unwrap().is_empty());
    let of_whom: Vec<_> = store.findings(batch, None, 9).unwrap().into_iter().map(|one| one.user).collect();
    assert_eq!(of_whom, ["ben@x.org"]);
}

#[test]
fn an_endpoint_that_leads_elsewhere_clears_what_is_under_way_and_outdates_what_has_ended() {
    let place = Place::new();
    let (store, batch, [ann, _]) = two_users(&place);
    let of = store.request_confirmation(batch, false, NOW).unwrap().id;
    assert!(writes(&store, of, ann).iter().all(Result::is_ok));
    let mut endpoint = store.endpoint("E").unwrap().unwrap();
    let change = |endpoint: &_| store.change_endpoint(endpoint, &EndpointSecrets::default()).unwrap();

    endpoint.max_concurrent_migrations = Limit::At(3);
    change(&endpoint);
    assert_eq!(store.confirmation(batch).unwrap().unwrap().id, of, "it is the same server");
    endpoint.settings.remote_server = "other.example".to_owned();
    change(&endpoint);
    assert!(are_refused(&writes(&store, of, ann)));
    assert!(store.findings(batch, None, 9).unwrap().is_empty());

    let anew = store.confirmation(batch).unwrap().unwrap();
    assert!(writes(&store, anew.id, ann).iter().all(Result::is_ok));
    store.end_confirmation(anew.id, NOW).unwrap();
    endpoint.settings.port += 1;
    endpoint.changed = UnixMs(12_000);
    change(&endpoint);

    let ended = store.confirmation(batch).unwrap().unwrap();
    assert_eq!((ended.ended, ended.outdated), (Some(NOW), Some(UnixMs(12_000))));
    assert_eq!(store.findings(batch, None, 9).unwrap().len(), 1, "what was found then is shown");
    assert_eq!(store.request_confirmation(batch, false, NOW).unwrap().outdated, None);
}
