//! Settings, endpoints, batches and users.

use super::StoreResult;
use crate::batch::{Batch, BatchOptions, ValidationWarning};
use crate::endpoint::{Endpoint, EndpointSecrets};
use crate::ids::{BatchId, EndpointId, UserId};
use crate::status::{BatchEvent, BatchStatus, UserEvent, UserStatus};
use crate::time::UnixMs;
use crate::user::{NewUser, User, UserFailure, UserProgress, UserSecrets, UserTurn};

/// Which batches are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchFilter {
    /// With this name (any case) or BatchGuid.
    pub identity: Option<String>,
    /// With this source or target.
    pub endpoint: Option<EndpointId>,
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

/// Where a page of users ends, in the order of their rows; also when the user there is removed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserPosition(pub i64);

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

/// What changed for a row whose user is in the batch already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginChange {
    /// The user has the new passwords; whose mail it is stayed the same.
    Passwords,
    /// The user has another login or UserRoot, so that nothing is known of its mail any more.
    Login,
    /// The batch has no such user.
    NotInBatch,
    /// A worker is at work on the user, so that its login cannot change now.
    AtWork,
}

/// Settings, endpoints, batches and users.
#[allow(missing_docs, reason = "each name and its types say what it does; the errors are StoreError's")]
pub trait Catalog: Send + Sync {
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
    /// Sets the logins and passwords of users of a batch to those of these rows; what a row leaves out stays. A user with another login is
    /// as new, its state is that of one whose initial sync was not done, and the batch is requeued. Returns what changed for each row.
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
    /// Changes a batch to the state that follows from the event, together with this change, unless the event is refused in its state.
    /// Changes that [renew its lifetime](BatchStatus::renews_lifetime) do so.
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
    /// The next users after a position, at most `limit` of the filter, and where that page ends.
    fn users_after(
        &self,
        filter: &UserFilter,
        after: Option<UserPosition>,
    ) -> StoreResult<(Vec<User>, Option<UserPosition>)>;
    fn user_by_id(&self, id: UserId) -> StoreResult<Option<User>>;
    fn user_secrets(&self, id: UserId) -> StoreResult<UserSecrets>;
    /// Changes the user when its state is one of `when` (any state when empty). Returns `true` if it did.
    fn change_user(&self, id: UserId, when: &[UserStatus], change: &UserChange) -> StoreResult<bool>;
    /// Changes every user of a batch to the state that follows from the event; where it is refused, the state stays. Returns how many
    /// changed.
    fn change_user_statuses(&self, batch: BatchId, event: UserEvent, now: UnixMs) -> StoreResult<u32>;
    /// The users of a batch whose incremental or final sync is due, in order of their rows, and when the next one becomes due.
    fn due_users(&self, batch: BatchId, now: UnixMs) -> StoreResult<(Vec<UserId>, Option<UnixMs>)>;
    /// Makes a sync of every user of the batch due now that has had its initial sync or is having it; of one that is at work
    /// (started before now), a further sync after that.
    fn make_due(&self, batch: BatchId, now: UnixMs) -> StoreResult<()>;
    /// Forgets the user, its secrets, ledger and report.
    fn remove_user(&self, id: UserId) -> StoreResult<()>;
    /// The numbers of a batch's users added up.
    fn batch_progress(&self, batch: BatchId) -> StoreResult<UserProgress>;
    /// What all users of the batch are scheduled by, in order of their rows.
    fn turns(&self, batch: BatchId) -> StoreResult<Vec<UserTurn>>;
    /// Users of the batch grouped by equal UserName and UserRoot: groups of two or more, in order of their rows.
    fn users_with_equal_logins(&self, batch: BatchId) -> StoreResult<Vec<Vec<UserId>>>;
    /// Users of the batch grouped by equal source passwords: groups of two or more, in order of their rows.
    fn users_with_equal_passwords(&self, batch: BatchId) -> StoreResult<Vec<Vec<UserId>>>;
}
