//! Deletes the ledger of removed batches in portions and in the background, so that no command waits for millions of rows.
//!
//! What is left when the process ends is deleted by the next one that opens the database, or that removes a batch.

use crate::connection::{Connections, Durability};
use crate::errors::Fault;
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

/// How many rows one transaction deletes at most; some tens of milliseconds.
const PORTION: usize = 10_000;
/// What a mailbox without rows counts, so that many empty ones make no endless transaction either.
const PER_MAILBOX: usize = 50;

/// Deletes in the background what is to be deleted.
#[derive(Debug)]
pub(crate) struct Purger {
    connections: Arc<Connections>,
    stopping: Arc<AtomicBool>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    running: bool,
    /// More may be waiting than when the thread looked last.
    again: bool,
    thread: Option<JoinHandle<()>>,
}

impl Purger {
    pub(crate) fn new(connections: Arc<Connections>) -> Self {
        Self { connections, stopping: Arc::default(), state: Arc::default() }
    }

    /// Starts the thread if there is anything to delete.
    pub(crate) fn start_if_needed(&self) -> Result<(), Fault> {
        let left: i64 = self.connections.read(|c| {
            Ok(c.query_row("SELECT COUNT(*) FROM (SELECT 1 FROM purge LIMIT 1) p", [], |row| row.get(0))?)
        })?;
        if left > 0 {
            self.start();
        }
        Ok(())
    }

    /// Starts the thread, or has it continue with what was added meanwhile.
    pub(crate) fn start(&self) {
        let mut state = lock(&self.state);
        if state.running {
            state.again = true;
            return;
        }
        let (connections, stopping, shared) =
            (Arc::clone(&self.connections), Arc::clone(&self.stopping), Arc::clone(&self.state));
        let thread = thread::Builder::new().name("purge".to_owned()).spawn(move || {
            loop {
                // Nothing waits for this, and the next process that opens the database continues here.
                let _ended = delete_all(&connections, &stopping);
                let mut state = lock(&shared);
                if !state.again || stopping.load(Ordering::Relaxed) {
                    state.running = false;
                    return;
                }
                state.again = false;
            }
        });
        // Without a thread it is left to the next process that opens the database.
        state.running = thread.is_ok();
        state.thread = thread.ok();
    }
}

impl Drop for Purger {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        let thread = lock(&self.state).thread.take();
        if let Some(thread) = thread {
            // It ends after the current portion; a panic in it was reported when it happened.
            let _panicked = thread.join();
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Pauses as long as each portion took, so that other writers are not held up.
fn delete_all(connections: &Connections, stopping: &AtomicBool) -> Result<(), Fault> {
    while !stopping.load(Ordering::Relaxed) {
        let begun = Instant::now();
        if !connections.write(Durability::Process, |transaction| portion(transaction))? {
            break;
        }
        thread::sleep(begun.elapsed());
    }
    Ok(())
}

/// Deletes one portion. Returns `true` if anything is left.
fn portion(connection: &Connection) -> Result<bool, Fault> {
    let mut next = connection.prepare_cached("SELECT mailbox FROM purge ORDER BY mailbox LIMIT 1")?;
    let mut room = PORTION;
    while let Some(mailbox) = next.query_row([], |row| row.get::<_, i64>(0)).optional()? {
        let deleted = delete(connection, mailbox, room)?;
        if deleted == room {
            return Ok(true);
        }
        connection.prepare_cached("DELETE FROM purge WHERE mailbox = ?1")?.execute([mailbox])?;
        room = room.saturating_sub(deleted + PER_MAILBOX);
        if room == 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

fn delete(connection: &Connection, mailbox: i64, at_most: usize) -> Result<usize, Fault> {
    let last_uid: Option<i64> = connection
        .prepare_cached("SELECT uid FROM ledger WHERE mailbox = ?1 ORDER BY uid LIMIT 1 OFFSET ?2")?
        .query_row(params![mailbox, at_most - 1], |row| row.get(0))
        .optional()?;
    let deleted = match last_uid {
        Some(uid) => connection
            .prepare_cached("DELETE FROM ledger WHERE mailbox = ?1 AND uid <= ?2")?
            .execute(params![mailbox, uid])?,
        None => connection.prepare_cached("DELETE FROM ledger WHERE mailbox = ?1")?.execute([mailbox])?,
    };
    Ok(deleted)
}
