//! The port [`Requests`], method by method: which transaction, how durable, which sealing key.

use super::SqliteStore;
use crate::connection::Durability;
use crate::{batches, requests, users, workers};
use imapmig_core::batch::{Request, RequestKind};
use imapmig_core::ids::{BatchId, UserId, WorkerId};
use imapmig_core::ports::store::{BatchChange, Outcome, Ports, StoreResult, UserChange, WorkerLease};
use imapmig_core::status::{BatchEvent, UserEvent, UserStatus};
use imapmig_core::time::UnixMs;
use std::sync::Arc;

use imapmig_core::ports::store::Requests;

impl Requests for SqliteStore {
    fn version(&self) -> StoreResult<i64> {
        Ok(self.connections.version()?)
    }

    fn request(
        &self,
        batch: BatchId,
        kinds: &[RequestKind],
        change: &BatchChange,
        now: UnixMs,
    ) -> StoreResult<Outcome> {
        let events: Vec<_> = kinds.iter().map(|kind| kind.event()).collect();
        self.write(Durability::Power, |t| {
            let outcome = batches::event(t, batch, &events, change, now)?;
            if matches!(outcome, Outcome::Done(_)) {
                for kind in kinds {
                    requests::add(t, *kind, batch, now)?;
                }
                batches::renew(t, batch, now)?;
            }
            Ok(outcome)
        })
    }

    fn request_for_user(
        &self,
        kind: RequestKind,
        user: UserId,
        (user_event, batch_event): (Option<UserEvent>, Option<BatchEvent>),
        now: UnixMs,
    ) -> StoreResult<()> {
        self.write(Durability::Power, |t| {
            requests::add_for_user(t, kind, user, now)?;
            let Some(found) = users::by_id(t, user)? else { return Ok(()) };
            batches::renew(t, found.batch, now)?;
            if let Some(event) = user_event {
                let status = found.status.on(event);
                let next_sync = (status == Some(UserStatus::Completing)).then_some(Some(now));
                let change = UserChange { status, next_sync, ..UserChange::default() };
                users::change(t, user, &[], &change)?;
            }
            if let Some(event) = batch_event {
                batches::event(t, found.batch, &[event], &BatchChange::default(), now)?;
            }
            Ok(())
        })
    }

    fn requests(&self) -> StoreResult<Vec<Request>> {
        self.read(requests::all)
    }

    fn remove_request(&self, id: i64) -> StoreResult<()> {
        self.write(Durability::Process, |t| requests::remove(t, id))
    }

    fn lease(&self, worker: WorkerId, holder: &str, now: UnixMs, stale_before: UnixMs) -> StoreResult<bool> {
        self.write(Durability::Process, |t| workers::lease(t, worker, holder, now, stale_before))
    }

    fn renew_lease(&self, worker: WorkerId, now: UnixMs) -> StoreResult<bool> {
        self.write(Durability::Process, |t| workers::renew(t, worker, now))
    }

    fn fenced(&self, worker: WorkerId) -> Ports {
        Ports::of(&Arc::new(self.under_lease(worker)))
    }

    fn release(&self, worker: WorkerId) -> StoreResult<()> {
        self.write(Durability::Process, |t| workers::release(t, worker))
    }

    fn worker(&self) -> StoreResult<Option<WorkerLease>> {
        self.read(workers::current)
    }
}
