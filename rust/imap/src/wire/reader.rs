//! The stream of answers, one at a time: lines, and literals that are passed on without being held.
//!
//! Strict where a mistake would lose the place in the stream, lenient where servers differ harmlessly. What the caller does
//! not read of an answer is skipped when the next one is asked for.

use crate::answers::Status;
use crate::wire::token;
use imapmig_core::failure::{Case, Conduct, Failure, FailureKind, Scope};
use imapmig_core::secret::hide;
use std::ops::ControlFlow;

/// The most text of one answer, not counting literals.
pub(crate) const MAX_TEXT: usize = 1024 * 1024;
/// The largest literal that is read. No message is larger.
const MAX_LITERAL: u64 = 1024 * 1024 * 1024;
/// How many stray lines in a row are skipped.
pub(crate) const STRAYS_LIMIT: u32 = 3;
/// How many bytes at once count as useful.
const USEFUL: usize = 64;
/// The largest piece of a literal that is passed on at once.
const MAX_CHUNK: usize = 64 * 1024;

/// Where bytes come from.
pub(crate) trait Input {
    /// Returns the data that has arrived and was not consumed. Waits for at least one byte.
    fn fill(&mut self) -> Result<&[u8], Failure>;
    /// Consumes the first bytes of the data returned by `fill`.
    fn consume(&mut self, count: usize);
}

/// One answer. The rest of a `Fetch` is read by [`Reader::item`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Response {
    /// A command's end.
    Tagged { tag: String, status: Status },
    /// An untagged status.
    Status(Status),
    /// A continuation request.
    Continue,
    /// How many messages the open mailbox holds.
    Exists(u32),
    /// A message has gone: sequence numbers above it have moved.
    Expunged,
    /// Data of the message with this sequence number.
    Fetch(u32),
    /// What a SEARCH found.
    Search(Vec<u32>),
    /// Anything else.
    Other,
}

/// How far the current answer was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// To its end.
    Done,
    /// Up to `at` in the line.
    Text,
    /// Into a literal with this many bytes left.
    Literal(u64),
    /// Up to a quoted body that lies in `quoted`.
    Quoted,
}

/// Reads answers from an [`Input`] passed to each call.
#[derive(Debug)]
pub(crate) struct Reader {
    /// The current piece of text, without its line end.
    pub(super) line: Vec<u8>,
    pub(super) at: usize,
    pub(super) state: State,
    pub(super) quoted: Vec<u8>,
    /// Length of the current answer's text so far.
    text: usize,
    /// Whether a few stray lines between answers are skipped.
    lenient: bool,
    /// Whether a literal was announced since the last valid answer: its size may have been wrong, and stray lines may be part of it.
    after_literal: bool,
}

impl Reader {
    /// A reader at the begin of an answer.
    pub(crate) fn new() -> Self {
        Self {
            line: Vec::new(),
            at: 0,
            state: State::Done,
            quoted: Vec::new(),
            text: 0,
            lenient: true,
            after_literal: false,
        }
    }

    /// The next answer.
    ///
    /// # Errors
    /// If the input ends or is not IMAP. The position in the stream is lost then.
    pub(crate) fn next(&mut self, input: &mut impl Input) -> Result<Response, Failure> {
        self.skip_rest(input)?;
        for _ in 0..STRAYS_LIMIT {
            self.text = 0;
            self.read_line(input)?;
            match self.response() {
                Err(_) if self.lenient && !self.after_literal => {
                    tracing::debug!("a line between answers was not understood");
                }
                Ok(response) => {
                    self.after_literal = false;
                    return Ok(response);
                }
                Err(failure) => return Err(failure),
            }
        }
        Err(self.not_imap())
    }

    /// Sets whether stray lines between answers are skipped.
    pub(crate) fn allow_strays(&mut self, allow: bool) {
        self.lenient = allow;
    }

