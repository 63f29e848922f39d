//! Appends in flight: which messages share a command, how many commands wait, when answers are read.

use crate::answers::Status;
use crate::append::command::{follows_at_once, goes_alone, message_head};
use crate::append::outcome::{Refusal, refused, stored};
use crate::append::way::Way;
use crate::bulk::Bulk;
use crate::command::{Command, Piece, goes_at_once};
use crate::wire::reader::{Response, protocol};
use imapmig_core::failure::{Conduct, Failure, FailureKind, GivenUp, Misuse};
use imapmig_core::folder::WireName;
use imapmig_core::message::{InternalDate, Uid, UidValidity};
use imapmig_core::ports::target::{AppendHead, AppendKey, AppendOutcome, RefusalKind};
use std::collections::VecDeque;

/// The most messages of one MULTIAPPEND, and the most bytes, its last message apart.
const GROUP_MESSAGES: usize = 100;
const GROUP_BYTES: u64 = 4 * 1024 * 1024;
/// The most commands that wait for an answer (of one message each, and of many), and the most bytes, the last command apart.
const WINDOW_SINGLES: usize = 64;
const WINDOW_GROUPS: usize = 4;
const WINDOW_BYTES: u64 = 16 * 1024 * 1024;
/// How many bytes of a message are sent between checks for an early refusal.
const HEEDED_AFTER: usize = 64 * 1024;

/// One command and the messages in it.
#[derive(Debug)]
struct Group {
    tag: String,
    keys: Vec<AppendKey>,
    bytes: u64,
    /// It was refused before its end.
    answered: bool,
    /// Its last literal was sent without a continuation request.
    unasked: bool,
}

/// The message whose bytes are being given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Current {
    /// They are being sent; this many are left.
    Sent(u64),
    /// They are discarded because the command was refused.
    Dropped,
}

/// Appends to one mailbox. The session is handed in with each call.
#[derive(Debug)]
pub(crate) struct Appender {
    way: Way,
    mailbox: Option<(WireName, UidValidity)>,
    /// The lowest UID of what is appended next; absent once the server named a lower one.
    next_uid: Option<Uid>,
    open: Option<Group>,
    waiting: VecDeque<Group>,
    waiting_bytes: u64,
    current: Option<Current>,
    ready: Vec<(AppendKey, AppendOutcome)>,
    /// The mailbox is not there any more.
    gone: Option<Failure>,
    /// Bytes written since answers were last checked for.
    unheeded: usize,
}

type Outcomes = Vec<(AppendKey, AppendOutcome)>;

impl Appender {
    /// Appends to no mailbox yet.
    pub(crate) fn new(way: Way) -> Self {
        Self {
            way,
            mailbox: None,
            next_uid: None,
            open: None,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            current: None,
            ready: Vec::new(),
            gone: None,
            unheeded: 0,
        }
    }

    /// From now on appends go to this mailbox. APPENDUID has to say `validity` for its UIDs to count, and none below `next`.
    pub(crate) fn open(&mut self, name: WireName, validity: UidValidity, next: Uid) {
        self.mailbox = Some((name, validity));
        self.next_uid = Some(next);
        self.gone = None;
    }

    /// Begins a message.
    pub(crate) fn begin(
        &mut self,
        bulk: &mut Bulk,
        head: &AppendHead,
        outcomes: &mut Outcomes,
    ) -> Result<(), Failure> {
        let result = self.try_begin(bulk, head);
        self.deliver(bulk, result, outcomes)
    }

    /// Its next bytes.
    pub(crate) fn chunk(&mut self, bulk: &mut Bulk, bytes: &[u8]) -> Result<(), Failure> {
        let Some(Current::Sent(left)) = self.current else { return Ok(()) };
        let Some(left) = left.checked_sub(bytes.len() as u64) else {
            return Err(wrong_use(bulk, Misuse::LongerThanAnnounced));
        };
        self.current = Some(Current::Sent(left));
        let written = bulk.write(bytes).and_then(|()| self.heed_refusals(bulk, bytes.len()));
        let Err(failure) = written else { return Ok(()) };
        self.current = Some(Current::Dropped);
        self.read_what_arrived(bulk, &failure);
        // Answers that have arrived are reported with the end of this message.
        if self.ready.is_empty() { Err(failure) } else { Ok(()) }
    }

    /// Reads answers while a long message is sent, since no more of it may be sent after a refusal.
    fn heed_refusals(&mut self, bulk: &mut Bulk, written: usize) -> Result<(), Failure> {
        self.unheeded += written;
        if self.unheeded < HEEDED_AFTER {
            return Ok(());
        }
        self.unheeded = 0;
        while bulk.has_arrived() {
            self.take_next(bulk)?;
        }
        Ok(())
    }

    /// Its last byte was given.
    pub(crate) fn end(&mut self, bulk: &mut Bulk, outcomes: &mut Outcomes) -> Result<(), Failure> {
        let result = self.try_end(bulk);
        self.deliver(bulk, result, outcomes)
    }

