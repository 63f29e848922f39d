//! The checks of one row: which rows are users, and why the others are not.

use super::header::{Column, Header};
use super::{CsvFile, Row, Rules};
use crate::messages::csv::row;
use csv::ByteRecord;
use imapmig_core::batch::ValidationWarning;
use imapmig_core::secret::Secret;
use imapmig_core::user::NewUser;
use std::collections::HashMap;

/// The longest path of RFC 5321 section 4.5.3.1.3, the angle brackets apart.
const MAX_ADDRESS_BYTES: usize = 254;

/// The rows read so far.
pub(super) struct Rows {
    rules: Rules,
    file: CsvFile,
    lines_by_address: HashMap<String, u64>,
}

impl Rows {
    pub(super) fn new(rules: Rules) -> Self {
        Self { rules, file: CsvFile::default(), lines_by_address: HashMap::new() }
    }

    /// How many rows there were, good and bad.
    pub(super) fn len(&self) -> usize {
        self.file.rows.len() + self.file.warnings.len()
    }

    /// Takes a row, or warns of it.
    pub(super) fn add(&mut self, header: &Header, record: &ByteRecord, line: u64) {
        match self.check(header, record, line) {
            Ok(user) => {
                self.lines_by_address.insert(user.email_address.to_lowercase(), line);
                self.file.rows.push(Row { line, user });
            }
            Err(message) => {
                // What is no address may be a password in the wrong column.
                let password = header.field(record, Column::Password).unwrap_or_default();
                let email_address = header.field(record, Column::EmailAddress);
                let email_address =
                    email_address.filter(|text| check_address(text).is_ok() && !are_swapped(text, password));
                let email_address = email_address.unwrap_or_default().to_owned();
                self.file.warnings.push(ValidationWarning { row_index: line, email_address, message });
            }
        }
    }

    pub(super) fn finish(self) -> CsvFile {
        self.file
    }

    fn check(&self, header: &Header, record: &ByteRecord, line: u64) -> Result<NewUser, String> {
        if record.len() != header.width() {
            return Err(row::wrong_width(line, header.width(), record.len()));
        }
        let required = |column| header.field(record, column).unwrap_or_default();
        let optional = |column| header.field(record, column).filter(|text| !text.is_empty());
        let email_address = required(Column::EmailAddress);
        check_address(email_address)?;
        if let Some(first) = self.lines_by_address.get(&email_address.to_lowercase()) {
            return Err(row::address_twice(email_address, *first));
        }
        let user_name = required(Column::UserName);
        check_user_name("UserName", user_name)?;
        if user_name.is_empty() {
            return Err(row::no_user_name());
        }
        let password = required(Column::Password);
        if are_swapped(email_address, password) {
            return Err(row::columns_swapped());
        }
        if password.is_empty() && self.rules.password_needed {
            return Err(row::no_password());
        }
        let target_user_name = optional(Column::TargetUserName);
        check_user_name("TargetUserName", target_user_name.unwrap_or_default())?;
        Ok(NewUser {
            email_address: email_address.to_owned(),
            user_name: user_name.to_owned(),
            password: Secret::from(password),
            user_root: optional(Column::UserRoot).map(str::to_owned),
            target_user_name: target_user_name.map(str::to_owned),
            target_password: optional(Column::TargetPassword).map(Secret::from),
        })
    }
}

/// The characters that no one sees and that a copied address brings along: soft hyphen, zero width space, direction marks,
/// word joiner, byte order mark. Joiners stay: some scripts are written with them.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// Names the first invisible character of a text, and where it stands.
fn invisible(text: &str) -> Option<(usize, char)> {
    text.chars().enumerate().find(|(_, c)| is_invisible(*c))
}

fn check_user_name(column: &str, name: &str) -> Result<(), String> {
    if let Some((at, c)) = invisible(name) {
        return Err(row::invisible_in_name(column, name, at, c));
    }
    if name.trim() == name { Ok(()) } else { Err(row::blanks_around_name(column, name)) }
}

/// Whether the password is an address with a whole domain, and the address has none: `P@ssw0rd` is an address, too.
fn are_swapped(address: &str, password: &str) -> bool {
    let has_whole_domain = |text: &str| text.split_once('@').is_some_and(|(_, domain)| domain.contains('.'));
    !has_whole_domain(address) && has_whole_domain(password) && check_address(password).is_ok()
}

/// What Exchange calls a valid SMTP address, internationalized ones among them (RFC 6531).
fn check_address(address: &str) -> Result<(), String> {
    if address.is_empty() {
        return Err(row::no_address());
    }
    if let Some((at, c)) = invisible(address) {
        return Err(row::invisible_in_address(at, c));
    }
    if address.trim() != address {
        return Err(row::blanks_around_address());
    }
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || "()<>[]:;,\"\\/".contains(c);
    let valid_label = |label: &str| {
        let alphanumeric = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii();
        !label.is_empty()
            && label.chars().all(|c| alphanumeric(c) || c == '-' || c == '_')
            && label.starts_with(alphanumeric)
            && label.ends_with(alphanumeric)
    };
    let valid = address.len() <= MAX_ADDRESS_BYTES
        && !address.contains(forbidden)
        && address.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !local.starts_with('.')
                && !local.ends_with('.')
                && domain.split('.').all(valid_label)
        });
    if valid { Ok(()) } else { Err(row::invalid_address(address.chars().count())) }
}
