//! The progress of each source mailbox.

use crate::columns::{folder, folder_text, parsed};
use crate::errors::Fault;
use crate::known_below::there;
use crate::late_duplicates;
use crate::suspects;
use imapmig_core::ids::{MailboxId, UserId};
use imapmig_core::message::{ModSeq, TargetValidity, Uid, UidValidity};
use imapmig_core::user::Checkpoint;
use rusqlite::{Connection, Row, params};

/// A mailbox that was reset or is new: nothing at the target is known yet.
const NOTHING_KNOWN: u32 = 0;

pub(crate) fn of_user(connection: &Connection, user: UserId) -> Result<Vec<Checkpoint>, Fault> {
    connection
        .prepare_cached("SELECT * FROM mailboxes WHERE owner = ?1 ORDER BY id")?
        .query_and_then([user.to_string()], read)?
        .collect()
}

/// Adds the checkpoint, or returns the existing one of its user and source folder.
pub(crate) fn get_or_add(connection: &Connection, new: &Checkpoint) -> Result<Checkpoint, Fault> {
    let owner = new.user.to_string();
    let source = folder_text(&new.source)?;
    connection
        .prepare_cached(
            "INSERT INTO mailboxes (owner, source, source_validity, target, target_validity, target_known_below,
                 source_modseq, complete)
             SELECT guid, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM users WHERE guid = ?1
             ON CONFLICT (owner, source) DO NOTHING",
        )?
        .execute(params![
            owner,
            source,
            new.source_validity.0,
            folder_text(&new.target)?,
            number_of(new.target_validity),
            new.target_known_below.0,
            new.source_modseq.map(|m| m.0),
            new.complete,
        ])?;
    connection
        .prepare_cached("SELECT * FROM mailboxes WHERE owner = ?1 AND source = ?2")?
        .query_and_then([owner, source], read)?
        .next()
        .ok_or(Fault::Gone("migration user"))?
}

pub(crate) fn save(connection: &Connection, checkpoint: &Checkpoint) -> Result<(), Fault> {
    let saved = connection
        .prepare_cached(
            "UPDATE mailboxes SET source_validity = ?2, target = ?3, target_validity = ?4, target_known_below = ?5,
                 source_modseq = ?6, complete = ?7
             WHERE id = ?1",
        )?
        .execute(params![
            checkpoint.id.0,
            checkpoint.source_validity.0,
            folder_text(&checkpoint.target)?,
            number_of(checkpoint.target_validity),
            checkpoint.target_known_below.0,
            checkpoint.source_modseq.map(|m| m.0),
            checkpoint.complete,
        ])?;
    there(saved)
}

/// Starts the mailbox over under new UIDVALIDITYs, without ledger and skipped items.
pub(crate) fn reset(
    connection: &Connection,
    mailbox: MailboxId,
    source: UidValidity,
    target: TargetValidity,
) -> Result<(), Fault> {
    let reset = connection.execute(
        "UPDATE mailboxes SET source_validity = ?2, target_validity = ?3, target_known_below = ?4, source_modseq = NULL,
             complete = 0
         WHERE id = ?1",
        params![mailbox.0, source.0, number_of(target), NOTHING_KNOWN],
    )?;
    there(reset)?;
    connection.execute("DELETE FROM ledger WHERE mailbox = ?1", [mailbox.0])?;
    late_duplicates::forget_all(connection, mailbox)?;
    suspects::forget_mailbox(connection, mailbox)?;
    connection.execute(
        "DELETE FROM skipped WHERE owner = (SELECT owner FROM mailboxes WHERE id = ?1)
             AND folder = (SELECT source FROM mailboxes WHERE id = ?1)",
        [mailbox.0],
    )?;
    Ok(())
}

/// Stores that the target folder is gone: its messages stay copied, without an id at the target.
pub(crate) fn forget_targets(connection: &Connection, mailbox: MailboxId) -> Result<(), Fault> {
    let forgotten = connection.execute(
        "UPDATE mailboxes SET target_validity = ?2, target_known_below = ?3 WHERE id = ?1",
        params![mailbox.0, REMOVED, NOTHING_KNOWN],
    )?;
    there(forgotten)?;
    connection.execute(
        "UPDATE ledger SET target_uid = NULL, target_file = NULL, level = 0 WHERE mailbox = ?1",
        [mailbox.0],
    )?;
    suspects::forget_targets(connection, mailbox)?;
    late_duplicates::forget_all(connection, mailbox)
}

/// How [`TargetValidity`] is stored: a UIDVALIDITY is never zero (RFC 3501 section 2.3.1.1). Before the last one had a number of its own, zero
/// stood for both; a server's folder with it is then compared by content once.
const NAMES: i64 = 0;
const REMOVED: i64 = -1;

fn number_of(validity: TargetValidity) -> i64 {
    match validity {
        TargetValidity::Uids(validity) => i64::from(validity.0),
        TargetValidity::Names => NAMES,
        TargetValidity::Removed => REMOVED,
    }
}

fn target_validity(number: i64) -> Result<TargetValidity, Fault> {
    match number {
        NAMES => Ok(TargetValidity::Names),
        REMOVED => Ok(TargetValidity::Removed),
        number => match u32::try_from(number) {
            Ok(number) => Ok(TargetValidity::Uids(UidValidity(number))),
            Err(_) => Err(Fault::Unreadable(format!("{number} is no UIDVALIDITY"))),
        },
    }
}

fn read(row: &Row<'_>) -> Result<Checkpoint, Fault> {
    Ok(Checkpoint {
        id: MailboxId(row.get("id")?),
        user: parsed(row, "owner")?,
        source: folder(row, "source")?,
        source_validity: UidValidity(row.get("source_validity")?),
        target: folder(row, "target")?,
        target_validity: target_validity(row.get("target_validity")?)?,
        target_known_below: Uid(row.get("target_known_below")?),
        source_modseq: row.get::<_, Option<u64>>("source_modseq")?.map(ModSeq),
        complete: row.get("complete")?,
    })
}
