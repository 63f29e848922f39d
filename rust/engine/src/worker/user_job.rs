//! Runs a user's job on its own thread: probes, analyses, syncs or compares its mailbox. Knows endpoints and adapters, not schedules.

use super::schedule::Stage;
use crate::adapters::{Accounts, Configured, Row, Side};
use crate::analysis::{self, Analysis};
use crate::confirm::{self, UserConfirm};
use crate::context::Context;
use crate::errors::failure_of_store;
use crate::messages::engine_failures;
use crate::sync::throttle::Throttles;
use crate::sync::{
    self, AccountProbe, ByteBudget, LaneShares, Limits, Retries, Sides, SyncDone, SyncKind, UserSync,
};
use imapmig_core::batch::Batch;
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::{Endpoint, EndpointSecrets};
use imapmig_core::failure::{Failure, Retry};
use imapmig_core::folder_filter::FolderFilter;
use imapmig_core::ids::{BatchId, ConfirmationId, EndpointId, UserId};
use imapmig_core::ports::source::SourceConnector;
use imapmig_core::ports::store::StoreResult;
use imapmig_core::ports::target::TargetConnector;
use imapmig_core::status::UserStatus;
use imapmig_core::user::{User, UserSecrets};
use std::sync::Arc;

/// One user at work.
#[derive(Clone, Debug)]
pub struct Job {
    /// Whose mail.
    pub user: User,
    /// Thrown to stop it.
    pub cancel: Cancel,
    /// Look at both sides instead of the initial sync.
    pub analyze: bool,
}

/// The work on one user. The worker schedules it; tests put another in.
pub trait UserWork: Send + Sync {
    /// Probes the mailbox at the source.
    ///
    /// # Errors
    /// It cannot be reached, signed in to or read.
    fn probe(&self, job: &Job) -> Result<Option<AccountProbe>, Failure>;

    /// Analyses both sides, and copies nothing.
    ///
    /// # Errors
    /// See [`analysis::analyze`].
    fn analyze(&self, job: &Job) -> Result<Analysis, Failure>;

    /// Syncs the user.
    ///
    /// # Errors
    /// See [`sync::run_user`].
    fn sync(&self, job: &Job, kind: SyncKind) -> Result<SyncDone, Failure>;

    /// Compares both sides, for this confirmation. `bytes`: by whole contents.
    ///
    /// # Errors
    /// See [`confirm::confirm_user`].
    fn confirm(&self, job: &Job, of: ConfirmationId, bytes: bool) -> Result<(), Failure>;
}

/// What was done.
#[derive(Clone, Debug)]
pub(super) enum Done {
    /// Mailboxes were probed: the user's last, an elder's before it.
    Probed(Vec<(UserId, Option<AccountProbe>)>),
    /// A sync was done.
    Synced,
    /// Both sides were looked at before anything is copied.
    Analyzed(Analysis),
    /// Both sides were compared.
    Confirmed,
}

/// A user's thread that is done.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) user: UserId,
    pub(super) batch: BatchId,
    pub(super) stage: Stage,
    pub(super) result: Result<Done, Failure>,
}

impl Ended {
    /// Does a user's work, on its thread.
    pub(super) fn run(
        work: &dyn UserWork,
        job: &Job,
        stage: Stage,
        elder: Option<User>,
    ) -> Result<Done, Failure> {
        let kind = match stage {
            Stage::Probe => {
                let mut probes = Vec::new();
                if let Some(elder) = elder {
                    let (id, job) = (elder.id, Job { user: elder, ..job.clone() });
                    // What is wrong with the elder is not this user's fault.
                    if let Ok(probe) = work.probe(&job) {
                        probes.push((id, probe));
                    }
                }
                probes.push((job.user.id, work.probe(job)?));
                return Ok(Done::Probed(probes));
            }
            Stage::Initial if job.analyze => return work.analyze(job).map(Done::Analyzed),
            Stage::Initial => SyncKind::Initial,
            Stage::Incremental if job.user.status == UserStatus::Completing => SyncKind::Final,
            Stage::Incremental => SyncKind::Incremental,
            Stage::Confirm { of, bytes } => return work.confirm(job, of, bytes).map(|()| Done::Confirmed),
        };
        work.sync(job, kind).map(|_| Done::Synced)
    }
}

/// What the threads report.
#[derive(Debug)]
pub(super) enum Event {
    /// A user's thread is done.
    Ended(Ended),
    /// A batch was removed from the store, or could not be.
    Removed(BatchId, StoreResult<()>),
}

/// Where a user's mail comes from, where it goes, and which folders.
type BothSides = (Side<dyn SourceConnector>, Side<dyn TargetConnector>, FolderFilter);

/// An endpoint as it is stored.
struct Stored {
    endpoint: Endpoint,
    secrets: EndpointSecrets,
}

impl Stored {
    fn at(&self) -> Configured<'_> {
        Configured { endpoint: &self.endpoint, secrets: &self.secrets }
    }
}

