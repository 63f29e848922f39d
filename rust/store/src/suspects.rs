//! Messages that were under way when connections broke, and those that are left out for a reason that may pass.
//!
//! A row is removed with its mailbox, with a new UIDVALIDITY, and once its message is at the target and verified there. Messages of
//! the target that are no known copy (`target_suspects`) are removed when the mailbox is complete, as they are not read again.

use crate::columns::{folder, folder_text, of_word, word};
use crate::errors::Fault;
use crate::ledger::{level_column, state_column};
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::{MailboxId, UserId};
use imapmig_core::message::Uid;
use imapmig_core::user::{LedgerState, Level, SkippedKind, Suspect, SuspectId};
use rusqlite::{Connection, Row, params};

/// Replaces the rows of these suspects. Those of mailboxes that are gone are dropped.
pub(crate) fn save(connection: &Connection, user: UserId, suspects: &[Suspect]) -> Result<(), Fault> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO suspects (mailbox, uid, together, alone, side, words, left_out)
         SELECT id, ?3, ?4, ?5, ?6, ?7, ?8 FROM mailboxes WHERE owner = ?1 AND source = ?2
         ON CONFLICT (mailbox, uid) DO UPDATE SET together = ?4, alone = ?5, side = ?6, words = ?7, left_out = ?8",
    )?;
    let mut insert_of_target = connection.prepare_cached(
        "INSERT INTO target_suspects (mailbox, target_uid, together, alone, side, words)
         SELECT id, ?3, ?4, ?5, ?6, ?7 FROM mailboxes WHERE owner = ?1 AND source = ?2
         ON CONFLICT (mailbox, target_uid) DO UPDATE SET together = ?4, alone = ?5, side = ?6, words = ?7",
    )?;
    let owner = user.to_string();
    for suspect in suspects {
        let (side, words) = suspect.last.as_ref().map(|(side, words)| (*side, words.as_str())).unzip();
        let (folder, side) = (folder_text(&suspect.folder)?, side.map(word).transpose()?);
        let (together, alone) = (suspect.together, suspect.alone);
        match suspect.id {
            SuspectId::Source(uid) => insert.execute(params![
                owner,
                folder,
                uid.0,
                together,
                alone,
                side,
                words,
                suspect.left_out
            ])?,
            SuspectId::Target(uid) => {
                insert_of_target.execute(params![owner, folder, uid.0, together, alone, side, words])?
            }
        };
    }
    Ok(())
}

/// The condition that an item `s` is about a message that was refused or not delivered.
fn is_given_up() -> Result<String, Fault> {
    let kinds = [word(SkippedKind::Refused)?, word(SkippedKind::SourceUnreadable)?];
    Ok(format!("s.uid <> 0 AND s.kind IN ('{}')", kinds.join("', '")))
}

/// Returns `true` if the user has any.
pub(crate) fn any(connection: &Connection, user: UserId) -> Result<bool, Fault> {
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM suspects s JOIN mailboxes m ON m.id = s.mailbox WHERE m.owner = ?1)
             OR EXISTS (SELECT 1 FROM target_suspects s JOIN mailboxes m ON m.id = s.mailbox WHERE m.owner = ?1)
             OR EXISTS (SELECT 1 FROM skipped s WHERE s.owner = ?1 AND {})",
        is_given_up()?
    );
    Ok(connection.prepare_cached(&sql)?.query_row([user.to_string()], |row| row.get(0))?)
}

