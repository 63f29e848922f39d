//! The UID up to which a target mailbox is known, which is part of the checkpoint and changes with the ledger; and whether the
//! mailbox exists.

use crate::errors::Fault;
use imapmig_core::ids::MailboxId;
use imapmig_core::message::Uid;
use rusqlite::{Connection, params};

/// Stores up to which UID the target is known.
pub(crate) fn set_known_below(
    connection: &Connection,
    mailbox: MailboxId,
    known_below: Uid,
) -> Result<(), Fault> {
    let set = connection
        .prepare_cached("UPDATE mailboxes SET target_known_below = ?2 WHERE id = ?1")?
        .execute(params![mailbox.0, known_below.0])?;
    there(set)
}

/// Fails if the mailbox is gone.
pub(crate) fn require(connection: &Connection, mailbox: MailboxId) -> Result<(), Fault> {
    let found = connection.prepare_cached("SELECT 1 FROM mailboxes WHERE id = ?1")?.exists([mailbox.0])?;
    there(usize::from(found))
}

/// Fails if no mailbox was changed.
pub(crate) const fn there(changed: usize) -> Result<(), Fault> {
    if changed == 0 { Err(Fault::Gone("mailbox")) } else { Ok(()) }
}
