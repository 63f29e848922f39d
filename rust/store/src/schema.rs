//! The tables, and the way from every earlier version to this one.
//!
//! `PRAGMA user_version` counts the steps that were taken. A step is never changed once it was released; a change of
//! the tables is one more step. Column names avoid what PostgreSQL reserves (`user`, `offset`, `limit`).

use crate::errors::Fault;
use rusqlite::{Connection, TransactionBehavior};

const STEPS: &[&str] =
    &[FIRST, DOUBTS, REQUESTS, TARGETS, CONFIRMATIONS, LEVELS, COUNTS, SUSPECTS, RUNS, LIFETIMES, CANDIDATES];

/// Whether the database is of this version, of an earlier one, or of one that this program does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Current,
    Older,
    Newer,
}

/// The version of the database.
pub(crate) fn version(connection: &Connection) -> Result<Version, Fault> {
    Ok(match steps_taken(connection)?.cmp(&STEPS.len()) {
        std::cmp::Ordering::Less => Version::Older,
        std::cmp::Ordering::Equal => Version::Current,
        std::cmp::Ordering::Greater => Version::Newer,
    })
}

/// Takes the steps that are missing, all or none. Two processes may do this at once; the second finds nothing to do.
pub(crate) fn upgrade(connection: &mut Connection) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in STEPS.iter().skip(steps_taken(&transaction)?) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", STEPS.len())?;
    Ok(transaction.commit()?)
}

fn steps_taken(connection: &Connection) -> Result<usize, Fault> {
    let taken: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    usize::try_from(taken).map_err(|_| Fault::Unreadable("its version is negative".to_owned()))
}

/// `seq` gives the order of creation and is never used twice. The ledger refers to mailboxes without a foreign key: its rows
/// outlive the batch for as long as it takes to delete them in portions (table `purge`). Its key falls, as mail is moved newest
/// first: rows that come in the order of the key fill their pages, 50 bytes each instead of 85.
const FIRST: &str = "
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE endpoints (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    guid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    settings TEXT NOT NULL,
    max_migrations INTEGER,
    max_incremental_syncs INTEGER,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    administrator_password BLOB,
    client_credential BLOB
);

CREATE TABLE batches (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    guid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    source TEXT NOT NULL REFERENCES endpoints (guid),
    target TEXT REFERENCES endpoints (guid),
    options TEXT NOT NULL,
    warnings TEXT NOT NULL,
    message TEXT,
    submitted_by TEXT NOT NULL,
    created INTEGER NOT NULL,
    started INTEGER,
    initial_synced INTEGER,
    last_synced INTEGER
);
CREATE INDEX batches_source ON batches (source);
CREATE INDEX batches_target ON batches (target);

CREATE TABLE users (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    guid TEXT NOT NULL UNIQUE,
    batch TEXT NOT NULL REFERENCES batches (guid),
    email_address TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    user_name TEXT NOT NULL,
    user_root TEXT,
    target_user_name TEXT,
    status TEXT NOT NULL,
    error TEXT,
    error_summary TEXT,
    waiting TEXT,
    total_items INTEGER NOT NULL DEFAULT 0,
    total_bytes INTEGER NOT NULL DEFAULT 0,
    synced_items INTEGER NOT NULL DEFAULT 0,
    adopted_items INTEGER NOT NULL DEFAULT 0,
    skipped_items INTEGER NOT NULL DEFAULT 0,
    bytes_transferred INTEGER NOT NULL DEFAULT 0,
    verified_items INTEGER NOT NULL DEFAULT 0,
    queued INTEGER,
    started INTEGER,
    initial_synced INTEGER,
    last_synced INTEGER,
    next_sync INTEGER,
    queued_ms INTEGER NOT NULL DEFAULT 0,
    in_progress_ms INTEGER NOT NULL DEFAULT 0,
    password BLOB NOT NULL,
    password_mark BLOB NOT NULL,
    target_password BLOB
);
CREATE INDEX users_batch ON users (batch, status);

CREATE TABLE wishes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    batch TEXT NOT NULL REFERENCES batches (guid),
    for_user TEXT REFERENCES users (guid),
    asked INTEGER NOT NULL
);
CREATE INDEX wishes_batch ON wishes (batch);
CREATE INDEX wishes_user ON wishes (for_user);

CREATE TABLE worker (
    only_one INTEGER NOT NULL PRIMARY KEY CHECK (only_one = 1),
    guid TEXT NOT NULL,
    holder TEXT NOT NULL,
    heartbeat INTEGER NOT NULL
);

