//! The sealed passwords of users, and which users share one.

use crate::directory::StateDirectory;
use crate::errors::Fault;
use crate::seal::{Place, Sealer};
use crate::turns;
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::user::{NewUser, UserSecrets};
use rusqlite::{Connection, OptionalExtension};

/// The values of a user's sealed columns.
pub(crate) struct SealedPasswords {
    pub(crate) password: Vec<u8>,
    pub(crate) mark: Vec<u8>,
    pub(crate) target_password: Option<Vec<u8>>,
}

/// Seals the passwords of a new user.
pub(crate) fn seal(
    sealer: &Sealer,
    batch: BatchId,
    id: UserId,
    user: &NewUser,
) -> Result<SealedPasswords, Fault> {
    let target_place = place(id, "target_password");
    Ok(SealedPasswords {
        password: sealer.seal(&place(id, "password"), &user.password)?,
        mark: sealer.mark(batch, &user.password),
        target_password: user.target_password.as_ref().map(|s| sealer.seal(&target_place, s)).transpose()?,
    })
}

pub(crate) fn open(
    connection: &Connection,
    directory: &StateDirectory,
    id: UserId,
) -> Result<UserSecrets, Fault> {
    let (password, target_password): (Vec<u8>, Option<Vec<u8>>) = connection
        .prepare_cached("SELECT password, target_password FROM users WHERE guid = ?1")?
        .query_row([id.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or(Fault::Gone("migration user"))?;
    let sealer = Sealer::existing(directory)?;
    let target_place = place(id, "target_password");
    Ok(UserSecrets {
        password: sealer.open(&place(id, "password"), &password)?,
        target_password: target_password.map(|sealed| sealer.open(&target_place, &sealed)).transpose()?,
    })
}

/// Users of the batch with the same source password: groups of two or more, found by the marks alone.
pub(crate) fn equal(connection: &Connection, batch: BatchId) -> Result<Vec<Vec<UserId>>, Fault> {
    let sql = "SELECT guid, password_mark FROM users WHERE batch = ?1 ORDER BY seq";
    turns::grouped(connection, batch, sql, |row| row.get::<_, Vec<u8>>(1))
}

const fn place(id: UserId, column: &str) -> Place<'_, UserId> {
    Place { table: "users", row: id, column }
}