/// Takes those that are left out back out of the ledger, so that they are planned again, and returns all of the user's. Messages
/// with an item that says they were refused or not delivered, and that the ledger holds no more as left out, are among them.
pub(crate) fn retry(connection: &Connection, user: UserId) -> Result<Vec<Suspect>, Fault> {
    let owner = user.to_string();
    connection.execute(
        "DELETE FROM suspects WHERE mailbox IN (SELECT id FROM mailboxes WHERE owner = ?1)
             AND EXISTS (SELECT 1 FROM ledger l WHERE l.mailbox = suspects.mailbox AND l.uid = suspects.uid AND l.state IN (?2, ?3)
                 AND l.level > ?4)",
        params![
            owner,
            state_column(LedgerState::Copied),
            state_column(LedgerState::Adopted),
            level_column(Level::NotVerified)
        ],
    )?;
    let left_out = "SELECT s.mailbox, s.uid FROM suspects s JOIN mailboxes m ON m.id = s.mailbox WHERE m.owner = ?1 AND s.left_out = 1";
    connection.execute(
        &format!("DELETE FROM ledger WHERE state = ?2 AND (mailbox, uid) IN ({left_out})"),
        params![owner, state_column(LedgerState::Skipped)],
    )?;
    // They did not change at the source since, so only a scan of everything finds them again.
    connection.execute(
        "UPDATE mailboxes SET source_modseq = NULL WHERE owner = ?1 AND id IN (
             SELECT s.mailbox FROM suspects s WHERE s.left_out = 1 AND NOT EXISTS (
                 SELECT 1 FROM ledger l WHERE l.mailbox = s.mailbox AND l.uid = s.uid AND l.state IN (?2, ?3)))",
        params![owner, state_column(LedgerState::Copied), state_column(LedgerState::Adopted)],
    )?;
    let mut suspects: Vec<_> = connection
        .prepare_cached(
            "SELECT m.source, s.* FROM suspects s JOIN mailboxes m ON m.id = s.mailbox WHERE m.owner = ?1
             ORDER BY s.mailbox, s.uid",
        )?
        .query_and_then([&owner], |row| read(row, SuspectId::Source))?
        .collect::<Result<_, _>>()?;
    let sql = format!(
        "SELECT s.folder AS source, s.uid, 0 AS together, 0 AS alone, NULL AS side, NULL AS words, 1 AS left_out
         FROM skipped s JOIN mailboxes m ON m.owner = s.owner AND m.source = s.folder
         WHERE s.owner = ?1 AND {}
             AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.mailbox = m.id AND l.uid = s.uid AND l.state <> ?2)",
        is_given_up()?
    );
    let given_up = connection
        .prepare_cached(&sql)?
        .query_and_then(params![owner, state_column(LedgerState::Intent)], |row| {
            read(row, SuspectId::Source)
        })?
        .collect::<Result<Vec<_>, _>>()?;
    for one in given_up {
        match suspects.iter_mut().find(|suspect| (&suspect.folder, suspect.id) == (&one.folder, one.id)) {
            Some(known) => known.left_out = true,
            None => suspects.push(one),
        }
    }
    let of_target = connection
        .prepare_cached(
            "SELECT m.source, s.target_uid AS uid, s.together, s.alone, s.side, s.words, 0 AS left_out
             FROM target_suspects s JOIN mailboxes m ON m.id = s.mailbox WHERE m.owner = ?1 ORDER BY s.mailbox, s.target_uid",
        )?
        .query_and_then([&owner], |row| read(row, SuspectId::Target))?
        .collect::<Result<Vec<_>, _>>()?;
    suspects.extend(of_target);
    Ok(suspects)
}

/// Removes those of a mailbox that are neither left out nor at the target without being verified, after all of its messages have ended;
/// and those of the target.
pub(crate) fn forget_ended(connection: &Connection, mailbox: MailboxId) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "DELETE FROM suspects WHERE mailbox = ?1
                 AND uid NOT IN (SELECT uid FROM ledger WHERE mailbox = ?1 AND (state = ?2 OR level = ?3))",
        )?
        .execute(params![mailbox.0, state_column(LedgerState::Skipped), level_column(Level::NotVerified)])?;
    forget_targets(connection, mailbox)
}

/// Removes all of a mailbox.
pub(crate) fn forget_mailbox(connection: &Connection, mailbox: MailboxId) -> Result<(), Fault> {
    connection.prepare_cached("DELETE FROM suspects WHERE mailbox = ?1")?.execute([mailbox.0])?;
    forget_targets(connection, mailbox)
}

/// Removes those of the target of a mailbox.
pub(crate) fn forget_targets(connection: &Connection, mailbox: MailboxId) -> Result<(), Fault> {
    connection.prepare_cached("DELETE FROM target_suspects WHERE mailbox = ?1")?.execute([mailbox.0])?;
    Ok(())
}

/// Removes all of a user, in one folder or in all of them.
pub(crate) fn forget(
    connection: &Connection,
    user: UserId,
    folder: Option<&FolderPath>,
) -> Result<(), Fault> {
    let folder = folder.map(folder_text).transpose()?;
    for table in ["suspects", "target_suspects"] {
        let sql = format!(
            "DELETE FROM {table} WHERE mailbox IN (SELECT id FROM mailboxes WHERE owner = ?1 AND (?2 IS NULL OR source = ?2))"
        );
        connection.execute(&sql, params![user.to_string(), folder])?;
    }
    Ok(())
}

fn read(row: &Row<'_>, id: fn(Uid) -> SuspectId) -> Result<Suspect, Fault> {
    let words: Option<String> = row.get("words")?;
    let last = match words {
        Some(words) => Some((of_word(row, "side")?, words)),
        None => None,
    };
    Ok(Suspect {
        folder: folder(row, "source")?,
        id: id(Uid(row.get("uid")?)),
        together: row.get("together")?,
        alone: row.get("alone")?,
        last,
        left_out: row.get("left_out")?,
    })
}