CREATE TABLE mailboxes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL REFERENCES users (guid),
    source TEXT NOT NULL,
    source_validity INTEGER NOT NULL,
    target TEXT NOT NULL,
    target_validity INTEGER NOT NULL,
    target_known_below INTEGER NOT NULL,
    source_modseq INTEGER,
    complete INTEGER NOT NULL,
    UNIQUE (owner, source)
);

CREATE TABLE flags (
    id INTEGER PRIMARY KEY,
    wire TEXT NOT NULL UNIQUE
);

CREATE TABLE ledger (
    mailbox INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    state INTEGER NOT NULL,
    target_uid INTEGER,
    target_file TEXT,
    size INTEGER NOT NULL,
    received INTEGER NOT NULL,
    zone INTEGER NOT NULL,
    digest BLOB,
    flags INTEGER NOT NULL,
    PRIMARY KEY (mailbox, uid DESC)
) WITHOUT ROWID;

CREATE TABLE purge (
    mailbox INTEGER NOT NULL PRIMARY KEY
);

CREATE TABLE skipped (
    owner TEXT NOT NULL REFERENCES users (guid),
    folder TEXT NOT NULL,
    uid INTEGER NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    subject TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    date_sent INTEGER,
    date_received INTEGER,
    reason TEXT NOT NULL,
    kept_file TEXT,
    PRIMARY KEY (owner, folder, uid, kind)
) WITHOUT ROWID;

CREATE TABLE reports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL REFERENCES users (guid),
    told INTEGER NOT NULL,
    line TEXT NOT NULL
);
CREATE INDEX reports_owner ON reports (owner, id);
";

/// What a server may store late; `target_uid` are second copies that are being taken back. Both go with their mailbox.
const DOUBTS: &str = "
CREATE TABLE doubts (
    mailbox INTEGER NOT NULL REFERENCES mailboxes (id) ON DELETE CASCADE,
    uid INTEGER NOT NULL,
    target_from INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (mailbox, uid)
) WITHOUT ROWID;

CREATE TABLE strays (
    mailbox INTEGER NOT NULL REFERENCES mailboxes (id) ON DELETE CASCADE,
    target_uid INTEGER NOT NULL,
    PRIMARY KEY (mailbox, target_uid)
) WITHOUT ROWID;
";

/// One name for what commands ask of workers; a user's last failure as JSON, which stays after the user has recovered.
const REQUESTS: &str = "
ALTER TABLE wishes RENAME TO requests;
DROP INDEX wishes_batch;
DROP INDEX wishes_user;
CREATE INDEX requests_batch ON requests (batch);
CREATE INDEX requests_user ON requests (for_user);

ALTER TABLE users ADD COLUMN failure TEXT;
";

/// No two source messages claim one message at the target. Of claims that an earlier version doubled, the one of the lowest UID is
/// kept; the others are intents again, so that the next sync looks for these messages and copies those that are not there.
/// Partial indexes and row values: SQLite and PostgreSQL have both.
const TARGETS: &str = "
CREATE INDEX ledger_claims ON ledger (mailbox, target_uid) WHERE target_uid IS NOT NULL;
UPDATE ledger SET state = 0, target_uid = NULL, target_file = NULL, digest = NULL
WHERE (mailbox, uid) IN (
    SELECT l.mailbox, l.uid FROM ledger l JOIN (
        SELECT mailbox, target_uid, MIN(uid) AS kept FROM ledger WHERE target_uid IS NOT NULL
        GROUP BY mailbox, target_uid HAVING COUNT(*) > 1
    ) doubled ON doubled.mailbox = l.mailbox AND doubled.target_uid = l.target_uid AND l.uid > doubled.kept
);
DROP INDEX ledger_claims;
CREATE UNIQUE INDEX ledger_target ON ledger (mailbox, target_uid) WHERE target_uid IS NOT NULL;
";

/// What Confirm-MigrationBatch was asked for and found. All of it goes with its batch or user.
const CONFIRMATIONS: &str = "
CREATE TABLE confirmations (
    batch TEXT NOT NULL PRIMARY KEY REFERENCES batches (guid) ON DELETE CASCADE,
    bytes INTEGER NOT NULL,
    requested INTEGER NOT NULL,
    ended INTEGER,
    stopped INTEGER NOT NULL
);

CREATE TABLE confirmed_users (
    owner TEXT NOT NULL PRIMARY KEY REFERENCES users (guid) ON DELETE CASCADE,
    compared INTEGER NOT NULL,
    ended INTEGER,
    error TEXT
);

