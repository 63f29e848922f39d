//! Deletes the ledger of removed batches in portions, so that nobody waits for millions of rows.

use crate::errors::Fault;
use rusqlite::{Connection, OptionalExtension, params};

/// How many rows one transaction deletes at most; some tens of milliseconds.
const PORTION: usize = 10_000;
/// What a mailbox without rows counts, so that many empty ones make no endless transaction either.
const PER_MAILBOX: usize = 50;

/// Deletes one portion and tells whether anything is left.
pub(crate) fn portion(connection: &Connection) -> Result<bool, Fault> {
    let mut next = connection.prepare_cached("SELECT mailbox FROM purge ORDER BY mailbox LIMIT 1")?;
    let mut room = PORTION;
    while let Some(mailbox) = next.query_row([], |row| row.get::<_, i64>(0)).optional()? {
        let deleted = delete(connection, mailbox, room)?;
        if deleted == room {
            return Ok(true);
        }
        connection.prepare_cached("DELETE FROM purge WHERE mailbox = ?1")?.execute([mailbox])?;
        room = room.saturating_sub(deleted + PER_MAILBOX);
        if room == 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

fn delete(connection: &Connection, mailbox: i64, at_most: usize) -> Result<usize, Fault> {
    let last_uid: Option<i64> = connection
        .prepare_cached("SELECT uid FROM ledger WHERE mailbox = ?1 ORDER BY uid LIMIT 1 OFFSET ?2")?
        .query_row(params![mailbox, at_most - 1], |row| row.get(0))
        .optional()?;
    let deleted = match last_uid {
        Some(uid) => connection
            .prepare_cached("DELETE FROM ledger WHERE mailbox = ?1 AND uid <= ?2")?
            .execute(params![mailbox, uid])?,
        None => connection.prepare_cached("DELETE FROM ledger WHERE mailbox = ?1")?.execute([mailbox])?,
    };
    Ok(deleted)
}
