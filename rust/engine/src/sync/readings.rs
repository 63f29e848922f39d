//! Messages that are read on either side to be compared, although a connection may end over one of them.
//!
//! What was read outlives lost connections, so that each connection brings the reading forward. A message over which connections end
//! goes alone after a while, and is given up in the end (`decide::poison`): it is unreadable, and the caller decides what follows.

use crate::sync::decide::item::TargetKey;
use crate::sync::decide::poison::{PoisonTracker, Whose};
use crate::sync::decide::sided_failure::{Side, SidedFailure};
use crate::sync::failure::{OnSide, SyncResult, last_words};
use crate::sync::lock::lock;
use crate::sync::progress::Progress;
use crate::sync::sessions::{FolderPair, Lane};
use crate::sync::steps::content::{self, Scans, Seen};
use imapmig_core::fingerprint::HeaderPrint;
use imapmig_core::folder::FolderPath;
use imapmig_core::message::Uid;
use imapmig_core::ports::source::SourceSession as _;
use imapmig_core::ports::target::TargetSession as _;
use imapmig_core::user::TargetId;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;

/// How many messages one request names.
const AT_ONCE: usize = 500;
/// Number of undelivered messages suspected after a broken connection: servers deliver in order, or nearly so.
const SUSPECTED: usize = 16;

/// What was read of a user's folders before a connection ended.
pub(crate) type Kept = Mutex<HashMap<FolderPath, Readings>>;

/// Whose messages are read, and where it is noted over which of them connections end.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) path: &'a FolderPath,
    pub(crate) pair: &'a FolderPair,
    pub(crate) poison: &'a Mutex<PoisonTracker>,
    pub(crate) progress: &'a Progress<'a>,
    pub(crate) kept: &'a Kept,
}

/// What was read of one folder's messages.
#[derive(Default)]
pub(crate) struct Readings {
    pair: Option<FolderPair>,
    /// Headers at the source.
    pub(crate) headers_here: HashMap<Uid, HeaderPrint>,
    /// Headers at the target.
    pub(crate) headers_there: HashMap<TargetKey, HeaderPrint>,
    /// Whole messages at the source.
    pub(crate) here: HashMap<Uid, Seen>,
    /// Whole messages at the target.
    pub(crate) there: HashMap<TargetKey, Seen>,
}

