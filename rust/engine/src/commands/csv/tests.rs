//! CSV files of all kinds, and what is said of them.

use super::{CsvFile, Rules, read};
use crate::messages::csv::CsvError;
use imapmig_core::api::{ApiError, ErrorCategory};

const STRICT: Rules = Rules { allow_unknown_columns: false, password_needed: true };
const HEADER: &str = "EmailAddress,UserName,Password\n";

fn file(text: &str) -> Result<CsvFile, CsvError> {
    read(text.as_bytes(), STRICT)
}

fn good(text: &str) -> CsvFile {
    file(text).expect("a usable file")
}

fn message_of(text: &str) -> String {
    file(text).expect_err("an unusable file").to_string()
}

/// The only warning of a file whose rows follow the plain header.
fn warning_of(rows: &str) -> (u64, String, String) {
    let file = good(&format!("{HEADER}{rows}"));
    let [warning] = &file.warnings[..] else { panic!("not one warning: {:?}", file.warnings) };
    (warning.row_index, warning.email_address.clone(), warning.message.clone())
}

fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes_of).collect()
}

#[test]
fn a_documented_file_gives_its_rows_in_order() {
    let file = good(
        "EmailAddress,UserName,Password,UserRoot\n\
         terryadams@contoso.edu,contoso-students/mailadmin/terry.adams,P@ssw0rd,/users/terry.adams\n\
         annbeebe@contoso.edu,#ann.beebe@contoso.edu#mailadmin#,P@ssw0rd,\n",
    );

    let rows: Vec<_> = file
        .rows
        .iter()
        .map(|r| (r.line, r.user.user_name.as_str(), r.user.password.expose(), r.user.user_root.as_deref()))
        .collect();
    assert_eq!(
        rows,
        [
            (2, "contoso-students/mailadmin/terry.adams", "P@ssw0rd", Some("/users/terry.adams")),
            (3, "#ann.beebe@contoso.edu#mailadmin#", "P@ssw0rd", None),
        ]
    );
    assert!(file.warnings.is_empty());
}

#[test]
fn columns_come_in_any_case_and_order_with_the_targets_login() {
    let file = good("PASSWORD,targetpassword,TargetUserName,username,emailaddress\np,tp,tu,u,a@b.c\n");

    let user = &file.rows[0].user;
    assert_eq!(
        (user.email_address.as_str(), user.user_name.as_str(), user.password.expose()),
        ("a@b.c", "u", "p")
    );
    assert_eq!(user.target_user_name.as_deref(), Some("tu"));
    assert_eq!(user.target_password.as_ref().map(|p| p.expose()), Some("tp"));
}

