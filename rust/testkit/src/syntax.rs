//! Splits a command into words (RFC 3501, section 9), and writes strings back.
//!
//! Knows nothing of what the words mean.

/// One word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// An atom, with any `[...]` section kept whole.
    Word(Vec<u8>),
    /// A quoted string or a literal.
    Text(Vec<u8>),
    /// `(`
    Open,
    /// `)`
    Close,
}

/// A literal announced at the end of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LiteralMark {
    /// Octets that follow the line.
    pub(crate) length: u64,
    /// `{n+}`: the client does not wait.
    pub(crate) non_sync: bool,
    /// `~{n}`: may hold NUL (RFC 3516).
    pub(crate) binary: bool,
}

/// The literal announced at the end of a line, and the length of the line before it.
pub(crate) fn literal_mark(line: &[u8]) -> Option<(LiteralMark, usize)> {
    let inner = line.strip_suffix(b"}")?;
    let open = inner.iter().rposition(|&b| b == b'{')?;
    let digits = &inner[open + 1..];
    let (digits, non_sync) = match digits.strip_suffix(b"+") {
        Some(d) => (d, true),
        None => (digits, false),
    };
    let length = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let binary = open > 0 && line[open - 1] == b'~';
    let end = if binary { open - 1 } else { open };
    Some((LiteralMark { length, non_sync, binary }, end))
}

/// Splits the text of a command, without literals, into words; `None` if a quote is left open.
pub(crate) fn tokenize(text: &[u8], out: &mut Vec<Token>) -> Option<()> {
    let mut i = 0;
    while i < text.len() {
        match text[i] {
            b' ' => i += 1,
            b'(' => {
                out.push(Token::Open);
                i += 1;
            }
            b')' => {
                out.push(Token::Close);
                i += 1;
            }
            b'"' => {
                let (value, next) = quoted(text, i + 1)?;
                out.push(Token::Text(value));
                i = next;
            }
            _ => {
                let end = word_end(text, i);
                out.push(Token::Word(text[i..end].to_vec()));
                i = end;
            }
        }
    }
    Some(())
}

fn quoted(text: &[u8], mut i: usize) -> Option<(Vec<u8>, usize)> {
    let mut value = Vec::new();
    loop {
        match text.get(i)? {
            b'"' => return Some((value, i + 1)),
            b'\\' => {
                value.push(*text.get(i + 1)?);
                i += 2;
            }
            b => {
                value.push(*b);
                i += 1;
            }
        }
    }
}

/// A word ends at a space or a parenthesis, but `BODY[HEADER.FIELDS (TO)]` is one word.
fn word_end(text: &[u8], mut i: usize) -> usize {
    while i < text.len() && !matches!(text[i], b' ' | b'(' | b')') {
        if text[i] == b'['
            && let Some(close) = text[i..].iter().position(|&b| b == b']')
        {
            i += close;
        }
        i += 1;
    }
    i
}

/// Writes a string as a quoted string, or as a literal where quotes cannot hold it.
pub(crate) fn push_string(out: &mut Vec<u8>, value: &[u8]) {
    if value.iter().any(|b| matches!(b, 0 | b'\r' | b'\n')) {
        out.extend_from_slice(format!("{{{}}}\r\n", value.len()).as_bytes());
        out.extend_from_slice(value);
        return;
    }
    out.push(b'"');
    for &b in value {
        if matches!(b, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(b);
    }
    out.push(b'"');
}

/// A cursor over the words of a command.
pub(crate) struct Args {
    tokens: std::vec::IntoIter<Token>,
}

impl Args {
    pub(crate) fn new(tokens: Vec<Token>) -> Args {
        Args { tokens: tokens.into_iter() }
    }

    /// The next word without taking it.
    pub(crate) fn peek(&self) -> Option<&Token> {
        self.tokens.as_slice().first()
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.tokens.as_slice().is_empty()
    }

    /// Takes the next token, whatever it is.
    pub(crate) fn token(&mut self) -> Option<Token> {
        self.tokens.next()
    }

    /// An atom or a string.
    pub(crate) fn astring(&mut self) -> Option<Vec<u8>> {
        match self.tokens.next()? {
            Token::Word(v) | Token::Text(v) => Some(v),
            Token::Open | Token::Close => None,
        }
    }

    /// An atom or a string that is UTF-8.
    pub(crate) fn text(&mut self) -> Option<String> {
        String::from_utf8(self.astring()?).ok()
    }

    /// Takes the next word if it is this atom, whatever its case.
    pub(crate) fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word.as_bytes()));
        if found {
            self.tokens.next();
        }
        found
    }

    /// Takes an opening parenthesis if it is next.
    pub(crate) fn take_open(&mut self) -> bool {
        let found = self.peek() == Some(&Token::Open);
        if found {
            self.tokens.next();
        }
        found
    }

    /// Takes `(a b c)`; the list may nest, then inner parentheses are dropped.
    pub(crate) fn list(&mut self) -> Option<Vec<String>> {
        if !self.take_open() {
            return None;
        }
        let mut depth = 1;
        let mut items = Vec::new();
        loop {
            match self.tokens.next()? {
                Token::Open => depth += 1,
                Token::Close => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(items);
                    }
                }
                Token::Word(v) | Token::Text(v) => items.push(String::from_utf8(v).ok()?),
            }
        }
    }

    /// Takes `(a b c)` or a single word.
    pub(crate) fn list_or_word(&mut self) -> Option<Vec<String>> {
        if self.peek() == Some(&Token::Open) { self.list() } else { Some(vec![self.text()?]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Token> {
        let mut out = Vec::new();
        tokenize(text.as_bytes(), &mut out).unwrap();
        out
    }

    #[test]
    fn quotes_sections_and_lists_are_told_apart() {
        let tokens = words(r#"1:* (UID BODY.PEEK[HEADER.FIELDS (TO CC)]<0.10>) "a \"b\"""#);

        assert_eq!(
            tokens,
            [
                Token::Word(b"1:*".to_vec()),
                Token::Open,
                Token::Word(b"UID".to_vec()),
                Token::Word(b"BODY.PEEK[HEADER.FIELDS (TO CC)]<0.10>".to_vec()),
                Token::Close,
                Token::Text(b"a \"b\"".to_vec()),
            ]
        );
    }

    #[test]
    fn literal_marks_are_read_at_the_line_end() {
        let mark = |s: &str| literal_mark(s.as_bytes());
        let plain = LiteralMark { length: 12, non_sync: false, binary: false };

        assert_eq!(mark("APPEND x {12}"), Some((plain, 9)));
        assert_eq!(mark("x {12+}"), Some((LiteralMark { non_sync: true, ..plain }, 2)));
        assert_eq!(mark("x ~{12+}"), Some((LiteralMark { non_sync: true, binary: true, ..plain }, 2)));
        assert_eq!(mark("x {a}"), None);
    }

    #[test]
    fn strings_with_line_ends_become_literals() {
        let mut out = Vec::new();
        push_string(&mut out, b"a\"b");
        push_string(&mut out, b"a\0b");

        assert_eq!(out, b"\"a\\\"b\"{3}\r\na\0b");
    }
}
