//! Many commands in flight on one session, their answers read as a stream.
//!
//! Tracks which commands are still unanswered, so that an operation that ends early leaves nothing unread, and a broken
//! connection is not used again. The commands themselves belong to [`crate::scan`], [`crate::fetch`] and [`crate::append`].

use crate::answers::{Condition, Status, classify};
use crate::literals::{self, LiteralHabit};
use crate::pipeline;
use crate::session::Session;
use crate::wire::fetch::{self, Item};
use crate::wire::reader::{Reader, Response, broken, protocol};
use imapmig_core::failure::{Action, Conduct, Failure, FailureKind, GivenUp, Retry, Scope};
use imapmig_core::folder::WireName;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::time::Duration;

/// How many commands that fetch or change wait for their answers at once.
const IN_FLIGHT: usize = 4;
/// Maximum number of answers other than FETCH before a command ends.
const ANSWERS_LIMIT: u64 = 100_000;
/// Maximum number of FETCH answers per message of the mailbox before a command ends.
const FETCHES_PER_MESSAGE: u64 = 16;

/// A session with its stream of answers.
#[derive(Debug)]
pub(crate) struct Bulk {
    session: Session,
    reader: Reader,
    /// Tags in the order sent.
    waiting: VecDeque<String>,
    /// Tags of commands that were sent behind others, and those of the last ones that were refused.
    along: Vec<String>,
    along_refused: Vec<String>,
    /// Of those behind others, the one that asks for bodies.
    early_bodies: Option<String>,
    /// Why the session cannot be used any more.
    broken: Option<Failure>,
    /// How many messages the open mailbox holds.
    pub(crate) exists: u32,
    /// Whether sequence numbers have moved since this was last set to false.
    pub(crate) moved: bool,
    /// FETCH answers, and other answers, since the last command ended.
    answers: (u64, u64),
    /// What is known of how the server treats non-synchronizing literals, once it was sent some.
    unasked: Option<LiteralHabit>,
}

/// Returns `true` if another connection may succeed.
pub(crate) fn is_lost(failure: &Failure) -> bool {
    failure.scope >= Scope::User
        && failure.retry == Retry::Reconnect
        && matches!(
            failure.kind,
            FailureKind::Disconnected | FailureKind::TimedOut | FailureKind::Protocol | FailureKind::Broken
        )
}

impl Bulk {
    pub(crate) fn new(session: Session) -> Self {
        Self {
            session,
            reader: Reader::new(),
            waiting: VecDeque::new(),
            along: Vec::new(),
            along_refused: Vec::new(),
            early_bodies: None,
            broken: None,
            exists: 0,
            moved: false,
            answers: (0, 0),
            unasked: None,
        }
    }

    /// Notes that literals are sent without waiting from now on: an answer to no command then shows that one was misread.
    pub(crate) fn sends_unasked(&mut self, habit: &LiteralHabit) {
        self.unasked.get_or_insert_with(|| habit.clone());
        self.session.sent_unasked = true;
        self.reader.allow_strays(false);
    }

    /// Notes that a command was refused after its literal had been sent without waiting.
    pub(crate) fn refused_unasked(&mut self) {
        self.session.refused_unasked = true;
    }

    /// Closes the connection so that nothing more of what was written reaches the server.
    pub(crate) fn close_at_once(&mut self, why: Failure) {
        self.session.transport.abort();
        self.broken.get_or_insert(why);
    }

    /// Closes the connection because a literal may be read as commands; the server is asked before each one from now on.
    pub(crate) fn misread(&mut self) -> Failure {
        if let Some(habit) = &self.unasked {
            habit.learn(false);
        }
        let failure = literals::misread(self.session.host());
        self.close_at_once(failure.clone());
        failure
    }

    /// What the session can do, for reading only.
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// Runs part of the control dialogue, after everything in flight was answered.
    pub(crate) fn control<T>(
        &mut self,
        work: impl FnOnce(&mut Session) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.drain()?;
        let result = work(&mut self.session);
        self.note(result)
    }

    /// Queues a command, adding tag and line end, and returns the tag.
    pub(crate) fn send(&mut self, command: &str) -> Result<String, Failure> {
        self.usable()?;
        let tag = self.session.next_tag();
        self.session.transport.was_useful();
        let sent = self.session.transport.write(format!("{tag} {command}\r\n").as_bytes());
        self.note(sent)?;
        self.waiting.push_back(tag.clone());
        Ok(tag)
    }

