//! Confirmations: the requests for them, and what they found. Rows of a user go with the user, and are replaced by the next
//! confirmation of its batch.

use crate::columns::{folder, folder_text, instant, instant_option, of_word, parsed, word};
use crate::errors::Fault;
use crate::users;
use imapmig_core::confirmation::{
    BatchFinding, Confirmation, ConfirmationCounts, ConfirmedFolder, Finding, UserConfirmation,
};
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::{BatchId, ConfirmationId, EndpointId, UserId};
use imapmig_core::message::Uid;
use imapmig_core::ports::store::{StoreError, UserFilter};
use imapmig_core::time::UnixMs;
use imapmig_core::user::User;
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

/// The users of batch `?1`.
const OF_BATCH: &str = "(SELECT guid FROM users WHERE batch = ?1)";
/// The tables of what was found, by user.
const FOUND: [&str; 3] = ["findings", "confirmed_folders", "confirmed_users"];

pub(crate) fn request(
    connection: &Connection,
    batch: BatchId,
    bytes: bool,
    now: UnixMs,
) -> Result<Confirmation, Fault> {
    let earlier = of_batch(connection, batch)?.filter(|one| one.bytes == bytes && one.ended.is_none());
    if earlier.is_none() {
        forget_batch(connection, batch)?;
    } else {
        // What could not be compared is tried again.
        let again = format!(
            "UPDATE confirmed_users SET ended = NULL, error = NULL WHERE error IS NOT NULL AND owner IN {OF_BATCH}"
        );
        connection.execute(&again, [batch.to_string()])?;
    }
    let made = Confirmation {
        // Threads of a confirmation that was stopped may still be at work.
        id: earlier.filter(Confirmation::is_open).map_or_else(ConfirmationId::new, |one| one.id),
        batch,
        bytes,
        requested: earlier.map_or(now, |one| one.requested),
        ended: None,
        stopped: false,
        outdated: None,
    };
    let added = connection.execute(
        "INSERT INTO confirmations (batch, run, bytes, requested, ended, stopped, outdated)
         SELECT guid, ?2, ?3, ?4, NULL, 0, NULL FROM batches WHERE guid = ?1
         ON CONFLICT (batch) DO UPDATE SET run = excluded.run, bytes = excluded.bytes, requested = excluded.requested,
             ended = NULL, stopped = 0, outdated = NULL",
        params![batch.to_string(), made.id.to_string(), bytes, made.requested.0],
    )?;
    if added == 0 {
        return Err(Fault::Gone("migration batch"));
    }
    Ok(made)
}

/// Fails unless results of the user are written under the open confirmation of its batch.
pub(crate) fn check(connection: &Connection, of: ConfirmationId, user: UserId) -> Result<(), Fault> {
    let mut open = connection.prepare_cached(
        "SELECT 1 FROM confirmations c JOIN users u ON u.batch = c.batch
         WHERE c.run = ?1 AND u.guid = ?2 AND c.ended IS NULL AND c.stopped = 0",
    )?;
    if open.exists([of.to_string(), user.to_string()])? {
        Ok(())
    } else {
        Err(StoreError::ConfirmationOver.into())
    }
}

/// Removes a user's findings, which do not apply to its new mailboxes.
pub(crate) fn user_changed(connection: &Connection, user: &User, now: UnixMs) -> Result<(), Fault> {
    if begin_anew(connection, user.batch, now)? {
        for table in FOUND {
            connection.execute(&format!("DELETE FROM {table} WHERE owner = ?1"), [user.id.to_string()])?;
        }
    }
    Ok(())
}

/// The same for all users of an endpoint that leads elsewhere.
pub(crate) fn endpoint_changed(
    connection: &Connection,
    endpoint: EndpointId,
    now: UnixMs,
) -> Result<(), Fault> {
    let batches: Vec<BatchId> = connection
        .prepare_cached("SELECT guid FROM batches WHERE source = ?1 OR target = ?1")?
        .query_and_then([endpoint.to_string()], |row| parsed(row, "guid"))?
        .collect::<Result<_, Fault>>()?;
    for batch in batches {
        if begin_anew(connection, batch, now)? {
            forget_batch(connection, batch)?;
        }
    }
    Ok(())
}

/// Marks a confirmation that has ended as outdated. One that has not gets a new identity, so that whatever compares for it now
/// writes nothing more; returns `true` if there is one.
fn begin_anew(connection: &Connection, batch: BatchId, now: UnixMs) -> Result<bool, Fault> {
    let outdated =
        "UPDATE confirmations SET outdated = COALESCE(outdated, ?2) WHERE batch = ?1 AND ended IS NOT NULL";
    connection.execute(outdated, params![batch.to_string(), now.0])?;
    let anew = "UPDATE confirmations SET run = ?2 WHERE batch = ?1 AND ended IS NULL";
    Ok(connection.execute(anew, [batch.to_string(), ConfirmationId::new().to_string()])? > 0)
}

fn forget_batch(connection: &Connection, batch: BatchId) -> Result<(), Fault> {
    for table in FOUND {
        connection.execute(&format!("DELETE FROM {table} WHERE owner IN {OF_BATCH}"), [batch.to_string()])?;
    }
    Ok(())
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

/// Ends a confirmation, unless it was stopped or replaced meanwhile.
pub(crate) fn end(connection: &Connection, of: ConfirmationId, now: UnixMs) -> Result<(), Fault> {
    let sql = "UPDATE confirmations SET ended = ?2 WHERE run = ?1 AND ended IS NULL AND stopped = 0";
    connection.execute(sql, params![of.to_string(), now.0])?;
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
    let with_numbers = |user: User| {
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
    let replaced: Vec<_> = NUMBERS.iter().map(|number| format!("{number} = excluded.{number}")).collect();
    let sql = format!(
        "INSERT INTO confirmed_folders (owner, source, {}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (owner, source) DO UPDATE SET {}",
        NUMBERS.join(", "),
        replaced.join(", ")
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
        id: parsed(row, "run")?,
        batch: parsed(row, "batch")?,
        bytes: row.get("bytes")?,
        requested: instant(row, "requested")?,
        ended: instant_option(row, "ended")?,
        stopped: row.get("stopped")?,
        outdated: instant_option(row, "outdated")?,
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
