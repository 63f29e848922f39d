//! The UID up to which a target mailbox is known. It is part of a mailbox's checkpoint and changes with the ledger.

use crate::errors::Fault;
use imapmig_core::ids::MailboxId;
use imapmig_core::message::Uid;
use rusqlite::{Connection, params};

/// Notes up to where the target is known; `None` leaves that, and finds out only if the mailbox is there.
pub(crate) fn set_known_below(
    connection: &Connection,
    mailbox: MailboxId,
    known_below: Option<Uid>,
) -> Result<(), Fault> {
    let set = connection
        .prepare_cached(
            "UPDATE mailboxes SET target_known_below = COALESCE(?2, target_known_below) WHERE id = ?1",
        )?
        .execute(params![mailbox.0, known_below.map(|uid| uid.0)])?;
    there(set)
}

/// Fails if no mailbox was changed.
pub(crate) const fn there(changed: usize) -> Result<(), Fault> {
    if changed == 0 { Err(Fault::Gone("mailbox")) } else { Ok(()) }
}
