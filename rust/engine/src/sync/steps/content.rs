//! Whole messages on either side, seen once while their bytes stream past.

use crate::sync::decide::item::TargetKey;
use crate::sync::failure::{OnSide, SyncResult};
use imapmig_core::fingerprint::{Content, ContentScan, HeaderPrint, NormalScan};
use imapmig_core::message::{Digest, Uid};
use imapmig_core::ports::source::{BodyHead, BodySink, SourceSession};
use imapmig_core::ports::target::TargetSession;
use imapmig_core::user::TargetId;
use std::collections::HashMap;
use std::ops::ControlFlow;

/// How many messages one request names.
const AT_ONCE: usize = 500;

/// What a message's bytes came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) content: Content,
    /// The digest after everything that servers are known to change.
    pub(crate) normal: Digest,
}

#[derive(Default)]
struct Scans {
    content: ContentScan,
    normal: NormalScan,
}

impl Scans {
    fn feed(&mut self, bytes: &[u8]) {
        self.content.feed(bytes);
        self.normal.feed(bytes);
    }

    fn finish(self) -> Seen {
        Seen { content: self.content.finish(), normal: self.normal.finish() }
    }
}

/// Reads these messages of the open source folder; what the source does not deliver is absent.
pub(crate) fn at_source(source: &mut dyn SourceSession, uids: &[Uid]) -> SyncResult<HashMap<Uid, Seen>> {
    struct Sink {
        current: Option<(Uid, Scans)>,
        seen: HashMap<Uid, Seen>,
    }
    impl BodySink for Sink {
        fn begin(&mut self, head: BodyHead) -> ControlFlow<()> {
            self.current = Some((head.uid, Scans::default()));
            ControlFlow::Continue(())
        }
        fn chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
            if let Some((_, scans)) = &mut self.current {
                scans.feed(bytes);
            }
            ControlFlow::Continue(())
        }
        fn end(&mut self) -> ControlFlow<()> {
            if let Some((uid, scans)) = self.current.take() {
                self.seen.insert(uid, scans.finish());
            }
            ControlFlow::Continue(())
        }
    }
    let mut sink = Sink { current: None, seen: HashMap::new() };
    for uids in uids.chunks(AT_ONCE) {
        source.fetch(uids, &mut sink).at_source()?;
    }
    Ok(sink.seen)
}

/// Reads these messages of the open target folder; what is not there is absent.
pub(crate) fn at_target(
    target: &mut dyn TargetSession,
    ids: &[TargetId],
) -> SyncResult<HashMap<TargetKey, Seen>> {
    let mut seen = HashMap::new();
    let mut current: Option<(TargetKey, Scans)> = None;
    for ids in ids.chunks(AT_ONCE) {
        let each = &mut |id: &TargetId, bytes: &[u8]| {
            let key = TargetKey::of(id);
            let mut scans = match current.take() {
                Some((of, scans)) if of == key => scans,
                _ => Scans::default(),
            };
            if bytes.is_empty() {
                seen.insert(key, scans.finish());
            } else {
                scans.feed(bytes);
                current = Some((key, scans));
            }
        };
        target.read(ids, each).at_target()?;
    }
    Ok(seen)
}

/// The prints of these messages' headers at the source.
pub(crate) fn prints_at_source(
    source: &mut dyn SourceSession,
    uids: &[Uid],
) -> SyncResult<HashMap<Uid, HeaderPrint>> {
    let mut prints = HashMap::new();
    for uids in uids.chunks(AT_ONCE) {
        let each = &mut |uid, header: &[u8]| {
            prints.insert(uid, HeaderPrint::of(header));
        };
        source.headers(uids, each).at_source()?;
    }
    Ok(prints)
}

/// The prints of these messages' headers at the target.
pub(crate) fn prints_at_target(
    target: &mut dyn TargetSession,
    ids: &[TargetId],
) -> SyncResult<HashMap<TargetKey, HeaderPrint>> {
    let mut prints = HashMap::new();
    for ids in ids.chunks(AT_ONCE) {
        let each = &mut |id: &TargetId, header: &[u8]| {
            prints.insert(TargetKey::of(id), HeaderPrint::of(header));
        };
        target.headers(ids, each).at_target()?;
    }
    Ok(prints)
}