    /// Parses the current line as an answer.
    fn response(&mut self) -> Result<Response, Failure> {
        if self.line.starts_with(b"+") {
            self.state = State::Done;
            return Ok(Response::Continue);
        }
        let word_end = self.word_end(0);
        if self.line[..word_end] == *b"*" {
            return self.untagged(word_end + 1);
        }
        let status = Status::parse(self.line.get(word_end + 1..).unwrap_or_default());
        let tag = std::str::from_utf8(&self.line[..word_end]);
        match (tag, status) {
            (Ok(tag), Some(status)) if !tag.is_empty() => {
                self.state = State::Done;
                Ok(Response::Tagged { tag: tag.to_owned(), status })
            }
            _ => Err(self.not_imap()),
        }
    }

    fn untagged(&mut self, begin: usize) -> Result<Response, Failure> {
        let rest = self.line.get(begin..).unwrap_or_default();
        if let Some(status) = Status::parse(rest) {
            // Free text announces no literals.
            self.state = State::Done;
            return Ok(Response::Status(status));
        }
        let end = self.word_end(begin);
        let word = &self.line[begin.min(end)..end];
        if word.is_empty() {
            return Err(self.not_imap());
        }
        if !word.iter().all(u8::is_ascii_digit) {
            // (EARLIER) refers to messages that vanished before, so no number has moved (RFC 7162 section 3.2.10).
            let earlier = self.line.get(end + 1..).is_some_and(|rest| rest.starts_with(b"("));
            let vanished = word.eq_ignore_ascii_case(b"VANISHED") && !earlier;
            let search = word.eq_ignore_ascii_case(b"SEARCH");
            self.at = end;
            if search {
                return self.found().map(Response::Search);
            }
            return Ok(if vanished { Response::Expunged } else { Response::Other });
        }
        let number = token::number(word).and_then(|n| u32::try_from(n).ok());
        let name_end = self.word_end(end + 1);
        let name = self.line.get(end + 1..name_end).unwrap_or_default().to_ascii_uppercase();
        self.at = name_end;
        match (name.as_slice(), number) {
            (b"EXISTS", Some(count)) => Ok(Response::Exists(count)),
            (b"EXPUNGE", Some(_)) => Ok(Response::Expunged),
            (b"FETCH", Some(number)) => {
                self.skip_blanks();
                if self.peek() != Some(b'(') {
                    return Err(self.not_imap());
                }
                self.at += 1;
                Ok(Response::Fetch(number))
            }
            (b"EXISTS" | b"EXPUNGE" | b"FETCH", None) => Err(self.not_imap()),
            _ => Ok(Response::Other),
        }
    }

    /// Returns the numbers that follow, ignoring a modification sequence after them (RFC 7162 section 3.1.5).
    fn found(&self) -> Result<Vec<u32>, Failure> {
        let words = self.line[self.at..].split(|b| *b == b' ').filter(|word| !word.is_empty());
        let numbers = words.take_while(|word| word[0] != b'(');
        let number = |word| token::number(word).and_then(|n| u32::try_from(n).ok());
        numbers.map(|word| number(word).ok_or_else(|| self.not_imap())).collect()
    }

