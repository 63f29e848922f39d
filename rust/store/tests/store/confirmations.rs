//! Confirmations: what is resumed, what begins anew, and what goes with a user.

use crate::support::{Place, batch, endpoint, row, users_of};
use imapmig_core::confirmation::{
    ConfirmationCounts, ConfirmationResult, ConfirmedFolder, Finding, FindingKind,
};
use imapmig_core::endpoint::EndpointSecrets;
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::message::Uid;
use imapmig_core::ports::store::{Catalog, Confirmations};
use imapmig_core::time::UnixMs;
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
    store.request_confirmation(batch, true, NOW).unwrap();

    store.add_findings(ann, &[finding(1), finding(2)]).unwrap();
    store.add_findings(ben, &[finding(3)]).unwrap();

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
    store.request_confirmation(batch, false, NOW).unwrap();

    store.add_confirmed_folder(ann, &folder("INBOX", 0)).unwrap();
    store.add_confirmed_folder(ann, &folder("Sent", 2)).unwrap();
    store.note_compared(ann, 10).unwrap();
    store.end_user_confirmation(ann, None, NOW).unwrap();
    store.end_user_confirmation(ben, Some("the password is wrong"), NOW).unwrap();

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
    store.add_confirmed_folder(ann, &folder("INBOX", 1)).unwrap();
    store.add_findings(ann, &[finding(1)]).unwrap();
    store.end_user_confirmation(ann, None, NOW).unwrap();
    store.end_user_confirmation(ben, Some("the server is down"), NOW).unwrap();

    assert!(store.stop_confirmation(batch).unwrap());
    store.end_confirmation(batch, NOW).unwrap();
    assert!(store.open_confirmations().unwrap().is_empty());
    assert_eq!(store.confirmation(batch).unwrap().unwrap().ended, None, "a stopped one does not end");
    assert_eq!(store.request_confirmation(batch, false, UnixMs(10_000)).unwrap(), first);
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
    store.request_confirmation(batch, false, NOW).unwrap();
    let other = Finding { folder: FolderPath::inbox(), ..finding(7) };
    for user in [ann, ben] {
        store.add_findings(user, &[finding(1), other.clone()]).unwrap();
        store.add_confirmed_folder(user, &folder("INBOX", 1)).unwrap();
        store.note_compared(user, 5).unwrap();
    }

    store.clear_findings(ann, &finding(1).folder).unwrap();
    assert_eq!(store.findings(batch, None, 9).unwrap().len(), 3);
    store.remove_user(ben).unwrap();
    assert_eq!(store.findings(batch, None, 9).unwrap().len(), 1);
    store.remove_batch(batch).unwrap();

    assert_eq!(store.confirmation(batch).unwrap(), None);
    assert!(store.open_confirmations().unwrap().is_empty());
    assert!(store.request_confirmation(batch, false, NOW).is_err());
}
