//! Reads LIST, LSUB and NAMESPACE answers. RFC 3501 section 7.2.2, RFC 5258, RFC 2342.
//!
//! Handles syntax, not the meaning of names. Names are bytes here and may hold anything.

use crate::wire::token::{self, Token, Tokens};

/// A line of a LIST or LSUB answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Its attributes, e.g. `\Noselect`.
    pub(crate) attributes: Vec<String>,
    /// What separates levels.
    pub(crate) delimiter: Option<char>,
    /// The name, unquoted.
    pub(crate) name: Vec<u8>,
    /// The text between the quotes, if it differs from the name.
    between: Option<Vec<u8>>,
    /// Whether the quotes make sense only for a server that escapes nothing.
    unescaped: bool,
}

impl Listed {
    /// Parses what follows `* `. Returns `None` if it is not a readable LIST or LSUB answer.
    ///
    /// An unquoted name extends to the end of the line, including spaces (Lotus Domino: `Folder\Subfolder 1`).
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let rest = strip_word(line, b"LIST ").or_else(|| strip_word(line, b"LSUB "))?;
        let (attributes, rest) = attributes(trim_blanks(rest))?;
        let (delimiter, rest) = written_delimiter(trim_blanks(rest))?;
        let rest = trim_blanks(rest.strip_prefix(b" ")?);
        let mut listed = Self { attributes, delimiter, name: Vec::new(), between: None, unescaped: false };
        match rest.first()? {
            b'{' => listed.name = token::literal(rest)?.0.to_vec(),
            b'"' => listed.take_quoted(trim_line_end(rest))?,
            _ => {
                let text = trim_line_end(rest);
                let end = (0..text.len()).find(|at| is_extended_data(&text[*at..])).unwrap_or(text.len());
                listed.name = text[..end].trim_ascii_end().to_vec();
            }
        }
        Some(listed)
    }

    /// Parses a quoted name that may hold quotes and backslashes that should have been escaped.
    fn take_quoted(&mut self, text: &[u8]) -> Option<()> {
        if let Some(end) = token::quoted_end(text)
            && (trim_blanks(&text[end..]).is_empty() || is_extended_data(&text[end..]))
        {
            let between = &text[1..end - 1];
            let name = token::unescaped(between);
            self.unescaped = has_stray_backslash(between);
            self.between = (between != name).then(|| between.to_vec());
            self.name = name;
        } else {
            let end = text.iter().rposition(|b| *b == b'"').filter(|end| *end > 0)?;
            if !trim_blanks(&text[end + 1..]).is_empty() && !is_extended_data(&text[end + 1..]) {
                return None;
            }
            self.unescaped = true;
            self.between = None;
            self.name = text[1..end].to_vec();
        }
        Some(())
    }

    /// Whether it has this attribute, in any case.
    pub(crate) fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|a| a.eq_ignore_ascii_case(attribute))
    }
}

/// Reads all names of one answer in the server's own style: a server that leaves one quote or backslash unescaped (GreenMail:
/// `"Back\slash"`) escapes none.
pub(crate) fn as_written(listed: &mut [Listed]) {
    if listed.iter().any(|entry| entry.unescaped) {
        for entry in listed {
            if let Some(between) = entry.between.take() {
                entry.name = between;
            }
        }
    }
}

/// Reads `(\HasNoChildren \Sent)`.
fn attributes(text: &[u8]) -> Option<(Vec<String>, &[u8])> {
    let text = text.strip_prefix(b"(")?;
    let end = text
        .iter()
        .position(|b| matches!(b, b')' | b'(' | b'\r' | b'\n'))
        .filter(|end| text[*end] == b')')?;
    let words = text[..end].split(|b| *b == b' ').filter(|word| !word.is_empty());
    let word = |word: &[u8]| String::from_utf8_lossy(word).trim_matches('"').to_owned();
    Some((words.map(word).collect(), &text[end + 1..]))
}

