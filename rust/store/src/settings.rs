//! Settings of the whole installation, by name.

use crate::errors::Fault;
use rusqlite::{Connection, OptionalExtension, params};

pub(crate) fn get(connection: &Connection, name: &str) -> Result<Option<String>, Fault> {
    Ok(connection
        .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

pub(crate) fn set(connection: &Connection, name: &str, value: Option<&str>) -> Result<(), Fault> {
    match value {
        Some(value) => connection.execute(
            "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
            params![name, value],
        )?,
        None => connection.execute("DELETE FROM settings WHERE name = ?1", [name])?,
    };
    Ok(())
}
