//! Connections to the database: how they are opened, and which one a call gets.
//!
//! One connection of the process writes, so that its threads wait for each other without polling; other processes poll
//! SQLite's lock. Readers never wait for the writer (write-ahead log) and come from a small pool.
//!
//! SQLite's lock has no queue: a process that commits without a break can shut the others out, and its own busy handler asks
//! only every 100 ms in the end. So waiting processes ask every millisecond, and a process that has written for a
//! while makes a pause longer than that.

use crate::directory::{StateDirectory, create_private};
use crate::errors::Fault;
use crate::schema::{self, Version};
use imapmig_core::ports::store::StoreError;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a call waits for another process before it gives up.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a waiting process asks.
const ASK_EVERY: Duration = Duration::from_millis(1);
/// How long a process writes without a pause.
const TURN: Duration = Duration::from_millis(20);
/// The pause, in which a waiting process asks at least once.
const PAUSE: Duration = Duration::from_millis(2);
const IDLE_READERS: usize = 8;
const CACHED_STATEMENTS: usize = 64;
/// A log that grew larger is cut back to this many bytes once it has been taken over into the database.
const LOG_LIMIT: i64 = 16 << 20;

/// What a commit has to outlive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// The end of the process. After a loss of power the database is whole, but the last such commits may be missing.
    Process,
    /// A loss of power.
    Power,
}

/// The connections of one process.
#[derive(Debug)]
pub(crate) struct Connections {
    directory: StateDirectory,
    writer: Mutex<Writer>,
    file: FileIdentity,
    /// Writes nothing itself, so that `data_version` counts every change, also those of this process.
    watcher: Mutex<Option<Connection>>,
    idle: Mutex<Vec<Connection>>,
}

#[derive(Debug)]
struct Writer {
    connection: Connection,
    /// When it began to write without a pause.
    turn_began: Instant,
    last_write: Instant,
}

impl Writer {
    fn new(connection: Connection) -> Self {
        let now = Instant::now();
        Self { connection, turn_began: now, last_write: now }
    }

    /// Pauses for other processes when this one has written for long enough.
    fn take_turn(&mut self) {
        if self.last_write.elapsed() < PAUSE && self.turn_began.elapsed() >= TURN {
            thread::sleep(PAUSE);
        }
        if self.last_write.elapsed() >= PAUSE {
            self.turn_began = Instant::now();
        }
    }
}

impl Connections {
    /// Opens the database, makes it when it is not there, and brings it to this version.
    pub(crate) fn open(directory: &StateDirectory) -> Result<Self, Fault> {
        create_private(&directory.database())?;
        let mut writer = connect(directory)?;
        patiently(|| prepare(&mut writer))?;
        Ok(Self {
            file: FileIdentity::of(directory)?,
            watcher: Mutex::new(None),
            directory: directory.clone(),
            writer: Mutex::new(Writer::new(writer)),
            idle: Mutex::new(Vec::with_capacity(IDLE_READERS)),
        })
    }

    /// SQLite's number of the present version, as one connection sees it.
    pub(crate) fn version(&self) -> Result<i64, Fault> {
        self.watched().map_err(|fault| self.explained(fault))
    }

    fn watched(&self) -> Result<i64, Fault> {
        let mut watcher = lock(&self.watcher);
        let connection = match watcher.as_ref() {
            Some(connection) => connection,
            None => watcher.insert(connect(&self.directory)?),
        };
        Ok(connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?)
    }

