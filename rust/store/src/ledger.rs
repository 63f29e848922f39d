//! The ledger: one compact row for each source message.

use crate::errors::Fault;
use crate::flags;
use crate::known_below::{self, set_known_below};
use imapmig_core::ids::{MailboxId, UserId};
use imapmig_core::message::{Digest, InternalDate, Uid};
use imapmig_core::ports::store::LedgerResult;
use imapmig_core::user::{LedgerEntry, LedgerState, Level, TargetId, UserProgress};
use rusqlite::{Connection, Row, params};
use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

/// How many entries are read at a time.
pub(crate) const PAGE: usize = 2048;

/// Stores intents; messages that are copied or adopted are not changed.
pub(crate) fn add_intents(
    connection: &Connection,
    mailbox: MailboxId,
    entries: &[LedgerEntry],
    flag_numbers: &[i64],
    target_known_below: Uid,
) -> Result<(), Fault> {
    set_known_below(connection, mailbox, target_known_below)?;
    for (entry, flag_number) in entries.iter().zip(flag_numbers) {
        put(connection, mailbox, &LedgerEntry { state: LedgerState::Intent, ..entry.clone() }, *flag_number)?;
    }
    Ok(())
}

/// Stores results. An entry that does not exist is taken from `entries`.
pub(crate) fn record(
    connection: &Connection,
    mailbox: MailboxId,
    results: &[LedgerResult],
    entries: &[LedgerEntry],
    flag_numbers: &[i64],
) -> Result<(), Fault> {
    known_below::require(connection, mailbox)?;
    let mut update = connection.prepare_cached(
        "UPDATE ledger SET state = ?3, target_uid = ?4, target_file = ?5, digest = COALESCE(?6, digest), level = 0
         WHERE mailbox = ?1 AND uid = ?2",
    )?;
    let given: HashMap<Uid, _> =
        entries.iter().zip(flag_numbers).map(|(entry, number)| (entry.uid, (entry, *number))).collect();
    for result in results {
        let (target_uid, target_file) = target_columns(result.target.as_ref());
        let digest = result.digest.map(|digest| digest.0);
        let state = state_column(result.state);
        let updated =
            update.execute(params![mailbox.0, result.uid.0, state, target_uid, target_file, digest])?;
        if updated == 0 {
            let (entry, number) = given.get(&result.uid).ok_or(Fault::Gone("ledger entry"))?;
            let entry = LedgerEntry {
                state: result.state,
                target: result.target.clone(),
                digest: result.digest.or(entry.digest),
                ..(*entry).clone()
            };
            put(connection, mailbox, &entry, *number)?;
        }
    }
    Ok(())
}

/// Removes intents; entries in other states stay.
pub(crate) fn drop_intents(connection: &Connection, mailbox: MailboxId, uids: &[Uid]) -> Result<(), Fault> {
    let mut delete =
        connection.prepare_cached("DELETE FROM ledger WHERE mailbox = ?1 AND uid = ?2 AND state = ?3")?;
    for uid in uids {
        delete.execute(params![mailbox.0, uid.0, state_column(LedgerState::Intent)])?;
    }
    Ok(())
}

/// Which entries are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    /// At the target, and not verified.
    Unverified,
}

/// The next [`PAGE`] entries from UID `from` on, in order of UID.
pub(crate) fn page(
    connection: &Connection,
    mailbox: MailboxId,
    which: Which,
    from: Uid,
) -> Result<Vec<LedgerEntry>, Fault> {
    let condition = match which {
        Which::All => "",
        Which::Unverified => {
            "AND l.level = 0 AND l.state IN (1, 2) AND (l.target_uid IS NOT NULL OR l.target_file IS NOT NULL)"
        }
    };
    connection
        .prepare_cached(&format!(
            "SELECT l.uid, l.state, l.target_uid, l.target_file, l.size, l.received, l.zone, l.digest, f.wire,
                 l.level
             FROM ledger l JOIN flags f ON f.id = l.flags
             WHERE l.mailbox = ?1 AND l.uid >= ?2 {condition} ORDER BY l.uid LIMIT ?3"
        ))?
        .query_and_then(params![mailbox.0, from.0, PAGE], read)?
        .collect()
}

/// How many entries are in each state and on each level.
pub(crate) fn numbers(
    connection: &Connection,
    mailbox: MailboxId,
) -> Result<Vec<(LedgerState, Level, u64)>, Fault> {
    connection
        .prepare_cached("SELECT state, level, COUNT(*) FROM ledger WHERE mailbox = ?1 GROUP BY state, level")?
        .query_and_then([mailbox.0], |row| Ok((state(row.get(0)?)?, level(row.get(1)?)?, row.get(2)?)))?
        .collect()
}

/// Raises levels of what is copied or adopted, in ranges of source UIDs.
pub(crate) fn raise_levels(
    connection: &Connection,
    mailbox: MailboxId,
    levels: &[(RangeInclusive<Uid>, Level)],
) -> Result<(), Fault> {
    let mut update = connection.prepare_cached(
        "UPDATE ledger SET level = ?4 WHERE mailbox = ?1 AND uid BETWEEN ?2 AND ?3 AND level < ?4 AND state IN (?5, ?6)
             AND (target_uid IS NOT NULL OR target_file IS NOT NULL)",
    )?;
    for (uids, level) in levels {
        update.execute(params![
            mailbox.0,
            uids.start().0,
            uids.end().0,
            level_column(*level),
            state_column(LedgerState::Copied),
            state_column(LedgerState::Adopted),
        ])?;
    }
    Ok(())
}

