//! Reads all messages of a folder on one side: what the server says about each, and digests of headers or whole bodies.
//!
//! Bodies stream past and are never kept; of a header at most [`LONGEST_HEADER`] bytes are held at a time.

use super::compare::Look;
use crate::sync::decide::duplicates::last_of_each;
use crate::sync::decide::item::{FlagSets, TargetKey};
use crate::sync::decide::sided_failure::SidedFailure;
use crate::sync::failure::{OnSide, SyncResult};
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::Failure;
use imapmig_core::fingerprint::HeaderPrint;
use imapmig_core::folder::WireName;
use imapmig_core::message::{Digest, InternalDate, MessageMeta, Uid, UidValidity};
use imapmig_core::ports::source::{BodyHead, BodySink, Scan, SourceSession};
use imapmig_core::ports::target::{TargetMessage, TargetSession};
use imapmig_core::user::TargetId;
use std::collections::HashMap;
use std::ops::ControlFlow;

/// How many messages one request names.
const AT_ONCE: usize = 500;
/// What is beyond this of a header is not looked at for itself.
const LONGEST_HEADER: usize = 256 * 1024;

/// A folder at the source.
pub(super) struct SourceFolder {
    pub(super) validity: UidValidity,
    /// How many messages the server counts.
    pub(super) exists: u64,
    pub(super) uids: Vec<Uid>,
    pub(super) looks: Vec<Look>,
    pub(super) flags: FlagSets,
}

/// A folder at the target.
#[derive(Default)]
pub(super) struct TargetFolder {
    pub(super) ids: Vec<TargetId>,
    pub(super) looks: Vec<Look>,
    pub(super) flags: FlagSets,
}

impl TargetFolder {
    /// Numbers the flags as the source's messages do.
    pub(super) fn share_flags(&mut self, source: &SourceFolder) {
        let own = std::mem::replace(&mut self.flags, source.flags.clone());
        for look in &mut self.looks {
            look.flags = self.flags.number(own.set(look.flags));
        }
    }
}

/// What a folder's messages are read with.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    /// Whole contents instead of headers.
    pub(super) bytes: bool,
    pub(super) cancel: &'a Cancel,
    /// Is called with the number of messages that were read since the last call.
    pub(super) each: &'a (dyn Fn(u64) -> SyncResult + Sync),
}

impl Reading<'_> {
    fn read(&self, messages: usize) -> SyncResult {
        if self.cancel.is_cancelled() {
            return Err(SidedFailure::own(Failure::cancelled()));
        }
        (self.each)(messages as u64)
    }
}

/// Reads a folder of the source.
pub(super) fn source(
    session: &mut dyn SourceSession,
    name: &WireName,
    reading: Reading<'_>,
) -> SyncResult<SourceFolder> {
    let mut flags = FlagSets::default();
    let mut described = Vec::new();
    let mut each = |meta: MessageMeta| {
        let look = plain(meta.size, meta.internal_date, flags.number(&meta.flags));
        described.push((meta.uid, look));
        ControlFlow::Continue(())
    };
    let open = session.open_and_scan(name, Scan::All, &mut each).at_source()?;
    let (uids, mut looks): (Vec<_>, Vec<_>) = last_of_each(described).into_iter().unzip();
    let places: HashMap<Uid, usize> = uids.iter().copied().zip(0..).collect();
    for some in uids.chunks(AT_ONCE) {
        let mut see = |uid: Uid, seen: Seen| {
            if let Some(at) = places.get(&uid) {
                seen.note_in(&mut looks[*at]);
            }
        };
        if reading.bytes {
            let mut sink = Sink { current: None, see: &mut see };
            session.fetch(some, &mut sink).at_source()?;
        } else {
            session
                .headers(some, &mut |uid, header| {
                    see(uid, Seen::Header(HeaderPrint::of(header), is_there(header)))
                })
                .at_source()?;
        }
        reading.read(some.len())?;
    }
    Ok(SourceFolder { validity: open.validity, exists: u64::from(open.exists), uids, looks, flags })
}

