//! From bytes to text: UTF-8 with or without BOM, UTF-16 with BOM; anything else is an error that says how to save the file.

use crate::messages::csv::CsvError;
use encoding_rs::{UTF_16BE, UTF_16LE};
use zeroize::Zeroizing;

/// What ZIP archives, and so Excel workbooks, begin with.
const ARCHIVE: &[u8] = b"PK\x03\x04";

/// The text of a file, without its BOM.
pub(super) fn text(bytes: &[u8]) -> Result<Zeroizing<String>, CsvError> {
    if bytes.starts_with(ARCHIVE) {
        return Err(CsvError::Archive);
    }
    let text = if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        utf16(rest, UTF_16LE)?
    } else if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        utf16(rest, UTF_16BE)?
    } else {
        utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))?
    };
    match text.find('\0') {
        Some(at) => Err(CsvError::Binary { line: line_of(&text.as_bytes()[..at]) }),
        None => Ok(text),
    }
}

fn utf8(bytes: &[u8]) -> Result<Zeroizing<String>, CsvError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(error) => {
            let before = &bytes[..error.valid_up_to()];
            let line = line_of(before);
            Err(if before.contains(&0) { CsvError::Binary { line } } else { CsvError::NotUnicode { line } })
        }
    }
}

fn utf16(bytes: &[u8], encoding: &'static encoding_rs::Encoding) -> Result<Zeroizing<String>, CsvError> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(0);
    let mut text = Zeroizing::new(String::with_capacity(room));
    let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    match result {
        encoding_rs::DecoderResult::InputEmpty => Ok(text),
        _ => Err(CsvError::NotUnicode { line: line_of(text.as_bytes()) }),
    }
}

/// The number of the line that follows these bytes.
fn line_of(before: &[u8]) -> usize {
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}
