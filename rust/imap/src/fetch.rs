//! Bodies and headers of many messages, several commands in flight, passed on as they arrive. RFC 3501 section 6.4.5.
//!
//! Uses BODY.PEEK only, so that no message becomes `\Seen`. A missing message is requested once more. The messages of a refused
//! command are requested one by one, so that an unreadable one does not hide its neighbours.

use crate::bulk::{Bulk, is_lost};
use crate::wire::fetch::{Item, Section};
use crate::wire::reader::{Response, protocol};
use crate::wire::sets;
use imapmig_core::failure::{Action, Conduct, Failure, GivenUp, Scope};
use imapmig_core::message::Uid;
use imapmig_core::ports::source::{BodyHead, BodySink};
use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;

/// Requests the bodies of all messages of a mailbox.
pub(crate) const ALL_BODIES: &str = "UID FETCH 1:* (UID BODY.PEEK[])";
/// The most messages of one command.
const MESSAGES_AT_ONCE: usize = 128;
/// Size limit for headers; longer ones are truncated.
const MAX_HEADER: usize = 1024 * 1024;

/// Streams the bodies of these messages. A `Break` of the sink takes the session out of use.
pub(crate) fn bodies(bulk: &mut Bulk, uids: &[Uid], sink: &mut dyn BodySink) -> Result<(), Failure> {
    Fetcher::new(bulk, Section::Whole, sink).run(&mut once(uids))
}

/// Streams the bodies of window after window, requesting the next one while the last one still arrives. The first one is read from
/// the answer to [`ALL_BODIES`], if that was sent early.
pub(crate) fn windows(
    bulk: &mut Bulk,
    next: &mut dyn FnMut(bool) -> Option<Vec<Uid>>,
    sink: &mut dyn BodySink,
) -> Result<(), Failure> {
    let early = bulk.take_early_bodies();
    let asked_early = early.is_some();
    let result = Fetcher { early, ..Fetcher::new(bulk, Section::Whole, sink) }.run(next);
    if asked_early && result.as_ref().is_err_and(is_lost) {
        bulk.session().pipelining.give_up_early_bodies();
    }
    result
}

/// These messages as the only window.
fn once(uids: &[Uid]) -> impl FnMut(bool) -> Option<Vec<Uid>> {
    let mut window = Some(uids.to_vec());
    move |_| window.take()
}

/// Passes on the header of each of these messages.
pub(crate) fn headers(
    bulk: &mut Bulk,
    uids: &[Uid],
    each: &mut dyn FnMut(Uid, &[u8]),
) -> Result<(), Failure> {
    let mut sink = Headers { uid: Uid(0), bytes: Vec::new(), each };
    Fetcher::new(bulk, Section::Header, &mut sink).run(&mut once(uids))
}

/// Which attempt at its messages a command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Try {
    First,
    /// They were missing from the answer to the first.
    Again,
    /// One by one, because the command for all of them was refused.
    Alone,
}

/// A command in flight.
struct Flight {
    tag: String,
    number: u64,
    which: Try,
    uids: Vec<Uid>,
}

struct Fetcher<'a> {
    bulk: &'a mut Bulk,
    section: Section,
    sink: &'a mut dyn BodySink,
    flights: VecDeque<Flight>,
    numbers: u64,
    /// Requested messages that have not arrived, by command.
    missing: HashMap<Uid, u64>,
    /// Messages to request again.
    again: VecDeque<(Try, Vec<Uid>)>,
    /// The server sends the UID after the body, so that a body can be attributed only if its command names one message.
    uid_comes_last: bool,
    /// The command sent for all bodies before the wanted ones were known.
    early: Option<String>,
}

impl<'a> Fetcher<'a> {
    fn new(bulk: &'a mut Bulk, section: Section, sink: &'a mut dyn BodySink) -> Self {
        Self {
            bulk,
            section,
            sink,
            flights: VecDeque::new(),
            numbers: 0,
            missing: HashMap::new(),
            again: VecDeque::new(),
            uid_comes_last: false,
            early: None,
        }
    }

    fn run(mut self, next: &mut dyn FnMut(bool) -> Option<Vec<Uid>>) -> Result<(), Failure> {
        if self.early.is_none() {
            self.bulk.drain()?;
        }
        let mut window: VecDeque<Uid> = VecDeque::new();
        let mut ended = false;
        loop {
            while self.flights.len() < self.bulk.most_in_flight() {
                if let Some((which, uids)) = self.again.pop_front() {
                    self.ask(which, &uids)?;
                    continue;
                }
                if window.is_empty() && !ended {
                    let idle = self.flights.is_empty();
                    match next(idle) {
                        Some(uids) => window.extend(uids),
                        None => ended = true,
                    }
                    if window.is_empty() && idle && !ended {
                        continue;
                    }
                }
                if window.is_empty() {
                    break;
                }
                if let Some(tag) = self.early.take() {
                    self.await_early(tag, window.drain(..).collect());
                    continue;
                }
                let most = if self.uid_comes_last { 1 } else { MESSAGES_AT_ONCE };
                let (_, count) = sets::one_command(window.make_contiguous(), most);
                let uids: Vec<Uid> = window.drain(..count).collect();
                self.ask(Try::First, &uids)?;
            }
            if self.flights.is_empty() {
                return Ok(());
            }
            let flow = match self.bulk.next()? {
                Response::Fetch(_) => self.one_message()?,
                Response::Tagged { tag, status } => {
                    let failure = (!status.is_ok())
                        .then(|| self.bulk.judge(&status, Action::FetchMessages, Scope::Mailbox));
                    self.ended(&tag, failure)?;
                    ControlFlow::Continue(())
                }
                _ => ControlFlow::Continue(()),
            };
            if flow.is_break() {
                self.bulk.give_up(GivenUp::NothingMoreWanted);
                return Ok(());
            }
        }
    }