/// Reads a folder of the target; one that is not there is empty.
pub(super) fn target(
    session: &mut dyn TargetSession,
    name: Option<&WireName>,
    reading: Reading<'_>,
) -> SyncResult<TargetFolder> {
    let Some(name) = name else { return Ok(TargetFolder::default()) };
    let mut flags = FlagSets::default();
    let mut described = Vec::new();
    session.open(name).at_target()?;
    let mut each = |message: TargetMessage| {
        let look = plain(message.size, message.internal_date, flags.number(&message.flags));
        described.push((TargetKey::of(&message.id), (message.id, look)));
    };
    session.inventory(Uid(1), &mut each).at_target()?;
    let described = last_of_each(described);
    let places: HashMap<TargetKey, usize> = described.iter().map(|(key, _)| *key).zip(0..).collect();
    let (ids, mut looks): (Vec<_>, Vec<_>) = described.into_iter().map(|(_, one)| one).unzip();
    for some in ids.chunks(AT_ONCE) {
        let mut see = |id: &TargetId, seen: Seen| {
            if let Some(at) = places.get(&TargetKey::of(id)) {
                seen.note_in(&mut looks[*at]);
            }
        };
        if reading.bytes {
            let mut current: Option<(TargetId, Body)> = None;
            let mut chunk = |id: &TargetId, bytes: &[u8]| {
                let mut body = match current.take() {
                    Some((of, body)) if of == *id => body,
                    _ => Body::default(),
                };
                if bytes.is_empty() {
                    see(id, body.finish());
                } else {
                    body.feed(bytes);
                    current = Some((id.clone(), body));
                }
            };
            session.read(some, &mut chunk).at_target()?;
        } else {
            session
                .headers(some, &mut |id, header| {
                    see(id, Seen::Header(HeaderPrint::of(header), is_there(header)))
                })
                .at_target()?;
        }
        reading.read(0)?;
    }
    Ok(TargetFolder { ids, looks, flags })
}

fn plain(size: u64, date: InternalDate, flags: u32) -> Look {
    Look { size, date, flags, content: None, header: None, key: None }
}

fn is_there(header: &[u8]) -> bool {
    !header.trim_ascii().is_empty()
}

/// What was seen of a message.
enum Seen {
    /// Its header, and whether it has one.
    Header(HeaderPrint, bool),
    /// All of it.
    Body { size: u64, digest: Digest, header: HeaderPrint, has_header: bool },
}

impl Seen {
    fn note_in(self, look: &mut Look) {
        let (print, has_header) = match self {
            Self::Header(print, has_header) => {
                let mut both = print.normal.0.to_vec();
                both.extend_from_slice(&look.size.to_be_bytes());
                look.content = Some(Digest::of(&both));
                (print, has_header)
            }
            Self::Body { size, digest, header, has_header } => {
                look.size = size;
                look.content = Some(digest);
                (header, has_header)
            }
        };
        look.header = has_header.then_some(print.normal);
        look.key = print.key;
    }
}

/// A body that streams past.
#[derive(Default)]
struct Body {
    hasher: blake3::Hasher,
    size: u64,
    header: Vec<u8>,
    header_ended: bool,
}

impl Body {
    fn feed(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        if self.header_ended {
            return;
        }
        let from = self.header.len().saturating_sub(3);
        let room = LONGEST_HEADER.saturating_sub(self.header.len());
        self.header.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if let Some(end) = header_end(&self.header, from) {
            self.header.truncate(end);
            self.header_ended = true;
        } else {
            self.header_ended = self.header.len() >= LONGEST_HEADER;
        }
    }

    fn finish(self) -> Seen {
        Seen::Body {
            size: self.size,
            digest: Digest::finish(&self.hasher),
            header: HeaderPrint::of(&self.header),
            has_header: is_there(&self.header),
        }
    }
}

/// Where the header ends, its final empty line included. `from`: nothing before can be part of the empty line.
fn header_end(bytes: &[u8], from: usize) -> Option<usize> {
    let line_ends = (from..bytes.len()).filter(|at| bytes[*at] == b'\n');
    for at in line_ends {
        let before = bytes[..at].strip_suffix(b"\r").unwrap_or(&bytes[..at]);
        if before.is_empty() || before.ends_with(b"\n") {
            return Some(at + 1);
        }
    }
    None
}

struct Sink<'a> {
    current: Option<(Uid, Body)>,
    see: &'a mut dyn FnMut(Uid, Seen),
}

impl BodySink for Sink<'_> {
    fn begin(&mut self, head: BodyHead) -> ControlFlow<()> {
        self.current = Some((head.uid, Body::default()));
        ControlFlow::Continue(())
    }

    fn chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        if let Some((_, body)) = &mut self.current {
            body.feed(bytes);
        }
        ControlFlow::Continue(())
    }

    fn end(&mut self) -> ControlFlow<()> {
        if let Some((uid, body)) = self.current.take() {
            (self.see)(uid, body.finish());
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_header_of_a_streamed_body_ends_at_its_first_empty_line(
            message in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'a'), Just(b':')], 0..60),
            size in 1_usize..7,
        ) {
            let mut body = Body::default();
            for chunk in message.chunks(size) {
                body.feed(chunk);
            }

            let end = header_end(&message, 0).unwrap_or(message.len());
            prop_assert_eq!(&body.header, &message[..end]);
        }
    }
}
