//! What is known of messages before their bodies: UID, flags, internal date, size. RFC 3501 section 6.4.5, RFC 7162, RFC 9738.
//!
//! Servers may spread what they tell of a message over several answers, or tell a part of it never: what was told is kept, and only
//! what is lacking is asked for again. A date that is lacking or none is taken from the header.
//!
//! Sequence numbers tell whether anybody was left out, so a server that answers only a part is asked again. FETCH by sequence
//! number and not by UID, because during it no message may be expunged (RFC 3501 section 7.4.1), so the numbers hold.

use crate::bulk::Bulk;
use crate::capability::Capability;
use crate::fetch;
use crate::select::{self, Access, Opened};
use crate::wire::date;
use crate::wire::fetch::Item;
use crate::wire::reader::Response;
use crate::wire::sets::{self, Ranges};
use crate::wire::status;
use imapmig_core::failure::{Failure, FailureKind, Scope};
use imapmig_core::folder::WireName;
use imapmig_core::message::{DateOrigin, Flags, InternalDate, MessageMeta, ModSeq, Uid};
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

/// Which messages to tell of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// All.
    All,
    /// Those that changed since.
    ChangedSince(ModSeq),
    /// Those with this UID or a higher one.
    From(Uid),
    /// So many of the first and of the last.
    Ends(u32),
}

/// What messages are asked for of which nothing was told: better a guess than a message overlooked.
const LEAST: &str = "(UID FLAGS)";
/// How many messages one command names that lists messages by their UIDs.
const LISTED_AT_ONCE: usize = 5000;
/// How many messages one command names that asks for what is lacking.
const COMPLETED_AT_ONCE: usize = 1000;

/// Takes messages as they are told of.
pub(crate) type Each<'a> = &'a mut dyn FnMut(MessageMeta) -> ControlFlow<()>;

/// Tells of the open mailbox's messages as they arrive.
pub(crate) fn scan(bulk: &mut Bulk, span: Span, each: Each<'_>) -> Result<(), Failure> {
    bulk.settle()?;
    if bulk.exists == 0 {
        return Ok(());
    }
    let mut scanner = Scanner::new(bulk, each, span == Span::All);
    match span {
        Span::ChangedSince(since) if scanner.modseq && since.0 > 0 => scanner.changed(since)?,
        Span::From(uid) if uid.0 > 1 => scanner.above(uid)?,
        Span::Ends(count) => scanner.ends(count)?,
        _ => scanner.all()?,
    }
    scanner.complete()?;
    scanner.date()?;
    scanner.finish()
}

/// Opens a mailbox for reading and tells of its messages, in one round trip where the server allows that.
pub(crate) fn open_and_scan(
    bulk: &mut Bulk,
    name: &WireName,
    span: Span,
    each: Each<'_>,
) -> Result<Opened, Failure> {
    let modseq = bulk.session().has(Capability::Condstore);
    let since = match span {
        Span::ChangedSince(since) if modseq && since.0 > 0 => format!(" (CHANGEDSINCE {})", since.0),
        _ => String::new(),
    };
    if let Some(tag) = select::send_examine(bulk, name)? {
        // UID FETCH and not FETCH: 1:* is no error in an empty mailbox. What it leaves out is asked for again by number.
        bulk.send(&format!("UID FETCH 1:* {}{since}", items(modseq)))?;
        let opened = select::read_examine(bulk, &tag, name)?;
        bulk.wait_for_early()?;
        if let Some(opened) = opened {
            let mut scanner = Scanner::new(bulk, each, since.is_empty());
            scanner.run(std::iter::empty())?;
            let refused = scanner.refusal.take().is_some();
            let gaps = scanner.every && !scanner.heard.gaps(1, scanner.bulk.exists).is_empty();
            if (gaps || refused || scanner.partial || scanner.bulk.moved) && scanner.bulk.exists > 0 {
                scanner.anew()?;
            }
            scanner.complete()?;
            scanner.date()?;
            scanner.finish()?;
            return Ok(opened);
        }
        bulk.settle()?;
    }
    let opened = select::open(bulk, name, Access::Read)?;
    if opened.exists > 0 {
        scan(bulk, span, each)?;
    }
    Ok(opened)
}