    /// Waits for the outcome of every message.
    pub(crate) fn finish(&mut self, bulk: &mut Bulk, outcomes: &mut Outcomes) -> Result<(), Failure> {
        let result = self.drain(bulk);
        self.deliver(bulk, result, outcomes)
    }

    /// Waits as [`Self::finish`] does, but keeps the outcomes for the next call that takes them.
    pub(crate) fn drain(&mut self, bulk: &mut Bulk) -> Result<(), Failure> {
        self.close(bulk)?;
        while !self.waiting.is_empty() {
            self.take_next(bulk)?;
        }
        self.gone.clone().map_or(Ok(()), Err)
    }

    fn try_begin(&mut self, bulk: &mut Bulk, head: &AppendHead) -> Result<(), Failure> {
        bulk.usable()?;
        if matches!(self.current, Some(Current::Sent(_))) {
            return Err(wrong_use(bulk, Misuse::MessageNotEnded));
        }
        while (self.open.is_some() || !self.waiting.is_empty()) && bulk.has_arrived() {
            self.take_next(bulk)?;
        }
        if let Some(limit) = self.way.limit.filter(|limit| head.size > *limit) {
            let text =
                format!("{} bytes are more than the {limit} that the server takes (APPENDLIMIT)", head.size);
            let outcome = AppendOutcome::Refused { kind: RefusalKind::TooLarge, text, pause: None };
            self.ready.push((head.key, outcome));
            self.current = Some(Current::Dropped);
            return Ok(());
        }
        if self.open.as_ref().is_some_and(|group| group.answered || !self.has_room(group, head.size)) {
            self.close(bulk)?;
        }
        if self.open.is_none() {
            // A literal that has to wait gains nothing by being announced early, and where the server's system delays small
            // packets (Nagle), its leave would come 40 ms or more after the answer before it.
            let waits = !follows_at_once(self.way.literals, head.size);
            while self.is_full(bulk, head.size) || (waits && !self.waiting.is_empty()) {
                self.take_next(bulk)?;
            }
        }
        if let Some(failure) = &self.gone {
            return Err(failure.clone());
        }
        self.current =
            Some(if self.announce(bulk, head)? { Current::Sent(head.size) } else { Current::Dropped });
        Ok(())
    }

    /// Sends everything before the message's bytes. Returns `false` if the server refused it.
    fn announce(&mut self, bulk: &mut Bulk, head: &AppendHead) -> Result<bool, Failure> {
        match &mut self.open {
            Some(group) => {
                group.keys.push(head.key);
                group.bytes += head.size;
            }
            None => {
                let tag = bulk.begin();
                self.open = Some(Group {
                    tag,
                    keys: vec![head.key],
                    bytes: head.size,
                    answered: false,
                    unasked: false,
                });
                if !self.start_command(bulk)? {
                    return Ok(false);
                }
            }
        }
        let date = match self.way.earliest {
            Some(earliest) if head.internal_date != InternalDate::UNKNOWN => head.internal_date.max(earliest),
            _ => head.internal_date,
        };
        let literal8 = head.literal8 && self.way.literal8;
        let at_once = follows_at_once(self.way.literals, head.size);
        bulk.write(message_head(head, date, literal8, at_once).as_bytes())?;
        if let Some(group) = &mut self.open {
            group.unasked = at_once;
        }
        if at_once { Ok(true) } else { self.wait_for_leave(bulk) }
    }

    /// Sends tag, APPEND and the mailbox's name. Returns `false` if the server refused the name.
    fn start_command(&mut self, bulk: &mut Bulk) -> Result<bool, Failure> {
        let (Some(group), Some((name, _))) = (&self.open, &self.mailbox) else {
            return Err(wrong_use(bulk, Misuse::NoFolderOpen));
        };
        let command = Command::new("APPEND").mailbox(&name.0, bulk.session().utf8);
        bulk.write(format!("{} ", group.tag).as_bytes())?;
        for piece in &command.0 {
            match piece {
                Piece::Text(text) => bulk.write(text)?,
                Piece::Literal(bytes) => {
                    let at_once = goes_at_once(self.way.literals, bytes.len());
                    let plus = if at_once { "+" } else { "" };
                    bulk.write(format!("{{{}{plus}}}\r\n", bytes.len()).as_bytes())?;
                    if !at_once && !self.wait_for_leave(bulk)? {
                        return Ok(false);
                    }
                    bulk.write(bytes)?;
                }
            }
        }
        Ok(true)
    }

    /// Waits for the continuation request of the announced literal. Returns `false` if the server refused the command instead.
    fn wait_for_leave(&mut self, bulk: &mut Bulk) -> Result<bool, Failure> {
        bulk.flush()?;
        loop {
            match bulk.next()? {
                Response::Continue => return Ok(true),
                Response::Tagged { tag, status } => {
                    self.answered(bulk, &tag, &status)?;
                    if self.open.as_ref().is_some_and(|group| group.answered) {
                        // The server is back at the begin of a command: nothing of this one is left to send.
                        self.open = None;
                        return Ok(false);
                    }
                }
                _ => {}
            }
        }
    }

