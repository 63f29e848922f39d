//! The state directory's database, as the engine sees it: one truth for cmdlets and workers.
//!
//! Every method is one transaction. SQL and sealing are the adapter's business; a shared database for fleets can
//! stand behind the same trait.

mod error;

pub use error::{StoreError, StoreResult};

use crate::batch::{Batch, BatchOptions, Request, RequestKind, ValidationWarning};
use crate::endpoint::{Endpoint, EndpointSecrets};
use crate::folder::FolderPath;
use crate::ids::{BatchId, EndpointId, MailboxId, UserId, WorkerId};
use crate::message::{ModSeq, Uid, UidValidity};
use crate::status::{BatchEvent, BatchStatus, UserEvent, UserStatus};
use crate::time::UnixMs;
use crate::user::{
    Checkpoint, LedgerEntry, LedgerState, NewUser, SkippedItem, SkippedKind, TargetId, User, UserFailure,
    UserProgress, UserSecrets,
};
use std::ops::ControlFlow;

/// Which batches are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchFilter {
    /// With this name (any case) or BatchGuid.
    pub identity: Option<String>,
    /// In this state.
    pub status: Option<BatchStatus>,
    /// With this source or target.
    pub endpoint: Option<EndpointId>,
    /// At most this many.
    pub limit: Option<u32>,
}

/// Which users are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// With this EmailAddress (any case) or Guid.
    pub identity: Option<String>,
    /// Of this batch.
    pub batch: Option<BatchId>,
    /// In one of these states; empty: in any.
    pub statuses: Vec<UserStatus>,
    /// At most this many.
    pub limit: Option<u32>,
}

/// A change of a user's state; absent fields stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserChange {
    /// The new state.
    pub status: Option<UserStatus>,
    /// The whole error and its summary; `Some(None)` clears both.
    pub error: Option<Option<(String, String)>>,
    /// Its last failure.
    pub failure: Option<UserFailure>,
    /// What it waits for; `Some(None)` clears it.
    pub waiting: Option<Option<String>>,
    /// Its numbers.
    pub progress: Option<UserProgress>,
    /// See [`User`]; `Some(None)` clears.
    pub queued: Option<Option<UnixMs>>,
    /// See [`User`].
    pub started: Option<UnixMs>,
    /// See [`User`].
    pub initial_synced: Option<UnixMs>,
    /// See [`User`].
    pub last_synced: Option<UnixMs>,
    /// See [`User`]; `Some(None)` clears.
    pub next_sync: Option<Option<UnixMs>>,
    /// Milliseconds more spent queued.
    pub add_queued_ms: i64,
    /// Milliseconds more spent at work.
    pub add_in_progress_ms: i64,
}

/// A change of a batch; absent fields stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchChange {
    /// The new state.
    pub status: Option<BatchStatus>,
    /// The new options.
    pub options: Option<BatchOptions>,
    /// The message; `Some(None)` clears it.
    pub message: Option<Option<String>>,
    /// See [`Batch`].
    pub started: Option<UnixMs>,
    /// See [`Batch`].
    pub initial_synced: Option<UnixMs>,
    /// See [`Batch`].
    pub last_synced: Option<UnixMs>,
    /// Warnings to add.
    pub add_warnings: Vec<ValidationWarning>,
}

/// What an event or a request did to a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It took place; the batch is in this state now.
    Done(BatchStatus),
    /// It is refused in the state that the batch is in.
    Refused(BatchStatus),
}

/// What became of a row with the login of a user that is in the batch already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginChange {
    /// The user has the new passwords; whose mail it is stayed the same.
    Passwords,
    /// The user signs in as somebody else or has another UserRoot, so that nothing is known of its mail any more.
    Login,
    /// The batch has no such user.
    NotInBatch,
    /// A worker is at work on the user, so that its login cannot change now.
    AtWork,
}

/// What is to become of a ledger entry after its append was answered, or after it was found or skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerResult {
    /// Its UID at the source.
    pub uid: Uid,
    /// What has become of it.
    pub state: LedgerState,
    /// Where it stands at the target.
    pub target: Option<TargetId>,
    /// The digest of its bytes, when they were seen.
    pub digest: Option<crate::message::Digest>,
}