    /// Queues a command behind those in flight, and returns its tag. Its tagged answer is read as [`Response::Other`].
    pub(crate) fn send_along(&mut self, command: &str) -> Result<String, Failure> {
        let tag = self.send(command)?;
        self.waiting.retain(|waiting| *waiting != tag);
        if self.along.is_empty() {
            self.along_refused.clear();
        }
        self.along.push(tag.clone());
        Ok(tag)
    }

    /// Queues a command for bodies that [`Self::take_early_bodies`] claims later. Any other command discards them.
    pub(crate) fn send_for_bodies(&mut self, command: &str) -> Result<(), Failure> {
        let tag = self.send_along(command)?;
        self.early_bodies = Some(tag);
        Ok(())
    }

    /// The tag of the command for bodies that was sent early, if nothing of its answer was read. It waits for its answer from now on.
    pub(crate) fn take_early_bodies(&mut self) -> Option<String> {
        let tag = self.early_bodies.take()?;
        let at = self.along.iter().position(|along| *along == tag)?;
        self.along.remove(at);
        self.waiting.push_back(tag.clone());
        Some(tag)
    }

    /// Returns `true` while commands sent along are unanswered.
    pub(crate) fn is_answering_along(&self) -> bool {
        !self.along.is_empty()
    }

    /// The tags of the commands that were last sent along and refused.
    pub(crate) fn along_refused(&self) -> &[String] {
        &self.along_refused
    }

    /// Returns the tag for a command that is written by [`Self::write`], and waits for its answer from now on.
    pub(crate) fn begin(&mut self) -> String {
        let tag = self.session.next_tag();
        self.waiting.push_back(tag.clone());
        tag
    }

