//! Batches, with their users counted by state.

use crate::columns::{instant, instant_option, name_key, parse, parsed, parsed_option};
use crate::conditions::Conditions;
use crate::errors::Fault;
use imapmig_core::batch::Batch;
use imapmig_core::ids::BatchId;
use imapmig_core::ports::store::{BatchChange, BatchFilter, StoreError};
use imapmig_core::status::{BatchStatus, UserCounts};
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use std::collections::HashMap;

pub(crate) fn add(connection: &Connection, batch: &Batch) -> Result<(), Fault> {
    if with_name(connection, &batch.name)?.is_some() {
        return Err(StoreError::NameInUse(batch.name.clone()).into());
    }
    connection.execute(
        "INSERT INTO batches (guid, name, name_key, status, source, target, options, warnings, message, submitted_by,
             created, started, initial_synced, last_synced)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        params![
            batch.id.to_string(),
            batch.name,
            name_key(&batch.name),
            batch.status.name(),
            batch.source.to_string(),
            batch.target.map(|id| id.to_string()),
            serde_json::to_string(&batch.options)?,
            serde_json::to_string(&batch.validation_warnings)?,
            batch.message,
            batch.submitted_by,
            batch.created.0,
            batch.started.map(|at| at.0),
            batch.initial_synced.map(|at| at.0),
            batch.last_synced.map(|at| at.0),
        ],
    )?;
    Ok(())
}

pub(crate) fn list(connection: &Connection, filter: &BatchFilter) -> Result<Vec<Batch>, Fault> {
    let mut conditions = Conditions::default();
    if let Some(identity) = &filter.identity {
        let Some(id) = find(connection, identity)? else {
            return Ok(Vec::new());
        };
        conditions.add("guid = ?", [id.to_string().into()]);
    }
    if let Some(status) = filter.status {
        conditions.add("status = ?", [status.name().to_owned().into()]);
    }
    if let Some(endpoint) = filter.endpoint {
        let endpoint = endpoint.to_string();
        conditions.add("(source = ? OR target = ?)", [endpoint.clone().into(), endpoint.into()]);
    }
    let sql = conditions.select("SELECT * FROM batches", "seq", filter.limit);
    let mut batches: Vec<Batch> = connection
        .prepare_cached(&sql)?
        .query_and_then(params_from_iter(conditions.values), read)?
        .collect::<Result<_, Fault>>()?;
    count_users(connection, &mut batches)?;
    Ok(batches)
}

pub(crate) fn by_id(connection: &Connection, id: BatchId) -> Result<Option<Batch>, Fault> {
    let found = connection
        .prepare_cached("SELECT * FROM batches WHERE guid = ?1")?
        .query_and_then([id.to_string()], read)?
        .next()
        .transpose()?;
    let mut found: Vec<Batch> = found.into_iter().collect();
    count_users(connection, &mut found)?;
    Ok(found.pop())
}

pub(crate) fn change(connection: &Connection, id: BatchId, change: &BatchChange) -> Result<(), Fault> {
    let mut batch = by_id(connection, id)?.ok_or(Fault::Gone("migration batch"))?;
    batch.validation_warnings.extend_from_slice(&change.add_warnings);
    if let Some(message) = &change.message {
        batch.message.clone_from(message);
    }
    connection.execute(
        "UPDATE batches SET status = ?2, options = ?3, warnings = ?4, message = ?5, started = ?6, initial_synced = ?7,
             last_synced = ?8
         WHERE guid = ?1",
        params![
            id.to_string(),
            change.status.unwrap_or(batch.status).name(),
            serde_json::to_string(change.options.as_ref().unwrap_or(&batch.options))?,
            serde_json::to_string(&batch.validation_warnings)?,
            batch.message,
            change.started.or(batch.started).map(|at| at.0),
            change.initial_synced.or(batch.initial_synced).map(|at| at.0),
            change.last_synced.or(batch.last_synced).map(|at| at.0),
        ],
    )?;
    Ok(())
}