/// Tells of these messages, and has the server tell of what was appended before; vanished ones are left out.
pub(crate) fn listed(bulk: &mut Bulk, uids: &[Uid], each: Each<'_>) -> Result<(), Failure> {
    bulk.settle()?;
    let mut scanner = Scanner::new(bulk, each, false);
    let items = scanner.items();
    let fetches = sets::commands(uids, LISTED_AT_ONCE);
    let fetches = fetches.into_iter().map(|(set, _)| format!("UID FETCH {set} {items}"));
    scanner.run(std::iter::once("NOOP".to_owned()).chain(fetches))?;
    scanner.complete()?;
    scanner.date()?;
    scanner.finish()
}

/// The UID behind that of the last message, for servers that tell no UIDNEXT: the next one is this or a higher one.
pub(crate) fn above_last(bulk: &mut Bulk) -> Result<Uid, Failure> {
    bulk.settle()?;
    let mut last = 0;
    if bulk.exists > 0 {
        bulk.send(&format!("FETCH {} (UID)", bulk.exists))?;
        while bulk.in_flight() > 0 {
            if let Response::Fetch(_) = bulk.next()?
                && let Some(Some(uid)) = read(bulk)?.uid
            {
                last = last.max(uid.0);
            }
        }
    }
    Ok(Uid(last.saturating_add(1)))
}

/// Tells the flags of these messages; vanished ones are left out.
pub(crate) fn flags(bulk: &mut Bulk, uids: &[Uid], each: &mut dyn FnMut(Uid, Flags)) -> Result<(), Failure> {
    bulk.settle()?;
    let mut wanted = uids.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let mut left = wanted.as_slice();
    let mut refusal = None;
    loop {
        while bulk.in_flight() < bulk.window() && !left.is_empty() {
            let (set, count) = sets::one_command(left, 1000);
            left = &left[count..];
            bulk.send(&format!("UID FETCH {set} (UID FLAGS)"))?;
        }
        if bulk.in_flight() == 0 {
            return refusal.map_or(Ok(()), Err);
        }
        match bulk.next()? {
            Response::Fetch(_) => {
                if let Parts { uid: Some(Some(uid)), flags: Some(flags), .. } = read(bulk)?
                    && wanted.binary_search(&uid).is_ok()
                {
                    each(uid, flags);
                }
            }
            Response::Tagged { status, .. } if !status.is_ok() => {
                refusal = Some(bulk.judge(&status, "tell flags", Scope::Mailbox));
            }
            _ => {}
        }
    }
}

/// What one FETCH answer told.
#[derive(Debug, Default)]
struct Parts {
    uid: Option<Option<Uid>>,
    flags: Option<Flags>,
    date: Option<Option<InternalDate>>,
    size: Option<Option<u64>>,
    modseq: Option<ModSeq>,
}

fn read(bulk: &mut Bulk) -> Result<Parts, Failure> {
    let mut parts = Parts::default();
    while let Some(item) = bulk.item()? {
        match item {
            Item::Uid(uid) => parts.uid = Some(uid),
            Item::Flags(flags) => parts.flags = Some(flags),
            Item::InternalDate(date) => parts.date = Some(date),
            Item::Size(size) => parts.size = Some(size),
            Item::ModSeq(modseq) => parts.modseq = Some(modseq),
            Item::Body { .. } | Item::Other => {}
        }
    }
    Ok(parts)
}

impl Parts {
    /// Adds what another answer told of the same message; the later answer counts.
    fn add(&mut self, later: Self) {
        // With another UID it is another message: the numbers have moved.
        if later.uid.is_some() && self.uid.is_some() && later.uid != self.uid {
            *self = later;
            return;
        }
        self.uid = later.uid.or(self.uid);
        self.flags = later.flags.or(self.flags.take());
        self.date = later.date.or(self.date);
        self.size = later.size.or(self.size);
        self.modseq = later.modseq.or(self.modseq);
    }

    /// Whether everything that was asked for was told, readable or not.
    fn is_whole(&self) -> bool {
        self.uid.is_some() && self.flags.is_some() && self.date.is_some() && self.size.is_some()
    }

    fn lacks(&self, item: Lacking) -> bool {
        match item {
            Lacking::Uid => self.uid.is_none(),
            Lacking::Flags => self.flags.is_none(),
            Lacking::Date => self.date.is_none(),
            Lacking::Size => self.size.is_none(),
        }
    }

    /// The message, with what was never told left empty.
    fn message(self, uid: Uid) -> MessageMeta {
        let date = self.date.flatten();
        MessageMeta {
            uid,
            size: self.size.flatten().unwrap_or(0),
            internal_date: date.unwrap_or(InternalDate::UNKNOWN),
            date: if date.is_some() { DateOrigin::Told } else { DateOrigin::Unknown },
            flags: self.flags.unwrap_or_default(),
            modseq: self.modseq,
        }
    }
}

