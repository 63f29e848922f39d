//! One connection to each side, through which bodies flow: a thread reads, this one writes.
//!
//! The reader takes windows of messages from the round, makes their intents durable and streams their bodies into a channel
//! that the byte budget bounds; the writer appends them and brings each outcome into the ledger. A message that a server is
//! known to change stays an intent until it was read back, so that a crash cannot hide the change. Where the connection ends over
//! that, it is copied without a digest, and the verification reads it.

use crate::messages::engine_failures;
use crate::sync::budget::LaneBudget;
use crate::sync::decide::item::{Item, TargetKey};
use crate::sync::decide::sided_failure::{Side, SidedFailure};
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::outcome::{Altered, Sent};
use crate::sync::sessions::Lane;
use crate::sync::steps::body::{Body, BodyState};
use crate::sync::steps::content;
use crate::sync::steps::pieces::{Piece, Sink};
use crate::sync::steps::round::Round;
use crossbeam_channel::{Receiver, RecvTimeoutError};
use imapmig_core::fingerprint::{ContentScan, is_placeholder};
use imapmig_core::message::Uid;
use imapmig_core::ports::source::SourceSession;
use imapmig_core::ports::store::LedgerResult;
use imapmig_core::ports::target::{AppendKey, AppendOutcome, TargetSession};
use imapmig_core::user::{LedgerState, TargetId};
use std::collections::{HashMap, VecDeque};
use std::thread;
use std::time::Duration;

/// Pieces on their way; the budget bounds their bytes.
const PIECES: usize = 512;
/// How many appends may be unanswered before the writer waits.
const UNANSWERED: usize = 512;
/// Number of results written to the ledger at once.
const RESULTS: usize = 128;
/// Number of messages read back at once.
const READ_BACK: usize = 64;
/// Bytes sent before waiting for answers after a worker or a connection died over a folder; then twice as many,
/// and so on: a target that stores groups of messages as a whole (MULTIAPPEND) may store nothing of a group that breaks off.
const CAUTIOUS: u64 = 16 * 1024;
/// After so long without a body the writer asks for outstanding answers.
const IDLE: Duration = Duration::from_millis(500);

/// Returns `true` once the lane is needed no longer.
pub(crate) type Leaves<'l> = &'l (dyn Fn() -> bool + Sync);

/// Copies windows of the round on this lane until there are none left, or the lane `leaves` the round between two windows.
pub(crate) fn run(round: &Round<'_>, lane: &mut Lane, leaves: Leaves<'_>) -> SyncResult {
    lane.enter(&round.work.pair)?;
    let share = LaneBudget::new(&round.work.sync.budget);
    let (pieces, arriving) = crossbeam_channel::bounded(PIECES);
    let Lane { source, target, brought } = lane;
    thread::scope(|scope| {
        let reader = scope.spawn(|| read(round, source, &mut Sink::new(round, &share, pieces), leaves));
        let mut writer = Writer::new(round, target);
        // The reader must end even if this thread panics.
        let closing = Closing(&share);
        let wrote = writer.run(&arriving);
        drop(arriving);
        drop(closing);
        let read = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // A reader that saw its channel closed has no failure of its own.
        let end = wrote.and(read);
        *brought |= writer.brought;
        if let Err(failure) = &end {
            // A line that breaks now and then does so over any message: only one that is first on its line is suspect.
            if !*brought {
                writer.suspect(failure);
            }
            writer.record()?;
        }
        end
    })
}

/// Closes the share when it is dropped.
struct Closing<'a>(&'a LaneBudget);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn key_of(item: &Item) -> AppendKey {
    AppendKey(u64::from(item.uid.0))
}

fn read(
    round: &Round<'_>,
    source: &mut dyn SourceSession,
    sink: &mut Sink<'_>,
    leaves: Leaves<'_>,
) -> SyncResult {
    let windows = sink.pieces();
    let mut failure = None;
    let mut next = |idle: bool| {
        // A pause is waited for only when nothing is under way, or the source would wait with half a message sent.
        if !idle && round.work.progress.is_paused() {
            return Some(Vec::new());
        }
        if leaves() {
            return None;
        }
        match round.next_window() {
            Ok(window) => window.map(|window| {
                let uids = window.iter().map(|i| i.uid).collect();
                // A closed channel ends the fetch at the next body.
                let _ = windows.send(Piece::Window(window));
                uids
            }),
            Err(error) => {
                failure = Some(error);
                None
            }
        }
    };
    source.fetch_windows(&mut next, sink).at_source()?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    if sink.send(Piece::Fetched).is_break() || round.is_halted() {
        // The fetch may have been broken off, so this connection is not to be used again.
        let failure = engine_failures::fetch_broken_off();
        return Err(SidedFailure { side: Side::Source, failure });
    }
    Ok(())
}

