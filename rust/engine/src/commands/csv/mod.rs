//! Reads the CSV file of New-MigrationBatch and -AddUsers: what is wrong with the file, which rows are users, which are not.
//!
//! Columns, checks and texts follow Exchange's "CSV files for IMAP migration batches". Knows one file, not which users other
//! batches hold. The file holds passwords: every buffer made of it is cleared.

mod decode;
mod header;
mod place;
mod rows;

#[cfg(test)]
mod mutated;
#[cfg(test)]
mod tests;

use crate::messages::csv::CsvError;
use header::Header;
use imapmig_core::batch::ValidationWarning;
use imapmig_core::user::NewUser;
use place::Lines;
use rows::Rows;
use std::io::Read;

/// The most bytes a file may have.
const MAX_BYTES: usize = 10 * 1024 * 1024;
/// The most rows a file may have, the header apart.
const MAX_ROWS: usize = 50_000;
/// As large as the reader's own buffer; see [`wiping`].
const READ_BUFFER: usize = 8 * 1024;

/// A row that passed the checks, with the line it stands in.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) line: u64,
    pub(crate) user: NewUser,
}

/// What is asked of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Columns that are not known are ignored.
    pub(crate) allow_unknown_columns: bool,
    /// Every row has a password at the source.
    pub(crate) password_needed: bool,
}

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct CsvFile {
    /// Rows to migrate, in their order.
    pub(crate) rows: Vec<Row>,
    /// Rows that are not migrated, and why.
    pub(crate) warnings: Vec<ValidationWarning>,
}

impl CsvFile {
    /// Turns the rows for which `why` returns a reason into warnings.
    pub(crate) fn reject(&mut self, mut why: impl FnMut(&NewUser) -> Option<String>) {
        let warnings = &mut self.warnings;
        self.rows.retain(|row| {
            let Some(message) = why(&row.user) else { return true };
            let email_address = row.user.email_address.clone();
            warnings.push(ValidationWarning { row_index: row.line, email_address, message });
            false
        });
    }
}

/// Reads a file.
pub(crate) fn read(bytes: &[u8], rules: Rules) -> Result<CsvFile, CsvError> {
    if bytes.len() > MAX_BYTES {
        return Err(CsvError::TooLarge);
    }
    let text = decode::text(bytes)?;
    if text.trim().is_empty() {
        return Err(CsvError::Empty);
    }
    if let Some(line) = place::unclosed_quote(&text) {
        return Err(CsvError::UnclosedQuote { line });
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(READ_BUFFER)
        .from_reader(wiping(&text));
    let mut record = csv::ByteRecord::with_capacity(READ_BUFFER, 8);
    let mut longest = 0;
    let mut lines = Lines::new(&text);
    let mut header = None;
    let mut rows = Rows::new(rules);
    let end = loop {
        let more = reader.read_byte_record(&mut record);
        if !more.expect("text in memory can be read, and rows of any length are taken") {
            break Ok(());
        }
        longest = longest.max(record.as_slice().len());
        if record.iter().all(|field| field.trim_ascii().is_empty()) {
            continue;
        }
        if header.is_none()
            && record.position().is_none_or(|start| start.record() == 0)
            && header::is_preamble(&record)
        {
            continue;
        }
        match &header {
            None => match Header::parse(&record, rules) {
                Ok(parsed) => header = Some(parsed),
                Err(error) => break Err(error),
            },
            Some(_) if rows.len() == MAX_ROWS => break Err(CsvError::TooManyRows),
            Some(header) => {
                let start = record.position().map_or(0, csv::Position::byte);
                rows.add(header, &record, lines.at(start));
            }
        }
    };
    record.clear();
    record.push_field(&vec![0; longest]);
    end?;
    if rows.len() == 0 { Err(CsvError::HeaderOnly) } else { Ok(rows.finish()) }
}

/// The text followed by blank lines, so that the reader's buffer holds no password when it is given back.
fn wiping(text: &str) -> impl Read {
    text.as_bytes().chain(std::io::repeat(b'\n').take(2 * READ_BUFFER as u64))
}
