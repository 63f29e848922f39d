//! Several threads and real second processes at one database. A child process is this test program again, which is told
//! by the environment what to do.

use crate::support::{
    Place, added_batch, added_mailbox, added_user, endpoint, entries, intent, states, users_of,
    wait_until_purged,
};
use imapmig_core::endpoint::EndpointSecrets;
use imapmig_core::ids::{MailboxId, WorkerId};
use imapmig_core::message::Uid;
use imapmig_core::ports::store::{Catalog, Ledger, LedgerResult, Requests, UserChange};
use imapmig_core::secret::Secret;
use imapmig_core::status::UserStatus;
use imapmig_core::time::UnixMs;
use imapmig_core::user::LedgerState;
use imapmig_store::{SqliteStore, StateDirectory};
use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;
use std::thread;

const ROLE: &str = "IMAPMIG_STORE_TEST_ROLE";
const DIRECTORY: &str = "IMAPMIG_STORE_TEST_DIRECTORY";
const ADDS_AN_ENDPOINT: &str = "adds an endpoint";
const WRITES_INTENTS: &str = "writes intents until it is killed";

fn child(role: &str, directory: &StateDirectory) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "processes::acts_as_a_child_process_when_told_so", "--nocapture"])
        .env(ROLE, role)
        .env(DIRECTORY, directory.root())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn acts_as_a_child_process_when_told_so() {
    let (Ok(role), Ok(directory)) = (env::var(ROLE), env::var(DIRECTORY)) else {
        return;
    };
    let store = SqliteStore::open(&StateDirectory::locate(Some(Path::new(&directory))).unwrap()).unwrap();
    match role.as_str() {
        ADDS_AN_ENDPOINT => {
            let name = format!("of process {}", std::process::id());
            let secrets = EndpointSecrets {
                administrator_password: Some(Secret::new(name.clone())),
                ..EndpointSecrets::default()
            };
            store.add_endpoint(&endpoint(&name), &secrets).unwrap();
        }
        WRITES_INTENTS => {
            for uid in 1.. {
                store.add_intents(MailboxId(1), &[intent(uid)], Uid(uid)).unwrap();
                println!("\nwritten {uid}");
            }
        }
        other => panic!("no such role: {other}"),
    }
}

#[test]
fn processes_that_make_the_database_and_the_key_at_the_same_time_agree_on_them() {
    let place = Place::new();

    let children: Vec<_> = (0..6).map(|_| child(ADDS_AN_ENDPOINT, &place.directory)).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }

    let store = place.open();
    let endpoints = store.endpoints().unwrap();
    assert_eq!(endpoints.len(), 6);
    for endpoint in endpoints {
        let password = store.endpoint_secrets(endpoint.id).unwrap().administrator_password.unwrap();
        assert_eq!(password.expose(), endpoint.name);
    }
}

#[test]
fn intents_that_were_told_as_stored_outlive_a_killed_process() {
    const ENOUGH: u32 = 200;
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    assert_eq!(added_mailbox(&store, user, "INBOX"), MailboxId(1));
    drop(store);

    let mut writer = child(WRITES_INTENTS, &place.directory);
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let told: Vec<u32> = lines
        .map(Result::unwrap)
        .filter_map(|line| line.strip_prefix("written ").and_then(|uid| uid.parse().ok()))
        .take_while(|uid| *uid <= ENOUGH)
        .collect();
    writer.kill().unwrap();
    writer.wait().unwrap();

    let store = place.open();
    let found = entries(&store, MailboxId(1));
    assert_eq!(told.len() as u32, ENOUGH);
    assert!(found.len() >= told.len());
    assert!(found.iter().zip(&told).all(|(entry, uid)| *entry == intent(*uid)));
    assert_eq!(store.checkpoints(user).unwrap()[0].target_known_below.0 as usize, found.len());
}