    /// Runs `work` in one transaction that sees one state of the database.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        self.read_from_pool(work).map_err(|fault| self.explained(fault))
    }

    fn read_from_pool<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let idle = lock(&self.idle).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => {
                let reader = connect(&self.directory)?;
                reader.pragma_update(None, "query_only", true)?;
                reader
            }
        };
        let transaction = reader.transaction_with_behavior(TransactionBehavior::Deferred)?;
        let result = work(&transaction)?;
        transaction.commit()?;
        let mut idle = lock(&self.idle);
        if idle.len() < IDLE_READERS {
            idle.push(reader);
        }
        Ok(result)
    }

    /// Runs `work` in one transaction, and takes all of it back when it fails.
    pub(crate) fn write<T>(
        &self,
        durability: Durability,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        // What is written into a file without a name would be lost, and a second worker could begin with another one.
        self.check_file()?;
        self.write_in_turn(durability, work).map_err(|fault| self.explained(fault))
    }

    fn write_in_turn<T>(
        &self,
        durability: Durability,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut writer = lock(&self.writer);
        writer.take_turn();
        writer.connection.pragma_update(
            None,
            "synchronous",
            match durability {
                Durability::Process => "NORMAL",
                Durability::Power => "FULL",
            },
        )?;
        let transaction = writer.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = work(&transaction)?;
        transaction.commit()?;
        writer.last_write = Instant::now();
        Ok(result)
    }

    /// Fails if the database was deleted or replaced since it was opened.
    fn check_file(&self) -> Result<(), Fault> {
        if FileIdentity::of(&self.directory)? == self.file { Ok(()) } else { Err(Fault::Replaced) }
    }

    /// What SQLite reports as a failed read, write or opening when the database's file has been deleted or replaced.
    fn explained(&self, fault: Fault) -> Fault {
        match (&fault, self.check_file()) {
            (Fault::Sql(_), Err(Fault::Replaced)) => Fault::Replaced,
            _ => fault,
        }
    }

    /// Empties the write-ahead log, so that what was deleted is in no file any more. Gives up at once if there is a reader;
    /// the log is then overwritten in time.
    pub(crate) fn empty_log(&self) -> Result<(), Fault> {
        let writer = lock(&self.writer);
        writer.connection.busy_handler(None)?;
        let emptied = writer.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        writer.connection.busy_handler(Some(ask_again))?;
        match emptied.map_err(Fault::from) {
            Err(fault) if !fault.is_busy() => Err(fault),
            _ => Ok(()),
        }
    }
}

/// Which file the database's path means. The file is only looked up: on Unix a process that opens and closes it once more loses
/// SQLite's locks. On Windows an open database cannot be deleted or replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileIdentity {
    #[cfg(unix)]
    device_and_inode: (u64, u64),
}

impl FileIdentity {
    #[cfg(unix)]
    fn of(directory: &StateDirectory) -> Result<Self, Fault> {
        use std::os::unix::fs::MetadataExt;
        match std::fs::metadata(directory.database()) {
            Ok(file) => Ok(Self { device_and_inode: (file.dev(), file.ino()) }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Fault::Replaced),
            Err(error) => Err(error.into()),
        }
    }

    #[cfg(not(unix))]
    #[allow(clippy::unnecessary_wraps, reason = "the same signature on every system")]
    fn of(_directory: &StateDirectory) -> Result<Self, Fault> {
        Ok(Self {})
    }
}

/// A panic in a transaction rolls it back, so the connection behind a poisoned lock is still usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(directory: &StateDirectory) -> Result<Connection, Fault> {
    let connection = Connection::open_with_flags(
        directory.database(),
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_handler(Some(ask_again))?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// What is set once for the file or for the writer.
fn prepare(writer: &mut Connection) -> Result<(), Fault> {
    let version = schema::version(writer)?;
    if version == Version::Newer {
        return Err(StoreError::TooNew.into());
    }
    writer.pragma_update(None, "journal_mode", "WAL")?;
    writer.pragma_update(None, "journal_size_limit", LOG_LIMIT)?;
    // Deleted secrets are overwritten, in the database's free space too.
    writer.pragma_update(None, "secure_delete", true)?;
    // macOS: a plain fsync leaves data in the drive's cache. No effect elsewhere.
    writer.pragma_update(None, "fullfsync", true)?;
    if version == Version::Older {
        schema::upgrade(writer)?;
    }
    Ok(())
}

/// SQLite's busy handler: whether to ask again, after this many times.
fn ask_again(asked: i32) -> bool {
    let waited = ASK_EVERY.saturating_mul(asked.unsigned_abs());
    if waited < PATIENCE {
        thread::sleep(ASK_EVERY);
    }
    waited < PATIENCE
}

/// Tries again while another process is in the way: SQLite does not call its busy handler for a change of the journal mode.
fn patiently<T>(mut work: impl FnMut() -> Result<T, Fault>) -> Result<T, Fault> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        match work() {
            Err(fault) if fault.is_busy() && Instant::now() < give_up => thread::sleep(ASK_EVERY),
            result => return result,
        }
    }
}