type Each<'e, K, V> = dyn FnMut(K, V) + 'e;
type Read<T, K, V> = fn(&mut Lane, &[T], &mut Each<'_, K, V>) -> SyncResult;
/// A message of the target, and whose it is.
type There = (TargetId, Whose);

impl<'a> Reader<'a> {
    /// Reads with what was read before the last connection ended, and keeps what is read when this one ends.
    pub(crate) fn with<T>(self, read: impl FnOnce(&mut Readings) -> SyncResult<T>) -> SyncResult<T> {
        let mut readings = self.resume();
        let is_resumed = readings.pair.is_some();
        let result = read(&mut readings);
        if result.is_err() || is_resumed {
            self.keep(readings);
        }
        result
    }

    /// Forgets what was read: the folder is done.
    pub(crate) fn forget(self) {
        lock(self.kept).remove(self.path);
    }

    /// What was read of the folder before the last connection ended.
    pub(crate) fn resume(self) -> Readings {
        let kept = lock(self.kept).remove(self.path);
        kept.filter(|readings| readings.pair.as_ref() == Some(self.pair)).unwrap_or_default()
    }

    /// Keeps what was read for the next connection.
    pub(crate) fn keep(self, readings: Readings) {
        let readings = Readings { pair: Some(self.pair.clone()), ..readings };
        lock(self.kept).insert(self.path.clone(), readings);
    }

    /// The side that ends the connection over this message and the words of its last failure, if it is not read any more.
    pub(crate) fn why_unreadable(self, whose: impl Into<Whose>) -> Option<(Side, String)> {
        lock(self.poison).why_unreadable(self.path, whose)
    }

    /// Reads what was not read yet, with the side where whole messages are read; what is unreadable, gone or not delivered is absent.
    fn read<T, K: Copy + Eq + Hash, V>(
        self,
        lane: &mut Lane,
        wanted: Vec<T>,
        name: impl Fn(&T) -> (K, Whose),
        into: &mut HashMap<K, V>,
        (whole_at, read): (Option<Side>, Read<T, K, V>),
    ) -> SyncResult {
        let (mut alone, together): (Vec<_>, Vec<_>) = {
            let poison = lock(self.poison);
            let open = |one: &T| {
                let (key, whose) = name(one);
                !into.contains_key(&key) && poison.why_unreadable(self.path, whose).is_none()
            };
            let open: Vec<T> = wanted.into_iter().filter(open).collect();
            open.into_iter().partition(|one| poison.goes_alone(self.path, name(one).1))
        };
        alone.sort_by_key(|one| lock(self.poison).deaths_alone(self.path, name(one).1));
        // Suspects first: only what ends a connection that has brought nothing is to blame.
        for some in alone.chunks(1).chain(together.chunks(AT_ONCE)) {
            let before = into.len();
            let result = read(lane, some, &mut |key, value| {
                into.insert(key, value);
            });
            let brought = into.len() > before;
            if let Some(failure) = result.as_ref().err().filter(|failure| failure.is_lost_connection()) {
                let names = some.iter().map(&name);
                let left: Vec<_> = names.filter(|(key, _)| !into.contains_key(key)).map(|n| n.1).collect();
                self.ended(failure, &left, brought, lane.brought);
            }
            if brought {
                lane.brought = true;
                // A server may deliver headers when it delivers no body any more.
                if let Some(side) = whole_at {
                    lock(self.poison).was_read(side);
                }
            }
            result?;
        }
        Ok(())
    }

    /// The connection ended before these were delivered. The first of them is suspected then, and all of them if the connection had
    /// brought nothing at all; only so is a message to blame that went alone: a line that breaks now and then does so over any message.
    pub(crate) fn ended(self, failure: &SidedFailure, left: &[Whose], brought: bool, lane_brought: bool) {
        let mut poison = lock(self.poison);
        let is_nearer = match left {
            _ if brought => {
                poison.under_way(self.path, left.iter().copied().take(1));
                true
            }
            [] => false,
            _ if lane_brought => false,
            [one] => poison.unread(self.path, *one, last_words(failure)),
            many => {
                poison.under_way(self.path, many.iter().copied().take(SUSPECTED));
                true
            }
        };
        drop(poison);
        if is_nearer {
            self.progress.step();
        }
    }
}

impl Readings {
    /// Drops what was read of two messages that are the same.
    pub(crate) fn drop_pair(&mut self, here: Uid, there: TargetKey) {
        self.headers_here.remove(&here);
        self.here.remove(&here);
        self.headers_there.remove(&there);
        self.there.remove(&there);
    }

    /// Reads the headers of these messages at the source.
    pub(crate) fn read_headers_here(
        &mut self,
        reader: Reader<'_>,
        lane: &mut Lane,
        uids: Vec<Uid>,
    ) -> SyncResult {
        reader.read(
            lane,
            uids,
            source_name,
            &mut self.headers_here,
            (None, |lane, uids, each| {
                let each = &mut |uid, header: &[u8]| each(uid, HeaderPrint::of(header));
                lane.source.headers(uids, each).at_source()
            }),
        )
    }

    /// Reads these messages at the source.
    pub(crate) fn read_here(&mut self, reader: Reader<'_>, lane: &mut Lane, uids: Vec<Uid>) -> SyncResult {
        reader.read(
            lane,
            uids,
            source_name,
            &mut self.here,
            (Some(Side::Source), |lane, uids, each| {
                content::scan_source::<Scans>(&mut lane.source, uids, each)
            }),
        )
    }

    /// Reads the headers of these messages at the target.
    pub(crate) fn read_headers_there(
        &mut self,
        reader: Reader<'_>,
        lane: &mut Lane,
        messages: Vec<There>,
    ) -> SyncResult {
        reader.read(
            lane,
            messages,
            target_name,
            &mut self.headers_there,
            (None, |lane, messages, each| {
                let each =
                    &mut |id: &TargetId, header: &[u8]| each(TargetKey::of(id), HeaderPrint::of(header));
                lane.target.headers(&ids(messages), each).at_target()
            }),
        )
    }

    /// Reads these messages at the target.
    pub(crate) fn read_there(
        &mut self,
        reader: Reader<'_>,
        lane: &mut Lane,
        messages: Vec<There>,
    ) -> SyncResult {
        reader.read(
            lane,
            messages,
            target_name,
            &mut self.there,
            (Some(Side::Target), |lane, messages, each| {
                let each = &mut |id: &TargetId, seen| each(TargetKey::of(id), seen);
                content::scan_target::<Scans>(&mut lane.target, &ids(messages), each)
            }),
        )
    }
}

fn source_name(uid: &Uid) -> (Uid, Whose) {
    (*uid, Whose::Source(*uid))
}

fn target_name((id, whose): &There) -> (TargetKey, Whose) {
    (TargetKey::of(id), *whose)
}

fn ids(messages: &[There]) -> Vec<TargetId> {
    messages.iter().map(|(id, _)| id.clone()).collect()
}

/// Messages of the target that are not known copies.
pub(crate) fn of_nobody<'m>(ids: impl Iterator<Item = &'m TargetId>) -> Vec<There> {
    ids.map(|id| (id.clone(), Whose::Target(TargetKey::of(id)))).collect()
}
