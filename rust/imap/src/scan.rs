//! Lists the metadata of messages: UID, flags, internal date, size. RFC 3501 section 6.4.5, RFC 7162, RFC 9738.
//!
//! Servers may split a message's items over several answers, or never send some of them: what was sent is kept, and only
//! missing items are requested again. A missing or invalid date is taken from the header.
//!
//! Sequence numbers show whether a message was left out, so an incomplete answer is followed by another request. FETCH uses sequence
//! numbers rather than UIDs because no message may be expunged while it runs (RFC 3501 section 7.4.1), so the numbers stay valid.

pub(crate) mod patient;
mod scanner;

use crate::bulk::Bulk;
use crate::capability::Capability;
use crate::fetch;
use crate::select::{self, Access, Opened};
use crate::wire::fetch::Item;
use crate::wire::reader::Response;
use crate::wire::sets::{self};
use imapmig_core::failure::{Action, Failure, Scope};
use imapmig_core::folder::WireName;
use imapmig_core::message::{DateOrigin, Flags, InternalDate, MessageMeta, ModSeq, Uid};
use scanner::Scanner;
use std::ops::ControlFlow;

/// Which messages to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// All.
    All,
    /// Those that changed since.
    ChangedSince(ModSeq),
    /// Those with this UID or a higher one.
    From(Uid),
    /// This many of the first and of the last messages.
    Ends(u32),
}

/// Items requested of messages that the server did not describe: a message of unknown size is better than an overlooked one.
const LEAST: &str = "(UID FLAGS)";
/// How many messages one command names that lists messages by their UIDs.
const LISTED_AT_ONCE: usize = 5000;
/// How many messages one command names that asks for what is lacking.
const COMPLETED_AT_ONCE: usize = 1000;

/// Receives messages as they are listed.
pub(crate) type Each<'a> = &'a mut dyn FnMut(MessageMeta) -> ControlFlow<()>;

