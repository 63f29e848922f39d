//! Users of batches: adding them, finding them, and changing their state.

use crate::batches;
use crate::columns::{email_key, instant_option, parse, parsed};
use crate::conditions::{Assignments, Conditions};
use crate::errors::Fault;
use crate::passwords;
use crate::seal::Sealer;
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::ports::store::{StoreError, UserChange, UserFilter, UserPosition};
use imapmig_core::status::{UserEvent, UserStatus, UserStatusSummary};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{NewUser, User, UserProgress};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use std::iter;

/// The columns, in the order in which [`read`] takes them: looking up a column by name takes longer than reading it, and a list
/// may have 50,000 users.
const SELECT: &str = "SELECT u.guid, u.batch, b.name, u.email_address, u.user_name, u.user_root, u.target_user_name, u.status, u.error,
    u.error_summary, u.waiting, u.queued, u.started, u.initial_synced, u.last_synced, u.next_sync, u.queued_ms, u.in_progress_ms,
    u.total_items, u.total_bytes, u.synced_items, u.adopted_items, u.skipped_items, u.bytes_transferred, u.verified_items,
    u.compared_items, u.failure
    FROM users u JOIN batches b ON b.guid = u.batch";
/// Where the numbers begin in it.
const FIRST_NUMBER: usize = 18;
/// Where the last failure stands in it.
const FAILURE: usize = 26;

/// Adds those that are in no batch yet and returns their number. Fails, and adds none, if another batch has one of them.
pub(crate) fn add(
    connection: &Connection,
    sealer: &Sealer,
    batch: BatchId,
    users: &[NewUser],
    now: UnixMs,
) -> Result<u32, Fault> {
    if batches::by_id(connection, batch)?.is_none() {
        return Err(Fault::Gone("migration batch"));
    }
    let mut insert = connection.prepare_cached(
        "INSERT INTO users (guid, batch, email_address, email_key, user_name, user_root, target_user_name, status,
             queued, password, password_mark, target_password)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    let mut added = 0;
    for user in users {
        match holder(connection, &user.email_address)? {
            Some((holder, _)) if holder == batch => continue,
            Some((_, name)) => {
                let email_address = user.email_address.clone();
                return Err(StoreError::UserInOtherBatch { email_address, batch: name }.into());
            }
            None => {}
        }
        let id = UserId::new();
        let sealed = passwords::seal(sealer, batch, id, user)?;
        insert.execute(params![
            id.to_string(),
            batch.to_string(),
            user.email_address,
            email_key(&user.email_address),
            user.user_name,
            user.user_root,
            user.target_user_name,
            UserStatus::Queued.name(),
            now.0,
            sealed.password,
            sealed.mark,
            sealed.target_password,
        ])?;
        added += 1;
    }
    Ok(added)
}

/// Of `addresses`, those that a batch other than `except` holds, with its name.
pub(crate) fn in_use(
    connection: &Connection,
    addresses: &[&str],
    except: Option<BatchId>,
) -> Result<Vec<(String, String)>, Fault> {
    let mut taken = Vec::new();
    for address in addresses {
        if let Some((holder, name)) = holder(connection, address)?
            && Some(holder) != except
        {
            taken.push(((*address).to_owned(), name));
        }
    }
    Ok(taken)
}

pub(crate) fn list(connection: &Connection, filter: &UserFilter) -> Result<Vec<User>, Fault> {
    select(connection, filter, None)
}

/// The users after a position, and where they end.
pub(crate) fn page(
    connection: &Connection,
    filter: &UserFilter,
    after: Option<UserPosition>,
) -> Result<(Vec<User>, Option<UserPosition>), Fault> {
    let users = select(connection, filter, after)?;
    let position = |user: &User| {
        connection
            .prepare_cached("SELECT seq FROM users WHERE guid = ?1")?
            .query_row([user.id.to_string()], |row| row.get(0))
    };
    let end = users.last().map(position).transpose()?.map(UserPosition);
    Ok((users, end))
}