    /// Queues bytes of a command.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.usable()?;
        self.session.transport.was_useful();
        let written = self.session.transport.write(bytes);
        self.note(written)
    }

    /// Sends what is queued.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.usable()?;
        let flushed = self.session.transport.flush();
        self.note(flushed)
    }

    /// Returns `true` if data has arrived, without waiting, even after the connection broke.
    pub(crate) fn has_arrived(&mut self) -> bool {
        // The next read reports the end of the connection.
        self.session.transport.poll().unwrap_or(false)
    }

    /// The next answer.
    pub(crate) fn next(&mut self) -> Result<Response, Failure> {
        self.usable()?;
        self.next_even_if_broken()
    }

    /// The next answer among those that had arrived before the connection broke.
    pub(crate) fn next_even_if_broken(&mut self) -> Result<Response, Failure> {
        let response = self.reader.next(&mut self.session.transport);
        let response = self.note(response)?;
        self.bound(&response)?;
        match &response {
            Response::Status(status) if status.condition == Condition::Bye => {
                let ended = Err(classify(status, Action::GoOn, self.session.host(), Scope::User));
                self.note(ended)
            }
            Response::Status(status) if self.session.answers_a_literal(status) => Err(self.misread()),
            Response::Status(status) => {
                tracing::debug!(said = %status.words(), "untagged status");
                Ok(response)
            }
            Response::Tagged { tag, status } if self.along.contains(tag) => {
                self.along.retain(|along| along != tag);
                if !status.is_ok() {
                    self.along_refused.push(tag.clone());
                }
                Ok(Response::Other)
            }
            Response::Tagged { tag, .. } => match self.waiting.iter().position(|t| t == tag) {
                Some(at) => {
                    self.waiting.remove(at);
                    Ok(response)
                }
                None => {
                    let failure = protocol(Conduct::AnsweredUnsentCommand);
                    self.note(Err(failure))
                }
            },
            Response::Exists(count) => {
                self.exists = *count;
                Ok(response)
            }
            Response::Expunged => {
                self.moved = true;
                self.exists = self.exists.saturating_sub(1);
                Ok(response)
            }
            Response::Continue | Response::Fetch(_) | Response::Search(_) | Response::Other => Ok(response),
        }
    }

    /// Fails if a server answers without end.
    fn bound(&mut self, response: &Response) -> Result<(), Failure> {
        match response {
            Response::Tagged { .. } => self.answers = (0, 0),
            Response::Fetch(_) => self.answers.0 += 1,
            Response::Search(_) => {}
            _ => self.answers.1 += 1,
        }
        if matches!(response, Response::Tagged { .. } | Response::Fetch(_) | Response::Search(_)) {
            self.session.transport.was_useful();
        }
        let most = u64::from(self.exists) * FETCHES_PER_MESSAGE + ANSWERS_LIMIT;
        if self.answers.0 > most || self.answers.1 > ANSWERS_LIMIT {
            return self.note(Err(broken(Conduct::EndlessAnswers.of(self.session.host()))));
        }
        Ok(())
    }

    /// Returns the next item of the current FETCH answer.
    pub(crate) fn item(&mut self) -> Result<Option<Item>, Failure> {
        let item = fetch::item(&mut self.reader, &mut self.session.transport);
        self.note(item)
    }

    /// Passes on the body announced by [`Self::item`].
    pub(crate) fn body(
        &mut self,
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Failure> {
        if let Some(size) = self.reader.literal_left() {
            self.session.transport.waits().expects_body(size);
        }
        let flow = self.reader.body(&mut self.session.transport, each);
        self.note(flow)
    }

    /// Sets how long the server may be silent.
    pub(crate) fn limit_silence(&mut self, limit: Duration) {
        self.session.transport.waits().limit_silence(limit);
    }

    /// Sets the usual limit on silence.
    pub(crate) fn limit_silence_as_usual(&mut self) {
        self.session.transport.waits().limit_silence_as_usual();
    }

    /// How many commands that fetch or change may wait for their answers at once.
    pub(crate) fn most_in_flight(&self) -> usize {
        if self.session.pipelining.is_possible() { IN_FLIGHT } else { 1 }
    }

    /// Forgets the mailbox because another one is being opened.
    pub(crate) fn begin_opening(&mut self) {
        self.session.selected = None;
        self.exists = 0;
    }

    /// The mailbox was opened.
    pub(crate) fn end_opening(&mut self, name: &WireName) {
        self.session.selected = Some(name.clone());
        self.moved = false;
    }

    /// Waits for the first sign that a pipelined command is answered.
    pub(crate) fn wait_for_early(&mut self) -> Result<(), Failure> {
        let answered = pipeline::wait_for_early(&mut self.session);
        self.note(answered)
    }

    /// Returns the number of unanswered commands.
    pub(crate) fn in_flight(&self) -> usize {
        self.waiting.len()
    }

    /// Waits for the end of all commands and ignores their results.
    pub(crate) fn drain(&mut self) -> Result<(), Failure> {
        self.usable()?;
        while !self.waiting.is_empty() || !self.along.is_empty() {
            self.next()?;
        }
        Ok(())
    }

    /// Sends one command and waits for its end. Of untagged answers only changes to the mailbox are noted.
    pub(crate) fn run(&mut self, command: &str) -> Result<Status, Failure> {
        self.drain()?;
        self.send(command)?;
        loop {
            if let Response::Tagged { status, .. } = self.next()? {
                return Ok(status);
            }
        }
    }

    /// Has the server tell of what is new in the mailbox. One that does not know the command is used without.
    pub(crate) fn noop(&mut self) -> Result<(), Failure> {
        let status = self.run("NOOP")?;
        let failure = self.judge(&status, Action::GoOn, Scope::Mailbox);
        if status.is_ok() || (failure.scope < Scope::User && failure.retry == Retry::Never) {
            return Ok(());
        }
        Err(failure)
    }

    /// Takes the session out of use because a requested answer will not be read.
    pub(crate) fn give_up(&mut self, why: GivenUp) {
        let case = Conduct::GivenUp(why).of(self.session.host());
        let failure = Failure::new(Scope::User, FailureKind::Disconnected, case);
        self.broken.get_or_insert(failure.retry(Retry::Reconnect));
    }

    /// Fails if the session can no longer be used.
    pub(crate) fn usable(&self) -> Result<(), Failure> {
        match &self.broken {
            Some(failure) => Err(failure.clone()),
            None => Ok(()),
        }
    }

    /// Returns the failure for a status that is not OK.
    pub(crate) fn judge(&self, status: &Status, action: Action, scope: Scope) -> Failure {
        classify(status, action, self.session.host(), scope)
    }

    /// Notes that the stream can no longer be used, if the result is such a failure.
    fn note<T>(&mut self, result: Result<T, Failure>) -> Result<T, Failure> {
        match result {
            Err(failure) if failure.kind == FailureKind::Protocol && self.unasked.is_some() => {
                tracing::debug!(%failure, "lines of a literal were answered");
                Err(self.misread())
            }
            Err(failure) if failure.scope >= Scope::User => {
                self.broken.get_or_insert_with(|| failure.clone());
                Err(failure)
            }
            result => result,
        }
    }
}
