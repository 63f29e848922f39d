//! Conditions of queries whose number is known only when they are asked.

use rusqlite::types::Value;

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

    /// The query, grouped.
    pub(crate) fn group(&self, query: &str, by: &str) -> String {
        format!("{query}{} GROUP BY {by}", self.condition())
    }

    fn condition(&self) -> String {
        if self.sql.is_empty() { String::new() } else { format!(" WHERE {}", self.sql.join(" AND ")) }
    }
}
