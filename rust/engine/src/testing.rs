//! What unit tests of this crate share: a state directory that goes away, a clock that tests move, fakes of the world.

pub(crate) mod intercepted_store;

use crate::context::Context;
use crate::context::{Launch, ServerProbe, Trial};
use crate::sync::{AccountProbe, FolderProbe, MessageProbe};
use imapmig_core::api::ApiError;
use imapmig_core::batch::{Batch, BatchOptions};
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::{Endpoint, EndpointSecrets, EndpointSettings, EndpointType, Limit};
use imapmig_core::failure::Failure;
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::{BatchId, EndpointId};
use imapmig_core::message::{InternalDate, Uid, UidValidity};
use imapmig_core::ports::Clock;
use imapmig_core::ports::store::{Ports, UserFilter};
use imapmig_core::secret::Secret;
use imapmig_core::status::{BatchStatus, UserCounts, UserStatus};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{NewUser, User};
use imapmig_store::{SqliteStore, StateDirectory};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// A clock that tests move.
pub(crate) struct FakeClock(AtomicI64);

impl FakeClock {
    pub(crate) fn at(now: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(now)))
    }

    pub(crate) fn set(&self, now: i64) {
        self.0.store(now, Ordering::SeqCst);
    }

    pub(crate) fn advance(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> UnixMs {
        UnixMs(self.0.load(Ordering::SeqCst))
    }
}

/// Servers with scripted answers.
#[derive(Default)]
pub(crate) struct FakeServers {
    pub(crate) answer: Mutex<Option<Failure>>,
    pub(crate) trials: Mutex<Vec<Trial>>,
}

impl ServerProbe for FakeServers {
    fn try_endpoint(&self, trial: &Trial, _cancel: &Cancel) -> Result<Option<String>, Failure> {
        self.trials.lock().unwrap().push(trial.clone());
        self.answer.lock().unwrap().clone().map_or(Ok(None), Err)
    }
}

/// A launcher that counts.
#[derive(Default)]
pub(crate) struct FakeLauncher {
    pub(crate) launched: AtomicUsize,
    pub(crate) error: Mutex<Option<ApiError>>,
}

impl Launch for FakeLauncher {
    fn launch(&self, _insist: bool) -> Result<(), ApiError> {
        self.launched.fetch_add(1, Ordering::SeqCst);
        self.error.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

/// A state directory with fakes around it.
pub(crate) struct Rig {
    pub(crate) context: Context,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) servers: Arc<FakeServers>,
    pub(crate) launcher: Arc<FakeLauncher>,
    _directory: TempDir,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let directory = StateDirectory::locate(Some(temporary.path())).unwrap();
        let clock = FakeClock::at(1_000_000);
        let servers = Arc::new(FakeServers::default());
        let launcher = Arc::new(FakeLauncher::default());
        let store = Arc::new(SqliteStore::open(&directory).unwrap());
        let context =
            Context::new(directory, Ports::of(&store), clock.clone(), servers.clone(), launcher.clone());
        Self { context, store, clock, servers, launcher, _directory: temporary }
    }

    /// Stores an IMAP endpoint with these limits.
    pub(crate) fn endpoint(&self, name: &str, migrations: u32, incremental: u32) -> EndpointId {
        let endpoint = Endpoint {
            id: EndpointId::new(),
            name: name.to_owned(),
            endpoint_type: EndpointType::Imap,
            settings: EndpointSettings {
                remote_server: "127.0.0.1".to_owned(),
                port: 993,
                ..EndpointSettings::default()
            },
            max_concurrent_migrations: Limit::At(migrations),
            max_concurrent_incremental_syncs: Limit::At(incremental),
            created: self.context.now(),
            changed: self.context.now(),
        };
        self.context.catalog.add_endpoint(&endpoint, &EndpointSecrets::default()).unwrap();
        endpoint.id
    }

    /// Stores a batch of these users, each with a password of its own.
    pub(crate) fn batch(&self, name: &str, source: EndpointId, users: &[&str]) -> BatchId {
        let rows: Vec<_> = users.iter().map(|user| row(user, &format!("password of {user}"))).collect();
        self.batch_of(name, source, None, &rows)
    }

    pub(crate) fn batch_of(
        &self,
        name: &str,
        source: EndpointId,
        target: Option<EndpointId>,
        rows: &[NewUser],
    ) -> BatchId {
        let batch = Batch {
            id: BatchId::new(),
            name: name.to_owned(),
            status: BatchStatus::Created,
            source,
            target,
            options: BatchOptions { allow_incremental_syncs: true, ..BatchOptions::default() },
            validation_warnings: Vec::new(),
            message: None,
            submitted_by: String::new(),
            created: self.context.now(),
            started: None,
            initial_synced: None,
            last_synced: None,
            active: self.context.now(),
            counts: UserCounts::default(),
            requests: Vec::new(),
        };
        self.context.catalog.add_batch(&batch, rows).unwrap();
        batch.id
    }

    pub(crate) fn user(&self, address: &str) -> User {
        let filter = UserFilter { identity: Some(address.to_owned()), ..UserFilter::default() };
        self.context.catalog.users(&filter).unwrap().remove(0)
    }

    pub(crate) fn status(&self, address: &str) -> UserStatus {
        self.user(address).status
    }

    /// The batch, unless it was removed.
    pub(crate) fn find_batch(&self, id: BatchId) -> Option<Batch> {
        self.context.catalog.batch_by_id(id).unwrap()
    }

    pub(crate) fn batch_status(&self, id: BatchId) -> BatchStatus {
        self.find_batch(id).unwrap().status
    }
}

/// Returns the account state of a mailbox with this many messages in its INBOX.
pub(crate) fn mailbox(validity: u32, messages: u32) -> AccountProbe {
    let message =
        |uid| MessageProbe { uid: Uid(uid), size: 100, date: InternalDate::utc(0), header: [0; 32] };
    let inbox = FolderProbe {
        path: FolderPath::inbox(),
        id: None,
        validity: UidValidity(validity),
        uid_next: Uid(messages + 1),
        messages: Some((1..=messages).map(message).collect()),
        all: true,
    };
    AccountProbe { at: UnixMs(0), folders: vec![inbox] }
}

/// A row of a CSV file.
pub(crate) fn row(address: &str, password: &str) -> NewUser {
    NewUser {
        email_address: address.to_owned(),
        user_name: address.to_owned(),
        password: Secret::from(password),
        user_root: None,
        target_user_name: None,
        target_password: None,
    }
}