CREATE TABLE confirmed_folders (
    owner TEXT NOT NULL REFERENCES users (guid) ON DELETE CASCADE,
    source TEXT NOT NULL,
    source_items INTEGER NOT NULL,
    target_items INTEGER NOT NULL,
    matched INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    doubled INTEGER NOT NULL,
    altered INTEGER NOT NULL,
    foreign_items INTEGER NOT NULL,
    exceptions INTEGER NOT NULL,
    flags_added INTEGER NOT NULL,
    PRIMARY KEY (owner, source)
);

CREATE TABLE findings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL REFERENCES users (guid) ON DELETE CASCADE,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    kind TEXT NOT NULL,
    uid INTEGER,
    place TEXT,
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL,
    size INTEGER NOT NULL,
    received INTEGER,
    details TEXT NOT NULL,
    explanation TEXT
);
CREATE INDEX findings_owner ON findings (owner, source);
";

/// How far each message was verified. Earlier versions listed what they had copied before a mailbox was complete; what they had
/// adopted they counted without a look, so that the next sync looks at it.
const LEVELS: &str = "
ALTER TABLE ledger ADD COLUMN level INTEGER NOT NULL DEFAULT 0;
UPDATE ledger SET level = 1
WHERE state = 1 AND (target_uid IS NOT NULL OR target_file IS NOT NULL)
    AND mailbox IN (SELECT id FROM mailboxes WHERE complete = 1);

ALTER TABLE users ADD COLUMN compared_items INTEGER NOT NULL DEFAULT 0;
";

/// What is asked of thousands of users at a time: how many of a batch are in which state, kept by triggers, and whose sync is due.
/// The final sync of a user that completes is due by the same column now.
const COUNTS: &str = "
CREATE TABLE user_counts (
    batch TEXT NOT NULL,
    status TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (batch, status)
) WITHOUT ROWID;
INSERT INTO user_counts (batch, status, number) SELECT batch, status, COUNT(*) FROM users GROUP BY batch, status;

CREATE TRIGGER users_added AFTER INSERT ON users BEGIN
    INSERT INTO user_counts (batch, status, number) VALUES (NEW.batch, NEW.status, 1)
        ON CONFLICT (batch, status) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER users_removed AFTER DELETE ON users BEGIN
    UPDATE user_counts SET number = number - 1 WHERE batch = OLD.batch AND status = OLD.status;
END;
CREATE TRIGGER users_changed AFTER UPDATE OF batch, status ON users
WHEN OLD.batch <> NEW.batch OR OLD.status <> NEW.status BEGIN
    UPDATE user_counts SET number = number - 1 WHERE batch = OLD.batch AND status = OLD.status;
    INSERT INTO user_counts (batch, status, number) VALUES (NEW.batch, NEW.status, 1)
        ON CONFLICT (batch, status) DO UPDATE SET number = number + 1;
END;

UPDATE users SET next_sync = 0 WHERE status = 'Completing';
DROP INDEX users_batch;
CREATE INDEX users_batch ON users (batch, status, next_sync);
";

/// Messages that were under way when connections broke, counted over all workers' lives, and those that are left out for a reason
/// that may pass.
const SUSPECTS: &str = "
CREATE TABLE suspects (
    mailbox INTEGER NOT NULL REFERENCES mailboxes (id) ON DELETE CASCADE,
    uid INTEGER NOT NULL,
    together INTEGER NOT NULL,
    alone INTEGER NOT NULL,
    side TEXT,
    words TEXT,
    left_out INTEGER NOT NULL,
    PRIMARY KEY (mailbox, uid)
) WITHOUT ROWID;
";

/// Under which run of a confirmation results are written, and since when its result is out of date.
const RUNS: &str = "
ALTER TABLE confirmations ADD COLUMN run TEXT NOT NULL DEFAULT '';
UPDATE confirmations SET run = batch;
ALTER TABLE confirmations ADD COLUMN outdated INTEGER;
";

/// When a batch's lifetime began, from which its expiry follows. Batches of earlier versions begin theirs now.
const LIFETIMES: &str = "
ALTER TABLE batches ADD COLUMN active INTEGER NOT NULL DEFAULT 0;
UPDATE batches SET active = CAST(strftime('%s', 'now') AS INTEGER) * 1000;
";

/// The same as in `suspects` for messages of the target that are no message's copy as far as is known: they are read before anything is
/// adopted.
const CANDIDATES: &str = "
CREATE TABLE target_suspects (
    mailbox INTEGER NOT NULL REFERENCES mailboxes (id) ON DELETE CASCADE,
    target_uid INTEGER NOT NULL,
    together INTEGER NOT NULL,
    alone INTEGER NOT NULL,
    side TEXT,
    words TEXT,
    PRIMARY KEY (mailbox, target_uid)
) WITHOUT ROWID;
";
