//! A state directory with one user, a source and a target.

use super::account::{Account, path};
use imapmig_core::batch::{Batch, BatchOptions};
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::{Endpoint, EndpointSecrets, EndpointSettings, EndpointType, Limit};
use imapmig_core::failure::Failure;
use imapmig_core::folder_filter::FolderFilter;
use imapmig_core::ids::{BatchId, EndpointId};
use imapmig_core::message::Uid;
use imapmig_core::ports::Clock;
use imapmig_core::ports::source::SourceConnector;
use imapmig_core::ports::store::{Catalog, Diary, UserFilter};
use imapmig_core::ports::target::TargetConnector;
use imapmig_core::secret::Secret;
use imapmig_core::status::{BatchStatus, UserCounts};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{NewUser, SkippedItem, SkippedKind, User};
use imapmig_engine::sync::throttle::Throttles;
use imapmig_engine::sync::{
    ByteBudget, LaneShare, LaneShares, Limits, Retries, Sides, SyncDone, SyncKind, UserSync, run_user,
};
use imapmig_store::{SqliteStore, StateDirectory};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A clock on which time passes by looking at it, so that no pause takes long.
pub struct QuickClock(AtomicI64);

impl Clock for QuickClock {
    fn now(&self) -> UnixMs {
        UnixMs(self.0.fetch_add(5_000, Ordering::SeqCst))
    }
}

pub struct Rig {
    pub source: Arc<dyn SourceConnector>,
    pub target: Arc<dyn TargetConnector>,
    pub store: Arc<SqliteStore>,
    pub directory: StateDirectory,
    pub cancel: Cancel,
    pub limits: Limits,
    pub filter: FolderFilter,
    pub lanes: usize,
    /// Where the user's lanes come from; `lanes` of its own if absent.
    pub shares: Option<LaneShares>,
    pub retries: Retries,
    pub clock: Arc<dyn Clock>,
    pub throttles: Arc<Throttles>,
    batch: BatchId,
    endpoint: EndpointId,
    _temporary: tempfile::TempDir,
}

impl Rig {
    pub fn new(source: &Account, target: &Account) -> Self {
        Self::between(Arc::new(source.clone()), Arc::new(target.clone()))
    }

    pub fn between(source: Arc<dyn SourceConnector>, target: Arc<dyn TargetConnector>) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let directory = StateDirectory::locate(Some(&temporary.path().join("state"))).unwrap();
        let store = Arc::new(SqliteStore::open(&directory).unwrap());
        let clock = Arc::new(QuickClock(AtomicI64::new(1_800_000_000_000)));
        let endpoint = Endpoint {
            id: EndpointId::new(),
            name: "Source".to_owned(),
            endpoint_type: EndpointType::Imap,
            settings: EndpointSettings::default(),
            max_concurrent_migrations: Limit::At(20),
            max_concurrent_incremental_syncs: Limit::At(10),
            created: UnixMs(0),
            changed: UnixMs(0),
        };
        store.add_endpoint(&endpoint, &EndpointSecrets::default()).unwrap();
        let rig = Self {
            source,
            target,
            store,
            directory,
            cancel: Cancel::new(),
            limits: Limits::default(),
            filter: FolderFilter::default(),
            lanes: 1,
            shares: None,
            retries: Retries {
                broken: 3,
                attempts: 8,
                first_pause: Duration::from_millis(1),
                longest_pause: Duration::from_millis(1),
            },
            throttles: Arc::new(Throttles::new(clock.clone())),
            clock,
            batch: BatchId::new(),
            endpoint: endpoint.id,
            _temporary: temporary,
        };
        rig.add_batch();
        rig
    }

    fn add_batch(&self) {
        let batch = Batch {
            id: self.batch,
            name: "Batch".to_owned(),
            status: BatchStatus::Created,
            source: self.endpoint,
            target: None,
            options: BatchOptions::default(),
            validation_warnings: Vec::new(),
            message: None,
            submitted_by: "tests".to_owned(),
            created: UnixMs(0),
            started: None,
            initial_synced: None,
            last_synced: None,
            active: UnixMs(0),
            counts: UserCounts::default(),
            requests: Vec::new(),
        };
        let user = NewUser {
            email_address: "terry.adams@contoso.edu".to_owned(),
            user_name: "terry".to_owned(),
            password: Secret::default(),
            user_root: None,
            target_user_name: None,
            target_password: None,
        };
        self.store.add_batch(&batch, &[user]).unwrap();
    }

    /// Removes the batch and makes it anew, as people do when nothing else helps.
    pub fn made_anew(mut self) -> Self {
        self.store.remove_batch(self.batch).unwrap();
        self.batch = BatchId::new();
        self.add_batch();
        self
    }

    pub fn user(&self) -> User {
        let filter = UserFilter { batch: Some(self.batch), ..UserFilter::default() };
        self.store.users(&filter).unwrap().remove(0)
    }

    pub fn sync_of(&self, kind: SyncKind) -> UserSync {
        UserSync {
            sides: self.sides(),
            kind,
            limits: self.limits,
            budget: Arc::new(ByteBudget::default()),
            ledger: self.store.clone(),
            diary: self.store.clone(),
            users: self.store.clone(),
            kept_dir: self.directory.kept(),
            lanes: self.shares.as_ref().map_or_else(|| LaneShare::fixed(self.lanes), LaneShares::join),
        }
    }

    fn sides(&self) -> Sides {
        Sides {
            user: self.user(),
            source: Arc::clone(&self.source),
            target: Arc::clone(&self.target),
            filter: self.filter.clone(),
            clock: Arc::clone(&self.clock),
            cancel: self.cancel.clone(),
            throttles: Arc::clone(&self.throttles),
            source_keys: vec!["source".to_owned(), "source/terry".to_owned()],
            target_keys: vec!["target".to_owned(), "target/terry".to_owned()],
            retries: self.retries,
        }
    }

    pub fn initial(&self) -> Result<SyncDone, Failure> {
        run_user(&self.sync_of(SyncKind::Initial))
    }

    pub fn incremental(&self) -> Result<SyncDone, Failure> {
        run_user(&self.sync_of(SyncKind::Incremental))
    }

    pub fn items(&self) -> Vec<SkippedItem> {
        self.store.skipped(self.user().id, None).unwrap()
    }

    /// The reported items: folder, UID, kind.
    pub fn reported(&self) -> Vec<(String, Option<u32>, SkippedKind)> {
        self.items().into_iter().map(|i| (i.folder.to_string(), i.uid.map(|u| u.0), i.kind)).collect()
    }

    /// What a worker leaves behind that noted a message as left out and died before the ledger said so.
    pub fn note_left_out(&self, folder: &str, uid: u32) {
        let item = SkippedItem {
            folder: path(folder),
            uid: Some(Uid(uid)),
            kind: SkippedKind::Refused,
            size: 1,
            subject: String::new(),
            sender: String::new(),
            recipient: String::new(),
            date_sent: None,
            date_received: None,
            reason: "refused".to_owned(),
            kept_file: None,
        };
        self.store.add_skipped(self.user().id, &[item]).unwrap();
    }

    /// The kept original of an item.
    pub fn kept(&self, item: &SkippedItem) -> Vec<u8> {
        std::fs::read(self.directory.root().join(item.kept_file.as_ref().unwrap())).unwrap()
    }

    pub fn report(&self) -> Vec<String> {
        self.store.report(self.user().id).unwrap().into_iter().map(|l| l.text).collect()
    }
}