/// How many ledger entries of a user are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LedgerCounts {
    /// [`LedgerState::Intent`]
    pub intent: u64,
    /// [`LedgerState::Copied`]
    pub copied: u64,
    /// [`LedgerState::Adopted`]
    pub adopted: u64,
    /// [`LedgerState::Skipped`]
    pub skipped: u64,
    /// The sizes of the copied ones together.
    pub copied_bytes: u64,
}

/// What a server may still store of what a dead connection had sent, although it was sent again since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubts {
    /// The messages that were sent more than once, by their UIDs at the source, in order.
    pub messages: Vec<Uid>,
    /// Where the target was unknown before the first of them was sent again.
    pub from: Uid,
    /// When the last of them was sent again.
    pub since: UnixMs,
    /// Second copies at the target that are being taken back, by their UIDs; they may be marked as deleted by us.
    pub strays: Vec<Uid>,
}

/// A line of a user's or batch's report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportLine {
    /// When.
    pub at: UnixMs,
    /// What happened, in one line without secrets.
    pub text: String,
}

/// The worker that holds the lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerLease {
    /// Which worker.
    pub worker: WorkerId,
    /// Its process and host, for people.
    pub holder: String,
    /// Its last heartbeat.
    pub heartbeat: UnixMs,
}

/// The database.
#[allow(missing_docs, reason = "each name and its types say what it does; the errors are StoreError's")]
pub trait Store: Send + Sync {
    /// A number that is another one after every change by any process; cheap enough to be read a hundred times a second.
    fn version(&self) -> StoreResult<i64>;

    // Settings of the whole installation (Set-MigrationConfig), by name.
    fn setting(&self, name: &str) -> StoreResult<Option<String>>;
    fn set_setting(&self, name: &str, value: Option<&str>) -> StoreResult<()>;

    // Endpoints. Names are unique in any case.
    fn add_endpoint(&self, endpoint: &Endpoint, secrets: &EndpointSecrets) -> StoreResult<()>;
    fn endpoints(&self) -> StoreResult<Vec<Endpoint>>;
    /// By name in any case, or by Guid.
    fn endpoint(&self, identity: &str) -> StoreResult<Option<Endpoint>>;
    fn endpoint_by_id(&self, id: EndpointId) -> StoreResult<Option<Endpoint>>;
    fn endpoint_secrets(&self, id: EndpointId) -> StoreResult<EndpointSecrets>;
    /// Secrets that are absent stay as they are.
    fn change_endpoint(&self, endpoint: &Endpoint, secrets: &EndpointSecrets) -> StoreResult<()>;
    /// Refused while a batch uses it.
    fn remove_endpoint(&self, id: EndpointId) -> StoreResult<()>;

    // Batches. Adding one adds its users in state `Queued`, and refuses EmailAddresses of other batches.
    fn add_batch(&self, batch: &Batch, users: &[NewUser]) -> StoreResult<()>;
    /// Adds a batch of users that other batches hold so far; they leave those. What was copied stays known where source and
    /// target are the same, else the users are as new. Refuses users that a worker is at work on.
    fn add_batch_of(&self, batch: &Batch, users: &[UserId]) -> StoreResult<()>;
    /// Adds users to a batch; those already in it (same EmailAddress) are left as they are. New ones requeue the batch
    /// ([`BatchEvent::UsersRequeued`]). Returns how many were new.
    fn add_users(&self, batch: BatchId, users: &[NewUser], now: UnixMs) -> StoreResult<u32>;
    /// Gives users of a batch the logins and passwords of these rows; what a row leaves out stays. A user with another login is
    /// as new, its state is that of one whose initial sync was not done, and the batch is requeued. Returns what became of each row.
    fn change_logins(&self, batch: BatchId, rows: &[&NewUser], now: UnixMs) -> StoreResult<Vec<LoginChange>>;
    /// Of these EmailAddresses, those that another batch holds, with that batch's name.
    fn addresses_in_use(
        &self,
        addresses: &[&str],
        except: Option<BatchId>,
    ) -> StoreResult<Vec<(String, String)>>;
    /// In order of creation.
    fn batches(&self, filter: &BatchFilter) -> StoreResult<Vec<Batch>>;
    fn batch_by_id(&self, id: BatchId) -> StoreResult<Option<Batch>>;
    fn change_batch(&self, id: BatchId, change: &BatchChange) -> StoreResult<()>;
    /// Gives a batch the state that follows from the event, together with this change, unless the event is refused in its state.
    fn batch_event(
        &self,
        id: BatchId,
        event: BatchEvent,
        change: &BatchChange,
        now: UnixMs,
    ) -> StoreResult<Outcome>;
    /// Forgets the batch, its users, their secrets, ledger and reports.
    fn remove_batch(&self, id: BatchId) -> StoreResult<()>;

