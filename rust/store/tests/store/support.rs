//! A state directory of its own for each test, and builders of what is stored.

use imapmig_core::batch::{Batch, BatchOptions};
use imapmig_core::endpoint::{
    Authentication, Endpoint, EndpointSecrets, EndpointSettings, EndpointType, Limit, Security,
};
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::{BatchId, EndpointId, MailboxId, UserId};
use imapmig_core::message::{Digest, Flags, InternalDate, TargetValidity, Uid, UidValidity};
use imapmig_core::ports::store::{Catalog, Ledger, UserFilter};
use imapmig_core::secret::Secret;
use imapmig_core::status::{BatchStatus, UserCounts};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{
    Checkpoint, LedgerEntry, LedgerState, Level, NewUser, SkippedItem, SkippedKind, User,
};
use imapmig_store::{SqliteStore, StateDirectory};
use std::ops::ControlFlow;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(crate) struct Place {
    pub(crate) directory: StateDirectory,
    _temporary: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let directory = StateDirectory::locate(Some(&temporary.path().join("state"))).unwrap();
        Self { directory, _temporary: temporary }
    }

    pub(crate) fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.directory).unwrap()
    }
}

pub(crate) fn endpoint(name: &str) -> Endpoint {
    Endpoint {
        id: EndpointId::new(),
        name: name.to_owned(),
        endpoint_type: EndpointType::Imap,
        settings: EndpointSettings {
            remote_server: "imap.contoso.example".to_owned(),
            port: 993,
            security: Security::Ssl,
            authentication: Authentication::Basic,
            ..EndpointSettings::default()
        },
        max_concurrent_migrations: Limit::At(20),
        max_concurrent_incremental_syncs: Limit::UNLIMITED,
        created: UnixMs(1_000),
        changed: UnixMs(2_000),
    }
}

pub(crate) fn batch(name: &str, source: EndpointId) -> Batch {
    Batch {
        id: BatchId::new(),
        name: name.to_owned(),
        status: BatchStatus::Created,
        source,
        target: None,
        options: BatchOptions { exclude_folders: vec!["Junk".to_owned()], ..BatchOptions::default() },
        validation_warnings: Vec::new(),
        message: None,
        submitted_by: "admin".to_owned(),
        created: UnixMs(5_000),
        started: None,
        initial_synced: None,
        last_synced: None,
        active: UnixMs(5_000),
        counts: UserCounts::default(),
        requests: Vec::new(),
    }
}

pub(crate) fn row(email_address: &str, password: &str) -> NewUser {
    NewUser {
        email_address: email_address.to_owned(),
        user_name: format!("login of {email_address}"),
        password: Secret::from(password),
        user_root: None,
        target_user_name: None,
        target_password: None,
    }
}

/// An endpoint and a batch on it with these users; their passwords are `secret-<EmailAddress>`.
pub(crate) fn added_batch(store: &SqliteStore, name: &str, addresses: &[&str]) -> Batch {
    let source = endpoint(&format!("source of {name}"));
    store.add_endpoint(&source, &EndpointSecrets::default()).unwrap();
    let batch = batch(name, source.id);
    let rows: Vec<_> = addresses.iter().map(|a| row(a, &format!("secret-{a}"))).collect();
    store.add_batch(&batch, &rows).unwrap();
    batch
}

pub(crate) fn users_of(store: &SqliteStore, batch: BatchId) -> Vec<User> {
    store.users(&UserFilter { batch: Some(batch), ..UserFilter::default() }).unwrap()
}

/// A batch with the one user `a@contoso.example`.
pub(crate) fn added_user(store: &SqliteStore) -> UserId {
    let batch = added_batch(store, "one", &["a@contoso.example"]);
    users_of(store, batch.id)[0].id
}

pub(crate) fn new_checkpoint(user: UserId, folder: &str) -> Checkpoint {
    Checkpoint {
        id: MailboxId(0),
        user,
        source: FolderPath::new([folder]),
        source_validity: UidValidity(7),
        target: FolderPath::new(["Target", folder]),
        target_validity: TargetValidity::Uids(UidValidity(8)),
        target_known_below: Uid(1),
        source_modseq: None,
        complete: false,
    }
}

pub(crate) fn added_mailbox(store: &SqliteStore, user: UserId, folder: &str) -> MailboxId {
    store.checkpoint(&new_checkpoint(user, folder)).unwrap().id
}

pub(crate) fn intent(uid: u32) -> LedgerEntry {
    LedgerEntry {
        uid: Uid(uid),
        state: LedgerState::Intent,
        target: None,
        size: 10_000 + u64::from(uid),
        internal_date: InternalDate { unix_seconds: 1_700_000_000 + i64::from(uid), offset_minutes: 120 },
        digest: Some(Digest::of(&uid.to_be_bytes())),
        flags: Flags::from_wire(["\\Seen", "$Forwarded"]),
        level: Level::NotVerified,
    }
}

pub(crate) fn entries(store: &SqliteStore, mailbox: MailboxId) -> Vec<LedgerEntry> {
    let mut all = Vec::new();
    store
        .ledger(mailbox, &mut |entry| {
            all.push(entry);
            ControlFlow::Continue(())
        })
        .unwrap();
    all
}

/// Waits until the ledgers of removed batches are deleted.
pub(crate) fn wait_until_purged(place: &Place) {
    let connection = rusqlite::Connection::open(place.directory.database()).unwrap();
    let left = || connection.query_row("SELECT COUNT(*) FROM purge", [], |row| row.get::<_, i64>(0)).unwrap();
    let give_up = Instant::now() + Duration::from_secs(60);
    while left() > 0 {
        assert!(Instant::now() < give_up, "the purge goes on and on");
        thread::yield_now();
    }
}

/// A reported item of a message or, without a UID, of a folder.
pub(crate) fn reported(folder: &str, uid: Option<u32>, kind: SkippedKind) -> SkippedItem {
    SkippedItem {
        folder: FolderPath::new([folder]),
        uid: uid.map(Uid),
        kind,
        size: 1,
        subject: String::new(),
        sender: String::new(),
        recipient: String::new(),
        date_sent: None,
        date_received: None,
        reason: String::new(),
        kept_file: None,
    }
}

/// The states of a user's messages, in order of the mailboxes and UIDs.
pub(crate) fn states(store: &SqliteStore, user: UserId) -> Vec<LedgerState> {
    let mailboxes = store.checkpoints(user).unwrap();
    mailboxes.iter().flat_map(|mailbox| entries(store, mailbox.id)).map(|entry| entry.state).collect()
}
