//! What cmdlets ask workers for, in the order of asking.

use crate::columns::{of_word, parsed, parsed_option, word};
use crate::errors::Fault;
use imapmig_core::batch::{Wish, WishKind};
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::time::UnixMs;
use rusqlite::{Connection, params};

pub(crate) fn add(
    connection: &Connection,
    kind: &WishKind,
    batch: BatchId,
    user: Option<UserId>,
    now: UnixMs,
) -> Result<(), Fault> {
    // One statement, so that a batch or user that is gone makes no wish; a foreign key would say so less clearly.
    let added = connection.execute(
        "INSERT INTO wishes (kind, batch, for_user, asked)
         SELECT ?1, b.guid, ?3, ?4 FROM batches b
         WHERE b.guid = ?2 AND (?3 IS NULL OR EXISTS (SELECT 1 FROM users u WHERE u.guid = ?3 AND u.batch = b.guid))",
        params![word(kind)?, batch.to_string(), user.map(|id| id.to_string()), now.0],
    )?;
    if added == 0 {
        Err(Fault::Gone(if user.is_some() { "migration user" } else { "migration batch" }))
    } else {
        Ok(())
    }
}

pub(crate) fn all(connection: &Connection) -> Result<Vec<Wish>, Fault> {
    connection
        .prepare_cached("SELECT id, kind, batch, for_user FROM wishes ORDER BY id")?
        .query_and_then([], |row| {
            Ok(Wish {
                id: row.get("id")?,
                kind: of_word(row, "kind")?,
                batch: parsed(row, "batch")?,
                user: parsed_option(row, "for_user")?,
            })
        })?
        .collect()
}

pub(crate) fn remove(connection: &Connection, id: i64) -> Result<(), Fault> {
    connection.execute("DELETE FROM wishes WHERE id = ?1", [id])?;
    Ok(())
}