/// Lists the messages of the open mailbox as they arrive.
pub(crate) fn scan(bulk: &mut Bulk, span: Span, each: Each<'_>) -> Result<(), Failure> {
    bulk.drain()?;
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

/// Opens a mailbox for reading and lists its messages, in one round trip where the server allows that. With `bodies`, the bodies are
/// requested too, for [`fetch::windows`] to read.
pub(crate) fn open_and_scan(
    bulk: &mut Bulk,
    name: &WireName,
    span: Span,
    bodies: bool,
    each: Each<'_>,
) -> Result<Opened, Failure> {
    let modseq = bulk.session().has(Capability::Condstore);
    let since = match span {
        Span::ChangedSince(since) if modseq && since.0 > 0 => format!(" (CHANGEDSINCE {})", since.0),
        _ => String::new(),
    };
    if let Some(tag) = select::send_examine(bulk, name)? {
        // UID FETCH rather than FETCH: 1:* is no error in an empty mailbox. Whatever it leaves out is requested again by number.
        bulk.send(&format!("UID FETCH 1:* {}{since}", items(modseq)))?;
        if bodies {
            bulk.send_for_bodies(fetch::ALL_BODIES)?;
        }
        let opened = select::read_examine(bulk, &tag, name)?;
        bulk.wait_for_early()?;
        if let Some(opened) = opened {
            let mut scanner = Scanner::new(bulk, each, since.is_empty());
            scanner.run(std::iter::empty())?;
            let refused = scanner.refusal.take().is_some();
            let gaps = scanner.every && !scanner.heard.gaps(1, scanner.bulk.exists).is_empty();
            let anew = (gaps || refused || scanner.partial || scanner.bulk.moved) && scanner.bulk.exists > 0;
            if bodies && (anew || scanner.lacks_anything()) {
                // Their answers would be mistaken for part of the listing requested now.
                scanner.bulk.drain()?;
            }
            if anew {
                scanner.anew()?;
            }
            scanner.complete()?;
            scanner.date()?;
            scanner.finish()?;
            return Ok(opened);
        }
        bulk.drain()?;
    }
    let opened = select::open(bulk, name, Access::Read)?;
    if opened.exists > 0 {
        scan(bulk, span, each)?;
    } else {
        // EXISTS is a hint; a server that refuses this for an empty mailbox has none.
        let mut scanner = Scanner::new(bulk, each, false);
        scanner.run(std::iter::once(format!("UID FETCH 1:* {}", scanner.items())))?;
        scanner.refusal = None;
        scanner.complete()?;
        scanner.date()?;
        scanner.finish()?;
    }
    Ok(opened)
}

/// Lists these messages after making the server show what was appended before. Vanished ones are left out.
pub(crate) fn listed(bulk: &mut Bulk, uids: &[Uid], each: Each<'_>) -> Result<(), Failure> {
    bulk.drain()?;
    let mut scanner = Scanner::new(bulk, each, false);
    let sets: Vec<String> = sets::commands(uids, LISTED_AT_ONCE).into_iter().map(|(set, _)| set).collect();
    scanner.bulk.send("NOOP")?;
    scanner.by_uid(&sets)?;
    scanner.complete()?;
    scanner.date()?;
    scanner.finish()
}

/// The UID behind that of the last message, for servers that tell no UIDNEXT: the next one is this or a higher one.
pub(crate) fn above_last(bulk: &mut Bulk) -> Result<Uid, Failure> {
    bulk.drain()?;
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

/// Reports the flags of these messages. Vanished ones are left out.
pub(crate) fn flags(bulk: &mut Bulk, uids: &[Uid], each: &mut dyn FnMut(Uid, Flags)) -> Result<(), Failure> {
    bulk.drain()?;
    let mut wanted = uids.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let mut left = wanted.as_slice();
    let mut refusal = None;
    loop {
        while bulk.in_flight() < bulk.most_in_flight() && !left.is_empty() {
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
                refusal = Some(bulk.judge(&status, Action::ReportFlags, Scope::Mailbox));
            }
            _ => {}
        }
    }
}

/// A message of which the flags alone are known.
pub(crate) fn of_flags(uid: Uid, flags: Flags) -> MessageMeta {
    Parts { flags: Some(flags), ..Parts::default() }.message(uid)
}

/// The items of one FETCH answer.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    uid: Option<Option<Uid>>,
    flags: Option<Flags>,
    date: Option<Option<InternalDate>>,
    size: Option<Option<u64>>,
    modseq: Option<ModSeq>,
}

pub(crate) fn read(bulk: &mut Bulk) -> Result<Parts, Failure> {
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
    /// Adds the items of another answer about the same message. The later answer wins.
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

    /// Returns `true` if every requested item was sent, readable or not.
    fn is_whole(&self) -> bool {
        self.uid.is_some() && self.is_described()
    }

    /// Whether the answer holds what only one that was asked for holds, its UID apart.
    fn is_described(&self) -> bool {
        self.flags.is_some() && self.date.is_some() && self.size.is_some()
    }

    /// Returns the message, if every item was sent and is readable.
    pub(crate) fn whole_message(self) -> Option<MessageMeta> {
        let uid = self.uid.flatten()?;
        let readable = self.flags.is_some() && self.date.flatten().is_some() && self.size.flatten().is_some();
        readable.then(|| self.message(uid))
    }

    fn lacks(&self, item: Lacking) -> bool {
        match item {
            Lacking::Uid => self.uid.is_none(),
            Lacking::Flags => self.flags.is_none(),
            Lacking::Date => self.date.is_none(),
            Lacking::Size => self.size.is_none(),
        }
    }

    /// Returns the message, with missing items left empty.
    fn message(self, uid: Uid) -> MessageMeta {
        let date = self.date.flatten();
        MessageMeta {
            uid,
            size: self.size.flatten().unwrap_or(0),
            internal_date: date.unwrap_or(InternalDate::UNKNOWN),
            date: if date.is_some() { DateOrigin::Told } else { DateOrigin::Unknown },
            flags_known: self.flags.is_some(),
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
pub(crate) fn items(modseq: bool) -> &'static str {
    if modseq {
        "(UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ)"
    } else {
        "(UID FLAGS INTERNALDATE RFC822.SIZE)"
    }
}
