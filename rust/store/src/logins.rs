//! New logins and passwords for users that are in a batch already.

use crate::columns::email_key;
use crate::errors::Fault;
use crate::seal::Sealer;
use crate::users;
use crate::{confirmations, passwords};
use imapmig_core::ids::BatchId;
use imapmig_core::ports::store::{LoginChange, UserFilter};
use imapmig_core::status::UserStatus;
use imapmig_core::time::UnixMs;
use imapmig_core::user::{NewUser, User};
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// Sets the login and the passwords of each user of the batch to those of its row.
pub(crate) fn change(
    connection: &Connection,
    sealer: &Sealer,
    batch: BatchId,
    rows: &[&NewUser],
    now: UnixMs,
) -> Result<Vec<LoginChange>, Fault> {
    let users = users::list(connection, &UserFilter { batch: Some(batch), ..UserFilter::default() })?;
    let users: HashMap<String, User> =
        users.into_iter().map(|user| (email_key(&user.email_address), user)).collect();
    rows.iter()
        .map(|row| match users.get(&email_key(&row.email_address)) {
            Some(user) => change_one(connection, sealer, user, row, now),
            None => Ok(LoginChange::NotInBatch),
        })
        .collect()
}

fn change_one(
    connection: &Connection,
    sealer: &Sealer,
    user: &User,
    row: &NewUser,
    now: UnixMs,
) -> Result<LoginChange, Fault> {
    let other = |new: &Option<String>, old: &Option<String>| new.is_some() && new != old;
    let somebody_else = row.user_name != user.user_name
        || other(&row.user_root, &user.user_root)
        || other(&row.target_user_name, &user.target_user_name);
    if somebody_else && user.status.is_in_progress() {
        return Ok(LoginChange::AtWork);
    }
    let sealed = passwords::seal(sealer, user.batch, user.id, row)?;
    connection
        .prepare_cached(
            "UPDATE users SET user_name = ?2, user_root = COALESCE(?3, user_root),
                 target_user_name = COALESCE(?4, target_user_name), password = ?5, password_mark = ?6,
                 target_password = COALESCE(?7, target_password)
             WHERE guid = ?1",
        )?
        .execute(params![
            user.id.to_string(),
            row.user_name,
            row.user_root,
            row.target_user_name,
            sealed.password,
            sealed.mark,
            sealed.target_password,
        ])?;
    if !somebody_else {
        return Ok(LoginChange::Passwords);
    }
    start_over(connection, user, now)?;
    Ok(LoginChange::Login)
}

/// Removes what is known of the earlier mailbox, which does not apply to another one even if both have the same UIDVALIDITY.
/// What is at the target is found there by its content.
pub(crate) fn start_over(connection: &Connection, user: &User, now: UnixMs) -> Result<(), Fault> {
    confirmations::user_changed(connection, user, now)?;
    let status = match user.status {
        UserStatus::Synced => UserStatus::Queued,
        UserStatus::IncrementalStopped => UserStatus::Stopped,
        UserStatus::IncrementalFailed => UserStatus::Failed,
        other => other,
    };
    let id = user.id.to_string();
    for sql in [
        "INSERT INTO purge (mailbox) SELECT id FROM mailboxes WHERE owner = ?1",
        "DELETE FROM mailboxes WHERE owner = ?1",
        "DELETE FROM skipped WHERE owner = ?1",
        "UPDATE users SET total_items = 0, total_bytes = 0, synced_items = 0, adopted_items = 0, skipped_items = 0,
             bytes_transferred = 0, verified_items = 0, compared_items = 0, started = NULL, initial_synced = NULL, last_synced = NULL,
             next_sync = NULL, waiting = NULL
         WHERE guid = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([&id])?;
    }
    let queued = (status == UserStatus::Queued).then_some(now.0);
    connection
        .prepare_cached("UPDATE users SET status = ?2, queued = COALESCE(?3, queued) WHERE guid = ?1")?
        .execute(params![id, status.name(), queued])?;
    Ok(())
}