    // Users, in order of their rows.
    fn users(&self, filter: &UserFilter) -> StoreResult<Vec<User>>;
    fn user_by_id(&self, id: UserId) -> StoreResult<Option<User>>;
    fn user_secrets(&self, id: UserId) -> StoreResult<UserSecrets>;
    /// Changes the user when its state is one of `when` (any state when empty). Tells whether it did.
    fn change_user(&self, id: UserId, when: &[UserStatus], change: &UserChange) -> StoreResult<bool>;
    /// Gives every user of a batch the state that follows from the event; where it is refused, the state stays. Returns how many
    /// changed.
    fn change_user_statuses(&self, batch: BatchId, event: UserEvent, now: UnixMs) -> StoreResult<u32>;
    /// Forgets the user, its secrets, ledger and report.
    fn remove_user(&self, id: UserId) -> StoreResult<()>;
    /// The numbers of a batch's users added up.
    fn batch_progress(&self, batch: BatchId) -> StoreResult<UserProgress> {
        let users = self.users(&UserFilter { batch: Some(batch), ..UserFilter::default() })?;
        Ok(users.iter().fold(UserProgress::default(), |sum, user| sum.plus(&user.progress)))
    }
    /// Those users of a batch that have reported items, in order of their rows.
    fn users_with_reported_items(&self, batch: BatchId) -> StoreResult<Vec<User>> {
        let mut reported = Vec::new();
        for user in self.users(&UserFilter { batch: Some(batch), ..UserFilter::default() })? {
            if !self.skipped(user.id, Some(1))?.is_empty() {
                reported.push(user);
            }
        }
        Ok(reported)
    }
    /// Users of the batch grouped by equal source passwords: groups of two or more, in order of their rows.
    fn users_with_equal_passwords(&self, batch: BatchId) -> StoreResult<Vec<Vec<UserId>>>;

    // Requests and workers.
    /// Adds these requests for a whole batch, gives it the state that shows them, and makes this change; durable. If one of them is
    /// refused in the batch's state, nothing changes. A change by which CompleteAfter has come shows as well.
    fn request(
        &self,
        batch: BatchId,
        kinds: &[RequestKind],
        change: &BatchChange,
        now: UnixMs,
    ) -> StoreResult<Outcome>;
    /// Adds a request for one user, and gives the user and its batch the states that show it, where these events are not refused.
    /// Durable.
    fn request_for_user(
        &self,
        kind: RequestKind,
        user: UserId,
        shown: (Option<UserEvent>, Option<BatchEvent>),
        now: UnixMs,
    ) -> StoreResult<()>;
    /// In the order of asking.
    fn requests(&self) -> StoreResult<Vec<Request>>;
    fn remove_request(&self, id: i64) -> StoreResult<()>;
    /// Takes the lease when there is none, it is this worker's own, or its heartbeat is older than `stale_before`.
    fn lease(&self, worker: WorkerId, holder: &str, now: UnixMs, stale_before: UnixMs) -> StoreResult<bool>;
    fn release(&self, worker: WorkerId) -> StoreResult<()>;
    fn worker(&self) -> StoreResult<Option<WorkerLease>>;

    // Mailbox checkpoints.
    fn checkpoints(&self, user: UserId) -> StoreResult<Vec<Checkpoint>>;
    /// Adds the checkpoint (its `id` is ignored and told) or gives the one there is for that user and source folder.
    fn checkpoint(&self, new: &Checkpoint) -> StoreResult<Checkpoint>;
    fn save_checkpoint(&self, checkpoint: &Checkpoint) -> StoreResult<()>;
    /// Forgets the ledger of a mailbox, because UIDs of a new UIDVALIDITY mean other messages; skipped items of it too.
    fn reset_mailbox(&self, mailbox: MailboxId, source: UidValidity, target: UidValidity) -> StoreResult<()>;

    /// Forgets where the messages of a mailbox stand at the target, because its folder is not there any more; that they were
    /// copied stays known. The target's UIDVALIDITY becomes [`UidValidity::NONE`].
    fn forget_targets(&self, mailbox: MailboxId) -> StoreResult<()>;

