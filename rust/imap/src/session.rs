//! One connection as a dialogue: commands and their answers, one at a time.
//!
//! The control dialogue (sign-in, folders) waits for each answer here. The bulk path uses the same [`Transport`] directly
//! between two control commands, and leaves nothing unread.

use crate::answers::{Condition, Status, classify};
use crate::capability::{Capabilities, Capability};
use crate::command::{Command, Piece};
use crate::pipelining::Pipelining;
use crate::transport::Transport;
use crate::wire::reader::{STRAYS_LIMIT, broken};
use crate::wire::token;
use imapmig_core::failure::{Action, Conduct, Failure, FailureKind, Retry, Scope};
use imapmig_core::folder::WireName;
use imapmig_core::secret::{Sent, hide};
use std::sync::Arc;
use uuid::Uuid;

/// The longest greeting, and the longest name of a folder.
pub const LINE_LIMIT: usize = 64 * 1024;
/// The longest answer, literals included.
const ANSWER_LIMIT: usize = 1024 * 1024;
/// The most literals in one answer.
const LITERALS_LIMIT: usize = 1024;
/// The most answers to one command, and how many of them may be untagged statuses.
const ANSWERS_LIMIT: (u64, u64) = (1_000_000, 10_000);
/// The most that the untagged answers to one command may hold together.
const REPLY_LIMIT: usize = 16 * 1024 * 1024;

/// A connection; signed in when returned by [`crate::connect`].
#[derive(Debug)]
pub struct Session {
    /// The bytes.
    pub transport: Transport,
    /// The capabilities that the server announced last.
    pub capabilities: Capabilities,
    /// The mailbox that SELECT or EXAMINE opened, maintained by their callers.
    pub selected: Option<WireName>,
    /// Whether UTF8=ACCEPT was enabled: names are UTF-8 both ways.
    pub utf8: bool,
    /// Host, port and login in one line.
    pub account: String,
    /// The secrets sent to sign in, hidden in servers' texts until the end of the session.
    pub(crate) secrets: Vec<Sent>,
    /// Whether non-synchronizing literals were sent: an unexpected line may then answer a line of one.
    pub(crate) sent_unasked: bool,
    /// Whether a command with a non-synchronizing literal was refused: an untagged BAD may then answer one of its lines.
    pub(crate) refused_unasked: bool,
    /// Whether commands may be sent before earlier ones are answered.
    pub(crate) pipelining: Arc<Pipelining>,
    /// Prefix of this connection's tags. Random, so that no line of a message can pass for the answer to a command.
    tag_prefix: String,
    tags: u32,
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The untagged answers without `* `, with line ends and literals as they came.
    pub untagged: Vec<Vec<u8>>,
    /// How it ended.
    pub status: Status,
}

impl Reply {
    /// The reply, if its status is OK.
    ///
    /// # Errors
    /// The failure that [`classify`] returns for NO and BAD.
    pub fn ok(self, action: Action, host: &str, scope: Scope) -> Result<Self, Failure> {
        if self.status.is_ok() { Ok(self) } else { Err(classify(&self.status, action, host, scope)) }
    }
}

impl Session {
    /// Creates a session on a connection whose greeting has not been read yet.
    #[must_use]
    pub fn new(transport: Transport, account: String) -> Self {
        Self {
            transport,
            capabilities: Capabilities::default(),
            selected: None,
            utf8: false,
            account,
            secrets: Vec::new(),
            sent_unasked: false,
            refused_unasked: false,
            pipelining: Arc::default(),
            tag_prefix: tag_prefix(),
            tags: 0,
        }
    }

    /// Returns the host name of the server.
    #[must_use]
    pub fn host(&self) -> &str {
        self.transport.host()
    }

    /// Returns an unused tag.
    pub fn next_tag(&mut self) -> String {
        self.tags = self.tags.wrapping_add(1);
        format!("{}{}", self.tag_prefix, self.tags)
    }

    /// Sends a command and collects everything up to its tagged answer.
    ///
    /// # Errors
    /// If the connection fails or the server sends BYE. NO and BAD are returned as a [`Reply`].
    pub fn run(&mut self, command: &Command) -> Result<Reply, Failure> {
        let mut untagged = Untagged::default();
        let status = self.run_each(command, &mut |line| untagged.keep(line))?;
        Ok(Reply { untagged: untagged.lines, status })
    }

