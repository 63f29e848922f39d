//! What commands request of workers, and the lease of the worker that fulfils it.

use super::{BatchChange, Outcome, Ports, StoreResult};
use crate::batch::{Request, RequestKind};
use crate::ids::{BatchId, UserId, WorkerId};
use crate::status::{BatchEvent, UserEvent};
use crate::time::UnixMs;

/// The worker that holds the lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerLease {
    /// Which worker. Every lease has one of its own, so this is also the lease's fencing token.
    pub worker: WorkerId,
    /// Its process and host, for people.
    pub holder: String,
    /// Its last heartbeat.
    pub heartbeat: UnixMs,
}

/// What commands request of workers, and the lease of the worker that fulfils it.
#[allow(missing_docs, reason = "each name and its types say what it does; the errors are StoreError's")]
pub trait Requests: Send + Sync {
    /// A number that is another one after every change by any process; cheap enough to be read a hundred times a second.
    fn version(&self) -> StoreResult<i64>;

    // Requests and workers.
    /// Adds these requests for a whole batch, gives it the state that shows them, and makes this change; durable. If one of them is
    /// refused in the batch's state, nothing changes. A change by which CompleteAfter has come shows as well. Begins its lifetime anew.
    fn request(
        &self,
        batch: BatchId,
        kinds: &[RequestKind],
        change: &BatchChange,
        now: UnixMs,
    ) -> StoreResult<Outcome>;
    /// Adds a request for one user, and gives the user and its batch the states that show it, where these events are not refused.
    /// Durable. Begins the batch's lifetime anew.
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
    /// Takes the lease if there is none or its heartbeat is older than `stale_before`.
    fn lease(&self, worker: WorkerId, holder: &str, now: UnixMs, stale_before: UnixMs) -> StoreResult<bool>;
    /// Writes a heartbeat. Returns `false` if the lease is another worker's or was given up; it never comes back then.
    fn renew_lease(&self, worker: WorkerId, now: UnixMs) -> StoreResult<bool>;
    /// The same database for work under this worker's lease: every call that writes fails with
    /// [`StoreError::LeaseLost`](super::StoreError::LeaseLost), in the same transaction, once the lease is not this worker's.
    fn fenced(&self, worker: WorkerId) -> Ports;
    fn release(&self, worker: WorkerId) -> StoreResult<()>;
    fn worker(&self) -> StoreResult<Option<WorkerLease>>;
}
