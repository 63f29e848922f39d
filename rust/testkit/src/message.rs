//! Builds messages: well-formed ones, and the odd ones that real mailboxes hold.
//!
//! Deterministic: the same calls produce the same bytes.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::dates;

/// A message to be delivered into a mailbox.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The bytes, exactly as FETCH answers them.
    pub raw: Arc<Vec<u8>>,
    /// System flags with their backslash: `\Seen`.
    pub flags: BTreeSet<String>,
    /// Keywords: `$Forwarded`.
    pub keywords: BTreeSet<String>,
    /// Internal date, seconds since 1970.
    pub internal_date: i64,
}

impl Message {
    /// A message of exactly these bytes, without flags.
    pub fn from_bytes(raw: impl Into<Vec<u8>>) -> Message {
        Message {
            raw: Arc::new(raw.into()),
            flags: BTreeSet::new(),
            keywords: BTreeSet::new(),
            internal_date: DEFAULT_DATE,
        }
    }

    /// Sets a flag or, without a backslash, a keyword.
    pub fn with_flag(mut self, flag: &str) -> Message {
        if flag.starts_with('\\') {
            self.flags.insert(flag.to_owned());
        } else {
            self.keywords.insert(flag.to_owned());
        }
        self
    }

    /// Sets the internal date, seconds since 1970.
    pub fn with_internal_date(mut self, unix: i64) -> Message {
        self.internal_date = unix;
        self
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("raw", &Excerpt(&self.raw))
            .field("flags", &self.flags)
            .field("keywords", &self.keywords)
            .field("internal_date", &self.internal_date)
            .finish()
    }
}

/// Shows the size and the first bytes, so that a failed comparison stays readable.
pub(crate) struct Excerpt<'a>(pub(crate) &'a [u8]);

impl std::fmt::Debug for Excerpt<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = &self.0[..self.0.len().min(60)];
        write!(f, "{} bytes {:?}", self.0.len(), String::from_utf8_lossy(shown))
    }
}

const DEFAULT_DATE: i64 = 1_600_000_000;

/// Builds a message from its parts.
#[derive(Debug, Clone)]
pub struct MessageBuilder {
    subject: String,
    from: String,
    message_id: Option<String>,
    date: i64,
    internal_date: Option<i64>,
    extra_headers: Vec<Vec<u8>>,
    body: Vec<u8>,
    size: Option<usize>,
    headers: bool,
    final_newline: bool,
    flags: Vec<String>,
    line_end: &'static [u8],
}

impl MessageBuilder {
    /// A short, ordinary message with this subject; its Message-ID derives from the subject.
    pub fn new(subject: &str) -> MessageBuilder {
        MessageBuilder {
            subject: subject.to_owned(),
            from: "Ann Beebe <ann.beebe@contoso.edu>".to_owned(),
            message_id: Some(format!("<{:016x}@contoso.edu>", hash(subject.as_bytes()))),
            date: DEFAULT_DATE,
            internal_date: None,
            extra_headers: Vec::new(),
            body: format!("This is the text of: {subject}\r\n").into_bytes(),
            size: None,
            headers: true,
            final_newline: true,
            flags: Vec::new(),
            line_end: b"\r\n",
        }
    }

    /// The From field.
    pub fn from(mut self, from: &str) -> Self {
        self.from = from.to_owned();
        self
    }

    /// The Date field and, unless set apart, the internal date; seconds since 1970.
    pub fn date(mut self, unix: i64) -> Self {
        self.date = unix;
        self
    }

    /// The internal date, where it differs from the Date field.
    pub fn internal_date(mut self, unix: i64) -> Self {
        self.internal_date = Some(unix);
        self
    }

    /// The Message-ID with its angle brackets; `None` leaves the field out.
    pub fn message_id(mut self, id: Option<&str>) -> Self {
        self.message_id = id.map(str::to_owned);
        self
    }

    /// One more header field, without line end.
    pub fn header(mut self, line: &str) -> Self {
        self.extra_headers.push(line.as_bytes().to_vec());
        self
    }

    /// A header field with raw Latin-1 bytes: `X-Note: Gr\xF6\xDFe`.
    pub fn eight_bit_header(mut self) -> Self {
        self.extra_headers.push(b"X-Note: Gr\xf6\xdfe".to_vec());
        self
    }

    /// The body, verbatim.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Fills the body with lines of words until the message has exactly this many bytes (if it is not larger already).
    pub fn size(mut self, bytes: usize) -> Self {
        self.size = Some(bytes);
        self
    }

    /// Adds a line with a NUL byte to the body.
    pub fn nul(mut self) -> Self {
        self.body.extend_from_slice(b"before\0after\r\n");
        self
    }

    /// Adds a line that ends in LF alone to the body.
    pub fn bare_lf(mut self) -> Self {
        self.body.extend_from_slice(b"a line of Unix\nand another\r\n");
        self
    }

