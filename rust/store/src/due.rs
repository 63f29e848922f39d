//! Whose incremental or final sync is due, found by index, however many users are not.

use crate::columns::parse;
use crate::errors::Fault;
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::status::UserStatus;
use imapmig_core::time::UnixMs;
use rusqlite::{Connection, params};

/// The users whose sync is due, in order of their rows, and when the next one becomes due.
pub(crate) fn users(
    connection: &Connection,
    batch: BatchId,
    now: UnixMs,
) -> Result<(Vec<UserId>, Option<UnixMs>), Fault> {
    let batch = batch.to_string();
    let (synced, completing) = (UserStatus::Synced.name(), UserStatus::Completing.name());
    let due = connection
        .prepare_cached(
            "SELECT guid FROM users WHERE batch = ?1 AND status IN (?2, ?3) AND next_sync <= ?4 ORDER BY seq",
        )?
        .query_and_then(params![batch, synced, completing, now.0], |row| parse(&row.get::<_, String>(0)?))?
        .collect::<Result<_, Fault>>()?;
    let mut first = connection.prepare_cached(
        "SELECT MIN(next_sync) FROM users WHERE batch = ?1 AND status = ?2 AND next_sync > ?3",
    )?;
    let mut next = None;
    for status in [synced, completing] {
        let at: Option<i64> = first.query_row(params![batch, status, now.0], |row| row.get(0))?;
        next = [next, at].into_iter().flatten().min();
    }
    Ok((due, next.map(UnixMs)))
}

/// See [`Catalog::make_due`](imapmig_core::ports::store::Catalog::make_due).
pub(crate) fn make(connection: &Connection, batch: BatchId, now: UnixMs) -> Result<(), Fault> {
    connection.execute(
        "UPDATE users SET next_sync = ?2 WHERE batch = ?1 AND status IN (?3, ?4, ?5)",
        params![
            batch.to_string(),
            now.0,
            UserStatus::Synced.name(),
            UserStatus::Syncing.name(),
            UserStatus::IncrementalSyncing.name(),
        ],
    )?;
    Ok(())
}
