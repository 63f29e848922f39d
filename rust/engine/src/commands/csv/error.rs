//! What can be wrong with a CSV file as a whole, in Exchange's words where there are some.

use imapmig_core::api::{ApiError, ErrorCategory};

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CsvError {
    #[error(
        "Upload file can't be empty. Give a CSV file with the header EmailAddress,UserName,Password and one row for each user."
    )]
    Empty,
    #[error("Upload file can't be empty. It holds the header only; add one row for each user.")]
    HeaderOnly,
    #[error(
        "The CSV file is larger than 10 MB. Please divide the file into two or more files and submit them separately."
    )]
    TooLarge,
    #[error(
        "The CSV file contains more than 50,000 rows. Please divide the file into two or more files and submit them separately."
    )]
    TooManyRows,
    #[error(
        "Column \"{column}\" is missing from the CSV file. The import process can't continue because this column is required. Please edit the CSV file and re-submit it.{}",
        also(.others)
    )]
    ColumnMissing { column: &'static str, others: Vec<&'static str> },
    #[error(
        "Column \"{column}\" stands more than once in the CSV file. Please edit the CSV file and re-submit it."
    )]
    ColumnTwice { column: String },
    #[error(
        "The CSV file has columns that aren't known: {}. Please remove them and re-submit the file, or have them ignored with -AllowUnknownColumnsInCsv $true. The known columns are {known}.",
        quoted(.columns)
    )]
    UnknownColumns { columns: Vec<String>, known: String },
    #[error(
        "The CSV file separates its columns by {found}. Please separate them by commas and re-submit the file."
    )]
    WrongSeparator { found: &'static str },
    #[error(
        "The quoted field that begins in row {line} of the CSV file is never closed. Please add the missing quotation mark and re-submit the file."
    )]
    UnclosedQuote { line: u64 },
    #[error(
        "The file isn't a CSV file: it is an Excel workbook or another archive. Please save it as \"CSV UTF-8 (comma delimited)\" and submit that file."
    )]
    Archive,
    #[error(
        "The file isn't a CSV file: it holds binary data (a NUL in row {line}). Please save it as \"CSV UTF-8 (comma delimited)\" and submit that file."
    )]
    Binary { line: usize },
    #[error(
        "The CSV file isn't in UTF-8 or UTF-16 (row {line} cannot be read). Please save it as \"CSV UTF-8 (comma delimited)\" and submit that file."
    )]
    NotUnicode { line: usize },
}

fn also(columns: &[&str]) -> String {
    if columns.is_empty() { String::new() } else { format!(" Also missing: {}.", quoted(columns)) }
}

fn quoted<S: AsRef<str>>(columns: &[S]) -> String {
    let columns: Vec<_> = columns.iter().map(|c| format!("\"{}\"", c.as_ref())).collect();
    columns.join(", ")
}

impl From<CsvError> for ApiError {
    fn from(error: CsvError) -> Self {
        let code = match &error {
            CsvError::Empty | CsvError::HeaderOnly => "CsvFileIsEmptyException",
            CsvError::TooLarge => "CsvFileTooLargeException",
            CsvError::TooManyRows => "CsvTooManyRowsException",
            CsvError::ColumnMissing { .. } => "CsvRequiredColumnMissingException",
            CsvError::ColumnTwice { .. } => "CsvDuplicatedColumnException",
            CsvError::UnknownColumns { .. } => "CsvUnknownColumnsException",
            CsvError::WrongSeparator { .. } | CsvError::UnclosedQuote { .. } => "CsvValidationException",
            CsvError::Archive | CsvError::Binary { .. } | CsvError::NotUnicode { .. } => {
                "CsvFileEncodingException"
            }
        };
        Self::new(code, ErrorCategory::InvalidData, error.to_string())
    }
}
