//! Words of an answer: atoms, quoted strings, literals and parentheses. RFC 3501 section 9, RFC 7888.
//!
//! The only place that decides where a string begins and ends and what it holds. [`super::reader`] and [`crate::session`] apply it
//! to streams; [`Tokens`] walks through an answer held in memory. The meaning of the words is the caller's.

/// A word of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// `(`
    Open,
    /// `)`
    Close,
    /// A word without quotes.
    Atom(Vec<u8>),
    /// A quoted string or a literal.
    Text(Vec<u8>),
}

/// Walks through an answer word by word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    /// Begins at the first byte.
    pub(crate) fn new(answer: &'a [u8]) -> Self {
        Self { rest: answer }
    }

    /// Returns what has not been read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Skips a `(` if it comes next, and returns whether it did.
    pub(crate) fn take_open(&mut self) -> bool {
        let mut ahead = *self;
        let opens = ahead.next() == Some(Token::Open);
        if opens {
            *self = ahead;
        }
        opens
    }

    /// Skips everything up to the `)` that closes a list whose `(` was read.
    pub(crate) fn skip_list(&mut self) -> Option<()> {
        let mut depth = 1;
        while depth > 0 {
            match self.next()? {
                Token::Open => depth += 1,
                Token::Close => depth -= 1,
                Token::Atom(_) | Token::Text(_) => {}
            }
        }
        Some(())
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    /// Returns the next word; `None` at the end, and where a string does not end.
    fn next(&mut self) -> Option<Token> {
        let begin = self.rest.iter().position(|b| !matches!(b, b' ' | b'\r' | b'\n'))?;
        let rest = &self.rest[begin..];
        let (token, length) = match rest[0] {
            b'(' => (Token::Open, 1),
            b')' => (Token::Close, 1),
            b'"' => {
                let end = quoted_end(rest)?;
                (Token::Text(unescaped(&rest[1..end - 1])), end)
            }
            b'{' | b'~' if is_announcement(rest) => {
                let (text, end) = literal(rest)?;
                (Token::Text(text.to_vec()), end)
            }
            b'{' => return None,
            _ => {
                let end = atom_end(rest).max(1);
                (Token::Atom(rest[..end].to_vec()), end)
            }
        };
        self.rest = &rest[length..];
        Some(token)
    }
}

/// Returns the length of the atom at the beginning.
pub(crate) fn atom_end(bytes: &[u8]) -> usize {
    bytes.iter().position(|b| matches!(b, b' ' | b'(' | b')' | b'"' | b'\r' | b'\n')).unwrap_or(bytes.len())
}

/// Returns the length of the quoted string at the beginning, quotes included; `None` if it does not end.
pub(crate) fn quoted_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Returns the text between quotes, unescaped.
pub(crate) fn unescaped(between: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(between.len());
    let mut bytes = between.iter();
    while let Some(byte) = bytes.next() {
        text.extend(if *byte == b'\\' { bytes.next() } else { Some(byte) });
    }
    text
}

/// Returns the size of the literal that `text` announces: `{12}`, `{12+}` or `~{12}` and nothing else.
pub(crate) fn announced(text: &[u8]) -> Option<u64> {
    let text = text.strip_prefix(b"~").unwrap_or(text);
    let digits = text.strip_prefix(b"{")?.strip_suffix(b"}")?;
    number(digits.strip_suffix(b"+").unwrap_or(digits))
}

/// Returns the size of the literal that a line announces at its end.
pub(crate) fn announced_at_end(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    announced(&line[line.iter().rposition(|b| *b == b'{')?..])
}

/// Returns the literal at the beginning, and the length of its announcement and bytes together.
pub(crate) fn literal(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let line_end = bytes.iter().position(|b| *b == b'\n')?;
    let line = bytes[..line_end].strip_suffix(b"\r").unwrap_or(&bytes[..line_end]);
    let size = usize::try_from(announced(line)?).ok()?;
    let begin = line_end + 1;
    let end = begin.checked_add(size)?;
    Some((bytes.get(begin..end)?, end))
}

/// Parses digits as a number, saturating at the largest.
pub(crate) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let add = |sum: u64, digit: &u8| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    Some(digits.iter().fold(0, add))
}

fn is_announcement(bytes: &[u8]) -> bool {
    matches!(bytes, [b'{', ..] | [b'~', b'{', ..])
}

#[cfg(test)]
mod tests {
    use super::{Token, Tokens, announced, announced_at_end};
    use proptest::prelude::*;

    #[test]
    fn only_a_number_in_braces_at_the_end_announces_a_literal() {
        assert_eq!(announced_at_end(b"LIST () \".\" {12}\r\n"), Some(12));
        assert_eq!(announced_at_end(b"1 FETCH (BODY[] ~{12}\r\n"), Some(12));
        assert_eq!(announced_at_end(b"OK go to {here}\r\n"), None);
        assert_eq!(announced_at_end(b"OK {}\r\n"), None);
        assert_eq!(announced_at_end(b"{99999999999999999999999}\r\n"), Some(u64::MAX));
        assert_eq!(announced(b"{12} "), None);
    }

    #[test]
    fn words_of_every_kind_follow_each_other() {
        let tokens: Vec<_> = Tokens::new(b"a(\"b \\\"c\" {3}\r\n) (NIL)\r\n").collect();

        let (atom, text) = (|t: &[u8]| Token::Atom(t.to_vec()), |t: &[u8]| Token::Text(t.to_vec()));
        let expected = [atom(b"a"), Token::Open, text(b"b \"c"), text(b") ("), atom(b"NIL"), Token::Close];
        assert_eq!(tokens, expected);
    }

    #[test]
    fn a_string_that_does_not_end_is_the_end() {
        for line in [&b"\"abc"[..], b"\"abc\\\"", b"{5}\r\nabc", b"{x}\r\nabc", b"{3}abc"] {
            assert_eq!(Tokens::new(line).next(), None, "{}", line.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn any_string_survives_quotes_and_literals(text: Vec<u8>) {
            let mut quoted = vec![b'"'];
            for byte in &text {
                if matches!(byte, b'"' | b'\\') {
                    quoted.push(b'\\');
                }
                quoted.push(*byte);
            }
            quoted.push(b'"');
            let literal = [format!("{{{}}}\r\n", text.len()).as_bytes(), &text].concat();

            prop_assert_eq!(Tokens::new(&quoted).collect::<Vec<_>>(), [Token::Text(text.clone())]);
            prop_assert_eq!(Tokens::new(&literal).collect::<Vec<_>>(), [Token::Text(text)]);
        }

        #[test]
        fn every_step_gets_further(bytes: Vec<u8>) {
            prop_assert!(Tokens::new(&bytes).count() <= bytes.len());
        }
    }
}
