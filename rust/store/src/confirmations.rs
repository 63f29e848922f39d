//! Confirmations: the requests for them, and what they found. Rows of a user go with the user, and are replaced by the next
//! confirmation of its batch.

use crate::columns::{folder, folder_text, instant, instant_option, of_word, parsed, word};
use crate::errors::Fault;
use crate::users;
use imapmig_core::confirmation::{
    BatchFinding, Confirmation, ConfirmationCounts, ConfirmedFolder, Finding, UserConfirmation,
};
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::message::Uid;
use imapmig_core::ports::store::UserFilter;
use imapmig_core::time::UnixMs;
use rusqlite::{Connection, Row, params};
use std::collections::HashMap;

/// The numbers of a folder, by their columns.
const NUMBERS: [&str; 9] = [
    "source_items",
    "target_items",
    "matched",
    "missing",
    "doubled",
    "altered",
    "foreign_items",
    "exceptions",
    "flags_added",
];

pub(crate) fn request(
    connection: &Connection,
    batch: BatchId,
    bytes: bool,
    now: UnixMs,
) -> Result<Confirmation, Fault> {
    let earlier = of_batch(connection, batch)?.filter(|one| one.bytes == bytes && one.ended.is_none());
    let owned = "owner IN (SELECT guid FROM users WHERE batch = ?1)";
    if earlier.is_none() {
        for table in ["findings", "confirmed_folders", "confirmed_users"] {
            connection.execute(&format!("DELETE FROM {table} WHERE {owned}"), [batch.to_string()])?;
        }
    } else {
        // What could not be compared is tried again.
        let again = format!(
            "UPDATE confirmed_users SET ended = NULL, error = NULL WHERE error IS NOT NULL AND {owned}"
        );
        connection.execute(&again, [batch.to_string()])?;
    }
    let requested = earlier.map_or(now, |one| one.requested);
    let added = connection.execute(
        "INSERT OR REPLACE INTO confirmations (batch, bytes, requested, ended, stopped)
         SELECT guid, ?2, ?3, NULL, 0 FROM batches WHERE guid = ?1",
        params![batch.to_string(), bytes, requested.0],
    )?;
    if added == 0 {
        return Err(Fault::Gone("migration batch"));
    }
    Ok(Confirmation { batch, bytes, requested, ended: None, stopped: false })
}

pub(crate) fn of_batch(connection: &Connection, batch: BatchId) -> Result<Option<Confirmation>, Fault> {
    connection
        .prepare_cached("SELECT * FROM confirmations WHERE batch = ?1")?
        .query_and_then([batch.to_string()], read)?
        .next()
        .transpose()
}

pub(crate) fn open(connection: &Connection) -> Result<Vec<Confirmation>, Fault> {
    connection
        .prepare_cached(
            "SELECT * FROM confirmations WHERE ended IS NULL AND stopped = 0 ORDER BY requested, batch",
        )?
        .query_and_then([], read)?
        .collect()
}

pub(crate) fn stop(connection: &Connection, batch: BatchId) -> Result<bool, Fault> {
    let sql = "UPDATE confirmations SET stopped = 1 WHERE batch = ?1 AND ended IS NULL AND stopped = 0";
    Ok(connection.execute(sql, [batch.to_string()])? > 0)
}

pub(crate) fn end(connection: &Connection, batch: BatchId, now: UnixMs) -> Result<(), Fault> {
    let sql = "UPDATE confirmations SET ended = ?2 WHERE batch = ?1 AND ended IS NULL AND stopped = 0";
    connection.execute(sql, params![batch.to_string(), now.0])?;
    Ok(())
}

pub(crate) fn users_of(connection: &Connection, batch: BatchId) -> Result<Vec<UserConfirmation>, Fault> {
    let sums: Vec<_> = NUMBERS.iter().map(|number| format!("SUM({number}) AS {number}")).collect();
    let numbers = format!(
        "SELECT f.owner, {} FROM confirmed_folders f JOIN users u ON u.guid = f.owner WHERE u.batch = ?1 GROUP BY f.owner",
        sums.join(", ")
    );
    let numbers: HashMap<UserId, ConfirmationCounts> = connection
        .prepare_cached(&numbers)?
        .query_and_then([batch.to_string()], |row| {
            Ok::<_, Fault>((parsed(row, "owner")?, read_counts(row)?))
        })?
        .collect::<Result<_, _>>()?;
    let ends: HashMap<UserId, (u64, Option<UnixMs>, Option<String>)> = connection
        .prepare_cached(
            "SELECT c.* FROM confirmed_users c JOIN users u ON u.guid = c.owner WHERE u.batch = ?1",
        )?
        .query_and_then([batch.to_string()], |row| {
            let end = (row.get("compared")?, instant_option(row, "ended")?, row.get("error")?);
            Ok::<_, Fault>((parsed(row, "owner")?, end))
        })?
        .collect::<Result<_, _>>()?;
    let of_batch = UserFilter { batch: Some(batch), ..UserFilter::default() };
    let with_numbers = |user: imapmig_core::user::User| {
        let (compared, ended, error) = ends.get(&user.id).cloned().unwrap_or_default();
        let counts = numbers.get(&user.id).copied().unwrap_or_default();
        UserConfirmation { user, compared, ended, error, counts }
    };
    Ok(users::list(connection, &of_batch)?.into_iter().map(with_numbers).collect())
}