fn select(
    connection: &Connection,
    filter: &UserFilter,
    after: Option<UserPosition>,
) -> Result<Vec<User>, Fault> {
    let mut conditions = Conditions::default();
    if let Some(identity) = &filter.identity {
        let Some(id) = find(connection, identity)? else {
            return Ok(Vec::new());
        };
        conditions.add("u.guid = ?", [id.into()]);
    }
    if let Some(batch) = filter.batch {
        conditions.add("u.batch = ?", [batch.to_string().into()]);
    }
    if !filter.statuses.is_empty() {
        let marks: Vec<_> = iter::repeat_n("?", filter.statuses.len()).collect();
        let names = filter.statuses.iter().map(|status| Value::from(status.name().to_owned()));
        conditions.add(&format!("u.status IN ({})", marks.join(", ")), names);
    }
    if let Some(UserPosition(seq)) = after {
        conditions.add("u.seq > ?", [seq.into()]);
    }
    let sql = conditions.select(SELECT, "u.seq", filter.limit);
    connection.prepare_cached(&sql)?.query_and_then(params_from_iter(conditions.values), read)?.collect()
}

pub(crate) fn by_id(connection: &Connection, id: UserId) -> Result<Option<User>, Fault> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE u.guid = ?1"))?
        .query_and_then([id.to_string()], read)?
        .next()
        .transpose()
}

/// Deletes the user and all that belongs to it; its ledger is left for [`crate::purge`], since it may be huge.
pub(crate) fn remove(connection: &Connection, id: UserId) -> Result<(), Fault> {
    for sql in [
        "DELETE FROM requests WHERE for_user = ?1",
        "INSERT INTO purge (mailbox) SELECT id FROM mailboxes WHERE owner = ?1",
        "DELETE FROM mailboxes WHERE owner = ?1",
        "DELETE FROM skipped WHERE owner = ?1",
        "DELETE FROM reports WHERE owner = ?1",
        "DELETE FROM users WHERE guid = ?1",
    ] {
        connection.execute(sql, [id.to_string()])?;
    }
    Ok(())
}

/// The numbers of a batch's users added up.
pub(crate) fn progress(connection: &Connection, batch: BatchId) -> Result<UserProgress, Fault> {
    let sums = ["total_items", "total_bytes", "synced_items", "adopted_items", "skipped_items"];
    let sums = sums.iter().chain(&["bytes_transferred", "verified_items", "compared_items"]);
    let sums: Vec<_> = sums.map(|column| format!("COALESCE(SUM({column}), 0) AS {column}")).collect();
    let sql = format!("SELECT {} FROM users WHERE batch = ?1", sums.join(", "));
    Ok(connection.prepare_cached(&sql)?.query_row([batch.to_string()], |row| read_progress(row, 0))?)
}

/// Those users of a batch that have reported items, in order of their rows.
pub(crate) fn with_reported_items(connection: &Connection, batch: BatchId) -> Result<Vec<User>, Fault> {
    let reported = "EXISTS (SELECT 1 FROM skipped s WHERE s.owner = u.guid)";
    connection
        .prepare_cached(&format!("{SELECT} WHERE u.batch = ?1 AND {reported} ORDER BY u.seq"))?
        .query_and_then([batch.to_string()], read)?
        .collect()
}

/// Changes the user when its state is one of `when`, or in any state when that is empty.
pub(crate) fn change(
    connection: &Connection,
    id: UserId,
    when: &[UserStatus],
    change: &UserChange,
) -> Result<bool, Fault> {
    if !when.is_empty() {
        let status: Option<String> = connection
            .prepare_cached("SELECT status FROM users WHERE guid = ?1")?
            .query_row([id.to_string()], |row| row.get(0))
            .optional()?;
        if status.is_none_or(|status| when.iter().all(|when| when.name() != status)) {
            return Ok(false);
        }
    }
    apply(connection, id, change)
}

/// Changes each user of the batch to its next state. One that comes into the queue is queued from `now` on, one that leaves it has
/// waited until `now`, the final sync of one that completes is due, and one that has failed no more loses its error.
pub(crate) fn change_all(
    connection: &Connection,
    batch: BatchId,
    event: UserEvent,
    now: UnixMs,
) -> Result<u32, Fault> {
    let mut changed = 0;
    for user in list(connection, &UserFilter { batch: Some(batch), ..UserFilter::default() })? {
        let status = user.status.on(event).unwrap_or(user.status);
        if status == user.status {
            continue;
        }
        let mut change = UserChange { status: Some(status), ..UserChange::default() };
        if status == UserStatus::Queued {
            change.queued = Some(Some(now));
        } else if user.status == UserStatus::Queued {
            change.add_queued_ms = user.queued.map_or(0, |since| now.0.saturating_sub(since.0).max(0));
        }
        if user.status.summary() == UserStatusSummary::Failed && status.summary() != UserStatusSummary::Failed
        {
            change.error = Some(None);
        }
        if status == UserStatus::Completing {
            change.next_sync = Some(Some(now));
        }
        apply(connection, user.id, &change)?;
        changed += 1;
    }
    Ok(changed)
}

