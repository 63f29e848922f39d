//! What happened to each user, line by line.

use crate::columns::instant;
use crate::errors::Fault;
use imapmig_core::ids::UserId;
use imapmig_core::ports::store::{LinePosition, ReportLine};
use imapmig_core::time::UnixMs;
use rusqlite::{Connection, params};

pub(crate) fn add(connection: &Connection, user: UserId, at: UnixMs, text: &str) -> Result<(), Fault> {
    let added = connection
        .prepare_cached(
            "INSERT INTO reports (owner, told, line) SELECT guid, ?2, ?3 FROM users WHERE guid = ?1",
        )?
        .execute(params![user.to_string(), at.0, text])?;
    if added == 0 { Err(Fault::Gone("migration user")) } else { Ok(()) }
}

/// In the order in which they were added.
pub(crate) fn of_user(connection: &Connection, user: UserId) -> Result<Vec<ReportLine>, Fault> {
    connection
        .prepare_cached("SELECT told, line FROM reports WHERE owner = ?1 ORDER BY id")?
        .query_and_then([user.to_string()], |row| {
            Ok(ReportLine { at: instant(row, "told")?, text: row.get("line")? })
        })?
        .collect()
}

/// The next lines after a position, and where they end.
pub(crate) fn after(
    connection: &Connection,
    user: UserId,
    after: Option<LinePosition>,
    limit: u32,
) -> Result<(Vec<ReportLine>, Option<LinePosition>), Fault> {
    let mut select = connection.prepare_cached(
        "SELECT id, told, line FROM reports WHERE owner = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    )?;
    let mut rows = select.query(params![user.to_string(), after.map_or(0, |line| line.0), limit])?;
    let (mut lines, mut end) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        lines.push(ReportLine { at: instant(row, "told")?, text: row.get("line")? });
        end = Some(LinePosition(row.get("id")?));
    }
    Ok((lines, end))
}