pub(crate) fn note_compared(connection: &Connection, user: UserId, messages: u64) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO confirmed_users (owner, compared) VALUES (?1, ?2)
             ON CONFLICT (owner) DO UPDATE SET compared = ?2",
        )?
        .execute(params![user.to_string(), messages])?;
    Ok(())
}

pub(crate) fn end_user(
    connection: &Connection,
    user: UserId,
    error: Option<&str>,
    now: UnixMs,
) -> Result<(), Fault> {
    connection.execute(
        "INSERT INTO confirmed_users (owner, compared, ended, error) VALUES (?1, 0, ?2, ?3)
         ON CONFLICT (owner) DO UPDATE SET ended = ?2, error = ?3",
        params![user.to_string(), now.0, error],
    )?;
    Ok(())
}

pub(crate) fn folders(connection: &Connection, user: UserId) -> Result<Vec<ConfirmedFolder>, Fault> {
    connection
        .prepare_cached("SELECT * FROM confirmed_folders WHERE owner = ?1 ORDER BY source")?
        .query_and_then([user.to_string()], |row| {
            Ok(ConfirmedFolder { source: folder(row, "source")?, counts: read_counts(row)? })
        })?
        .collect()
}

pub(crate) fn add_folder(connection: &Connection, user: UserId, one: &ConfirmedFolder) -> Result<(), Fault> {
    let counts = &one.counts;
    let sql = format!(
        "INSERT OR REPLACE INTO confirmed_folders (owner, source, {}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        NUMBERS.join(", ")
    );
    connection.prepare_cached(&sql)?.execute(params![
        user.to_string(),
        folder_text(&one.source)?,
        counts.source_items,
        counts.target_items,
        counts.matched,
        counts.missing,
        counts.doubled,
        counts.altered,
        counts.foreign,
        counts.exceptions,
        counts.flags_added,
    ])?;
    Ok(())
}

pub(crate) fn clear(connection: &Connection, user: UserId, source: &FolderPath) -> Result<(), Fault> {
    for table in ["findings", "confirmed_folders"] {
        connection.execute(
            &format!("DELETE FROM {table} WHERE owner = ?1 AND source = ?2"),
            params![user.to_string(), folder_text(source)?],
        )?;
    }
    Ok(())
}

pub(crate) fn add(connection: &Connection, user: UserId, findings: &[Finding]) -> Result<(), Fault> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO findings (owner, source, target, kind, uid, place, subject, message_id, size, received, details,
                               explanation)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    for finding in findings {
        insert.execute(params![
            user.to_string(),
            folder_text(&finding.folder)?,
            folder_text(&finding.target_folder)?,
            word(finding.kind)?,
            finding.uid.map(|uid| uid.0),
            finding.target,
            finding.subject,
            finding.message_id,
            i64::try_from(finding.size).unwrap_or(i64::MAX),
            finding.received.map(|at| at.0),
            finding.details,
            finding.explanation,
        ])?;
    }
    Ok(())
}

pub(crate) fn findings(
    connection: &Connection,
    batch: BatchId,
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<BatchFinding>, Fault> {
    connection
        .prepare_cached(
            "SELECT f.*, u.email_address FROM findings f JOIN users u ON u.guid = f.owner
             WHERE u.batch = ?1 AND f.id > ?2 ORDER BY f.id LIMIT ?3",
        )?
        .query_and_then(params![batch.to_string(), after.unwrap_or(0), limit], |row| {
            let finding = read_finding(row)?;
            Ok(BatchFinding { number: row.get("id")?, user: row.get("email_address")?, finding })
        })?
        .collect()
}

fn read(row: &Row<'_>) -> Result<Confirmation, Fault> {
    Ok(Confirmation {
        batch: parsed(row, "batch")?,
        bytes: row.get("bytes")?,
        requested: instant(row, "requested")?,
        ended: instant_option(row, "ended")?,
        stopped: row.get("stopped")?,
    })
}

fn read_counts(row: &Row<'_>) -> rusqlite::Result<ConfirmationCounts> {
    Ok(ConfirmationCounts {
        source_items: row.get("source_items")?,
        target_items: row.get("target_items")?,
        matched: row.get("matched")?,
        missing: row.get("missing")?,
        doubled: row.get("doubled")?,
        altered: row.get("altered")?,
        foreign: row.get("foreign_items")?,
        exceptions: row.get("exceptions")?,
        flags_added: row.get("flags_added")?,
    })
}

fn read_finding(row: &Row<'_>) -> Result<Finding, Fault> {
    Ok(Finding {
        kind: of_word(row, "kind")?,
        folder: folder(row, "source")?,
        target_folder: folder(row, "target")?,
        uid: row.get::<_, Option<u32>>("uid")?.map(Uid),
        target: row.get("place")?,
        subject: row.get("subject")?,
        message_id: row.get("message_id")?,
        size: row.get("size")?,
        received: instant_option(row, "received")?,
        details: row.get("details")?,
        explanation: row.get("explanation")?,
    })
}
