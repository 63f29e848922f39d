//! Items that are reported: left out, or different at the target.

use crate::columns::{folder, folder_text, instant_option, of_word, word};
use crate::conditions::Conditions;
use crate::errors::Fault;
use crate::ledger::state_column;
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::{MailboxId, UserId};
use imapmig_core::message::Uid;
use imapmig_core::ports::store::ItemPosition;
use imapmig_core::user::{LedgerState, SkippedItem, SkippedKind};
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

/// Stands for no UID in the key, where NULLs would all be different. UIDs begin at 1 (RFC 3501 section 2.3.1.1).
const NO_UID: u32 = 0;

/// The kinds of items about messages that are at the target; a new try does not touch those messages.
const NOTES: [SkippedKind; 8] = [
    SkippedKind::Altered,
    SkippedKind::FlagsReduced,
    SkippedKind::FlagsAdded,
    SkippedKind::DateChanged,
    SkippedKind::Doubled,
    SkippedKind::NotVerified,
    SkippedKind::FolderRenamed,
    SkippedKind::Quota,
];

pub(crate) fn add(connection: &Connection, user: UserId, items: &[SkippedItem]) -> Result<(), Fault> {
    let owner = user.to_string();
    connection
        .query_row("SELECT 1 FROM users WHERE guid = ?1", [&owner], |_| Ok(()))
        .optional()?
        .ok_or(Fault::Gone("migration user"))?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO skipped (owner, folder, uid, kind, size, subject, sender, recipient, date_sent, date_received,
             reason, kept_file)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (owner, folder, uid, kind) DO UPDATE SET size = ?5, subject = ?6, sender = ?7, recipient = ?8,
             date_sent = ?9, date_received = ?10, reason = ?11, kept_file = ?12",
    )?;
    for item in items {
        insert.execute(params![
            owner,
            folder_text(&item.folder)?,
            item.uid.map_or(NO_UID, |uid| uid.0),
            word(item.kind)?,
            item.size,
            item.subject,
            item.sender,
            item.recipient,
            item.date_sent.map(|at| at.0),
            item.date_received.map(|at| at.0),
            item.reason,
            item.kept_file,
        ])?;
    }
    Ok(())
}

/// In order of folder and UID; what is beyond the item limit comes last, as there may be many thousands of them.
pub(crate) fn of_user(
    connection: &Connection,
    user: UserId,
    limit: Option<u32>,
) -> Result<Vec<SkippedItem>, Fault> {
    let mut conditions = Conditions::default();
    conditions.add("owner = ?", [user.to_string().into()]);
    let sql = conditions.select("SELECT * FROM skipped", "kind = 'ItemLimit', folder, uid, kind", limit);
    connection.prepare_cached(&sql)?.query_and_then(params_from_iter(conditions.values), read)?.collect()
}

/// The next items after a position, in the order of [`of_user`]. Each part of that order follows the key, so that the cost
/// of a page depends on its own length only.
pub(crate) fn after(
    connection: &Connection,
    user: UserId,
    after: Option<&ItemPosition>,
    limit: u32,
) -> Result<Vec<SkippedItem>, Fault> {
    let beyond_limit = |position: &&ItemPosition| position.kind == SkippedKind::ItemLimit;
    let mut page = Vec::new();
    if !after.is_some_and(|position| beyond_limit(&position)) {
        page = part(connection, user, "<>", after, limit)?;
    }
    let room = limit.saturating_sub(u32::try_from(page.len()).unwrap_or(u32::MAX));
    if room > 0 {
        page.append(&mut part(connection, user, "=", after.filter(beyond_limit), room)?);
    }
    Ok(page)
}

fn part(
    connection: &Connection,
    user: UserId,
    is_item_limit: &str,
    after: Option<&ItemPosition>,
    limit: u32,
) -> Result<Vec<SkippedItem>, Fault> {
    let (folder, uid, kind) = match after {
        Some(ItemPosition { folder, uid, kind }) => {
            (folder_text(folder)?, uid.map_or(NO_UID, |uid| uid.0), word(kind)?)
        }
        None => (String::new(), NO_UID, String::new()),
    };
    connection
        .prepare_cached(&format!(
            "SELECT * FROM skipped WHERE owner = ?1 AND kind {is_item_limit} 'ItemLimit'
                 AND (folder, uid, kind) > (?2, ?3, ?4)
             ORDER BY folder, uid, kind LIMIT ?5"
        ))?
        .query_and_then(params![user.to_string(), folder, uid, kind, limit], read)?
        .collect()
}

/// The item of this kind about a folder itself.
pub(crate) fn of_folder(
    connection: &Connection,
    user: UserId,
    folder: &FolderPath,
    kind: SkippedKind,
) -> Result<Option<SkippedItem>, Fault> {
    connection
        .prepare_cached("SELECT * FROM skipped WHERE owner = ?1 AND folder = ?2 AND uid = ?3 AND kind = ?4")?
        .query_and_then(params![user.to_string(), folder_text(folder)?, NO_UID, word(kind)?], read)?
        .next()
        .transpose()
}

