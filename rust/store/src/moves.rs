//! Users that move from earlier batches into a new one.

use crate::directory::StateDirectory;
use crate::errors::Fault;
use crate::seal::Sealer;
use crate::{batches, logins, passwords, users};
use imapmig_core::batch::Batch;
use imapmig_core::ids::UserId;
use imapmig_core::ports::store::StoreError;
use imapmig_core::status::UserStatus;
use rusqlite::{Connection, params};

/// Adds the batch and moves these users into it.
pub(crate) fn add_batch_of(
    connection: &Connection,
    directory: &StateDirectory,
    batch: &Batch,
    moved: &[UserId],
) -> Result<(), Fault> {
    batches::add(connection, batch)?;
    let sealer = Sealer::existing(directory)?;
    for id in moved {
        let user = users::by_id(connection, *id)?.ok_or(Fault::Gone("migration user"))?;
        if user.status.is_in_progress() {
            return Err(StoreError::UserAtWork(user.email_address).into());
        }
        let earlier = batches::by_id(connection, user.batch)?.ok_or(Fault::Gone("migration batch"))?;
        let same_ends = (earlier.source, earlier.target) == (batch.source, batch.target);
        if !same_ends {
            logins::start_over(connection, &user, batch.created)?;
        }
        let in_step = same_ends && user.status.initial_sync_done();
        let status = if in_step { UserStatus::Synced } else { UserStatus::Queued };
        let now = batch.created.0;
        // Requests in the earlier batch do not apply any more.
        connection.execute("DELETE FROM requests WHERE for_user = ?1", [id.to_string()])?;
        // Equal passwords are found within a batch.
        let mark = sealer.mark(batch.id, &passwords::open(connection, directory, *id)?.password);
        connection
            .prepare_cached(
                "UPDATE users SET batch = ?2, status = ?3, password_mark = ?4, queued = ?5, next_sync = ?6, error = NULL,
                     error_summary = NULL, waiting = NULL
                 WHERE guid = ?1",
            )?
            .execute(params![
                id.to_string(),
                batch.id.to_string(),
                status.name(),
                mark,
                (!in_step).then_some(now),
                in_step.then_some(now),
            ])?;
    }
    Ok(())
}
