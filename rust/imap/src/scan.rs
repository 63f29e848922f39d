//! What is known of messages before their bodies: UID, flags, internal date, size. RFC 3501 section 6.4.5, RFC 7162, RFC 9738.
//!
//! Sequence numbers tell whether anybody was left out, so a server that answers only a part is asked again. FETCH by sequence
//! number and not by UID, because during it no message may be expunged (RFC 3501 section 7.4.1), so the numbers hold.

use crate::bulk::{Bulk, WINDOW};
use crate::capability::Capability;
use crate::wire::fetch::Item;
use crate::wire::reader::Response;
use crate::wire::sets::{self, Ranges};
use crate::wire::status;
use imapmig_core::failure::{Failure, FailureKind, Scope};
use imapmig_core::message::{Flags, InternalDate, MessageMeta, ModSeq, Uid};
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

/// What each message is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    Full,
    /// For messages that the server cannot tell everything of: better a guess than a message overlooked.
    Least,
}

/// Takes messages as they are told of.
pub(crate) type Each<'a> = &'a mut dyn FnMut(MessageMeta) -> ControlFlow<()>;

/// Tells of the open mailbox's messages as they arrive.
pub(crate) fn scan(bulk: &mut Bulk, span: Span, each: Each<'_>) -> Result<(), Failure> {
    bulk.settle()?;
    if bulk.exists == 0 {
        return Ok(());
    }
    let mut scanner = Scanner {
        modseq: bulk.session().has(Capability::Condstore),
        bulk,
        each,
        stopped: false,
        from: Uid(1),
        told: Ranges::default(),
        wrong_uid: false,
        refusal: None,
        partial: false,
    };
    match span {
        Span::ChangedSince(since) if scanner.modseq && since.0 > 0 => scanner.changed(since)?,
        Span::From(uid) if uid.0 > 1 => scanner.above(uid)?,
        Span::Ends(count) => scanner.ends(count)?,
        _ => scanner.all()?,
    }
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
        while bulk.in_flight() < WINDOW && !left.is_empty() {
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
    /// The message, if everything asked for was told. A date that cannot be read is the first of 1970, a size 0;
    /// at last also flags that are never told are none.
    fn message(self, uid: Uid, detail: Detail) -> Option<MessageMeta> {
        let full = self.flags.is_some() && self.date.is_some() && self.size.is_some();
        if detail == Detail::Full && !full {
            return None;
        }
        Some(MessageMeta {
            uid,
            size: self.size.flatten().unwrap_or(0),
            internal_date: self.date.flatten().unwrap_or(InternalDate::utc(0)),
            flags: self.flags.unwrap_or_default(),
            modseq: self.modseq,
        })
    }
}

struct Scanner<'a, 'b> {
    bulk: &'a mut Bulk,
    each: Each<'b>,
    modseq: bool,
    stopped: bool,
    /// UIDs below are not told of.
    from: Uid,
    /// Sequence numbers that were told of.
    told: Ranges,
    wrong_uid: bool,
    refusal: Option<Failure>,
    /// Whether the server said that it left some out.
    partial: bool,
}

impl Scanner<'_, '_> {
    fn all(&mut self) -> Result<(), Failure> {
        let last = self.bulk.exists;
        let mut detail = Detail::Full;
        loop {
            let gaps = self.told.gaps(1, last);
            if gaps.is_empty() || self.stopped {
                return Ok(());
            }
            let before = self.told.len();
            let items = self.items(detail);
            self.run(gaps.iter().map(|set| format!("FETCH {set} {items}")), detail)?;
            if self.told.len() == before {
                match detail {
                    Detail::Full => detail = Detail::Least,
                    // What nobody can tell of has vanished meanwhile.
                    Detail::Least => return Ok(()),
                }
            }
        }
    }

    fn changed(&mut self, since: ModSeq) -> Result<(), Failure> {
        let command = format!("UID FETCH 1:* {} (CHANGEDSINCE {})", self.items(Detail::Full), since.0);
        self.run(std::iter::once(command), Detail::Full)?;
        // A mailbox without mod-sequences on a server that has them elsewhere refuses CHANGEDSINCE.
        let refused = self.refusal.take().is_some();
        if (self.partial || refused) && !self.stopped {
            self.told = Ranges::default();
            self.all()?;
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
        let command = format!("UID FETCH {}:* {}", uid.0, self.items(Detail::Full));
        self.run(std::iter::once(command), Detail::Full)?;
        let first = self.told.first().unwrap_or(1);
        let gap = !self.bulk.moved && !self.told.gaps(first, self.bulk.exists).is_empty();
        if (gap || self.partial) && !self.stopped {
            self.told = Ranges::default();
            self.all()?;
        }
        Ok(())
    }

    fn ends(&mut self, count: u32) -> Result<(), Failure> {
        let last = self.bulk.exists;
        let set = if last <= count.saturating_mul(2) {
            format!("1:{last}")
        } else {
            format!("1:{count},{}:{last}", last - count + 1)
        };
        let command = format!("FETCH {set} {}", self.items(Detail::Full));
        self.run(std::iter::once(command), Detail::Full)
    }

    fn items(&self, detail: Detail) -> &'static str {
        match (detail, self.modseq) {
            (Detail::Full, true) => "(UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ)",
            (Detail::Full, false) => "(UID FLAGS INTERNALDATE RFC822.SIZE)",
            (Detail::Least, _) => "(UID FLAGS)",
        }
    }

    fn run(&mut self, commands: impl Iterator<Item = String>, detail: Detail) -> Result<(), Failure> {
        let mut commands = commands.fuse();
        loop {
            while self.bulk.in_flight() < WINDOW && !self.stopped {
                let Some(command) = commands.next() else { break };
                self.bulk.send(&command)?;
            }
            if self.bulk.in_flight() == 0 {
                return Ok(());
            }
            match self.bulk.next()? {
                Response::Fetch(number) => {
                    let parts = read(self.bulk)?;
                    self.tell(number, parts, detail);
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

    fn tell(&mut self, number: u32, parts: Parts, detail: Detail) {
        if number > self.bulk.exists {
            return;
        }
        let uid = match parts.uid {
            Some(Some(uid)) => uid,
            Some(None) => {
                self.wrong_uid = true;
                self.told.insert(number);
                return;
            }
            None => return,
        };
        let Some(message) = parts.message(uid, detail) else { return };
        self.told.insert(number);
        if !self.stopped && uid >= self.from {
            self.stopped = (self.each)(message).is_break();
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
            // Somebody was told of: the refusal concerned those that have vanished.
            Some(failure) if self.told.len() == 0 => Err(failure),
            _ => Ok(()),
        }
    }
}