    /// Expects these messages from a command that was sent before.
    fn await_early(&mut self, tag: String, uids: Vec<Uid>) {
        self.numbers += 1;
        let number = self.numbers;
        self.missing.extend(uids.iter().map(|uid| (*uid, number)));
        self.flights.push_back(Flight { tag, number, which: Try::First, uids });
    }

    fn ask(&mut self, which: Try, uids: &[Uid]) -> Result<(), Failure> {
        self.numbers += 1;
        let number = self.numbers;
        for uid in uids {
            self.missing.insert(*uid, number);
        }
        let what = if self.section == Section::Header { "HEADER" } else { "" };
        // What comes from `one_command` fits one command again.
        for (set, part) in sets::commands(uids, MESSAGES_AT_ONCE) {
            let tag = self.bulk.send(&format!("UID FETCH {set} (UID BODY.PEEK[{what}])"))?;
            self.flights.push_back(Flight { tag, number, which, uids: part.to_vec() });
        }
        Ok(())
    }

    /// Reads one FETCH answer, with or without the body of a requested message.
    fn one_message(&mut self) -> Result<ControlFlow<()>, Failure> {
        let mut uid = None;
        let mut began = None;
        while let Some(item) = self.bulk.item()? {
            match item {
                Item::Uid(told) => uid = told,
                Item::Body { section, size: Some(size) } if section == self.section && began.is_none() => {
                    let Some(whose) = uid.or_else(|| self.only_one_asked_for()) else { continue };
                    if self.missing.remove(&whose).is_none() {
                        continue;
                    }
                    began = Some(whose);
                    if self.sink.begin(BodyHead { uid: whose, size }).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                    let sink = &mut *self.sink;
                    if self.bulk.body(&mut |chunk| sink.chunk(chunk))?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                _ => {}
            }
        }
        match (began, uid) {
            (Some(whose), Some(told)) if whose != told => {
                let failure = protocol(Conduct::OtherMessage { asked: whose.0, sent: told.0 });
                self.bulk.give_up(GivenUp::After(failure.case.clone()));
                Err(failure)
            }
            (Some(_), _) => Ok(self.sink.end()),
            (None, _) => Ok(ControlFlow::Continue(())),
        }
    }

    /// The message that a body without a UID must belong to: that of the oldest command, if it asks for one only.
    fn only_one_asked_for(&mut self) -> Option<Uid> {
        match self.flights.front().map(|flight| flight.uids.as_slice()) {
            Some([uid]) => Some(*uid),
            _ => {
                self.uid_comes_last = true;
                None
            }
        }
    }

    /// Handles the end of a command: missing messages are requested again, or left out.
    fn ended(&mut self, tag: &str, failure: Option<Failure>) -> Result<(), Failure> {
        let Some(at) = self.flights.iter().position(|flight| flight.tag == tag) else { return Ok(()) };
        let Some(flight) = self.flights.remove(at) else { return Ok(()) };
        let mut missing = Vec::new();
        for uid in flight.uids {
            if self.missing.get(&uid) == Some(&flight.number) {
                self.missing.remove(&uid);
                missing.push(uid);
            }
        }
        if let Some(failure) = &failure
            && failure.scope >= Scope::User
        {
            return Err(failure.clone());
        }
        let alone = failure.is_some() || self.uid_comes_last;
        match flight.which {
            Try::Alone => {}
            Try::Again if !alone => {}
            _ if missing.is_empty() => {}
            Try::First | Try::Again if alone => {
                self.again.extend(missing.into_iter().map(|uid| (Try::Alone, vec![uid])));
            }
            Try::First | Try::Again => self.again.push_back((Try::Again, missing)),
        }
        Ok(())
    }
}

/// Collects a header and passes it on in one piece.
struct Headers<'a> {
    uid: Uid,
    bytes: Vec<u8>,
    each: &'a mut dyn FnMut(Uid, &[u8]),
}

impl BodySink for Headers<'_> {
    fn begin(&mut self, head: BodyHead) -> ControlFlow<()> {
        self.uid = head.uid;
        self.bytes.clear();
        ControlFlow::Continue(())
    }

    fn chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        let room = MAX_HEADER - self.bytes.len();
        self.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        ControlFlow::Continue(())
    }

    fn end(&mut self) -> ControlFlow<()> {
        (self.each)(self.uid, &self.bytes);
        ControlFlow::Continue(())
    }
}
