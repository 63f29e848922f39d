//! Positions in a CSV file: the lines that rows begin in, and a quote that is never closed.

/// The line that each record starts in. The csv reader returns the line of the blank lines before it.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { bytes: text.as_bytes(), at: 0, line: 1 }
    }

    /// The line of the first byte at or after `start` that is no line end. `start` never goes back.
    pub(super) fn at(&mut self, start: u64) -> u64 {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        while let Some(byte) = self.bytes.get(self.at)
            && (self.at < start || matches!(byte, b'\r' | b'\n'))
        {
            self.line += u64::from(ends_line(self.bytes, self.at));
            self.at += 1;
        }
        self.line
    }
}

/// Whether the byte at `at` ends a line: LF, or CR without LF.
fn ends_line(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    }
}

/// Where a reader of CSV stands within a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Plain,
    Quoted { since: u64 },
    AfterQuote { since: u64 },
}

/// The line in which a quoted field begins that is never closed: it would swallow the rows after it.
pub(super) fn unclosed_quote(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let mut line = 1;
    let mut state = State::Start;
    for (at, byte) in bytes.iter().enumerate() {
        state = match (state, byte) {
            (State::Quoted { since }, b'"') => State::AfterQuote { since },
            (State::Quoted { since }, _) | (State::AfterQuote { since }, b'"') => State::Quoted { since },
            (_, b',' | b'\r' | b'\n') => State::Start,
            (State::Start, b'"') => State::Quoted { since: line },
            _ => State::Plain,
        };
        line += u64::from(ends_line(bytes, at));
    }
    match state {
        State::Quoted { since } => Some(since),
        _ => None,
    }
}
