//! Responses off the socket: lines with their literals, and the words in them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use super::{ClientError, Result};

#[derive(Debug)]
pub(super) struct Wire {
    input: BufReader<TcpStream>,
    output: TcpStream,
}

/// One response: text, literal, text, ... The line ends and the literals' announcements are not in it.
#[derive(Debug)]
pub(super) struct Response {
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(Vec<u8>),
    Literal(Vec<u8>),
}

/// A word of a response (RFC 3501, formal syntax of msg-att and mailbox-list).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// An atom, or anything else that stands unquoted.
    Atom(String),
    /// A quoted string or a literal.
    Bytes(Vec<u8>),
    /// A list in parentheses.
    List(Vec<Word>),
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> Result<Self> {
        Ok(Self { output: stream.try_clone()?, input: BufReader::with_capacity(1 << 16, stream) })
    }

    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.output.write_all(bytes)?)
    }

    pub(super) fn read_response(&mut self) -> Result<Response> {
        let mut pieces = Vec::new();
        loop {
            let mut line = Vec::new();
            self.input.read_until(b'\n', &mut line)?;
            if !line.ends_with(b"\n") {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
            while line.ends_with(b"\n") || line.ends_with(b"\r") {
                line.pop();
            }
            let Some(size) = literal_size(&mut line) else {
                pieces.push(Piece::Text(line));
                return Ok(Response { pieces });
            };
            let mut literal = vec![0; size];
            self.input.read_exact(&mut literal)?;
            pieces.extend([Piece::Text(line), Piece::Literal(literal)]);
        }
    }
}

/// The size that a line's end announces, as `{n}` or `~{n}` (literal8); it is cut off the line.
fn literal_size(line: &mut Vec<u8>) -> Option<usize> {
    let digits = line.strip_suffix(b"}")?;
    let open = digits.iter().rposition(|byte| *byte == b'{')?;
    let size = std::str::from_utf8(&digits[open + 1..]).ok()?.parse().ok()?;
    line.truncate(open);
    if line.ends_with(b"~") {
        line.pop();
    }
    Some(size)
}

impl Response {
    /// The whole response as text, literals included.
    pub(super) fn text(&self) -> String {
        let bytes: Vec<&[u8]> =
            self.pieces.iter().map(|(Piece::Text(bytes) | Piece::Literal(bytes))| bytes.as_slice()).collect();
        String::from_utf8_lossy(&bytes.concat()).into_owned()
    }

    pub(super) fn is_tagged(&self, tag: &str) -> bool {
        self.first().strip_prefix(tag.as_bytes()).is_some_and(|rest| rest.starts_with(b" "))
    }

    pub(super) fn is_continuation(&self) -> bool {
        self.first().starts_with(b"+")
    }

    /// The words after `* `.
    pub(super) fn words(&self) -> Result<Vec<Word>> {
        let mut open = vec![Vec::new()];
        for piece in &self.pieces {
            match piece {
                Piece::Literal(bytes) => add(&mut open, Word::Bytes(bytes.clone())),
                Piece::Text(text) => split(text, &mut open),
            }
        }
        match (open.pop(), open.is_empty()) {
            (Some(words), true) => Ok(words),
            _ => Err(ClientError::Protocol(self.text())),
        }
    }

    fn first(&self) -> &[u8] {
        match self.pieces.first() {
            Some(Piece::Text(bytes) | Piece::Literal(bytes)) => bytes,
            None => &[],
        }
    }
}

fn add(open: &mut [Vec<Word>], word: Word) {
    if let Some(list) = open.last_mut() {
        list.push(word);
    }
}

fn split(text: &[u8], open: &mut Vec<Vec<Word>>) {
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b' ' => at += 1,
            b'(' => {
                open.push(Vec::new());
                at += 1;
            }
            b')' => {
                if open.len() > 1
                    && let Some(list) = open.pop()
                {
                    add(open, Word::List(list));
                }
                at += 1;
            }
            b'"' => {
                let (bytes, end) = quoted(text, at + 1);
                add(open, Word::Bytes(bytes));
                at = end;
            }
            _ => {
                let end =
                    text[at..].iter().position(|byte| b" ()\"".contains(byte)).map_or(text.len(), |n| at + n);
                add(open, Word::Atom(String::from_utf8_lossy(&text[at..end]).into_owned()));
                at = end;
            }
        }
    }
}

fn quoted(text: &[u8], mut at: usize) -> (Vec<u8>, usize) {
    let mut bytes = Vec::new();
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => return (bytes, at + 1),
            b'\\' => at += 1,
            _ => {}
        }
        bytes.extend(text.get(at));
        at += 1;
    }
    (bytes, at)
}

impl Word {
    pub(super) fn atom(&self) -> Option<&str> {
        match self {
            Self::Atom(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(words) => Some(words),
            _ => None,
        }
    }

    /// The text of a string or an atom, as mailbox names and dates are given.
    pub(super) fn string(&self) -> Option<String> {
        match self {
            Self::Atom(text) => Some(text.clone()),
            Self::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Self::List(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Piece, Response, Word, literal_size};

    #[test]
    fn fetch_with_a_literal_is_split_into_words() {
        let response = Response {
            pieces: vec![
                Piece::Text(b"* 1 FETCH (UID 7 FLAGS (\\Seen a) BODY[] ".to_vec()),
                Piece::Literal(b"(x".to_vec()),
                Piece::Text(b" X \"a \\\"b\")".to_vec()),
            ],
        };

        let words = response.words().unwrap();

        let fields = words[3].list().unwrap();
        assert_eq!(fields[3], Word::List(vec![Word::Atom("\\Seen".into()), Word::Atom("a".into())]));
        assert_eq!(fields[5], Word::Bytes(b"(x".to_vec()));
        assert_eq!(fields[7], Word::Bytes(b"a \"b".to_vec()));
    }

    #[test]
    fn literal_announcements_are_cut_off() {
        let mut line = b"* 1 FETCH (BODY[] ~{32}".to_vec();

        assert_eq!(literal_size(&mut line), Some(32));
        assert_eq!(line, b"* 1 FETCH (BODY[] ");
    }
}