    // The ledger.
    /// Durable before it returns, also against a loss of power. An entry already there is replaced unless Copied or Adopted.
    fn add_intents(
        &self,
        mailbox: MailboxId,
        entries: &[LedgerEntry],
        target_known_below: Uid,
    ) -> StoreResult<()>;
    /// Records results; `Intent` entries become what they say, entries not there (adopted, skipped) are added from `entries`.
    fn record(
        &self,
        mailbox: MailboxId,
        results: &[LedgerResult],
        entries: &[LedgerEntry],
        target_known_below: Option<Uid>,
    ) -> StoreResult<()>;
    /// Takes back intents that were certainly not stored, so that they can be planned again.
    fn drop_intents(&self, mailbox: MailboxId, uids: &[Uid]) -> StoreResult<()>;
    /// All entries in order of UID; many, so they are told one by one.
    fn ledger(
        &self,
        mailbox: MailboxId,
        each: &mut dyn FnMut(LedgerEntry) -> ControlFlow<()>,
    ) -> StoreResult<()>;
    /// The numbers of those mailboxes of the user in whose ledger nothing is undecided or in doubt.
    fn settled(&self, user: UserId) -> StoreResult<Vec<(MailboxId, UserProgress)>> {
        let mut settled = Vec::new();
        for mailbox in self.checkpoints(user)?.into_iter().map(|checkpoint| checkpoint.id) {
            let doubts = self.doubts(mailbox)?;
            let mut numbers = UserProgress::default();
            let mut decided = doubts.messages.is_empty() && doubts.strays.is_empty();
            self.ledger(mailbox, &mut |entry| {
                decided &= entry.state != LedgerState::Intent;
                numbers.count(entry.state, 1, entry.size);
                ControlFlow::Continue(())
            })?;
            settled.extend(decided.then_some((mailbox, numbers)));
        }
        Ok(settled)
    }
    fn ledger_counts(&self, user: UserId) -> StoreResult<LedgerCounts>;
    fn set_ledger_flags(&self, mailbox: MailboxId, flags: &[(Uid, crate::message::Flags)])
    -> StoreResult<()>;
    fn set_source_modseq(&self, mailbox: MailboxId, modseq: Option<ModSeq>) -> StoreResult<()>;

    // What a server may store late. A reset mailbox has none.
    /// Notes that these messages are sent again; durable before it returns, also against a loss of power.
    fn add_doubts(&self, mailbox: MailboxId, messages: &[Uid], from: Uid, now: UnixMs) -> StoreResult<()>;
    fn doubts(&self, mailbox: MailboxId) -> StoreResult<Doubts>;
    /// Replaces the second copies that are being taken back; durable as well.
    fn set_strays(&self, mailbox: MailboxId, strays: &[Uid]) -> StoreResult<()>;
    /// Forgets the messages that were last sent again before that time.
    fn forget_doubts(&self, mailbox: MailboxId, before: UnixMs) -> StoreResult<()>;

    // Skipped items and reports.
    /// One item for a folder and UID and kind; a second replaces the first.
    fn add_skipped(&self, user: UserId, items: &[SkippedItem]) -> StoreResult<()>;
    fn skipped(&self, user: UserId, limit: Option<u32>) -> StoreResult<Vec<SkippedItem>>;
    /// Takes back skipped items and their ledger entries, so that a new start tries them again; `folder` None: all of the user.
    fn forget_skipped(&self, user: UserId, folder: Option<&FolderPath>) -> StoreResult<()>;
    /// Takes back the item of a folder itself, because it is no longer so.
    fn remove_folder_item(&self, user: UserId, folder: &FolderPath, kind: SkippedKind) -> StoreResult<()>;
    /// Takes back the items of this kind about a folder's messages.
    fn remove_items(&self, user: UserId, folder: &FolderPath, kind: SkippedKind) -> StoreResult<()>;
    /// Takes back the items of a mailbox's messages that the ledger does not know as left out: what a worker noted before it
    /// died, and a later one copied.
    fn remove_refuted_items(&self, mailbox: MailboxId) -> StoreResult<()>;
    fn add_report(&self, user: UserId, at: UnixMs, text: &str) -> StoreResult<()>;
    fn report(&self, user: UserId) -> StoreResult<Vec<ReportLine>>;
}
