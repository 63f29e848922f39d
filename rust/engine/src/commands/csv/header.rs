//! The header of a CSV file: which column holds what.

use super::Rules;
use crate::messages::csv::CsvError;
use csv::ByteRecord;

/// The columns that mean something; the first three are required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    EmailAddress,
    UserName,
    Password,
    UserRoot,
    TargetUserName,
    TargetPassword,
}

impl Column {
    const ALL: [Self; 6] = [
        Self::EmailAddress,
        Self::UserName,
        Self::Password,
        Self::UserRoot,
        Self::TargetUserName,
        Self::TargetPassword,
    ];
    const REQUIRED: usize = 3;

    const fn name(self) -> &'static str {
        match self {
            Self::EmailAddress => "EmailAddress",
            Self::UserName => "UserName",
            Self::Password => "Password",
            Self::UserRoot => "UserRoot",
            Self::TargetUserName => "TargetUserName",
            Self::TargetPassword => "TargetPassword",
        }
    }
}

/// Where each column stands.
#[derive(Debug)]
pub(super) struct Header {
    places: [Option<usize>; Column::ALL.len()],
    width: usize,
}

impl Header {
    /// Reads the first row. Names are taken in any case and order.
    pub(super) fn parse(record: &ByteRecord, rules: Rules) -> Result<Self, CsvError> {
        let names: Vec<String> =
            record.iter().map(|name| String::from_utf8_lossy(name.trim_ascii()).into_owned()).collect();
        if let [only] = &names[..]
            && let Some(found) = wrong_separator(only)
        {
            return Err(CsvError::WrongSeparator { found });
        }
        let mut places = [None; Column::ALL.len()];
        let mut unknown = Vec::new();
        for (at, name) in names.iter().enumerate() {
            match Column::ALL.iter().position(|column| column.name().eq_ignore_ascii_case(name)) {
                Some(column) if places[column].is_some() => {
                    return Err(CsvError::ColumnTwice { column: Column::ALL[column].name().to_owned() });
                }
                Some(column) => places[column] = Some(at),
                None => unknown.push(name.clone()),
            }
        }
        let required = |column: &Column| *column != Column::Password || rules.password_needed;
        let mut missing = Column::ALL[..Column::REQUIRED]
            .iter()
            .filter(|column| required(column) && places[**column as usize].is_none())
            .map(|column| column.name());
        if let Some(column) = missing.next() {
            return Err(CsvError::ColumnMissing { column, others: missing.collect() });
        }
        if !unknown.is_empty() && !rules.allow_unknown_columns {
            let known: Vec<_> = Column::ALL.iter().map(|column| column.name()).collect();
            return Err(CsvError::UnknownColumns { columns: unknown, known: known.join(", ") });
        }
        Ok(Self { places, width: names.len() })
    }

    /// How many columns every row has.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The row's field in this column, where the file has it.
    pub(super) fn field<'r>(&self, record: &'r ByteRecord, column: Column) -> Option<&'r str> {
        let bytes = record.get(self.places[column as usize]?)?;
        Some(std::str::from_utf8(bytes).expect("the file is text, and fields end at ASCII characters"))
    }
}

/// Whether a record that precedes the header says how the file is written: `sep=,` for Excel, or `#TYPE` by Export-Csv of
/// Windows PowerShell.
pub(super) fn is_preamble(record: &ByteRecord) -> bool {
    let first = record.get(0).unwrap_or_default();
    let is_type = first.len() > 6 && first[..6].eq_ignore_ascii_case(b"#TYPE ");
    let separator_is_comma = record.len() == 2 && first.eq_ignore_ascii_case(b"sep=") && record[1].is_empty();
    is_type || separator_is_comma || (record.len() == 1 && first.eq_ignore_ascii_case(b"sep=,"))
}

/// What separates the columns of a header that has no comma but names one of ours.
fn wrong_separator(header: &str) -> Option<&'static str> {
    [(';', "semicolons"), ('\t', "tabs"), ('|', "vertical bars")]
        .into_iter()
        .find(|(separator, _)| header.contains(*separator))
        .map(|(_, name)| name)
}
