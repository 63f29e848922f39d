//! Conditions and assignments of statements whose number is known only when they are made.

use crate::errors::Fault;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

/// The conditions of a query, all of which must hold, with their values.
#[derive(Default)]
pub(crate) struct Conditions {
    sql: Vec<String>,
    pub(crate) values: Vec<Value>,
}

impl Conditions {
    /// One more condition; each `?` in it stands for one of `values`.
    pub(crate) fn add(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push(condition.to_owned());
        self.values.extend(values);
    }

    /// The query, in order of `order`, for at most `limit` rows.
    pub(crate) fn select(&mut self, query: &str, order: &str, limit: Option<u32>) -> String {
        let mut sql = format!("{query}{} ORDER BY {order}", self.condition());
        if let Some(limit) = limit {
            sql.push_str(" LIMIT ?");
            self.values.push(limit.into());
        }
        sql
    }

    fn condition(&self) -> String {
        if self.sql.is_empty() { String::new() } else { format!(" WHERE {}", self.sql.join(" AND ")) }
    }
}

/// The columns that an UPDATE sets; all others stay as they are.
#[derive(Default)]
pub(crate) struct Assignments {
    sql: Vec<String>,
    values: Vec<Value>,
}

impl Assignments {
    /// Sets a column; `None` sets nothing.
    pub(crate) fn add<T: Into<Value>>(&mut self, column: &str, value: Option<T>) {
        if let Some(value) = value {
            self.sql.push(format!("{column} = ?"));
            self.values.push(value.into());
        }
    }

    /// Sets a column, or clears it with `Some(None)`; `None` sets nothing.
    pub(crate) fn add_option<T: Into<Value>>(&mut self, column: &str, value: Option<Option<T>>) {
        self.add(column, value.map(|value| value.map_or(Value::Null, Into::into)));
    }

    /// Adds to the number in a column.
    pub(crate) fn increase(&mut self, column: &str, by: i64) {
        if by != 0 {
            self.sql.push(format!("{column} = {column} + ?"));
            self.values.push(by.into());
        }
    }

    /// Updates the row with this Guid and returns how many rows there were.
    pub(crate) fn update(
        mut self,
        connection: &Connection,
        table: &str,
        guid: String,
    ) -> Result<usize, Fault> {
        if self.sql.is_empty() {
            // Nothing to set, but the caller needs to know whether the row exists.
            self.sql.push("guid = guid".to_owned());
        }
        self.values.push(guid.into());
        let sql = format!("UPDATE {table} SET {} WHERE guid = ?", self.sql.join(", "));
        Ok(connection.prepare_cached(&sql)?.execute(params_from_iter(self.values))?)
    }
}
