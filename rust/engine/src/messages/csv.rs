//! What can be wrong with a CSV file as a whole and with its rows, in Exchange's words where there are some.

use super::terms::Term;
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_core::batch::ValidationWarning;

/// How many warnings an error shows when there is nothing but warnings.
const SHOWN: usize = 50;

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
        "The CSV file has columns that aren't known: {}. Please remove them and re-submit the file, or have them ignored with {}. The known columns are {known}.",
        quoted(.columns),
        Term::AllowUnknownColumns
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

/// What is wrong with a row.
pub(crate) mod row {
    use super::Term;

    pub(crate) fn wrong_width(line: u64, expected: usize, actual: usize) -> String {
        format!(
            "Row {line} has the wrong number of columns. Expected number: {expected}. Actual number: {actual}. Please edit this row and re-submit the file."
        )
    }

    pub(crate) fn address_twice(address: &str, first: u64) -> String {
        format!(
            "The EmailAddress \"{address}\" already stands in row {first} of this file. Please remove one of the two rows."
        )
    }

    pub(crate) fn no_user_name() -> String {
        "The UserName is empty. Please enter the login name at the source server.".to_owned()
    }

    pub(crate) fn no_password() -> String {
        "The Password is empty. Please enter the password at the source server.".to_owned()
    }

    pub(crate) fn invisible_in_name(column: &str, name: &str, at: usize, c: char) -> String {
        format!("The {column} \"{name}\" can't be right: {}. Please type it anew.", invisible(at, c))
    }

    pub(crate) fn blanks_around_name(column: &str, name: &str) -> String {
        format!("The {column} \"{name}\" begins or ends with a space. Please remove the space.")
    }

    pub(crate) fn no_address() -> String {
        "The EmailAddress is empty. Please enter the address of the target mailbox.".to_owned()
    }

    /// What is no address may be a password in the wrong column, so it is not repeated.
    pub(crate) fn invisible_in_address(at: usize, c: char) -> String {
        format!("The EmailAddress isn't a valid SMTP address: {}. Please type it anew.", invisible(at, c))
    }

    pub(crate) fn blanks_around_address() -> String {
        "The EmailAddress isn't a valid SMTP address: it begins or ends with a space. Please remove the space.".to_owned()
    }

    pub(crate) fn columns_swapped() -> String {
        "The Password is an address, and the EmailAddress has no whole domain: they may stand in each other's column. Please put them right."
            .to_owned()
    }

    pub(crate) fn invalid_address(length: usize) -> String {
        format!(
            "The EmailAddress, of {length} characters, isn't a valid SMTP address. Please enter an address such as user@contoso.com."
        )
    }

    fn invisible(at: usize, c: char) -> String {
        format!("character {} is the invisible U+{:04X}", at + 1, u32::from(c))
    }

    pub(crate) fn no_target_password(endpoint: &str) -> String {
        format!(
            "The row has no TargetPassword, and the migration endpoint \"{endpoint}\" has no administrator to sign in with. Please add the column TargetPassword, or set an administrator with {}.",
            Term::SetEndpoint
        )
    }

    pub(crate) fn not_in_batch(address: &str, batch: &str) -> String {
        format!(
            "The user \"{address}\" isn't in the migration batch \"{batch}\". Please add the user with {} {}.",
            Term::SetBatch,
            Term::AddUsers
        )
    }

    pub(crate) fn at_work(address: &str) -> String {
        format!(
            "The user \"{address}\" is being migrated, so its UserName, UserRoot and TargetUserName can't change now. Please stop the batch with {} first.",
            Term::StopBatch
        )
    }

    /// Exchange's text, its punctuation included.
    pub(crate) fn in_other_batch(address: &str, batch: &str) -> String {
        format!(
            "The user \"{address}\" is already included in migration batch \"{batch}.\"  Please remove the user from any other batch and try again."
        )
    }
}

/// A user that another command put into another batch meanwhile.
pub(crate) fn user_in_other_batch(address: String, batch: &str) -> ApiError {
    let message = row::in_other_batch(&address, batch);
    ApiError::new("UserDuplicateInOtherBatchException", ErrorCategory::ResourceExists, message)
        .target(address)
}

/// No row changes a user.
pub(crate) fn nothing_to_change(warnings: &[ValidationWarning]) -> ApiError {
    nothing_left("No row of the CSV file changes a user of the batch.", warnings)
}

/// No row is a user.
pub(crate) fn nothing_to_migrate(warnings: &[ValidationWarning]) -> ApiError {
    nothing_left("No row of the CSV file can be migrated.", warnings)
}

fn nothing_left(what: &str, warnings: &[ValidationWarning]) -> ApiError {
    let mut message = what.to_owned();
    for warning in warnings.iter().take(SHOWN) {
        let row = format!("Row {}", warning.row_index);
        if warning.message.starts_with(&row) {
            message.push_str(&format!("\n{}", warning.message));
        } else {
            message.push_str(&format!("\n{row}: {}", warning.message));
        }
    }
    if warnings.len() > SHOWN {
        message.push_str(&format!("\nAnd {} more rows.", warnings.len() - SHOWN));
    }
    ApiError::new("CsvValidationException", ErrorCategory::InvalidData, message)
}