/// The numbers of those mailboxes of the user in which nothing is undecided, in doubt or still to be verified.
pub(crate) fn finished(
    connection: &Connection,
    user: UserId,
) -> Result<Vec<(MailboxId, UserProgress)>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT m.id, l.state, l.level, COUNT(l.uid), SUM(l.size), COUNT(l.target_uid) + COUNT(l.target_file)
         FROM mailboxes m LEFT JOIN ledger l ON l.mailbox = m.id
         WHERE m.owner = ?1 AND m.id NOT IN (SELECT mailbox FROM doubts UNION ALL SELECT mailbox FROM strays)
         GROUP BY m.id, l.state, l.level",
    )?;
    let mut rows = statement.query([user.to_string()])?;
    let mut finished: BTreeMap<i64, Option<UserProgress>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let numbers = finished.entry(row.get(0)?).or_insert(Some(UserProgress::default()));
        let Some(state) = row.get::<_, Option<u8>>(1)?.map(state).transpose()? else { continue };
        let level = level(row.get(2)?)?;
        let to_verify = level == Level::NotVerified && row.get::<_, u64>(5)? > 0;
        match numbers {
            Some(numbers) if state != LedgerState::Intent && !to_verify => {
                numbers.count(state, level, row.get(3)?, row.get(4)?);
            }
            _ => *numbers = None,
        }
    }
    Ok(finished.into_iter().filter_map(|(id, numbers)| Some((MailboxId(id), numbers?))).collect())
}

pub(crate) fn set_flags(
    connection: &Connection,
    mailbox: MailboxId,
    uids: impl Iterator<Item = Uid>,
    flag_numbers: &[i64],
) -> Result<(), Fault> {
    let mut update =
        connection.prepare_cached("UPDATE ledger SET flags = ?3 WHERE mailbox = ?1 AND uid = ?2")?;
    for (uid, number) in uids.zip(flag_numbers) {
        update.execute(params![mailbox.0, uid.0, number])?;
    }
    Ok(())
}

/// The number that stands for a state. The two that most rows have take no space of their own.
pub(crate) const fn state_column(state: LedgerState) -> u8 {
    match state {
        LedgerState::Intent => 0,
        LedgerState::Copied => 1,
        LedgerState::Adopted => 2,
        LedgerState::Skipped => 3,
    }
}

fn state(column: u8) -> Result<LedgerState, Fault> {
    match column {
        0 => Ok(LedgerState::Intent),
        1 => Ok(LedgerState::Copied),
        2 => Ok(LedgerState::Adopted),
        3 => Ok(LedgerState::Skipped),
        other => Err(Fault::Unreadable(format!("{other} is no state of a ledger entry"))),
    }
}

/// The number that stands for a level. The two that most rows have take no space of their own.
pub(crate) const fn level_column(level: Level) -> u8 {
    match level {
        Level::NotVerified => 0,
        Level::Listed => 1,
        Level::Compared => 2,
    }
}

fn level(column: u8) -> Result<Level, Fault> {
    match column {
        0 => Ok(Level::NotVerified),
        1 => Ok(Level::Listed),
        2 => Ok(Level::Compared),
        other => Err(Fault::Unreadable(format!("{other} is no level of verification"))),
    }
}

fn put(
    connection: &Connection,
    mailbox: MailboxId,
    entry: &LedgerEntry,
    flag_number: i64,
) -> Result<(), Fault> {
    let (target_uid, target_file) = target_columns(entry.target.as_ref());
    connection
        .prepare_cached(
            "INSERT INTO ledger (mailbox, uid, state, target_uid, target_file, size, received, zone, digest, flags)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (mailbox, uid) DO UPDATE SET state = ?3, target_uid = ?4, target_file = ?5, size = ?6,
                 received = ?7, zone = ?8, digest = ?9, flags = ?10, level = 0
             WHERE ledger.state <> ?11 AND ledger.state <> ?12",
        )?
        .execute(params![
            mailbox.0,
            entry.uid.0,
            state_column(entry.state),
            target_uid,
            target_file,
            entry.size,
            entry.internal_date.unix_seconds,
            entry.internal_date.offset_minutes,
            entry.digest.map(|digest| digest.0),
            flag_number,
            state_column(LedgerState::Copied),
            state_column(LedgerState::Adopted),
        ])?;
    Ok(())
}

fn target_columns(target: Option<&TargetId>) -> (Option<u32>, Option<&str>) {
    match target {
        Some(TargetId::Uid(uid)) => (Some(uid.0), None),
        Some(TargetId::File(name)) => (None, Some(name)),
        None => (None, None),
    }
}

fn read(row: &Row<'_>) -> Result<LedgerEntry, Fault> {
    let target_uid: Option<u32> = row.get(2)?;
    let target_file: Option<String> = row.get(3)?;
    let wire = row.get_ref(8)?.as_str().map_err(|error| Fault::Unreadable(error.to_string()))?;
    Ok(LedgerEntry {
        uid: Uid(row.get(0)?),
        state: state(row.get(1)?)?,
        target: target_uid.map(|uid| TargetId::Uid(Uid(uid))).or(target_file.map(TargetId::File)),
        size: row.get(4)?,
        internal_date: InternalDate { unix_seconds: row.get(5)?, offset_minutes: row.get(6)? },
        digest: row.get::<_, Option<[u8; 16]>>(7)?.map(Digest),
        flags: flags::of_wire(wire),
        level: level(row.get(9)?)?,
    })
}
