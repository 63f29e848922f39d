//! How a command is put on the wire: text, quoted strings and literals. RFC 3501 sections 4.3 and 9, RFC 7888.
//!
//! Names and passwords reach the server unchanged, as quoted strings or literals; no input can end a line or begin a command.

use crate::capability::Literals;
use zeroize::Zeroizing;

/// A part of a command.
#[derive(Clone)]
pub(crate) enum Piece {
    Text(Zeroizing<Vec<u8>>),
    Literal(Zeroizing<Vec<u8>>),
}

/// A command without its tag. Wiped when dropped.
#[derive(Clone)]
pub struct Command(pub(crate) Vec<Piece>);

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Command(***)")
    }
}

impl Command {
    /// Creates a command from this text, which must need no quoting.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(vec![Piece::Text(Zeroizing::new(text.as_bytes().to_vec()))])
    }

    /// Adds text as it is.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.push_text(text.as_bytes());
        self
    }

    /// Adds a space and a string: quoted, or as a literal if it holds bytes that quotes cannot.
    #[must_use]
    pub fn string(mut self, bytes: &[u8]) -> Self {
        self.push_text(b" ");
        match quoted(bytes) {
            Some(text) => self.push_text(&text),
            None => self.0.push(Piece::Literal(Zeroizing::new(bytes.to_vec()))),
        }
        self
    }

    /// Returns `true` if part of it is sent as a literal.
    pub(crate) fn has_literal(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Literal(_)))
    }

    /// Adds a blank and a mailbox name: quoted; after `ENABLE UTF8=ACCEPT` also with 8-bit characters. A name with a quote or a
    /// backslash goes as a literal, because servers disagree on escapes (GreenMail, mox).
    #[must_use]
    pub fn mailbox(mut self, name: &[u8], utf8: bool) -> Self {
        if name.iter().any(|b| matches!(b, b'"' | b'\\')) {
            self.push_text(b" ");
            self.0.push(Piece::Literal(Zeroizing::new(name.to_vec())));
            return self;
        }
        if utf8
            && std::str::from_utf8(name).is_ok()
            && let Some(text) = quoted_with(name, |b| b >= 0x20 && b != 0x7f)
        {
            self.push_text(b" ");
            self.push_text(&text);
            return self;
        }
        self.string(name)
    }

    /// The whole command, if it holds no literal: then it can be sent before earlier ones are answered.
    pub(crate) fn plain(&self) -> Option<&[u8]> {
        match &self.0[..] {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    fn push_text(&mut self, bytes: &[u8]) {
        match self.0.last_mut() {
            Some(Piece::Text(text)) => {
                // A growing Vec would leave copies of a password behind.
                let mut longer = Zeroizing::new(Vec::with_capacity(text.len() + bytes.len()));
                longer.extend_from_slice(text);
                longer.extend_from_slice(bytes);
                *text = longer;
            }
            _ => self.0.push(Piece::Text(Zeroizing::new(bytes.to_vec()))),
        }
    }
}

/// A quoted string, unless `bytes` holds what no quoted string may: NUL, line ends, other control characters, 8-bit.
#[must_use]
pub fn quoted(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    quoted_with(bytes, |b| (0x20..0x7f).contains(&b))
}

fn quoted_with(bytes: &[u8], allowed: impl Fn(u8) -> bool) -> Option<Zeroizing<Vec<u8>>> {
    // Long strings go as literals: some servers bound their lines at 1000 or 8192 bytes.
    if bytes.len() > 900 || !bytes.iter().all(|b| allowed(*b)) {
        return None;
    }
    let mut text = Zeroizing::new(Vec::with_capacity(bytes.len() * 2 + 2));
    text.push(b'"');
    for &byte in bytes {
        if matches!(byte, b'"' | b'\\') {
            text.push(b'\\');
        }
        text.push(byte);
    }
    text.push(b'"');
    Some(text)
}

/// Returns `true` if a literal of this length may follow without waiting.
pub(crate) fn goes_at_once(literals: Literals, length: usize) -> bool {
    match literals {
        Literals::All => true,
        Literals::Small => length <= 4096,
        Literals::Synchronizing => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Command, Piece, quoted};

    #[test]
    fn quotes_and_backslashes_are_escaped() {
        assert_eq!(&**quoted(b"a\"b\\c").unwrap(), b"\"a\\\"b\\\\c\"");
    }

    #[test]
    fn what_quotes_cannot_hold_becomes_a_literal() {
        for bytes in [&b"a\r\nb"[..], b"a\0b", "\u{e4}".as_bytes(), &[b'x'; 2000]] {
            let command = Command::new("LOGIN").string(bytes);

            assert!(matches!(&command.0[1], Piece::Literal(literal) if ***literal == *bytes));
        }
    }

    #[test]
    fn a_command_shows_nothing_of_what_it_holds() {
        let command = Command::new("LOGIN").string(b"terry").string(b"1091990");

        assert!(!format!("{command:?}").contains("1091990"));
    }
}