    fn try_end(&mut self, bulk: &mut Bulk) -> Result<(), Failure> {
        match self.current.take() {
            Some(Current::Sent(0)) => {}
            Some(Current::Sent(_)) => {
                return Err(wrong_use(bulk, Misuse::ShorterThanAnnounced));
            }
            Some(Current::Dropped) | None => return bulk.usable(),
        }
        if self.open.as_ref().is_some_and(|group| !self.has_room(group, 1)) {
            self.close(bulk)?;
        }
        Ok(())
    }

    /// Ends the open command.
    pub(crate) fn close(&mut self, bulk: &mut Bulk) -> Result<(), Failure> {
        let Some(group) = self.open.take() else { return bulk.usable() };
        let written = bulk.write(b"\r\n");
        if !group.answered {
            self.waiting_bytes += group.bytes;
            self.waiting.push_back(group);
        }
        written
    }

    /// Returns `true` if a message of this size may join the group.
    fn has_room(&self, group: &Group, size: u64) -> bool {
        self.way.multi
            && !goes_alone(size)
            && !goes_alone(group.bytes)
            && group.keys.len() < GROUP_MESSAGES
            && group.bytes + size <= GROUP_BYTES
    }

    /// Returns `true` if answers must be read before a message of this size is sent.
    fn is_full(&self, bulk: &Bulk, size: u64) -> bool {
        let most = match (bulk.session().pipelining.is_possible(), self.way.multi) {
            (false, _) => 1,
            (true, true) => WINDOW_GROUPS,
            (true, false) => WINDOW_SINGLES,
        };
        let too_much = self.waiting_bytes + size > WINDOW_BYTES;
        !self.waiting.is_empty() && (self.waiting.len() >= most || too_much)
    }

    fn take_next(&mut self, bulk: &mut Bulk) -> Result<(), Failure> {
        match bulk.next()? {
            Response::Tagged { tag, status } => self.answered(bulk, &tag, &status),
            _ => Ok(()),
        }
    }

    /// Turns a command's answer into outcomes.
    fn answered(&mut self, bulk: &mut Bulk, tag: &str, status: &Status) -> Result<(), Failure> {
        let (mut unasked, mut unfinished) = (false, false);
        let keys = match self.waiting.iter().position(|group| group.tag == tag) {
            Some(at) => self.waiting.remove(at).map(|group| {
                self.waiting_bytes -= group.bytes;
                unasked = group.unasked;
                group.keys
            }),
            None => match &mut self.open {
                Some(group) if group.tag == tag && !status.is_ok() => {
                    group.answered = true;
                    (unasked, unfinished) = (group.unasked, group.unasked);
                    Some(group.keys.clone())
                }
                _ => None,
            },
        };
        let Some(keys) = keys else {
            bulk.give_up(GivenUp::EarlyAnswer);
            return bulk.usable();
        };
        if status.is_ok() {
            let validity = self.mailbox.as_ref().map(|mailbox| mailbox.1);
            let outcomes = stored(status, keys.len(), validity, &mut self.next_uid);
            self.ready.extend(keys.into_iter().zip(outcomes));
            return Ok(());
        }
        if unasked {
            bulk.refused_unasked();
        }
        match refused(status, keys.len(), bulk.session().host()) {
            Refusal::Messages(outcome) => {
                self.ready.extend(keys.into_iter().map(|key| (key, outcome.clone())));
                // Whether the server will read the rest as the message or as commands cannot be known.
                if unfinished { Err(bulk.misread()) } else { Ok(()) }
            }
            Refusal::Mailbox(failure) => {
                self.gone = Some(failure);
                if unfinished { Err(bulk.misread()) } else { Ok(()) }
            }
            Refusal::Session(failure) => {
                bulk.give_up(GivenUp::After(failure.case.clone()));
                Err(failure)
            }
        }
    }

    /// Hands over the outcomes, after a failure including those that had already arrived.
    fn deliver(
        &mut self,
        bulk: &mut Bulk,
        result: Result<(), Failure>,
        outcomes: &mut Outcomes,
    ) -> Result<(), Failure> {
        if let Err(failure) = &result {
            self.read_what_arrived(bulk, failure);
        }
        outcomes.append(&mut self.ready);
        result
    }

    /// Reads answers that arrived before the connection ended: they say why a message was refused.
    fn read_what_arrived(&mut self, bulk: &mut Bulk, failure: &Failure) {
        if failure.is_cancelled() || failure.kind != FailureKind::Disconnected {
            return;
        }
        while bulk.has_arrived() {
            match bulk.next_even_if_broken() {
                Ok(Response::Tagged { tag, status }) => {
                    if self.answered(bulk, &tag, &status).is_err() {
                        return;
                    }
                }
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }
}

/// Returns the failure for a caller that broke the contract, so that the command cannot be completed.
fn wrong_use(bulk: &mut Bulk, how: Misuse) -> Failure {
    bulk.give_up(GivenUp::Misuse(how));
    protocol(Conduct::GivenUp(GivenUp::Misuse(how)))
}