/// An item that an answer may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lacking {
    Uid,
    Flags,
    Date,
    Size,
}

impl Lacking {
    /// Each with the items that ask for it.
    const ALL: [(Self, &'static str); 4] = [
        (Self::Uid, "(UID)"),
        (Self::Flags, "(UID FLAGS)"),
        (Self::Date, "(UID INTERNALDATE)"),
        (Self::Size, "(UID RFC822.SIZE)"),
    ];
}

/// What each message is asked for.
fn items(modseq: bool) -> &'static str {
    if modseq {
        "(UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ)"
    } else {
        "(UID FLAGS INTERNALDATE RFC822.SIZE)"
    }
}

struct Scanner<'a, 'b> {
    bulk: &'a mut Bulk,
    each: Each<'b>,
    modseq: bool,
    stopped: bool,
    /// UIDs below are not told of.
    from: Uid,
    /// Sequence numbers of which anything was told.
    heard: Ranges,
    /// Those of which everything was told.
    told: Ranges,
    /// Whether every message is wanted; else what is told without having been asked for is left aside.
    every: bool,
    /// What was told of messages of which something is lacking, by sequence number.
    partly: BTreeMap<u32, Parts>,
    /// Messages without a date that can be read.
    undated: Vec<MessageMeta>,
    wrong_uid: bool,
    refusal: Option<Failure>,
    /// Whether the server said that it left some out.
    partial: bool,
}

impl<'a, 'b> Scanner<'a, 'b> {
    fn new(bulk: &'a mut Bulk, each: Each<'b>, every: bool) -> Self {
        Self {
            modseq: bulk.session().has(Capability::Condstore),
            bulk,
            each,
            stopped: false,
            from: Uid(1),
            heard: Ranges::default(),
            told: Ranges::default(),
            every,
            partly: BTreeMap::new(),
            undated: Vec::new(),
            wrong_uid: false,
            refusal: None,
            partial: false,
        }
    }

    fn all(&mut self) -> Result<(), Failure> {
        let last = self.bulk.exists;
        for items in [self.items(), LEAST] {
            loop {
                let gaps = self.heard.gaps(1, last);
                if gaps.is_empty() || self.stopped {
                    return Ok(());
                }
                let before = self.heard.len();
                self.run(gaps.iter().map(|set| format!("FETCH {set} {items}")))?;
                if self.heard.len() == before {
                    break;
                }
            }
        }
        // What is never told of has vanished meanwhile.
        Ok(())
    }

    fn changed(&mut self, since: ModSeq) -> Result<(), Failure> {
        let command = format!("UID FETCH 1:* {} (CHANGEDSINCE {})", self.items(), since.0);
        self.run(std::iter::once(command))?;
        // A mailbox without mod-sequences on a server that has them elsewhere refuses CHANGEDSINCE.
        let refused = self.refusal.take().is_some();
        if (self.partial || refused) && !self.stopped {
            self.anew()?;
        }
        Ok(())
    }

    /// Messages from a UID on stand at the end, so those told of must reach to the last one without a gap.
    fn above(&mut self, uid: Uid) -> Result<(), Failure> {
        self.from = uid;
        let status = self.bulk.run("NOOP")?;
        if !status.is_ok() {
            return Err(self.bulk.judge(&status, "go on", Scope::Mailbox));
        }
        self.bulk.moved = false;
        let command = format!("UID FETCH {}:* {}", uid.0, self.items());
        self.run(std::iter::once(command))?;
        let first = self.heard.first().unwrap_or(1);
        let gap = !self.bulk.moved && !self.heard.gaps(first, self.bulk.exists).is_empty();
        if (gap || self.partial) && !self.stopped {
            self.anew()?;
        }
        Ok(())
    }

    fn anew(&mut self) -> Result<(), Failure> {
        self.heard = Ranges::default();
        self.told = Ranges::default();
        self.partly.clear();
        self.undated.clear();
        self.every = true;
        self.all()
    }

    fn ends(&mut self, count: u32) -> Result<(), Failure> {
        let last = self.bulk.exists;
        let set = if last <= count.saturating_mul(2) {
            format!("1:{last}")
        } else {
            format!("1:{count},{}:{last}", last - count + 1)
        };
        let command = format!("FETCH {set} {}", self.items());
        self.run(std::iter::once(command))
    }