    /// Passes on the rest of a body announced by [`item`](super::fetch::item).
    ///
    /// # Errors
    /// If the input ends before the body does.
    pub(crate) fn body(
        &mut self,
        input: &mut impl Input,
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Failure> {
        match self.state {
            State::Literal(mut left) => {
                while left > 0 {
                    let here = input.fill()?;
                    let most = usize::try_from(left).unwrap_or(usize::MAX).min(MAX_CHUNK);
                    let count = here.len().min(most);
                    let flow = each(&here[..count]);
                    input.consume(count);
                    left -= count as u64;
                    self.state = State::Literal(left);
                    if flow.is_break() {
                        return Ok(flow);
                    }
                }
                self.read_line(input)?;
                Ok(ControlFlow::Continue(()))
            }
            State::Quoted => {
                self.state = State::Text;
                let quoted = std::mem::take(&mut self.quoted);
                Ok(if quoted.is_empty() { ControlFlow::Continue(()) } else { each(&quoted) })
            }
            State::Done | State::Text => Ok(ControlFlow::Continue(())),
        }
    }

    /// Returns how much of a literal is left to read.
    pub(crate) fn literal_left(&self) -> Option<u64> {
        match self.state {
            State::Literal(left) => Some(left),
            _ => None,
        }
    }

    /// Reads on to the end of the answer.
    fn skip_rest(&mut self, input: &mut impl Input) -> Result<(), Failure> {
        loop {
            if matches!(self.state, State::Literal(_)) {
                let _ = self.body(input, &mut |_| ControlFlow::Continue(()))?;
            }
            if self.state == State::Done {
                return Ok(());
            }
            self.state = State::Text;
            match self.peek() {
                None => self.state = State::Done,
                Some(b'"') if !self.skip_quoted() => self.state = State::Done,
                Some(b'"') => {}
                Some(_) => match self.literal_here() {
                    Some(size) => self.begin_literal(size)?,
                    None => self.at += 1,
                },
            }
        }
    }

    /// Reads the next piece of text as the current line.
    pub(super) fn read_line(&mut self, input: &mut impl Input) -> Result<(), Failure> {
        self.line.clear();
        self.at = 0;
        self.state = State::Text;
        loop {
            let here = input.fill()?;
            let (count, done) = match here.iter().position(|b| *b == b'\n') {
                Some(at) => (at + 1, true),
                None => (here.len(), false),
            };
            self.text += count;
            if self.text > MAX_TEXT {
                return Err(protocol(Conduct::AnswerTooLong(MAX_TEXT)));
            }
            self.line.extend_from_slice(&here[..count]);
            input.consume(count);
            if done {
                self.line.pop();
                if self.line.last() == Some(&b'\r') {
                    self.line.pop();
                }
                return Ok(());
            }
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    /// The size of the literal that is announced at the current place, which must then end the line.
    pub(super) fn literal_here(&self) -> Option<u64> {
        token::announced(&self.line[self.at..])
    }

    /// Enters a literal of this size.
    pub(super) fn begin_literal(&mut self, size: u64) -> Result<(), Failure> {
        if size > MAX_LITERAL {
            return Err(protocol(Conduct::LiteralTooLong(size)));
        }
        self.at = self.line.len();
        self.state = State::Literal(size);
        self.after_literal = true;
        Ok(())
    }

    /// Skips a quoted string that begins here. Returns `false` if it does not end on this line.
    pub(super) fn skip_quoted(&mut self) -> bool {
        let end = token::quoted_end(&self.line[self.at..]);
        self.at = end.map_or(self.line.len(), |end| self.at + end);
        end.is_some()
    }

    /// Returns the end of the word that begins at `from`.
    fn word_end(&self, from: usize) -> usize {
        let from = from.min(self.line.len());
        self.line[from..].iter().position(|b| *b == b' ').map_or(self.line.len(), |length| from + length)
    }

    /// Returns the failure for a line that is not IMAP.
    pub(super) fn not_imap(&self) -> Failure {
        let line = hide(String::from_utf8_lossy(&self.line).into_owned());
        let line = line.as_bytes()[..line.len().min(80)].escape_ascii();
        protocol(Conduct::NotImap(line.to_string()))
    }
}

/// Returns a failure for a server that violates the protocol. The connection can no longer be used.
pub(crate) fn protocol(case: impl Into<Case>) -> Failure {
    Failure::new(Scope::User, FailureKind::Protocol, case)
}

/// Returns a failure for a server that sends without end.
pub(crate) fn broken(case: impl Into<Case>) -> Failure {
    Failure::new(Scope::User, FailureKind::Broken, case)
}

impl Input for crate::transport::Transport {
    fn fill(&mut self) -> Result<&[u8], Failure> {
        Self::fill(self)
    }

    fn consume(&mut self, count: usize) {
        // This much at once is mail, not the keep-alive lines of a busy server.
        if count >= USEFUL {
            self.waits().received();
        }
        Self::consume(self, count);
    }
}