/// The work on real servers.
pub(super) struct RealWork {
    context: Context,
    accounts: Accounts,
    throttles: Arc<Throttles>,
    budget: Arc<ByteBudget>,
    lanes: LaneShares,
}

impl RealWork {
    pub(super) fn new(context: &Context) -> Self {
        Self {
            context: context.clone(),
            accounts: Accounts::new(
                &context.directory,
                Arc::clone(&context.catalog),
                Arc::clone(&context.clock),
            ),
            throttles: Arc::new(Throttles::new(Arc::clone(&context.clock))),
            budget: Arc::default(),
            lanes: LaneShares::default(),
        }
    }

    fn batch(&self, user: &User) -> Result<Batch, Failure> {
        self.context.catalog.batch_by_id(user.batch).map_err(failure_of_store)?.ok_or_else(Failure::cancelled)
    }

    fn endpoint(&self, id: EndpointId) -> Result<Stored, Failure> {
        let endpoint = self.context.catalog.endpoint_by_id(id).map_err(failure_of_store)?;
        let endpoint = endpoint.ok_or_else(engine_failures::endpoint_gone)?;
        let secrets = self.context.catalog.endpoint_secrets(id).map_err(failure_of_store)?;
        Ok(Stored { endpoint, secrets })
    }

    /// Where the user's mail comes from, where it goes, and which folders.
    fn both_sides(&self, job: &Job, batch: &Batch) -> Result<BothSides, Failure> {
        let own = self.secrets(&job.user)?;
        let row = Row { user: &job.user, secrets: &own };
        let source = self.accounts.source(self.endpoint(batch.source)?.at(), row)?;
        let target = batch.target.map(|id| self.endpoint(id)).transpose()?;
        let target = self.accounts.target(target.as_ref().map(Stored::at), row, &job.cancel)?;
        let filter = FolderFilter::parse(&batch.options.include_folders, &batch.options.exclude_folders)
            .map_err(engine_failures::bad_filter)?;
        Ok((source, target, filter))
    }

    fn sides(&self, job: &Job, (source, target, filter): BothSides, retries: Retries) -> Sides {
        Sides {
            user: job.user.clone(),
            source: source.connector,
            target: target.connector,
            filter,
            clock: Arc::clone(&self.context.clock),
            cancel: job.cancel.clone(),
            throttles: Arc::clone(&self.throttles),
            source_keys: source.keys,
            target_keys: target.keys,
            retries,
        }
    }

    fn secrets(&self, user: &User) -> Result<UserSecrets, Failure> {
        self.context.catalog.user_secrets(user.id).map_err(failure_of_store)
    }
}

impl UserWork for RealWork {
    fn probe(&self, job: &Job) -> Result<Option<AccountProbe>, Failure> {
        let endpoint = self.endpoint(self.batch(&job.user)?.source)?;
        let own = self.secrets(&job.user)?;
        let source = self.accounts.source(endpoint.at(), Row { user: &job.user, secrets: &own })?;
        self.throttles.wait(&source.keys, &job.cancel, &mut |_| {})?;
        let looked = sync::probe(source.connector.as_ref(), self.context.now(), &job.cancel);
        if let (Err(Failure { retry: Retry::After(span), .. }), Some(account)) = (&looked, source.keys.last())
        {
            self.throttles.pause_for(account, *span);
        }
        looked
    }

    fn analyze(&self, job: &Job) -> Result<Analysis, Failure> {
        let batch = self.batch(&job.user)?;
        let (source, target, filter) = self.both_sides(job, &batch)?;
        self.throttles.wait(&source.keys, &job.cancel, &mut |_| {})?;
        self.throttles.wait(&target.keys, &job.cancel, &mut |_| {})?;
        let (source, target) = (source.connector.as_ref(), target.connector.as_ref());
        analysis::analyze(source, target, &filter, Limits::default(), &job.cancel)
    }

    fn sync(&self, job: &Job, kind: SyncKind) -> Result<SyncDone, Failure> {
        let batch = self.batch(&job.user)?;
        let both = self.both_sides(job, &batch)?;
        sync::run_user(&UserSync {
            sides: self.sides(job, both, Retries::OF_A_JOB),
            kind,
            limits: Limits::default(),
            budget: Arc::clone(&self.budget),
            ledger: Arc::clone(&self.context.ledger),
            diary: Arc::clone(&self.context.diary),
            users: Arc::clone(&self.context.catalog),
            kept_dir: self.context.directory.kept(),
            lanes: self.lanes.join(),
        })
    }

    fn confirm(&self, job: &Job, of: ConfirmationId, bytes: bool) -> Result<(), Failure> {
        let batch = self.batch(&job.user)?;
        let both = self.both_sides(job, &batch)?;
        confirm::confirm_user(&UserConfirm {
            sides: self.sides(job, both, Retries::OF_A_CONFIRMATION),
            confirmation: of,
            bytes,
            confirmations: Arc::clone(&self.context.confirmations),
            ledger: Arc::clone(&self.context.ledger),
            diary: Arc::clone(&self.context.diary),
            lanes: self.lanes.join(),
        })
    }
}