    /// Adds a CR that no LF follows to the body.
    pub fn bare_cr(mut self) -> Self {
        self.body.extend_from_slice(b"over\rwritten\r\n");
        self
    }

    /// Ends every header line in LF alone.
    pub fn unix_headers(mut self) -> Self {
        self.line_end = b"\n";
        self
    }

    /// Leaves out all header fields and the blank line.
    pub fn no_headers(mut self) -> Self {
        self.headers = false;
        self
    }

    /// Removes the last line end.
    pub fn no_final_newline(mut self) -> Self {
        self.final_newline = false;
        self
    }

    /// Sets a flag or, without a backslash, a keyword.
    pub fn flag(mut self, flag: &str) -> Self {
        self.flags.push(flag.to_owned());
        self
    }

    /// The finished message.
    pub fn build(self) -> Message {
        let raw = self.raw();
        let date = self.internal_date.unwrap_or(self.date);
        let message = Message::from_bytes(raw).with_internal_date(date);
        self.flags.iter().fold(message, |m, flag| m.with_flag(flag))
    }

    fn raw(&self) -> Vec<u8> {
        let mut raw = Vec::new();
        if self.headers {
            self.push_headers(&mut raw);
        }
        raw.extend_from_slice(&self.body);
        if let Some(size) = self.size {
            fill(&mut raw, size, hash(self.subject.as_bytes()));
        }
        if !self.final_newline {
            while matches!(raw.last(), Some(b'\r' | b'\n')) {
                raw.pop();
            }
        }
        raw
    }

    fn push_headers(&self, raw: &mut Vec<u8>) {
        let mut line = |text: &[u8]| {
            raw.extend_from_slice(text);
            raw.extend_from_slice(self.line_end);
        };
        line(format!("Date: {}", dates::format_header_date(self.date)).as_bytes());
        line(format!("From: {}", self.from).as_bytes());
        line(b"To: Terry Adams <terry.adams@contoso.edu>");
        line(format!("Subject: {}", encoded_word(&self.subject)).as_bytes());
        if let Some(id) = &self.message_id {
            line(format!("Message-ID: {id}").as_bytes());
        }
        for header in &self.extra_headers {
            line(header);
        }
        line(b"MIME-Version: 1.0");
        line(b"Content-Type: text/plain; charset=utf-8");
        line(b"");
    }
}

/// RFC 2047, where the text is not ASCII.
fn encoded_word(text: &str) -> String {
    use base64::Engine;
    if text.is_ascii() {
        return text.to_owned();
    }
    format!("=?utf-8?B?{}?=", base64::engine::general_purpose::STANDARD.encode(text))
}

const WORDS: [&str; 16] = [
    "report",
    "Ordner",
    "meeting",
    "invoice",
    "project",
    "Nachricht",
    "schedule",
    "delivery",
    "contract",
    "question",
    "thanks",
    "document",
    "review",
    "budget",
    "quarter",
    "réponse",
];

fn fill(raw: &mut Vec<u8>, size: usize, seed: u64) {
    let mut random = Random(seed);
    let mut column = 0;
    while raw.len() + 2 < size {
        let word = WORDS[random.below(WORDS.len() as u64) as usize].as_bytes();
        if column + word.len() > 70 {
            raw.extend_from_slice(b"\r\n");
            column = 0;
        }
        raw.extend_from_slice(word);
        raw.push(b' ');
        column += word.len() + 1;
    }
    if raw.len() > size || size < 2 {
        return trim_filled(raw, size);
    }
    raw.resize(size - 2, b'.');
    raw.extend_from_slice(b"\r\n");
}

/// The last word may have gone past the end: cut it and end the line.
fn trim_filled(raw: &mut Vec<u8>, size: usize) {
    let overshoot = raw.len() - size;
    if overshoot <= 12 && size > 2 {
        raw.truncate(size - 2);
        for byte in raw.iter_mut().rev().take_while(|b| !b.is_ascii()) {
            *byte = b'.';
        }
        raw.extend_from_slice(b"\r\n");
    }
}

/// FNV-1a: enough to make names and contents differ.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}

/// A small generator (splitmix64), so that corpora are the same on every machine.
#[derive(Debug, Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `n`.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sized_messages_have_exactly_that_size_and_end_in_crlf() {
        for size in [400, 1000, 1001, 1002, 1003, 1004, 1005, 60_000] {
            let message = MessageBuilder::new("Größe").size(size).build();

            assert_eq!(message.raw.len(), size);
            assert!(message.raw.ends_with(b"\r\n"));
        }
    }

    #[test]
    fn odd_messages_hold_what_they_promise() {
        let odd = MessageBuilder::new("odd").nul().bare_lf().bare_cr().eight_bit_header().build();
        let empty = MessageBuilder::new("x").no_headers().body("").build();
        let cut = MessageBuilder::new("x").no_final_newline().build();

        assert!(odd.raw.contains(&0) && odd.raw.contains(&0xf6));
        assert!(empty.raw.is_empty());
        assert!(!cut.raw.ends_with(b"\n"));
    }
}
