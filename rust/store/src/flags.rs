//! Gives each set of flags and keywords a number, since a mailbox of half a million messages has only a few of them.

use crate::connection::{Connections, Durability};
use crate::errors::Fault;
use imapmig_core::message::Flags;
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The limit for mailboxes in which every message has keywords of its own, which must not fill the memory.
const REMEMBERED: usize = 10_000;

/// The numbers that this process knows. A number is never reused for another set, so they stay valid.
#[derive(Debug, Default)]
pub(crate) struct FlagNumbers {
    known: Mutex<HashMap<Flags, i64>>,
}

impl FlagNumbers {
    /// The number of each of `sets`. New ones are written in a transaction of their own, so that a number in use is
    /// never rolled back.
    pub(crate) fn of<'a>(
        &self,
        connections: &Connections,
        sets: impl Iterator<Item = &'a Flags> + Clone,
    ) -> Result<Vec<i64>, Fault> {
        if let Some(numbers) = self.known_numbers(sets.clone()) {
            return Ok(numbers);
        }
        let numbers = connections.write(Durability::Process, |transaction| {
            sets.clone().map(|flags| number(transaction, flags)).collect::<Result<Vec<_>, _>>()
        })?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() > REMEMBERED {
            known.clear();
        }
        known.extend(sets.cloned().zip(numbers.iter().copied()));
        Ok(numbers)
    }

    fn known_numbers<'a>(&self, mut sets: impl Iterator<Item = &'a Flags>) -> Option<Vec<i64>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        sets.try_fold(Vec::new(), |mut numbers, flags| {
            numbers.push(*known.get(flags)?);
            Some(numbers)
        })
    }
}

/// Reads the wire form in which a set of flags is stored.
pub(crate) fn of_wire(wire: &str) -> Flags {
    Flags::from_wire(wire.split(' '))
}

fn number(connection: &Connection, flags: &Flags) -> Result<i64, Fault> {
    let wire = flags.to_string();
    let there = connection
        .prepare_cached("SELECT id FROM flags WHERE wire = ?1")?
        .query_row([&wire], |row| row.get(0))
        .optional()?;
    match there {
        Some(number) => Ok(number),
        None => Ok(connection
            .prepare_cached("INSERT INTO flags (wire) VALUES (?1) RETURNING id")?
            .query_row([&wire], |row| row.get(0))?),
    }
}
