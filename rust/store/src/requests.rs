//! What commands request of workers, in the order of asking.

use crate::columns::{of_word, parsed, parsed_option, word};
use crate::errors::Fault;
use imapmig_core::batch::{Request, RequestKind};
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::time::UnixMs;
use rusqlite::{Connection, params};
use std::collections::HashMap;

pub(crate) fn add(
    connection: &Connection,
    kind: RequestKind,
    batch: BatchId,
    now: UnixMs,
) -> Result<(), Fault> {
    if kind == RequestKind::Stop {
        // The later request wins: what was requested before is not done after the stop.
        connection
            .prepare_cached(
                "DELETE FROM requests WHERE batch = ?1 AND for_user IS NULL AND kind IN (?2, ?3)",
            )?
            .execute(params![batch.to_string(), word(RequestKind::Start)?, word(RequestKind::SyncNow)?])?;
    }
    // One statement, so that no request is made for a batch that is gone; a foreign key would report that less clearly.
    let added = connection
        .prepare_cached(
            "INSERT INTO requests (kind, batch, asked) SELECT ?1, guid, ?3 FROM batches WHERE guid = ?2",
        )?
        .execute(params![word(kind)?, batch.to_string(), now.0])?;
    if added == 0 { Err(Fault::Gone("migration batch")) } else { Ok(()) }
}

pub(crate) fn add_for_user(
    connection: &Connection,
    kind: RequestKind,
    user: UserId,
    now: UnixMs,
) -> Result<(), Fault> {
    let added = connection
        .prepare_cached(
            "INSERT INTO requests (kind, batch, for_user, asked) SELECT ?1, batch, guid, ?3 FROM users WHERE guid = ?2",
        )?
        .execute(params![word(kind)?, user.to_string(), now.0])?;
    if added == 0 { Err(Fault::Gone("migration user")) } else { Ok(()) }
}

/// The requests for whole batches, by batch.
pub(crate) fn of_batches(connection: &Connection) -> Result<HashMap<BatchId, Vec<RequestKind>>, Fault> {
    let mut of: HashMap<BatchId, Vec<RequestKind>> = HashMap::new();
    for request in all(connection)? {
        if request.user.is_none() {
            of.entry(request.batch).or_default().push(request.kind);
        }
    }
    Ok(of)
}

pub(crate) fn all(connection: &Connection) -> Result<Vec<Request>, Fault> {
    connection
        .prepare_cached("SELECT id, kind, batch, for_user FROM requests ORDER BY id")?
        .query_and_then([], |row| {
            Ok(Request {
                id: row.get("id")?,
                kind: of_word(row, "kind")?,
                batch: parsed(row, "batch")?,
                user: parsed_option(row, "for_user")?,
            })
        })?
        .collect()
}

pub(crate) fn remove(connection: &Connection, id: i64) -> Result<(), Fault> {
    connection.execute("DELETE FROM requests WHERE id = ?1", [id])?;
    Ok(())
}
