//! The lease of the active worker.

use crate::columns::{instant, parsed};
use crate::errors::Fault;
use imapmig_core::ids::WorkerId;
use imapmig_core::ports::store::{StoreError, WorkerLease};
use imapmig_core::time::UnixMs;
use rusqlite::{Connection, params};

/// Takes the lease. One statement, so that of two workers only one gets it.
pub(crate) fn lease(
    connection: &Connection,
    worker: WorkerId,
    holder: &str,
    now: UnixMs,
    stale_before: UnixMs,
) -> Result<bool, Fault> {
    let taken = connection
        .prepare_cached(
            "INSERT INTO worker (only_one, guid, holder, heartbeat) VALUES (1, ?1, ?2, ?3)
             ON CONFLICT (only_one) DO UPDATE SET guid = ?1, holder = ?2, heartbeat = ?3
             WHERE worker.heartbeat < ?4",
        )?
        .execute(params![worker.to_string(), holder, now.0, stale_before.0])?;
    Ok(taken == 1)
}

/// Writes a heartbeat into the lease of this worker. A lease that was given up is not taken again, as another worker may
/// have held it meanwhile.
pub(crate) fn renew(connection: &Connection, worker: WorkerId, now: UnixMs) -> Result<bool, Fault> {
    let renewed = connection
        .prepare_cached("UPDATE worker SET heartbeat = ?2 WHERE guid = ?1")?
        .execute(params![worker.to_string(), now.0])?;
    Ok(renewed == 1)
}

/// Fails unless the lease is this worker's.
pub(crate) fn require_lease(connection: &Connection, worker: WorkerId) -> Result<(), Fault> {
    let holds =
        connection.prepare_cached("SELECT 1 FROM worker WHERE guid = ?1")?.exists([worker.to_string()])?;
    if holds { Ok(()) } else { Err(StoreError::LeaseLost.into()) }
}

pub(crate) fn release(connection: &Connection, worker: WorkerId) -> Result<(), Fault> {
    connection.execute("DELETE FROM worker WHERE guid = ?1", [worker.to_string()])?;
    Ok(())
}

pub(crate) fn current(connection: &Connection) -> Result<Option<WorkerLease>, Fault> {
    connection
        .prepare_cached("SELECT guid, holder, heartbeat FROM worker")?
        .query_and_then([], |row| {
            Ok(WorkerLease {
                worker: parsed(row, "guid")?,
                holder: row.get("holder")?,
                heartbeat: instant(row, "heartbeat")?,
            })
        })?
        .next()
        .transpose()
}
