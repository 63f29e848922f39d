//! Reads all messages of a folder on one side: what the server says about each, and digests of headers or whole bodies.
//!
//! Bodies stream past and are never kept; of a header at most [`LONGEST_HEADER`] bytes are held at a time.

use super::compare::Facts;
use super::half::{Half, Listing, Reading, Seen, is_there};
use crate::sync::decide::item::FlagSets;
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::steps::content::{self, BodyScan};
use imapmig_core::fingerprint::{ContentScan, HeaderPrint};
use imapmig_core::folder::WireName;
use imapmig_core::header::HeaderEnd;
use imapmig_core::message::{InternalDate, MessageMeta, TargetValidity, Uid};
use imapmig_core::ports::source::{Scan, SourceSession};
use imapmig_core::ports::target::{TargetMessage, TargetSession};
use imapmig_core::user::TargetId;
use std::ops::ControlFlow;

/// What is beyond this of a header is not looked at for itself.
const LONGEST_HEADER: usize = 256 * 1024;

/// Reads a folder of the source, as far as it was not read before.
pub(super) fn source(
    session: &mut dyn SourceSession,
    name: &WireName,
    reading: Reading<'_>,
    half: &mut Half<Uid>,
) -> SyncResult {
    half.relist(list_source(session, name)?);
    half.read(reading, |uids, see| {
        if reading.bytes {
            content::scan_source::<Body>(session, uids, &mut |uid, seen| see(&uid, seen))
        } else {
            let mut each = |uid: Uid, header: &[u8]| see(&uid, Seen::of_header(header));
            session.headers(uids, &mut each).at_source()
        }
    })?;
    if reading.bytes {
        half.read_headers(|uids, see| {
            let mut each = |_, header: &[u8]| see(&HeaderPrint::of(header), is_there(header));
            session.headers(uids, &mut each).at_source()
        })?;
    }
    if half.may_have_lost() {
        // What was removed since the listing is not missing at the target.
        half.drop_vanished(&list_source(session, name)?);
    }
    Ok(())
}

/// Reads whole messages of the source that were listed before.
pub(super) fn whole_source(
    session: &mut dyn SourceSession,
    name: &WireName,
    reading: Reading<'_>,
    half: &mut Half<Uid>,
) -> SyncResult {
    session.open(name).at_source()?;
    half.read(reading, |uids, see| {
        content::scan_source::<Body>(session, uids, &mut |uid, seen| see(&uid, seen))
    })
}

/// Reads whole messages of the target that were listed before.
pub(super) fn whole_target(
    session: &mut dyn TargetSession,
    name: &WireName,
    reading: Reading<'_>,
    half: &mut Half<TargetId>,
) -> SyncResult {
    session.open(name).at_target()?;
    half.read(reading, |ids, see| content::scan_target::<Body>(session, ids, see))
}

fn list_source(session: &mut dyn SourceSession, name: &WireName) -> SyncResult<Listing<Uid>> {
    let mut flags = FlagSets::default();
    let mut described = Vec::new();
    let mut each = |meta: MessageMeta| {
        described.push((meta.uid, plain(meta.size, meta.internal_date, flags.number(&meta.flags))));
        ControlFlow::Continue(())
    };
    let open = session.open_and_scan(name, Scan::All, &mut each).at_source()?;
    Ok(Listing {
        validity: TargetValidity::Uids(open.validity),
        exists: u64::from(open.exists),
        described,
        flags,
    })
}

/// Reads a folder of the target, as far as it was not read before; one that is not there is empty.
pub(super) fn target(
    session: &mut dyn TargetSession,
    name: Option<&WireName>,
    reading: Reading<'_>,
    half: &mut Half<TargetId>,
) -> SyncResult {
    let Some(name) = name else { return Ok(()) };
    // The source's messages are what is counted.
    let reading = Reading { each: &|_| Ok(()), ..reading };
    half.relist(list_target(session, name)?);
    half.read(reading, |ids, see| {
        if reading.bytes {
            content::scan_target::<Body>(session, ids, see)
        } else {
            let mut each = |id: &TargetId, header: &[u8]| see(id, Seen::of_header(header));
            session.headers(ids, &mut each).at_target()
        }
    })?;
    if reading.bytes {
        half.read_headers(|ids, see| {
            let mut each = |_: &TargetId, header: &[u8]| see(&HeaderPrint::of(header), is_there(header));
            session.headers(ids, &mut each).at_target()
        })?;
    }
    if half.may_have_lost() {
        half.drop_vanished(&list_target(session, name)?);
    }
    Ok(())
}

fn list_target(session: &mut dyn TargetSession, name: &WireName) -> SyncResult<Listing<TargetId>> {
    let mut flags = FlagSets::default();
    let mut described = Vec::new();
    let open = session.open(name).at_target()?;
    let mut each = |message: TargetMessage| {
        let look = plain(message.size, message.internal_date, flags.number(&message.flags));
        described.push((message.id, look));
    };
    session.inventory(Uid(1), &mut each).at_target()?;
    Ok(Listing { validity: open.validity, exists: u64::from(open.exists), described, flags })
}

fn plain(size: u64, date: InternalDate, flags: u32) -> Facts {
    Facts { size, date, flags, content: None, header: None, key: None }
}

/// A body that streams past.
#[derive(Default)]
struct Body {
    content: ContentScan,
    header_end: HeaderEnd,
    header: Vec<u8>,
}

impl BodyScan for Body {
    type Seen = Seen;

    fn feed(&mut self, bytes: &[u8]) {
        self.content.feed(bytes);
        let header = self.header_end.feed(bytes);
        let room = LONGEST_HEADER.saturating_sub(self.header.len());
        self.header.extend_from_slice(&header[..header.len().min(room)]);
    }

    fn finish(self) -> Seen {
        let content = self.content.finish();
        Seen::Body {
            size: content.size,
            digest: content.digest,
            header: HeaderPrint::of(&self.header),
            has_header: is_there(&self.header),
        }
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

            prop_assert_eq!(&body.header, HeaderEnd::default().feed(&message));
        }
    }
}
