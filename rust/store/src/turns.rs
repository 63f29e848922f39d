//! What a worker needs to schedule the users of a batch: a few columns of each, and which users may open the same mailbox.

use crate::columns::{instant_option, parse, parsed};
use crate::errors::Fault;
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::user::UserTurn;
use rusqlite::{Connection, Row};
use std::collections::HashMap;
use std::hash::Hash;

/// See [`Catalog::turns`](imapmig_core::ports::store::Catalog::turns).
pub(crate) fn of_batch(connection: &Connection, batch: BatchId) -> Result<Vec<UserTurn>, Fault> {
    connection
        .prepare_cached(
            "SELECT guid, status, started IS NOT NULL, next_sync FROM users WHERE batch = ?1 ORDER BY seq",
        )?
        .query_and_then([batch.to_string()], |row| {
            Ok(UserTurn {
                id: parsed(row, 0)?,
                status: parsed(row, 1)?,
                began: row.get(2)?,
                next_sync: instant_option(row, 3)?,
            })
        })?
        .collect()
}

/// Users of the batch with the same UserName and UserRoot: groups of two or more.
pub(crate) fn with_equal_logins(connection: &Connection, batch: BatchId) -> Result<Vec<Vec<UserId>>, Fault> {
    let sql = "SELECT guid, user_name, user_root FROM users WHERE batch = ?1 ORDER BY seq";
    grouped(connection, batch, sql, |row| Ok((row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?)))
}

/// Groups of two or more users with the same key, in order of their rows. `sql` selects the Guid first, for the users of a batch.
pub(crate) fn grouped<K: Eq + Hash>(
    connection: &Connection,
    batch: BatchId,
    sql: &str,
    key: impl Fn(&Row<'_>) -> rusqlite::Result<K>,
) -> Result<Vec<Vec<UserId>>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([batch.to_string()])?;
    let mut groups: Vec<Vec<UserId>> = Vec::new();
    let mut group_of: HashMap<K, usize> = HashMap::new();
    while let Some(row) = rows.next()? {
        let group = *group_of.entry(key(row)?).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(parse(&row.get::<_, String>(0)?)?);
    }
    groups.retain(|group| group.len() > 1);
    Ok(groups)
}