/// Of these users, those that have reported items.
pub(crate) fn having(connection: &Connection, users: &[UserId]) -> Result<Vec<UserId>, Fault> {
    let mut exists = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM skipped WHERE owner = ?1)")?;
    let mut having = Vec::new();
    for user in users {
        if exists.query_row([user.to_string()], |row| row.get(0))? {
            having.push(*user);
        }
    }
    Ok(having)
}

/// The condition that an item reports something that is not at the target.
fn is_left_out() -> Result<String, Fault> {
    let notes: Vec<_> = NOTES.iter().map(word).collect::<Result<_, _>>()?;
    Ok(format!("kind NOT IN ('{}')", notes.join("', '")))
}

/// Removes the items of what was left out, with its ledger entries, in one folder or in all of them. Notes about messages that are at
/// the target stay, since those are not tried again.
pub(crate) fn forget(
    connection: &Connection,
    user: UserId,
    folder: Option<&FolderPath>,
) -> Result<(), Fault> {
    let owner = user.to_string();
    let folder = folder.map(folder_text).transpose()?;
    connection.execute(
        "DELETE FROM ledger WHERE state = ?3 AND mailbox IN
             (SELECT id FROM mailboxes WHERE owner = ?1 AND (?2 IS NULL OR source = ?2))",
        params![owner, folder, state_column(LedgerState::Skipped)],
    )?;
    // They did not change at the source since, so only a scan of everything finds them again.
    connection.execute(
        "UPDATE mailboxes SET source_modseq = NULL WHERE owner = ?1 AND (?2 IS NULL OR source = ?2)",
        params![owner, folder],
    )?;
    let sql = format!(
        "DELETE FROM skipped WHERE owner = ?1 AND (?2 IS NULL OR folder = ?2) AND {}",
        is_left_out()?
    );
    connection.execute(&sql, params![owner, folder])?;
    Ok(())
}

/// Removes the ledger entries of messages that were refused or not delivered: the reason may have passed. Their items stay.
pub(crate) fn forget_given_up(connection: &Connection, user: UserId) -> Result<(), Fault> {
    let kinds = [word(SkippedKind::Refused)?, word(SkippedKind::SourceUnreadable)?];
    let given_up = format!(
        "SELECT mailboxes.id, skipped.uid FROM skipped JOIN mailboxes
             ON mailboxes.owner = skipped.owner AND mailboxes.source = skipped.folder
         WHERE skipped.owner = ?1 AND skipped.uid <> {NO_UID} AND kind IN ('{}')",
        kinds.join("', '")
    );
    // They did not change at the source since, so only a scan of everything finds them again.
    connection.execute(
        &format!("UPDATE mailboxes SET source_modseq = NULL WHERE id IN (SELECT id FROM ({given_up}))"),
        params![user.to_string()],
    )?;
    connection.execute(
        &format!("DELETE FROM ledger WHERE state = ?2 AND (mailbox, uid) IN ({given_up})"),
        params![user.to_string(), state_column(LedgerState::Skipped)],
    )?;
    Ok(())
}

/// Removes the items of messages that are left out by no ledger entry.
pub(crate) fn remove_refuted(connection: &Connection, mailbox: MailboxId) -> Result<(), Fault> {
    let sql = format!(
        "DELETE FROM skipped WHERE (owner, folder) = (SELECT owner, source FROM mailboxes WHERE id = ?1) AND uid <> ?2
             AND uid NOT IN (SELECT uid FROM ledger WHERE mailbox = ?1 AND state = ?3) AND {}",
        is_left_out()?
    );
    connection.execute(&sql, params![mailbox.0, NO_UID, state_column(LedgerState::Skipped)])?;
    Ok(())
}

/// Removes the items of this kind: the one of the folder itself, or those of its messages.
pub(crate) fn remove(
    connection: &Connection,
    user: UserId,
    folder: &FolderPath,
    of_messages: bool,
    kind: SkippedKind,
) -> Result<(), Fault> {
    connection.execute(
        "DELETE FROM skipped WHERE owner = ?1 AND folder = ?2 AND (uid <> ?3) = ?4 AND kind = ?5",
        params![user.to_string(), folder_text(folder)?, NO_UID, of_messages, word(kind)?],
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<SkippedItem, Fault> {
    let uid: u32 = row.get("uid")?;
    Ok(SkippedItem {
        folder: folder(row, "folder")?,
        uid: (uid != NO_UID).then_some(Uid(uid)),
        kind: of_word(row, "kind")?,
        size: row.get("size")?,
        subject: row.get("subject")?,
        sender: row.get("sender")?,
        recipient: row.get("recipient")?,
        date_sent: instant_option(row, "date_sent")?,
        date_received: instant_option(row, "date_received")?,
        reason: row.get("reason")?,
        kept_file: row.get("kept_file")?,
    })
}