/// Gives the batch another state if it is in one of `from`.
pub(crate) fn move_to(
    connection: &Connection,
    id: BatchId,
    from: &[BatchStatus],
    to: BatchStatus,
) -> Result<bool, Fault> {
    let mut move_one =
        connection.prepare_cached("UPDATE batches SET status = ?3 WHERE guid = ?1 AND status = ?2")?;
    for status in from {
        if move_one.execute(params![id.to_string(), status.name(), to.name()])? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes the batch and all that belongs to it away; its ledger is left for [`crate::purge`], since it may be huge.
pub(crate) fn remove(connection: &Connection, id: BatchId) -> Result<(), Fault> {
    const OF_BATCH: &str = "(SELECT guid FROM users WHERE batch = ?1)";
    for sql in [
        "DELETE FROM wishes WHERE batch = ?1".to_owned(),
        format!("INSERT INTO purge (mailbox) SELECT id FROM mailboxes WHERE owner IN {OF_BATCH}"),
        format!("DELETE FROM mailboxes WHERE owner IN {OF_BATCH}"),
        format!("DELETE FROM skipped WHERE owner IN {OF_BATCH}"),
        format!("DELETE FROM reports WHERE owner IN {OF_BATCH}"),
        "DELETE FROM users WHERE batch = ?1".to_owned(),
        "DELETE FROM batches WHERE guid = ?1".to_owned(),
    ] {
        connection.execute(&sql, [id.to_string()])?;
    }
    Ok(())
}

/// The batch with this name in any case, else with this Guid.
pub(crate) fn find(connection: &Connection, identity: &str) -> Result<Option<BatchId>, Fault> {
    match (with_name(connection, identity)?, identity.parse::<BatchId>()) {
        (None, Ok(id)) => Ok(connection
            .query_row("SELECT 1 FROM batches WHERE guid = ?1", [id.to_string()], |_| Ok(id))
            .optional()?),
        (found, _) => Ok(found),
    }
}

fn with_name(connection: &Connection, name: &str) -> Result<Option<BatchId>, Fault> {
    connection
        .query_row("SELECT guid FROM batches WHERE name_key = ?1", [name_key(name)], |row| row.get(0))
        .optional()?
        .map(|guid: String| parse(&guid))
        .transpose()
}

/// One query for all of them, however many there are.
fn count_users(connection: &Connection, batches: &mut [Batch]) -> Result<(), Fault> {
    let mut conditions = Conditions::default();
    if let [only] = &batches {
        conditions.add("batch = ?", [only.id.to_string().into()]);
    }
    let sql = conditions.group("SELECT batch, status, COUNT(*) AS number FROM users", "batch, status");
    let mut counts: HashMap<BatchId, UserCounts> = HashMap::new();
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(conditions.values))?;
    while let Some(row) = rows.next()? {
        counts.entry(parsed(row, "batch")?).or_default().add(parsed(row, "status")?, row.get("number")?);
    }
    for batch in batches {
        batch.counts = counts.get(&batch.id).copied().unwrap_or_default();
    }
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Batch, Fault> {
    Ok(Batch {
        id: parsed(row, "guid")?,
        name: row.get("name")?,
        status: parsed(row, "status")?,
        source: parsed(row, "source")?,
        target: parsed_option(row, "target")?,
        options: serde_json::from_str(&row.get::<_, String>("options")?)?,
        validation_warnings: serde_json::from_str(&row.get::<_, String>("warnings")?)?,
        message: row.get("message")?,
        submitted_by: row.get("submitted_by")?,
        created: instant(row, "created")?,
        started: instant_option(row, "started")?,
        initial_synced: instant_option(row, "initial_synced")?,
        last_synced: instant_option(row, "last_synced")?,
        counts: UserCounts::default(),
    })
}
