//! State directories that earlier versions wrote, opened by this one.
//!
//! `fixtures/version-N.sql` is the database of a version whose schema had N steps: a batch that was migrated from a sample server,
//! one user of it failed, and another batch whose start was just requested. A new schema step adds a fixture of the version before.

use crate::support::{Place, entries, users_of};
use imapmig_core::batch::RequestKind;
use imapmig_core::ids::MailboxId;
use imapmig_core::message::{TargetValidity, Uid, UidValidity};
use imapmig_core::ports::store::{
    BatchChange, BatchFilter, Catalog, Confirmations, Ledger, Outcome, Requests,
};
use imapmig_core::status::{BatchStatus, UserStatus};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{LedgerState, Level, TargetId};
use rusqlite::Connection;
use std::fs;

/// The key that sealed the fixtures' secrets.
const KEY: [u8; 32] = [
    0x25, 0x05, 0x9b, 0x75, 0x3f, 0x65, 0xe1, 0x5e, 0x0e, 0xe2, 0xf7, 0xd4, 0x30, 0xf5, 0xdf, 0xfc, 0xc3,
    0x67, 0xce, 0x97, 0x72, 0xb3, 0xd5, 0xc5, 0xd0, 0x4f, 0x84, 0xac, 0x7a, 0x9d, 0x98, 0x3b,
];

const WRITTEN_BEFORE: [(usize, &str); 10] = [
    (1, include_str!("fixtures/version-1.sql")),
    (2, include_str!("fixtures/version-2.sql")),
    (3, include_str!("fixtures/version-3.sql")),
    (4, include_str!("fixtures/version-4.sql")),
    (5, include_str!("fixtures/version-5.sql")),
    (6, include_str!("fixtures/version-6.sql")),
    (7, include_str!("fixtures/version-7.sql")),
    (8, include_str!("fixtures/version-8.sql")),
    (9, include_str!("fixtures/version-9.sql")),
    (10, include_str!("fixtures/version-10.sql")),
];

fn written_before(sql: &str) -> Place {
    let place = Place::new();
    let raw = Connection::open(place.directory.database()).unwrap();
    raw.execute_batch(sql).unwrap();
    fs::write(place.directory.key(), KEY).unwrap();
    place
}