/// Reads a delimiter and returns the rest of the line. A backslash need not be escaped.
fn written_delimiter(text: &[u8]) -> Option<(Option<char>, &[u8])> {
    if let Some(rest) = text.strip_prefix(b"\"\\\" ") {
        return Some((Some('\\'), &text[text.len() - rest.len() - 1..]));
    }
    let mut tokens = Tokens::new(text);
    let token = tokens.next()?;
    // Empty quotes mean the same as NIL.
    let is_empty = matches!(&token, Token::Text(text) if text.is_empty());
    Some((if is_empty { None } else { delimiter(token)? }, tokens.rest()))
}

/// Whether extended data begins here (RFC 5258): a blank, and a parenthesis with a tag and its value: `(CHILDINFO ("SUBSCRIBED"))`.
fn is_extended_data(text: &[u8]) -> bool {
    let Some(data) = text.strip_prefix(b" (") else { return false };
    let data = data.strip_prefix(b"\"").unwrap_or(data);
    let end = data.iter().position(|b| !(b.is_ascii_uppercase() || *b == b'-')).unwrap_or(data.len());
    let value = data[end..].strip_prefix(b"\"").unwrap_or(&data[end..]);
    end > 1 && (value.starts_with(b" (") || value.starts_with(b" \"")) && data.ends_with(b")")
}

/// Returns `true` if a backslash precedes anything but a quote or a backslash.
fn has_stray_backslash(between: &[u8]) -> bool {
    let mut bytes = between.iter();
    while let Some(byte) = bytes.next() {
        if *byte == b'\\' && !matches!(bytes.next(), Some(b'"' | b'\\')) {
            return true;
        }
    }
    false
}

fn trim_blanks(text: &[u8]) -> &[u8] {
    let begin = text.iter().position(|b| *b != b' ').unwrap_or(text.len());
    &text[begin..]
}

fn trim_line_end(text: &[u8]) -> &[u8] {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.strip_suffix(b"\r").unwrap_or(text)
}

/// A prefix of a namespace and its delimiter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Namespace {
    pub(crate) prefix: Vec<u8>,
    pub(crate) delimiter: Option<char>,
}

/// The answer to NAMESPACE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Namespaces {
    pub(crate) personal: Vec<Namespace>,
    pub(crate) other_users: Vec<Namespace>,
    pub(crate) shared: Vec<Namespace>,
}

impl Namespaces {
    /// Parses what follows `* `. Returns `None` if it is not a NAMESPACE answer.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let mut tokens = Tokens::new(strip_word(line, b"NAMESPACE ")?);
        Some(Self {
            personal: namespaces(&mut tokens)?,
            other_users: namespaces(&mut tokens)?,
            shared: namespaces(&mut tokens)?,
        })
    }
}

/// `NIL`, or a list of `("prefix" "delimiter" extensions...)`.
fn namespaces(tokens: &mut Tokens<'_>) -> Option<Vec<Namespace>> {
    match tokens.next()? {
        Token::Atom(word) if word.eq_ignore_ascii_case(b"NIL") => return Some(Vec::new()),
        Token::Open => {}
        _ => return None,
    }
    let mut found = Vec::new();
    loop {
        match tokens.next()? {
            Token::Close => return Some(found),
            Token::Open => {}
            _ => return None,
        }
        let prefix = match tokens.next()? {
            Token::Text(prefix) | Token::Atom(prefix) => prefix,
            _ => return None,
        };
        found.push(Namespace { prefix, delimiter: delimiter(tokens.next()?)? });
        tokens.skip_list()?;
    }
}

/// `NIL` is no delimiter; else one character.
fn delimiter(token: Token) -> Option<Option<char>> {
    match token {
        Token::Atom(word) if word.eq_ignore_ascii_case(b"NIL") => Some(None),
        Token::Atom(text) | Token::Text(text) => {
            let text = String::from_utf8(text).ok()?;
            let mut characters = text.chars();
            let first = characters.next();
            characters.next().is_none().then_some(first)
        }
        Token::Open | Token::Close => None,
    }
}

fn strip_word<'a>(line: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let head = line.get(..word.len())?;
    head.eq_ignore_ascii_case(word).then(|| &line[word.len()..])
}

#[cfg(test)]
mod tests;
