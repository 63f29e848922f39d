//! CSV files that are almost right, read without a panic into rows that keep what was promised of them.

use super::{CsvFile, Rules, read};
use crate::messages::csv::CsvError;
use imapmig_testkit::mutated;
use std::collections::HashSet;

const PLAIN: &[u8] = b"EmailAddress,UserName,Password\r\nterrya@contoso.edu,terry.adams,1091990\r\nannb@contoso.edu,ann.beebe,2111991\r\npaulc@contoso.edu,paul.cannon,3281986\r\n";
const QUOTED: &[u8] = b"\xef\xbb\xbfUserName,\"EmailAddress\",Password,UserRoot,TargetUserName,TargetPassword\n\"#a@b#admin#\",a@b.example,\"P@,\"\"\nw0rd\",/users/a,\"x y\",\"\"\n\n,,,,,\nd/admin/c,\xc3\xa4@b.example,p,,,t\n";
const WIDE: &[u8] = b"\xff\xfeE\0m\0a\0i\0l\0A\0d\0d\0r\0e\0s\0s\0,\0U\0s\0e\0r\0N\0a\0m\0e\0,\0P\0a\0s\0s\0w\0o\0r\0d\0\n\0a\0@\0b\0.\0c\0,\0u\0,\0p\0\n\0";
const WORDS: [&str; 8] =
    ["\"", "\"\"", "\r", "\n\"", ",", "EmailAddress", "terrya@contoso.edu,\"", "\u{feff}"];

#[test]
fn changed_files_are_refused_or_give_rows_that_hold_what_they_must() {
    for allow_unknown_columns in [false, true] {
        let rules = Rules { allow_unknown_columns, password_needed: true };
        mutated(&[PLAIN, QUOTED, WIDE], &WORDS, 1500, |bytes| match read(bytes, rules) {
            Ok(file) => check(&file, bytes),
            // What stands in the first row is the name of a column.
            Err(CsvError::UnknownColumns { .. }) => {}
            Err(error) => assert!(!error.to_string().contains("1091990"), "a password is told: {error}"),
        });
    }
}

fn check(file: &CsvFile, bytes: &[u8]) {
    assert!(file.rows.len() + file.warnings.len() > 0);
    let lines: Vec<_> = file.rows.iter().map(|row| row.line).collect();
    assert!(lines.is_sorted_by(|a, b| a < b) && lines.iter().all(|line| *line > 1), "{lines:?}");
    let addresses: HashSet<_> = file.rows.iter().map(|row| row.user.email_address.to_lowercase()).collect();
    assert_eq!(addresses.len(), file.rows.len());
    for row in &file.rows {
        let (name, password) = (&row.user.user_name, row.user.password.expose());
        assert!(!name.is_empty() && !password.is_empty());
        // Nothing of what is read behind the file belongs to its last row.
        assert!(name.len() + password.len() < 2 * bytes.len(), "{name:?}");
    }
}
