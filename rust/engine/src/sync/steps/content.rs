//! Whole messages on either side, seen once while their bytes stream past.

use crate::sync::decide::item::TargetKey;
use crate::sync::failure::{OnSide, SyncResult};
use imapmig_core::fingerprint::{Content, ContentScan, NormalScan};
use imapmig_core::message::{Digest, Uid};
use imapmig_core::ports::source::{BodyHead, BodySink, SourceSession};
use imapmig_core::ports::target::TargetSession;
use imapmig_core::user::TargetId;
use std::collections::HashMap;
use std::ops::ControlFlow;

/// How many messages one request names.
const AT_ONCE: usize = 500;

/// The content of a message that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) content: Content,
    /// The digest after everything that servers are known to change.
    pub(crate) normal: Digest,
}

/// The scan of a whole message.
#[derive(Default)]
pub(crate) struct Scans {
    content: ContentScan,
    normal: NormalScan,
}

/// Scans one message while its bytes stream past.
pub(crate) trait BodyScan: Default {
    /// What is known of it at its end.
    type Seen;

    /// Takes the next bytes.
    fn feed(&mut self, bytes: &[u8]);

    /// Ends the message.
    fn finish(self) -> Self::Seen;
}

impl BodyScan for Scans {
    type Seen = Seen;

    fn feed(&mut self, bytes: &[u8]) {
        self.content.feed(bytes);
        self.normal.feed(bytes);
    }

    fn finish(self) -> Seen {
        Seen { content: self.content.finish(), normal: self.normal.finish() }
    }
}

struct Sink<'a, S: BodyScan> {
    current: Option<(Uid, S)>,
    each: &'a mut dyn FnMut(Uid, S::Seen),
}

impl<S: BodyScan> BodySink for Sink<'_, S> {
    fn begin(&mut self, head: BodyHead) -> ControlFlow<()> {
        self.current = Some((head.uid, S::default()));
        ControlFlow::Continue(())
    }

    fn chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        if let Some((_, scan)) = &mut self.current {
            scan.feed(bytes);
        }
        ControlFlow::Continue(())
    }

    fn end(&mut self) -> ControlFlow<()> {
        if let Some((uid, scan)) = self.current.take() {
            (self.each)(uid, scan.finish());
        }
        ControlFlow::Continue(())
    }
}

/// Scans these messages of the open source folder with one request, and passes on what is known of each that was delivered whole.
pub(crate) fn scan_source<S: BodyScan>(
    source: &mut dyn SourceSession,
    uids: &[Uid],
    each: &mut dyn FnMut(Uid, S::Seen),
) -> SyncResult {
    source.fetch(uids, &mut Sink::<S> { current: None, each }).at_source()
}

/// Scans these messages of the open target folder with one request, and passes on what is known of each that is there.
pub(crate) fn scan_target<S: BodyScan>(
    target: &mut dyn TargetSession,
    ids: &[TargetId],
    each: &mut dyn FnMut(&TargetId, S::Seen),
) -> SyncResult {
    let mut current: Option<(TargetKey, S)> = None;
    let mut chunk = |id: &TargetId, bytes: &[u8]| {
        let key = TargetKey::of(id);
        let mut scan = match current.take() {
            Some((of, scan)) if of == key => scan,
            _ => S::default(),
        };
        if bytes.is_empty() {
            each(id, scan.finish());
        } else {
            scan.feed(bytes);
            current = Some((key, scan));
        }
    };
    target.read(ids, &mut chunk).at_target()
}

/// Reads these messages of the open target folder; what is not there is absent.
pub(crate) fn at_target(
    target: &mut dyn TargetSession,
    ids: &[TargetId],
) -> SyncResult<HashMap<TargetKey, Seen>> {
    let mut all = HashMap::new();
    for ids in ids.chunks(AT_ONCE) {
        scan_target::<Scans>(target, ids, &mut |id, seen| {
            all.insert(TargetKey::of(id), seen);
        })?;
    }
    Ok(all)
}