    /// Asks for what is lacking, and only for that; what is not told then either is left empty.
    fn complete(&mut self) -> Result<(), Failure> {
        if !self.every {
            let from = self.from;
            self.partly.retain(|_, parts| parts.uid.flatten().is_some_and(|uid| uid >= from));
        }
        for (lacking, items) in Lacking::ALL {
            let numbers: Vec<Uid> =
                self.partly.iter().filter(|(_, parts)| parts.lacks(lacking)).map(|(n, _)| Uid(*n)).collect();
            if self.stopped || numbers.is_empty() {
                continue;
            }
            let refusal = self.refusal.take();
            let sets = sets::commands(&numbers, COMPLETED_AT_ONCE);
            self.run(sets.into_iter().map(|(set, _)| format!("FETCH {set} {items}")))?;
            // A server that refuses one item has told of the messages all the same.
            self.refusal = refusal;
        }
        for (number, parts) in std::mem::take(&mut self.partly) {
            if let Some(Some(uid)) = parts.uid {
                self.told.insert(number);
                self.pass_on(parts.message(uid));
            }
        }
        Ok(())
    }

    /// Takes the dates that the server does not tell from the headers.
    fn date(&mut self) -> Result<(), Failure> {
        let undated = std::mem::take(&mut self.undated);
        if self.stopped || undated.is_empty() {
            return Ok(());
        }
        let uids: Vec<Uid> = undated.iter().map(|message| message.uid).collect();
        let mut dates = HashMap::new();
        match fetch::headers(self.bulk, &uids, &mut |uid, header| {
            if let Some(date) = date::of_header(header) {
                dates.insert(uid, date);
            }
        }) {
            Err(failure) if failure.scope > Scope::Mailbox => return Err(failure),
            _ => {}
        }
        for mut message in undated {
            if let Some(date) = dates.get(&message.uid) {
                message.internal_date = *date;
                message.date = DateOrigin::Header;
            }
            if !self.stopped {
                self.stopped = (self.each)(message).is_break();
            }
        }
        Ok(())
    }

    fn items(&self) -> &'static str {
        items(self.modseq)
    }

    fn run(&mut self, commands: impl Iterator<Item = String>) -> Result<(), Failure> {
        let mut commands = commands.fuse();
        loop {
            while self.bulk.in_flight() < self.bulk.window() && !self.stopped {
                let Some(command) = commands.next() else { break };
                self.bulk.send(&command)?;
            }
            if self.bulk.in_flight() == 0 {
                return Ok(());
            }
            match self.bulk.next()? {
                Response::Fetch(number) => {
                    let parts = read(self.bulk)?;
                    self.tell(number, parts);
                }
                Response::Tagged { status, .. } => {
                    self.partial |= status::is_partial(&status);
                    if !status.is_ok() {
                        let failure = self.bulk.judge(&status, "list the messages", Scope::Mailbox);
                        if failure.scope >= Scope::User {
                            return Err(failure);
                        }
                        self.refusal = Some(failure);
                    }
                }
                _ => {}
            }
        }
    }

    fn tell(&mut self, number: u32, parts: Parts) {
        if number == 0 || number > self.bulk.exists {
            return;
        }
        // A change of a message that was passed on already: the next scan sees it.
        if !parts.is_whole() && self.told.contains(number) {
            return;
        }
        self.heard.insert(number);
        let mut all = self.partly.remove(&number).unwrap_or_default();
        all.add(parts);
        match all.uid {
            Some(None) => {
                self.wrong_uid = true;
                self.told.insert(number);
            }
            Some(Some(uid)) if all.is_whole() => {
                self.told.insert(number);
                self.pass_on(all.message(uid));
            }
            _ => {
                self.partly.insert(number, all);
            }
        }
    }

    fn pass_on(&mut self, message: MessageMeta) {
        if self.stopped || message.uid < self.from {
            return;
        }
        if message.date == DateOrigin::Told {
            self.stopped = (self.each)(message).is_break();
        } else {
            self.undated.push(message);
        }
    }

    fn finish(self) -> Result<(), Failure> {
        if self.wrong_uid {
            return Err(Failure::new(
                Scope::Mailbox,
                FailureKind::Protocol,
                "the server gives a message a UID that is no 32-bit number above zero, so its messages cannot be told apart",
            ));
        }
        match self.refusal {
            // The server described some messages, so its NO refers to those that no longer exist.
            Some(failure) if self.heard.len() == 0 => Err(failure),
            _ => Ok(()),
        }
    }
}
