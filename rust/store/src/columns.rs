//! Conversions between the port's types and columns: identities and states as text, instants as milliseconds.

use crate::errors::Fault;
use imapmig_core::folder::FolderPath;
use imapmig_core::time::UnixMs;
use rusqlite::{Row, RowIndex};
use serde_json::Value;
use std::fmt::Display;
use std::str::FromStr;

/// A value that is written with `Display` and read with `FromStr`: identities and states.
pub(crate) fn parsed<T>(row: &Row<'_>, column: impl RowIndex) -> Result<T, Fault>
where
    T: FromStr,
    T::Err: Display,
{
    parse(row.get_ref(column)?.as_str().map_err(|e| Fault::Unreadable(e.to_string()))?)
}

/// The same for a column that may be NULL.
pub(crate) fn parsed_option<T>(row: &Row<'_>, column: &str) -> Result<Option<T>, Fault>
where
    T: FromStr,
    T::Err: Display,
{
    row.get::<_, Option<String>>(column)?.map(|text| parse(&text)).transpose()
}

/// Reads a text that an earlier call wrote with `Display`.
pub(crate) fn parse<T>(text: &str) -> Result<T, Fault>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse().map_err(|e: T::Err| Fault::Unreadable(e.to_string()))
}

/// An enum that serde writes as a string.
pub(crate) fn word<T: serde::Serialize>(value: T) -> Result<String, Fault> {
    match serde_json::to_value(value)? {
        Value::String(text) => Ok(text),
        other => Err(Fault::Unreadable(format!("{other} is no word"))),
    }
}

/// The enum that [`word`] wrote.
pub(crate) fn of_word<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T, Fault> {
    Ok(serde_json::from_value(Value::String(row.get(column)?))?)
}

/// An instant.
pub(crate) fn instant(row: &Row<'_>, column: &str) -> Result<UnixMs, Fault> {
    Ok(UnixMs(row.get(column)?))
}

/// An instant, or NULL.
pub(crate) fn instant_option(row: &Row<'_>, column: impl RowIndex) -> Result<Option<UnixMs>, Fault> {
    Ok(row.get::<_, Option<i64>>(column)?.map(UnixMs))
}

/// A folder, as a JSON array, since any character may be part of a segment.
pub(crate) fn folder_text(folder: &FolderPath) -> Result<String, Fault> {
    Ok(serde_json::to_string(folder)?)
}

/// The folder that [`folder_text`] wrote.
pub(crate) fn folder(row: &Row<'_>, column: &str) -> Result<FolderPath, Fault> {
    Ok(serde_json::from_str(&row.get::<_, String>(column)?)?)
}

/// A name as it is compared: in any case, in any script.
pub(crate) fn name_key(name: &str) -> String {
    name.to_lowercase()
}

/// An EmailAddress as it is compared: ASCII letters in any case.
pub(crate) fn email_key(address: &str) -> String {
    address.to_ascii_lowercase()
}
