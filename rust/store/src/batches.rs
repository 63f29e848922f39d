//! Batches, with their users counted by state.

use crate::columns::{instant, instant_option, name_key, parse, parsed, parsed_option};
use crate::conditions::{Assignments, Conditions};
use crate::errors::Fault;
use crate::requests;
use imapmig_core::batch::Batch;
use imapmig_core::expiry::renews_lifetime;
use imapmig_core::ids::BatchId;
use imapmig_core::ports::store::{BatchChange, BatchFilter, Outcome, StoreError};
use imapmig_core::status::{BatchEvent, UserCounts};
use imapmig_core::time::UnixMs;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use std::collections::HashMap;

pub(crate) fn add(connection: &Connection, batch: &Batch) -> Result<(), Fault> {
    if with_name(connection, &batch.name)?.is_some() {
        return Err(StoreError::NameInUse(batch.name.clone()).into());
    }
    connection.execute(
        "INSERT INTO batches (guid, name, name_key, status, source, target, options, warnings, message, submitted_by,
             created, started, initial_synced, last_synced, active)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
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
            batch.active.0,
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
    if let Some(endpoint) = filter.endpoint {
        let endpoint = endpoint.to_string();
        conditions.add("(source = ? OR target = ?)", [endpoint.clone().into(), endpoint.into()]);
    }
    let sql = conditions.select("SELECT * FROM batches", "seq", None);
    let mut batches: Vec<Batch> = connection
        .prepare_cached(&sql)?
        .query_and_then(params_from_iter(conditions.values), read)?
        .collect::<Result<_, Fault>>()?;
    complete(connection, &mut batches)?;
    Ok(batches)
}

pub(crate) fn by_id(connection: &Connection, id: BatchId) -> Result<Option<Batch>, Fault> {
    let found = connection
        .prepare_cached("SELECT * FROM batches WHERE guid = ?1")?
        .query_and_then([id.to_string()], read)?
        .next()
        .transpose()?;
    let mut found: Vec<Batch> = found.into_iter().collect();
    complete(connection, &mut found)?;
    Ok(found.pop())
}

pub(crate) fn change(connection: &Connection, id: BatchId, change: &BatchChange) -> Result<(), Fault> {
    let mut set = Assignments::default();
    set.add("status", change.status.map(|status| status.name().to_owned()));
    set.add("options", change.options.as_ref().map(serde_json::to_string).transpose()?);
    set.add_option("message", change.message.clone());
    set.add("started", change.started.map(|at| at.0));
    set.add("initial_synced", change.initial_synced.map(|at| at.0));
    set.add("last_synced", change.last_synced.map(|at| at.0));
    if !change.add_warnings.is_empty() {
        let mut warnings = by_id(connection, id)?.ok_or(Fault::Gone("migration batch"))?.validation_warnings;
        warnings.extend_from_slice(&change.add_warnings);
        set.add("warnings", Some(serde_json::to_string(&warnings)?));
    }
    if set.update(connection, "batches", id.to_string())? == 0 {
        return Err(Fault::Gone("migration batch"));
    }
    Ok(())
}

/// Applies events to the batch one after the other, all or none.
pub(crate) fn event(
    connection: &Connection,
    id: BatchId,
    events: &[BatchEvent],
    change: &BatchChange,
    now: UnixMs,
) -> Result<Outcome, Fault> {
    let mut batch = by_id(connection, id)?.ok_or(Fault::Gone("migration batch"))?;
    let before = batch.status;
    for event in events {
        match batch.after(*event, now) {
            Some(after) => batch.status = after,
            None => return Ok(Outcome::Refused(before)),
        }
    }
    let completes = change.options.as_ref().is_some_and(|options| options.is_to_be_completed(now));
    if completes && let Some(after) = batch.after(BatchEvent::CompleteRequested, now) {
        batch.status = after;
    }
    let status = (batch.status != before).then_some(batch.status);
    let with_status = BatchChange { status: status.or(change.status), ..change.clone() };
    self::change(connection, id, &with_status)?;
    if renews_lifetime(before, batch.status) && before != batch.status {
        renew(connection, id, now)?;
    }
    Ok(Outcome::Done(batch.status))
}

/// Restarts the batch's lifetime.
pub(crate) fn renew(connection: &Connection, id: BatchId, now: UnixMs) -> Result<(), Fault> {
    connection
        .prepare_cached("UPDATE batches SET active = ?2 WHERE guid = ?1")?
        .execute(params![id.to_string(), now.0])?;
    Ok(())
}

/// Removes the batch and all that belongs to it; its ledger is left for [`crate::purge`], since it may be huge.
pub(crate) fn remove(connection: &Connection, id: BatchId) -> Result<(), Fault> {
    const OF_BATCH: &str = "(SELECT guid FROM users WHERE batch = ?1)";
    for sql in [
        "DELETE FROM requests WHERE batch = ?1".to_owned(),
        format!("INSERT INTO purge (mailbox) SELECT id FROM mailboxes WHERE owner IN {OF_BATCH}"),
        format!("DELETE FROM mailboxes WHERE owner IN {OF_BATCH}"),
        format!("DELETE FROM skipped WHERE owner IN {OF_BATCH}"),
        format!("DELETE FROM reports WHERE owner IN {OF_BATCH}"),
        "DELETE FROM users WHERE batch = ?1".to_owned(),
        "DELETE FROM user_counts WHERE batch = ?1".to_owned(),
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

/// Counts users and finds open requests: one query each for all batches, however many there are.
fn complete(connection: &Connection, batches: &mut [Batch]) -> Result<(), Fault> {
    let mut conditions = Conditions::default();
    if let [only] = &batches {
        conditions.add("batch = ?", [only.id.to_string().into()]);
    }
    let sql = conditions.select("SELECT batch, status, number FROM user_counts", "batch", None);
    let mut counts: HashMap<BatchId, UserCounts> = HashMap::new();
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(conditions.values))?;
    while let Some(row) = rows.next()? {
        counts.entry(parsed(row, "batch")?).or_default().add(parsed(row, "status")?, row.get("number")?);
    }
    let mut requests = requests::of_batches(connection)?;
    for batch in batches {
        batch.requests = requests.remove(&batch.id).unwrap_or_default();
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
        active: instant(row, "active")?,
        counts: UserCounts::default(),
        requests: Vec::new(),
    })
}