/// Sets what the change names; returns `false` if there is no such user.
fn apply(connection: &Connection, id: UserId, change: &UserChange) -> Result<bool, Fault> {
    let mut set = Assignments::default();
    set.add("status", change.status.map(|status| status.name().to_owned()));
    if let Some(error) = change.error.clone() {
        let (error, summary) = error.unzip();
        set.add_option("error", Some(error));
        set.add_option("error_summary", Some(summary));
    }
    set.add("failure", change.failure.as_ref().map(serde_json::to_string).transpose()?);
    set.add_option("waiting", change.waiting.clone());
    if let Some(progress) = change.progress {
        for (column, number) in [
            ("total_items", progress.total_items),
            ("total_bytes", progress.total_bytes),
            ("synced_items", progress.synced_items),
            ("adopted_items", progress.adopted_items),
            ("skipped_items", progress.skipped_items),
            ("bytes_transferred", progress.bytes_transferred),
            ("verified_items", progress.verified_items),
            ("compared_items", progress.compared_items),
        ] {
            set.add(column, Some(i64::try_from(number).unwrap_or(i64::MAX)));
        }
    }
    set.add_option("queued", change.queued.map(|at| at.map(|at| at.0)));
    set.add("started", change.started.map(|at| at.0));
    set.add("initial_synced", change.initial_synced.map(|at| at.0));
    set.add("last_synced", change.last_synced.map(|at| at.0));
    set.add_option("next_sync", change.next_sync.map(|at| at.map(|at| at.0)));
    set.increase("queued_ms", change.add_queued_ms);
    set.increase("in_progress_ms", change.add_in_progress_ms);
    Ok(set.update(connection, "users", id.to_string())? > 0)
}

/// The batch that has a user with this address.
fn holder(connection: &Connection, address: &str) -> Result<Option<(BatchId, String)>, Fault> {
    connection
        .prepare_cached(
            "SELECT b.guid, b.name FROM users u JOIN batches b ON b.guid = u.batch WHERE u.email_key = ?1",
        )?
        .query_row([email_key(address)], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
        .optional()?
        .map(|(guid, name)| Ok((parse(&guid)?, name)))
        .transpose()
}

/// The Guid of the user with this EmailAddress in any case, else the Guid itself.
fn find(connection: &Connection, identity: &str) -> Result<Option<String>, Fault> {
    let by_address = connection
        .query_row("SELECT guid FROM users WHERE email_key = ?1", [email_key(identity)], |row| row.get(0))
        .optional()?;
    Ok(by_address.or_else(|| identity.parse::<UserId>().ok().map(|id| id.to_string())))
}

fn read(row: &Row<'_>) -> Result<User, Fault> {
    let failure: Option<String> = row.get(FAILURE)?;
    Ok(User {
        id: parsed(row, 0)?,
        batch: parsed(row, 1)?,
        batch_name: row.get(2)?,
        email_address: row.get(3)?,
        user_name: row.get(4)?,
        user_root: row.get(5)?,
        target_user_name: row.get(6)?,
        status: parsed(row, 7)?,
        error: row.get(8)?,
        error_summary: row.get(9)?,
        failure: failure.map(|json| serde_json::from_str(&json)).transpose()?,
        waiting: row.get(10)?,
        queued: instant_option(row, 11)?,
        started: instant_option(row, 12)?,
        initial_synced: instant_option(row, 13)?,
        last_synced: instant_option(row, 14)?,
        next_sync: instant_option(row, 15)?,
        queued_ms: row.get(16)?,
        in_progress_ms: row.get(17)?,
        progress: read_progress(row, FIRST_NUMBER)?,
    })
}

/// Reads the numbers from this column on.
fn read_progress(row: &Row<'_>, first: usize) -> rusqlite::Result<UserProgress> {
    Ok(UserProgress {
        total_items: row.get(first)?,
        total_bytes: row.get(first + 1)?,
        synced_items: row.get(first + 2)?,
        adopted_items: row.get(first + 3)?,
        skipped_items: row.get(first + 4)?,
        bytes_transferred: row.get(first + 5)?,
        verified_items: row.get(first + 6)?,
        compared_items: row.get(first + 7)?,
    })
}