struct Writer<'a> {
    round: &'a Round<'a>,
    target: &'a mut dyn TargetSession,
    /// Of the windows that are arriving: what has not begun.
    expected: HashMap<Uid, Item>,
    body: Option<Body>,
    unanswered: HashMap<AppendKey, Sent>,
    results: Vec<LedgerResult>,
    /// Stored, and to be read back before that is written down.
    doubtful: VecDeque<(Sent, TargetId)>,
    copied_bytes: u64,
    /// How many bytes may be under way, and how many are; while a folder is copied with caution.
    cautious: Option<(u64, u64)>,
    /// Whether the target stored anything.
    brought: bool,
}

impl<'a> Writer<'a> {
    fn new(round: &'a Round<'a>, target: &'a mut dyn TargetSession) -> Self {
        Self {
            round,
            target,
            expected: HashMap::new(),
            body: None,
            unanswered: HashMap::new(),
            results: Vec::new(),
            doubtful: VecDeque::new(),
            copied_bytes: 0,
            cautious: round.work.was_interrupted.then_some((CAUTIOUS, 0)),
            brought: false,
        }
    }

    fn run(&mut self, arriving: &Receiver<Piece>) -> SyncResult {
        let mut outcomes = Vec::new();
        loop {
            match arriving.recv_timeout(IDLE) {
                Ok(piece) => self.take(piece, &mut outcomes)?,
                Err(RecvTimeoutError::Timeout) if self.body.is_none() => self.finish(&mut outcomes)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.answered(&mut outcomes)?;
            if self.body.is_none() && (self.unanswered.len() >= UNANSWERED || self.is_enough_under_way()) {
                self.finish(&mut outcomes)?;
            }
            if self.body.is_none() && self.doubtful.len() >= READ_BACK {
                self.read_back(&mut outcomes)?;
            }
            if self.results.len() >= RESULTS {
                self.record()?;
            }
        }
        // In the middle of a body the target waits for bytes that will not come; nothing can be asked of it any more.
        if self.body.as_ref().is_some_and(|b| b.state == BodyState::Appended) {
            return Ok(());
        }
        self.finish_all(&mut outcomes)?;
        self.read_back(&mut outcomes)?;
        self.record()
    }

    fn take(&mut self, piece: Piece, outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> SyncResult {
        match piece {
            Piece::Window(items) => self.expected.extend(items.into_iter().map(|i| (i.uid, i))),
            Piece::Begin(head) => {
                // A body that was not requested, or that came before, is passed over.
                let Some(item) = self.expected.remove(&head.uid) else { return Ok(()) };
                let oversize = head.size > self.round.work.largest();
                let state = if oversize { BodyState::Oversize } else { BodyState::Announced };
                self.body = Some(Body { item, size: head.size, scan: ContentScan::new(), state });
            }
            Piece::Whole(head, bytes, grant) => {
                self.take(Piece::Begin(head), outcomes)?;
                if !bytes.is_empty() {
                    self.take(Piece::Chunk(bytes, grant), outcomes)?;
                }
                self.take(Piece::End, outcomes)?;
            }
            Piece::Chunk(bytes, _grant) => {
                self.begin_append(&bytes, outcomes)?;
                if let Some(body) = self.body.as_mut().filter(|b| b.state == BodyState::Appended) {
                    self.target.append_chunk(&bytes).at_target()?;
                    body.scan.feed(&bytes);
                }
            }
            Piece::End => self.ended(outcomes)?,
            Piece::Fetched => {
                self.round.leave(|left| left.missing.extend(self.expected.drain().map(|e| e.1)))
            }
        }
        Ok(())
    }

    /// Begins to append the body of which these bytes are the first, unless it is a notice instead of the message.
    fn begin_append(&mut self, bytes: &[u8], outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> SyncResult {
        let Some(body) = self.body.as_mut().filter(|b| b.state == BodyState::Announced) else {
            return Ok(());
        };
        if is_placeholder(bytes) {
            body.state = BodyState::Placeholder;
            return Ok(());
        }
        body.state = BodyState::Appended;
        let head = self.round.work.head(&body.item, &self.round.flags, body.size);
        self.target.append_begin(&head, outcomes).at_target()
    }

    fn ended(&mut self, outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> SyncResult {
        let announced = self.body.as_ref().filter(|b| b.state == BodyState::Announced);
        if announced.is_some_and(|b| b.item.size == 0) {
            self.begin_append(&[], outcomes)?;
        }
        let Some(body) = self.body.take() else { return Ok(()) };
        if body.state != BodyState::Appended {
            self.round.leave(|left| match body.state {
                BodyState::Oversize => left.oversize.push((body.item, body.size)),
                BodyState::Placeholder => left.placeholders.push(body.item),
                // Empty, and the source had announced something else: asked for once more, alone.
                BodyState::Announced | BodyState::Appended => left.missing.push(body.item),
            });
            return Ok(());
        }
        let content = body.scan.finish();
        if content.size != body.size {
            let failure = engine_failures::other_size_than_announced(body.size, content.size);
            return Err(SidedFailure { side: Side::Source, failure });
        }
        if let Some((_, under_way)) = &mut self.cautious {
            *under_way += content.size;
        }
        self.unanswered.insert(key_of(&body.item), Sent { item: body.item, content });
        self.target.append_end(outcomes).at_target()
    }

    /// Returns `true` if a folder that is copied with caution waits for answers now; the next time it takes twice as much.
    fn is_enough_under_way(&mut self) -> bool {
        let Some((allowed, under_way)) = &mut self.cautious else { return false };
        let is_enough = *under_way >= *allowed;
        if is_enough {
            (*allowed, *under_way) = (allowed.saturating_mul(2), 0);
        }
        is_enough
    }

    fn finish(&mut self, outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> SyncResult {
        if !self.unanswered.is_empty() || !outcomes.is_empty() {
            let finished = self.target.append_finish(outcomes).at_target();
            self.answered(outcomes)?;
            finished?;
        }
        self.record()
    }

    /// Waits for the outcomes of the last messages, which are verified next.
    fn finish_all(&mut self, outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> SyncResult {
        if !self.unanswered.is_empty() {
            let finished = self.target.append_finish_all(outcomes).at_target();
            self.answered(outcomes)?;
            finished?;
        }
        self.record()
    }

    fn answered(&mut self, outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> SyncResult {
        // A server may refuse a message before its body has come; that waits for the body's end.
        let arriving = self.body.as_ref().map(|b| key_of(&b.item));
        let (early, ended): (Vec<_>, Vec<_>) =
            outcomes.drain(..).partition(|(key, _)| Some(*key) == arriving);
        outcomes.extend(early);
        for (key, outcome) in ended {
            let Some(sent) = self.unanswered.remove(&key) else { continue };
            self.brought |= !matches!(outcome, AppendOutcome::Refused { .. });
            match outcome {
                AppendOutcome::Stored(Some(id)) if !self.round.work.ledger.claim(&id) => {
                    self.round.leave(|left| left.unplaced.push(sent));
                }
                AppendOutcome::Stored(Some(id)) if sent.content.traits.may_be_altered() => {
                    self.doubtful.push_back((sent, id));
                }
                AppendOutcome::Stored(Some(id)) => self.result(&sent, LedgerState::Copied, id, true),
                AppendOutcome::AlreadyThere(id) => self.result(&sent, LedgerState::Adopted, id, true),
                AppendOutcome::Stored(None) => self.round.leave(|left| left.unplaced.push(sent)),
                AppendOutcome::Refused { kind, text, pause } => {
                    self.round.refused(sent, kind, text, pause)?;
                }
            }
        }
        Ok(())
    }

    /// `is_stored_as_sent`: nothing speaks against it, or it was read back; else it is still to be compared.
    fn result(&mut self, sent: &Sent, state: LedgerState, id: TargetId, is_stored_as_sent: bool) {
        let Sent { item, content } = sent;
        self.round.work.has_size(item, content.size);
        self.copied_bytes += if state == LedgerState::Copied { item.size } else { 0 };
        self.results.push(LedgerResult {
            uid: item.uid,
            state,
            target: Some(id),
            digest: is_stored_as_sent.then_some(content.digest),
        });
    }

    /// Reads the doubtful messages and compares them; changed ones are left to the round.
    fn read_back(&mut self, outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> SyncResult {
        self.finish(outcomes)?;
        if self.doubtful.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = self.doubtful.iter().map(|(_, id)| id.clone()).collect();
        let seen = match content::at_target(self.target, &ids) {
            Ok(seen) => seen,
            Err(failure) => {
                for (sent, id) in std::mem::take(&mut self.doubtful) {
                    self.result(&sent, LedgerState::Copied, id, false);
                }
                return Err(failure);
            }
        };
        while let Some((sent, id)) = self.doubtful.pop_front() {
            match seen.get(&TargetKey::of(&id)) {
                Some(seen) if seen.content.digest == sent.content.digest => {
                    self.round.work.is_compared(sent.item.uid);
                    self.result(&sent, LedgerState::Copied, id, true);
                }
                seen => {
                    let now = seen.map(|s| s.content);
                    let Sent { item, content } = sent;
                    self.round
                        .leave(|left| left.altered.push(Altered { item, sent: Some(content), now, id }));
                }
            }
        }
        self.record()
    }

    /// Writes the results into the ledger.
    fn record(&mut self) -> SyncResult {
        let results = std::mem::take(&mut self.results);
        let bytes = std::mem::take(&mut self.copied_bytes);
        self.round.work.ledger.record(&results, bytes)
    }

    /// Notes which messages were under way when a connection broke.
    fn suspect(&self, failure: &SidedFailure) {
        if !failure.is_lost_connection() {
            return;
        }
        let body = self.body.as_ref().map(|b| b.item.uid);
        let under_way = self.unanswered.values().map(|f| f.item.uid).chain(body);
        match failure.side {
            Side::Target => self.round.work.suspect(under_way),
            Side::Source => self.round.work.suspect(self.expected.keys().copied().chain(body)),
            Side::Own => {}
        }
    }
}