fn steps(place: &Place) -> usize {
    let raw = Connection::open(place.directory.database()).unwrap();
    raw.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

#[test]
fn every_earlier_step_has_a_fixture() {
    let place = Place::new();
    drop(place.open());

    let written: Vec<usize> = WRITTEN_BEFORE.iter().map(|(steps, _)| *steps).collect();

    assert_eq!(written, (1..steps(&place)).collect::<Vec<_>>());
}

#[test]
fn what_earlier_versions_wrote_is_kept_and_used() {
    for (version, sql) in WRITTEN_BEFORE {
        let place = written_before(sql);
        assert_eq!(steps(&place), version);

        let store = place.open();

        let batches = store.batches(&BatchFilter::default()).unwrap();
        let shown: Vec<_> = batches.iter().map(|b| (b.name.as_str(), b.status, b.counts.total)).collect();
        assert_eq!(shown[0], ("Migrated", BatchStatus::SyncedWithErrors, 2), "version {version}");
        assert_eq!((shown.len(), batches[1].requests.as_slice()), (2, [RequestKind::Start].as_slice()));
        let users = users_of(&store, batches[0].id);
        let states: Vec<_> = users.iter().map(|user| (user.email_address.as_str(), user.status)).collect();
        assert_eq!(
            states,
            [("paul@contoso.edu", UserStatus::Synced), ("ann@contoso.edu", UserStatus::Failed)]
        );
        assert_eq!(store.user_secrets(users[0].id).unwrap().password.expose(), "3281986");
        let endpoint = store.endpoint("E").unwrap().unwrap();
        let secrets = store.endpoint_secrets(endpoint.id).unwrap();
        assert_eq!(secrets.administrator_password.unwrap().expose(), "secret");
        let mailboxes = store.checkpoints(users[0].id).unwrap();
        let copied: usize = mailboxes.iter().map(|mailbox| entries(&store, mailbox.id).len()).sum();
        assert_eq!((mailboxes.len(), copied), (2, 5));
    }
}

/// Zero stood for a Maildir, for a folder that was gone and for one that was not open; the last two are compared by content once.
#[test]
fn a_stored_target_validity_of_zero_is_that_of_a_folder_known_by_names() {
    for (version, sql) in WRITTEN_BEFORE {
        let place = written_before(sql);
        let raw = Connection::open(place.directory.database()).unwrap();
        let last: i64 = raw.query_row("SELECT MAX(id) FROM mailboxes", [], |row| row.get(0)).unwrap();
        raw.execute("UPDATE mailboxes SET target_validity = 4294967295 WHERE id = ?1", [last]).unwrap();
        drop(raw);

        let store = place.open();

        let batch = store.batches(&BatchFilter::default()).unwrap().remove(0);
        let read = || -> Vec<_> {
            let mailboxes = store.checkpoints(users_of(&store, batch.id)[0].id).unwrap();
            mailboxes.into_iter().map(|mailbox| (mailbox.id.0 == last, mailbox.target_validity)).collect()
        };
        let expected = [(false, TargetValidity::Names), (true, TargetValidity::Uids(UidValidity(u32::MAX)))];
        assert_eq!(read(), expected, "version {version}");
        for mailbox in store.checkpoints(users_of(&store, batch.id)[0].id).unwrap() {
            store.save_checkpoint(&mailbox).unwrap();
        }
        assert_eq!(read(), expected, "version {version}, written again");
        store.forget_targets(MailboxId(last)).unwrap();
        assert_eq!(read()[1], (true, TargetValidity::Removed), "version {version}");
    }
}

#[test]
fn an_upgraded_database_takes_everything_that_is_new() {
    for (version, sql) in WRITTEN_BEFORE {
        let place = written_before(sql);
        let store = place.open();
        let batch = store.batches(&BatchFilter::default()).unwrap().remove(0);
        let mailbox: MailboxId = store.checkpoints(users_of(&store, batch.id)[0].id).unwrap()[0].id;

        store.note_sent_again(mailbox, &[Uid(2)], Uid(10), UnixMs(1_000)).unwrap();
        let requested =
            store.request(batch.id, &[RequestKind::Stop], &BatchChange::default(), UnixMs(1)).unwrap();
        let confirmation = store.request_confirmation(batch.id, true, UnixMs(2)).unwrap();

        assert_eq!(requested, Outcome::Done(BatchStatus::Stopping), "version {version}");
        assert_eq!(store.open_confirmations().unwrap(), [confirmation]);
        assert!(store.late_duplicates(mailbox).unwrap().sent_again.contains(&Uid(2)));
    }
}

#[test]
fn a_confirmation_that_was_under_way_goes_on_in_this_version() {
    for (version, sql) in WRITTEN_BEFORE.into_iter().filter(|(version, _)| *version >= 5) {
        let place = written_before(sql);
        let raw = Connection::open(place.directory.database()).unwrap();
        // From version 9 on a run has an identity of its own.
        let (column, run) = if version < 9 { ("", "") } else { (", run", ", guid") };
        let add = format!(
            "INSERT INTO confirmations (batch, bytes, requested, stopped{column})
             SELECT guid, 1, 2, 0{run} FROM batches WHERE seq = 1"
        );
        raw.execute(&add, []).unwrap();
        drop(raw);

        let store = place.open();

        let open = store.open_confirmations().unwrap().remove(0);
        let user = users_of(&store, open.batch)[0].id;
        store.note_compared(open.id, user, 3).unwrap();
        assert_eq!(store.user_confirmations(open.batch).unwrap()[0].compared, 3, "version {version}");
    }
}

#[test]
fn of_entries_that_claim_one_target_message_one_is_kept_and_the_others_are_pending_again() {
    for (version, sql) in WRITTEN_BEFORE.into_iter().filter(|(version, _)| *version < 4) {
        let place = written_before(sql);
        let raw = Connection::open(place.directory.database()).unwrap();
        let mailbox: i64 = raw.query_row("SELECT MIN(id) FROM mailboxes", [], |row| row.get(0)).unwrap();
        for (uid, target) in [(901, 5), (902, 5), (903, 6), (904, 5)] {
            raw.execute(
                "INSERT INTO ledger (mailbox, uid, state, target_uid, size, received, zone, digest, flags)
                 VALUES (?1, ?2, 1, ?3, 10, 1, 0, zeroblob(16), (SELECT MIN(id) FROM flags))",
                [mailbox, uid, target],
            )
            .unwrap();
        }
        drop(raw);

        let store = place.open();

        let ours: Vec<_> = entries(&store, MailboxId(mailbox))
            .into_iter()
            .filter(|entry| entry.uid.0 > 900)
            .map(|entry| (entry.uid.0, entry.state, entry.target))
            .collect();
        let at = |uid| Some(TargetId::Uid(Uid(uid)));
        let kept = [
            (901, LedgerState::Copied, at(5)),
            (902, LedgerState::Intent, None),
            (903, LedgerState::Copied, at(6)),
            (904, LedgerState::Intent, None),
        ];
        assert_eq!(ours, kept, "version {version}");
    }
}

#[test]
fn what_an_earlier_version_listed_is_listed_and_what_it_adopted_is_still_to_be_verified() {
    for (version, sql) in WRITTEN_BEFORE.into_iter().filter(|(version, _)| *version < 6) {
        let place = written_before(sql);
        let raw = Connection::open(place.directory.database()).unwrap();
        raw.execute("UPDATE ledger SET state = 2 WHERE uid = 1", []).unwrap();
        drop(raw);

        let store = place.open();

        let batch = store.batches(&BatchFilter::default()).unwrap().remove(0);
        let mailboxes = store.checkpoints(users_of(&store, batch.id)[0].id).unwrap();
        let entries = mailboxes.iter().flat_map(|mailbox| entries(&store, mailbox.id));
        for entry in entries {
            let expected =
                if entry.state == LedgerState::Copied { Level::Listed } else { Level::NotVerified };
            assert_eq!(entry.level, expected, "version {version}, {:?}", entry.state);
        }
    }
}

#[test]
fn batches_of_an_earlier_version_do_not_expire_with_the_upgrade() {
    // The tenth step brought the column.
    for (version, sql) in WRITTEN_BEFORE.into_iter().filter(|(version, _)| *version < 10) {
        let place = written_before(sql);
        let before = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();

        let store = place.open();

        for batch in store.batches(&BatchFilter::default()).unwrap() {
            let active = std::time::Duration::from_millis(u64::try_from(batch.active.0).unwrap());
            assert!(active.as_secs() + 1 >= before.as_secs(), "version {version}: {active:?}");
        }
    }
}