    /// Sends a command and passes on each untagged answer as it arrives.
    ///
    /// # Errors
    /// As [`Self::run`], or a failure of `each`, after which the session can no longer be used.
    pub fn run_each(
        &mut self,
        command: &Command,
        each: &mut dyn FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<Status, Failure> {
        let tag = self.next_tag();
        self.transport.was_useful();
        self.transport.write(format!("{tag} ").as_bytes())?;
        for piece in &command.0 {
            match piece {
                Piece::Text(text) => self.transport.write(text)?,
                Piece::Literal(bytes) => {
                    // Always synchronizing: a name or password that the server refuses to read must not be run as a command.
                    self.transport.write(format!("{{{}}}\r\n", bytes.len()).as_bytes())?;
                    if let Answer::Done(status) = self.answer(&tag, each)? {
                        return Ok(status);
                    }
                    self.transport.write(bytes)?;
                }
            }
        }
        self.transport.write(b"\r\n")?;
        match self.answer(&tag, each)? {
            Answer::Done(status) => Ok(status),
            Answer::GoOn(_) => Err(self.protocol(Conduct::AskedForMore)),
        }
    }

    /// Reads answers until a continuation request or the end of the command.
    pub(crate) fn answer(
        &mut self,
        tag: &str,
        each: &mut dyn FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<Answer, Failure> {
        self.answer_to_any(&|known| known == tag.as_bytes(), each).map(|(_, answer)| answer)
    }

    /// Reads answers until a continuation request or the end of one of the commands with a known tag. Returns that tag too.
    pub(crate) fn answer_to_any(
        &mut self,
        is_known: &dyn Fn(&[u8]) -> bool,
        each: &mut dyn FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<(Vec<u8>, Answer), Failure> {
        let mut strays = 0;
        let mut answers = (0, 0);
        loop {
            let line = self.read_answer()?;
            answers.0 += 1;
            answers.1 += u64::from(line.strip_prefix(b"* ").and_then(Status::parse).is_some());
            if answers.0 > ANSWERS_LIMIT.0 || answers.1 > ANSWERS_LIMIT.1 {
                return Err(broken(Conduct::EndlessAnswers.of(self.host())));
            }
            let tag = line.split(|b| *b == b' ').next().unwrap_or_default();
            if let Some(rest) = line.strip_prefix(b"* ") {
                match Status::parse(rest) {
                    Some(status) if status.condition == Condition::Bye => {
                        return Err(classify(&status, Action::GoOn, self.host(), Scope::User));
                    }
                    Some(status) if self.answers_a_literal(&status) => {
                        return Err(self.protocol(Conduct::AnsweredLiteral));
                    }
                    None if !rest.first().is_some_and(u8::is_ascii_digit) => self.transport.was_useful(),
                    _ => {}
                }
                each(rest)?;
            } else if let Some(rest) = line.strip_prefix(b"+") {
                let text = String::from_utf8_lossy(rest).trim().to_owned();
                return Ok((Vec::new(), Answer::GoOn(text)));
            } else if is_known(tag)
                && let Some(status) = line.get(tag.len() + 1..).and_then(Status::parse)
            {
                if status.condition == Condition::Bye {
                    return Err(classify(&status, Action::GoOn, self.host(), Scope::User));
                }
                return Ok((tag.to_vec(), Answer::Done(status)));
            } else {
                strays += 1;
                // Some servers send one stray line between answers; many stray lines mean another protocol.
                if strays > STRAYS_LIMIT || self.sent_unasked {
                    return Err(self.protocol(Conduct::NotImap(shown(&line))));
                }
                tracing::debug!("a line between answers was not understood");
            }
        }
    }

    /// Reads one whole answer: a line, and for each literal its bytes and the continuation of the line.
    ///
    /// # Errors
    /// As [`Transport::fill`]; `Protocol` when it is too long.
    pub fn read_answer(&mut self) -> Result<Vec<u8>, Failure> {
        let mut answer = Vec::new();
        for _ in 0..LITERALS_LIMIT {
            let begin = answer.len();
            self.transport.read_line(ANSWER_LIMIT, &mut answer)?;
            let Some(length) = token::announced_at_end(&answer[begin..]) else {
                return Ok(answer);
            };
            // A length that does not fit is too long anyway.
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            if begin == 0 && is_status(&answer) {
                return Ok(answer);
            }
            if length > ANSWER_LIMIT - answer.len().min(ANSWER_LIMIT) {
                return Err(self.protocol(Conduct::AnswerTooLong(ANSWER_LIMIT)));
            }
            self.transport.read_exact(length, &mut answer)?;
        }
        Err(self.protocol(Conduct::TooManyLiterals(LITERALS_LIMIT)))
    }

    /// Requests the capabilities again.
    ///
    /// # Errors
    /// As [`Self::run`], and for a NO that may pass. A server that does not know the command has no extensions.
    pub fn ask_capabilities(&mut self) -> Result<(), Failure> {
        let reply = self.run(&Command::new("CAPABILITY"))?;
        if !reply.status.is_ok() {
            let failure = classify(&reply.status, Action::ReportCapabilities, self.host(), Scope::User);
            if failure.kind != FailureKind::Refused || failure.retry != Retry::Never {
                return Err(failure);
            }
            tracing::debug!(%failure, "used without any extension");
        }
        self.capabilities = Capabilities::default();
        self.note_capabilities(&reply.untagged, &reply.status);
        Ok(())
    }

    /// Updates the capabilities from untagged CAPABILITY lines or a `[CAPABILITY ...]` code. Returns `true` if there were any.
    pub(crate) fn note_capabilities(&mut self, untagged: &[Vec<u8>], status: &Status) -> bool {
        let mut found = status.code_arguments("CAPABILITY").map(Capabilities::parse);
        for line in untagged {
            let line = String::from_utf8_lossy(line);
            match line.split_once(' ') {
                Some((word, rest)) if word.eq_ignore_ascii_case("CAPABILITY") => {
                    found = Some(Capabilities::parse(rest));
                }
                _ => {}
            }
        }
        let told = found.is_some();
        if let Some(capabilities) = found {
            self.capabilities = capabilities;
        }
        told
    }

    /// Returns `true` if the server offers this capability.
    #[must_use]
    pub fn has(&self, capability: Capability) -> bool {
        self.capabilities.has(capability)
    }

    /// Sends LOGOUT without waiting for an answer.
    pub fn leave(mut self) {
        let tag = self.next_tag();
        // All mail is stored, so a failure here does not matter.
        let _ = self.transport.write(format!("{tag} LOGOUT\r\n").as_bytes());
        let _ = self.transport.flush();
    }

    /// Returns whether an untagged status may be the answer to a line of a literal.
    pub(crate) fn answers_a_literal(&self, status: &Status) -> bool {
        self.refused_unasked && status.condition == Condition::Bad
    }

    /// Returns a failure for a server that violates the protocol.
    pub(crate) fn protocol(&self, conduct: Conduct) -> Failure {
        self.transport.failure(FailureKind::Protocol, conduct)
    }
}

/// The untagged answers to one command, within bounds.
#[derive(Default)]
pub(crate) struct Untagged {
    pub(crate) lines: Vec<Vec<u8>>,
    bytes: usize,
}

impl Untagged {
    pub(crate) fn keep(&mut self, line: &[u8]) -> Result<(), Failure> {
        self.bytes += line.len() + size_of::<Vec<u8>>();
        if self.bytes > REPLY_LIMIT {
            return Err(broken(Conduct::ReplyTooLong(REPLY_LIMIT)));
        }
        self.lines.push(line.to_vec());
        Ok(())
    }
}

/// What the client has to do next.
#[derive(Debug)]
pub(crate) enum Answer {
    /// `+ text`: the rest of the command.
    GoOn(String),
    /// The tagged status.
    Done(Status),
}

/// Six random letters.
fn tag_prefix() -> String {
    Uuid::new_v4().as_bytes().iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect()
}

/// Returns `true` if a line is a status answer, whose text announces no literal even if it ends like one.
fn is_status(line: &[u8]) -> bool {
    line.iter().position(|b| *b == b' ').is_some_and(|at| Status::parse(&line[at + 1..]).is_some())
}

/// Returns the beginning of a line for display in a message.
pub(crate) fn shown(line: &[u8]) -> String {
    // Hidden before truncation, since the beginning of a secret would not be recognised.
    let line = hide(String::from_utf8_lossy(line).into_owned());
    line.as_bytes()[..line.len().min(80)].trim_ascii_end().escape_ascii().to_string()
}