#[test]
fn threads_and_a_second_store_write_and_read_at_the_same_time() {
    const THREADS: u32 = 8;
    const PARTS: u32 = 20;
    let place = Place::new();
    let store = place.open();
    let addresses: Vec<_> = (0..THREADS).map(|n| format!("{n}@x.example")).collect();
    let batch = added_batch(&store, "one", &addresses.iter().map(String::as_str).collect::<Vec<_>>());
    let second = place.open();
    let start = Barrier::new(THREADS as usize);

    thread::scope(|scope| {
        for (number, user) in users_of(&store, batch.id).into_iter().enumerate() {
            let store = if number % 2 == 0 { &store } else { &second };
            let start = &start;
            scope.spawn(move || {
                let mailbox = added_mailbox(store, user.id, "INBOX");
                start.wait();
                for part in 0..PARTS {
                    let uids = part * 10 + 1..part * 10 + 11;
                    let intents: Vec<_> = uids.clone().map(intent).collect();
                    let results: Vec<_> = uids
                        .map(|uid| LedgerResult {
                            uid: Uid(uid),
                            state: LedgerState::Copied,
                            target: None,
                            digest: None,
                        })
                        .collect();
                    store.add_intents(mailbox, &intents, Uid(part)).unwrap();
                    store.record(mailbox, &results, &[]).unwrap();
                    let more = UserChange { add_in_progress_ms: 1, ..UserChange::default() };
                    assert!(store.change_user(user.id, &[UserStatus::Queued], &more).unwrap());
                    assert_eq!(entries(store, mailbox).len() as u32, (part + 1) * 10);
                }
            });
        }
    });

    for user in users_of(&store, batch.id) {
        assert_eq!(user.in_progress_ms, i64::from(PARTS));
        assert_eq!(states(&second, user.id), vec![LedgerState::Copied; PARTS as usize * 10]);
    }
}

#[test]
fn of_many_who_change_a_user_from_the_same_state_one_succeeds() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let second = place.open();
    let start = Barrier::new(8);
    let syncing = UserChange { status: Some(UserStatus::Syncing), ..UserChange::default() };

    let succeeded = thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|number| {
                let store = if number % 2 == 0 { &store } else { &second };
                let (start, syncing) = (&start, &syncing);
                scope.spawn(move || {
                    start.wait();
                    store.change_user(user, &[UserStatus::Queued], syncing).unwrap()
                })
            })
            .collect();
        tries.into_iter().map(|t| t.join().unwrap()).filter(|done| *done).count()
    });

    assert_eq!(succeeded, 1);
}

#[test]
fn of_many_workers_one_gets_the_lease() {
    let place = Place::new();
    let stores: Vec<_> = (0..6).map(|_| place.open()).collect();
    let start = Barrier::new(stores.len());

    let leased = thread::scope(|scope| {
        let tries: Vec<_> = stores
            .iter()
            .map(|store| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    store.lease(WorkerId::new(), "worker", UnixMs(1_000), UnixMs(500)).unwrap()
                })
            })
            .collect();
        tries.into_iter().map(|t| t.join().unwrap()).filter(|leased| *leased).count()
    });

    assert_eq!(leased, 1);
}

#[test]
fn a_batch_vanishes_at_once_and_its_ledger_is_deleted_while_others_write() {
    let place = Place::new();
    let store = place.open();
    let removed = added_batch(&store, "removed", &["a@x.example"]);
    let kept = added_batch(&store, "kept", &["b@x.example"]);
    let mailbox = added_mailbox(&store, users_of(&store, removed.id)[0].id, "INBOX");
    let other = added_mailbox(&store, users_of(&store, kept.id)[0].id, "INBOX");
    let intents: Vec<_> = (1..=60_000).map(intent).collect();
    store.add_intents(mailbox, &intents, Uid(1)).unwrap();
    let second = place.open();

    store.remove_batch(removed.id).unwrap();
    let is_purging = || {
        let raw = rusqlite::Connection::open(place.directory.database()).unwrap();
        raw.query_row("SELECT COUNT(*) FROM purge", [], |row| row.get::<_, i64>(0)).unwrap() > 0
    };
    let at_once = store.batch_by_id(removed.id).unwrap();
    let mut uid = 0;
    while is_purging() {
        uid += 1;
        second.add_intents(other, &[intent(uid)], Uid(1)).unwrap();
    }

    assert_eq!(at_once, None);
    assert_eq!(entries(&store, mailbox).len(), 0);
    assert_eq!(entries(&store, other).len() as u32, uid, "others wrote meanwhile");
}

#[test]
fn a_purge_that_was_cut_short_goes_on_when_the_database_is_opened() {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let mailbox = added_mailbox(&store, user, "INBOX");
    store.add_intents(mailbox, &(1..=30).map(intent).collect::<Vec<_>>(), Uid(1)).unwrap();
    drop(store);
    rusqlite::Connection::open(place.directory.database())
        .unwrap()
        .execute_batch("INSERT INTO purge SELECT id FROM mailboxes; DELETE FROM mailboxes")
        .unwrap();

    let store = place.open();
    wait_until_purged(&place);

    assert_eq!(entries(&store, mailbox), []);
}