#[test]
fn every_unicode_encoding_gives_the_same_rows() {
    let text = format!("{HEADER}a@b.c,jürgen,paßwort\n");
    let encodings = [
        text.clone().into_bytes(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        utf16(&text, u16::to_le_bytes),
        utf16(&text, u16::to_be_bytes),
    ];

    for bytes in encodings {
        let file = read(&bytes, STRICT).expect("a usable file");

        assert_eq!(file.rows[0].user.user_name, "jürgen");
        assert_eq!(file.rows[0].user.password.expose(), "paßwort");
    }
}

#[test]
fn quoted_fields_hold_commas_quotes_line_ends_and_blanks() {
    let file = good(&format!("{HEADER}a@b.c,\"x,y\",\" p\"\"q\nr \"\r\nd@e.f,u,p\r\n"));

    assert_eq!(file.rows[0].user.user_name, "x,y");
    assert_eq!(file.rows[0].user.password.expose(), " p\"q\nr ");
    assert_eq!(file.rows[1].line, 4);
}

#[test]
fn blank_lines_and_rows_of_empty_cells_count_for_nothing_but_line_numbers() {
    let file = good("\r\nEmailAddress,UserName,Password\r\n\r\n,,\r\na@b.c,u,p\r\n\r\n");

    assert_eq!(file.rows.iter().map(|r| r.line).collect::<Vec<_>>(), [5]);
    assert!(file.warnings.is_empty());
}

#[test]
fn an_empty_file_and_one_with_the_header_only_are_refused() {
    assert!(message_of("").starts_with("Upload file can't be empty"));
    assert!(message_of("\u{feff}\r\n \r\n").starts_with("Upload file can't be empty"));
    assert_eq!(file(HEADER).unwrap_err(), CsvError::HeaderOnly);
    assert!(message_of(HEADER).starts_with("Upload file can't be empty"));
}

#[test]
fn a_missing_column_is_named_in_exchanges_words() {
    assert_eq!(
        message_of("EmailAddress,UserName\na@b.c,u\n"),
        "Column \"Password\" is missing from the CSV file. The import process can't continue because this column is \
         required. Please edit the CSV file and re-submit it."
    );
    assert!(message_of("EmailAddress\na@b.c\n").ends_with("Also missing: \"Password\"."));
}

#[test]
fn unknown_columns_are_named_unless_they_are_allowed() {
    let text = "EmailAddress,UserName,Password,UserRot,Colour\na@b.c,u,p,r,red\n";

    assert!(message_of(text).contains("\"UserRot\", \"Colour\""));
    assert!(message_of(text).contains("-AllowUnknownColumnsInCsv"));
    assert_eq!(
        read(text.as_bytes(), Rules { allow_unknown_columns: true, ..STRICT }).expect("a usable file").rows
            [0]
        .user
        .user_root,
        None
    );
}

#[test]
fn a_column_that_stands_twice_is_named() {
    assert!(
        message_of("EmailAddress,UserName,Password,username\na@b.c,u,p,q\n")
            .contains("\"UserName\" stands more")
    );
}

#[test]
fn wrong_separators_are_called_by_their_names() {
    assert!(message_of("EmailAddress;UserName;Password\na@b.c;u;p\n").contains("by semicolons"));
    assert!(message_of("EmailAddress\tUserName\tPassword\na@b.c\tu\tp\n").contains("by tabs"));
}

#[test]
fn binary_files_and_other_encodings_say_how_to_save_the_file() {
    let cases: [(&[u8], &str); 4] = [
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"EmailAddress,UserName,Password\na@b.c,u\0,p\n", "NUL in row 2"),
        (b"\x7fELF\0\0\xff", "binary data"),
        (b"EmailAddress,UserName,Password\na@b.c,j\xfcrgen,p\n", "row 2 cannot be read"),
    ];

    for (bytes, expected) in cases {
        let message = read(bytes, STRICT).expect_err("an unusable file").to_string();

        assert!(message.contains(expected), "{message}");
        assert!(message.contains("CSV UTF-8"), "{message}");
    }
}

#[test]
fn an_odd_byte_at_the_end_of_utf16_is_refused() {
    let mut bytes = utf16(&format!("{HEADER}a@b.c,u,p\n"), u16::to_le_bytes);
    bytes.push(0x41);

    assert!(matches!(read(&bytes, STRICT), Err(CsvError::NotUnicode { .. })));
}

#[test]
fn limits_are_ten_megabytes_and_fifty_thousand_rows() {
    let rows = |count: usize| {
        let rows: String = (0..count).map(|n| format!("u{n}@b.c,u,p\n")).collect();
        file(&format!("{HEADER}{rows}"))
    };

    assert_eq!(rows(50_000).expect("a usable file").rows.len(), 50_000);
    assert_eq!(
        rows(50_001).unwrap_err().to_string(),
        "The CSV file contains more than 50,000 rows. Please divide the file into two or more files and submit them \
         separately."
    );
    assert_eq!(read(&vec![b'a'; 10 * 1024 * 1024 + 1], STRICT).unwrap_err(), CsvError::TooLarge);
}

#[test]
fn a_quote_that_is_never_closed_does_not_swallow_the_rows_after_it() {
    let text = format!("{HEADER}a@b.c,u,\"p\nd@e.f,u,p\n");

    assert_eq!(file(&text).unwrap_err(), CsvError::UnclosedQuote { line: 2 });
}

#[test]
fn a_row_with_too_few_or_many_columns_is_left_out_in_exchanges_words() {
    assert_eq!(
        warning_of("a@b.c,u\n"),
        (
            2,
            "a@b.c".to_owned(),
            "Row 2 has the wrong number of columns. Expected number: 3. Actual number: 2. Please edit this row and \
             re-submit the file."
                .to_owned()
        )
    );
    assert!(warning_of("a@b.c,u,p,q\n").2.contains("Actual number: 4"));
}

