//! Messages that were sent again after an unclean end (table `doubts`), and their second copies at the target (table `strays`).

use crate::errors::Fault;
use crate::known_below;
use imapmig_core::ids::MailboxId;
use imapmig_core::message::Uid;
use imapmig_core::ports::store::LateDuplicates;
use imapmig_core::time::UnixMs;
use rusqlite::{Connection, params};

/// Of a message that was sent more than twice, the first entry says where its copies begin, and the last one until when they may appear.
pub(crate) fn add(
    connection: &Connection,
    mailbox: MailboxId,
    messages: &[Uid],
    from: Uid,
    now: UnixMs,
) -> Result<(), Fault> {
    known_below::require(connection, mailbox)?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO doubts (mailbox, uid, target_from, since) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (mailbox, uid) DO UPDATE SET target_from = MIN(target_from, ?3), since = MAX(since, ?4)",
    )?;
    for uid in messages {
        insert.execute(params![mailbox.0, uid.0, from.0, now.0])?;
    }
    Ok(())
}

pub(crate) fn of_mailbox(connection: &Connection, mailbox: MailboxId) -> Result<LateDuplicates, Fault> {
    let mut late = LateDuplicates {
        sent_again: Vec::new(),
        from: Uid(u32::MAX),
        since: UnixMs::default(),
        second_copies: Vec::new(),
    };
    let mut select = connection
        .prepare_cached("SELECT uid, target_from, since FROM doubts WHERE mailbox = ?1 ORDER BY uid")?;
    let mut rows = select.query([mailbox.0])?;
    while let Some(row) = rows.next()? {
        late.from = late.from.min(Uid(row.get(1)?));
        late.since = late.since.max(UnixMs(row.get(2)?));
        late.sent_again.push(Uid(row.get(0)?));
    }
    late.second_copies = connection
        .prepare_cached("SELECT target_uid FROM strays WHERE mailbox = ?1 ORDER BY target_uid")?
        .query_and_then([mailbox.0], |row| Ok::<_, Fault>(Uid(row.get(0)?)))?
        .collect::<Result<_, _>>()?;
    Ok(late)
}

pub(crate) fn set_second_copies(
    connection: &Connection,
    mailbox: MailboxId,
    second_copies: &[Uid],
) -> Result<(), Fault> {
    known_below::require(connection, mailbox)?;
    connection.prepare_cached("DELETE FROM strays WHERE mailbox = ?1")?.execute([mailbox.0])?;
    let mut insert = connection.prepare_cached("INSERT INTO strays (mailbox, target_uid) VALUES (?1, ?2)")?;
    for uid in second_copies {
        insert.execute(params![mailbox.0, uid.0])?;
    }
    Ok(())
}

pub(crate) fn forget(connection: &Connection, mailbox: MailboxId, before: UnixMs) -> Result<(), Fault> {
    connection
        .prepare_cached("DELETE FROM doubts WHERE mailbox = ?1 AND since < ?2")?
        .execute(params![mailbox.0, before.0])?;
    Ok(())
}

/// Both, because the mailbox starts over.
pub(crate) fn forget_all(connection: &Connection, mailbox: MailboxId) -> Result<(), Fault> {
    connection.execute("DELETE FROM doubts WHERE mailbox = ?1", [mailbox.0])?;
    connection.execute("DELETE FROM strays WHERE mailbox = ?1", [mailbox.0])?;
    Ok(())
}