#[test]
fn rows_with_bad_addresses_are_left_out() {
    let bad = ["", "ann", "@b.c", "a@", "a b@c.d", "a@b@c", "a@-b.c", "a@b..c", "../../etc@b.c", ".a@b.c"];

    for address in bad {
        let (_, shown, message) = warning_of(&format!("{address},u,p\n"));

        assert_eq!(shown, "", "it may be a password");
        assert!(message.starts_with("The EmailAddress"), "{address}: {message}");
    }
}

#[test]
fn unusual_but_valid_addresses_are_taken() {
    let rows = "o'neil+x@b.c,u,p\nmüller@bücher.example,u,p\nroot@localhost,u,p\n";

    assert_eq!(good(&format!("{HEADER}{rows}")).rows.len(), 3);
}

#[test]
fn rows_without_login_or_password_or_with_outer_blanks_are_left_out() {
    assert!(warning_of("a@b.c,,p\n").2.starts_with("The UserName is empty"));
    assert!(warning_of("a@b.c,u ,p\n").2.contains("begins or ends with a space"));
    for address in [" a@b.c", "a@b.c ", "a@b.c\u{a0}"] {
        let message = warning_of(&format!("{address},u,p\n")).2;
        assert!(message.contains("isn't a valid SMTP address: it begins or ends with a space"), "{message}");
    }
    assert!(warning_of("a@b.c,u,\n").2.starts_with("The Password is empty"));
}

#[test]
fn of_two_rows_with_one_address_the_later_is_left_out() {
    let (line, _, message) = warning_of("a@b.c,u,p\nd@e.f,u,p\nA@B.C,v,q\n");

    assert_eq!(line, 4);
    assert!(message.contains("already stands in row 2"), "{message}");
}

#[test]
fn a_warning_tells_no_password() {
    let file = good(&format!("{HEADER}bad,secret-user,hunter2\n"));

    assert!(!format!("{file:?}").contains("hunter2"));
}

#[test]
fn a_password_in_the_column_of_addresses_is_repeated_nowhere() {
    for secret in [
        "hunter2",
        "P@ss w0rd",
        "Sommer@2024!",
        "P@ssw0rd",
        "@hunter2",
        "hunter2@",
        "p@\u{200b}ss",
        "a,b",
        "\"x,y@z\"",
    ] {
        let file = good(&format!("{HEADER}{secret},terry.adams,terrya@contoso.edu\na@b.c,u,p\n"));

        assert_eq!((file.rows.len(), file.warnings.len()), (1, 1), "{secret}");
        let warning = &file.warnings[0];
        let shown = format!("{} {}", warning.email_address, warning.message);
        assert!(!shown.contains(secret.trim_matches('"')) && warning.row_index == 2, "{shown}");
    }
}

#[test]
fn errors_carry_the_category_of_unusable_data() {
    let error = ApiError::from(CsvError::Empty);

    assert_eq!(
        (error.code.as_str(), error.category),
        ("CsvFileIsEmptyException", ErrorCategory::InvalidData)
    );
}

#[test]
fn passwords_may_be_missing_where_the_source_needs_none() {
    let rules = Rules { password_needed: false, ..STRICT };

    let without_column = read(b"EmailAddress,UserName\na@b.c,u\n", rules).expect("a usable file");
    let empty = read(b"EmailAddress,UserName,Password\na@b.c,u,\n", rules).expect("a usable file");

    assert_eq!((without_column.rows.len(), empty.rows.len()), (1, 1));
}

#[test]
fn lines_by_which_other_programs_read_the_file_are_passed_over_and_count_as_lines() {
    for preamble in ["sep=,", "SEP=,", "#TYPE System.Management.Automation.PSCustomObject", "\"sep=,\""] {
        let file = good(&format!("{preamble}\r\n{HEADER}a@b.c,u,p\r\nno address,u,p\r\n"));

        assert_eq!((file.rows.len(), file.rows[0].line), (1, 3), "{preamble}");
        assert_eq!(file.warnings[0].row_index, 4, "{preamble}");
    }
    assert!(message_of("sep=;\nEmailAddress;UserName;Password\na@b.c;u;p\n").contains("semicolons"));
}

#[test]
fn an_invisible_character_in_an_address_or_login_is_named_with_its_place() {
    let (_, _, address) = warning_of("\u{200b}a@b.c,u,p\n");
    let (_, _, login) = warning_of("a@b.c,u\u{feff},p\n");

    assert!(address.contains("isn't a valid SMTP address: character 1 is the invisible U+200B"), "{address}");
    assert!(login.contains("character 2 is the invisible U+FEFF"), "{login}");
}
