//! One message that was refused, or died with its connection: tried alone, then with the least change that may help.
//!
//! The bytes are never changed. As a literal8 where it holds what only that may carry; without its keywords; with a date that
//! every server takes: verification reports what is missing then. What is refused all the same is left out, and its original kept.

use crate::messages::items;
use crate::sync::decide::item::{FlagSets, Item, TargetKey};
use crate::sync::decide::refusal_ladder::{self, Facts, Step};
use crate::sync::decide::sided_failure::{Side, SidedFailure};
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::outcome::{Altered, Refused, Sent};
use crate::sync::sessions::Lane;
use crate::sync::skipped::{self, Note};
use crate::sync::steps::body::Opening;
use crate::sync::steps::{content, locate_appended};
use crate::sync::work::FolderWork;
use imapmig_core::fingerprint::{Content, ContentScan, is_placeholder};
use imapmig_core::ports::source::{BodyHead, BodySink, SourceSession};
use imapmig_core::ports::target::{AppendHead, AppendKey, AppendOutcome, RefusalKind, TargetSession};
use imapmig_core::user::{LedgerState, SkippedKind, TargetId};
use std::ops::ControlFlow;

enum End {
    Stored(Sent, Option<TargetId>, LedgerState),
    Refused(Option<Content>, String),
    TooLarge(String),
    Oversize(u64),
    Placeholder,
    NotDelivered,
}

/// A message that the target refuses, and its words. Whether it is left out depends on the outcome of others.
pub(crate) struct NotTaken {
    pub(crate) item: Item,
    pub(crate) note: Note,
    pub(crate) words: String,
}

/// Appends one message, or leaves it out with a reason. Returns it if the target refuses it.
pub(crate) fn run(
    work: &FolderWork<'_>,
    flags: &FlagSets,
    lane: &mut Lane,
    refused: Refused,
) -> SyncResult<Option<NotTaken>> {
    let Refused { item, mut content, mut text } = refused;
    if let Some((side, words)) = work.give_up(item.uid) {
        let reason = items::breaks_connections(&words);
        let (kind, kept) = match side {
            Side::Source => (SkippedKind::SourceUnreadable, None),
            _ => (SkippedKind::Refused, skipped::keep(work, lane, item.uid)?),
        };
        work.leaves_for_now(item.uid)?;
        return left_out(work, flags, lane, item, Note::new(&item, kind, reason).kept(kept));
    }
    work.ledger.intend(&[item], flags)?;
    for step in Step::ALL {
        let Some(head) = head(work, flags, &item, step, content) else { continue };
        match append(work, lane, &item, &head)? {
            End::Stored(sent, id, state) => {
                work.has_size(&item, sent.content.size);
                return stored(work, flags, lane, sent, id, state);
            }
            End::Refused(seen, answer) => (content, text) = (seen.or(content), answer),
            End::TooLarge(answer) => {
                let kept = skipped::keep(work, lane, item.uid)?;
                let reason = items::refused_as_too_large(&answer);
                return left_out(work, flags, lane, item, Note::large(&item, item.size, reason).kept(kept));
            }
            End::Oversize(size) => {
                let reason = items::over_size(size, work.largest());
                return left_out(work, flags, lane, item, Note::large(&item, size, reason));
            }
            End::Placeholder => return left_out(work, flags, lane, item, placeholder(&item)),
            End::NotDelivered => {
                work.leaves_for_now(item.uid)?;
                let reason = items::not_delivered();
                return left_out(
                    work,
                    flags,
                    lane,
                    item,
                    Note::new(&item, SkippedKind::SourceUnreadable, reason),
                );
            }
        }
    }
    let kept = skipped::keep(work, lane, item.uid)?;
    let note = Note::new(&item, SkippedKind::Refused, items::refused(&text, content)).kept(kept);
    Ok(Some(NotTaken { item, note, words: text }))
}

/// The note about a message instead of which the source sends a notice.
pub(crate) fn placeholder(item: &Item) -> Note {
    Note::new(item, SkippedKind::SourceUnreadable, items::placeholder())
}

fn left_out(
    work: &FolderWork<'_>,
    flags: &FlagSets,
    lane: &mut Lane,
    item: Item,
    note: Note,
) -> SyncResult<Option<NotTaken>> {
    skipped::leave_out(work, lane, flags, vec![(item, note)])?;
    Ok(None)
}

/// The append of this step, unless the step changes nothing for this message. Its size is filled in later.
fn head(
    work: &FolderWork<'_>,
    flags: &FlagSets,
    item: &Item,
    step: Step,
    content: Option<Content>,
) -> Option<AppendHead> {
    let mut head = work.head(item, flags, 0);
    let without = head.flags.filter_keywords(|_| false);
    let facts = Facts {
        takes_literal8: work.profile.literal8,
        traits: content.map(|c| c.traits).unwrap_or_default(),
        has_keywords: without != head.flags,
        date: head.internal_date,
        now: work.sync.sides.clock.now().0 / 1000,
    };
    let form = refusal_ladder::form(step, &facts)?;
    (head.literal8, head.internal_date) = (form.literal8, form.date);
    if !form.keywords {
        head.flags = without;
    }
    Some(head)
}

fn stored(
    work: &FolderWork<'_>,
    flags: &FlagSets,
    lane: &mut Lane,
    sent: Sent,
    id: Option<TargetId>,
    state: LedgerState,
) -> SyncResult<Option<NotTaken>> {
    let Sent { item, content } = sent;
    let Some(id) = id else {
        if locate_appended::run(work, flags, lane, vec![sent])?.is_empty() {
            return Ok(None);
        }
        let kept = skipped::keep(work, lane, item.uid)?;
        let words = items::not_shown();
        let note = Note::new(&item, SkippedKind::Missing, words.clone()).kept(kept);
        return Ok(Some(NotTaken { item, note, words }));
    };
    if state == LedgerState::Copied && content.traits.may_be_altered() {
        let seen = match content::at_target(&mut lane.target, std::slice::from_ref(&id)) {
            Ok(seen) => seen,
            Err(failure) => {
                // It is stored; the verification compares what has no digest.
                work.ledger.finish(flags, vec![(item, state, Some(id), None)])?;
                return Err(failure);
            }
        };
        let now = seen.get(&TargetKey::of(&id)).map(|s| s.content);
        if now.is_none_or(|now| now.digest != content.digest) {
            let altered = Altered { item, sent: Some(content), now, id };
            skipped::finish_altered(work, lane, flags, vec![altered], state)?;
            return Ok(None);
        }
        work.is_compared(item.uid);
    }
    work.ledger.finish(flags, vec![(item, state, Some(id), Some(content.digest))])?;
    Ok(None)
}

/// Appends one message and waits for its outcome; a pause that the target asks for is obeyed.
fn append(work: &FolderWork<'_>, lane: &mut Lane, item: &Item, head: &AppendHead) -> SyncResult<End> {
    loop {
        work.progress.wait_for(Side::Source)?;
        work.progress.wait_for(Side::Target)?;
        let mut sink = Direct {
            target: &mut lane.target,
            head: head.clone(),
            largest: work.largest(),
            scan: None,
            end: None,
            instead: None,
            announced: item.size,
            opening: Opening::default(),
            outcomes: Vec::new(),
        };
        let fetched = lane.source.fetch(&[item.uid], &mut sink).at_source();
        let Direct { end, mut outcomes, scan, instead, .. } = sink;
        if let Some(end) = instead.filter(|_| fetched.is_ok()) {
            return Ok(end);
        }
        let end = match end {
            None if fetched.is_ok() && scan.is_none() => return Ok(End::NotDelivered),
            None => return Err(lost(work, lane, item, fetched.err())),
            Some(Err(failure)) => return Err(lost(work, lane, item, Some(failure))),
            Some(Ok(content)) => content,
        };
        fetched?;
        let finished = lane.target.append_finish(&mut outcomes).at_target();
        finished.map_err(|t| lost(work, lane, item, Some(t)))?;
        let sent = Sent { item: *item, content: end };
        match outcomes.into_iter().find(|(key, _)| *key == head.key).map(|o| o.1) {
            Some(AppendOutcome::Stored(id)) => {
                lane.brought = true;
                // A UID that another message has says nothing about where this one is.
                let id = id.filter(|id| work.ledger.claim(id));
                return Ok(End::Stored(sent, id, LedgerState::Copied));
            }
            Some(AppendOutcome::AlreadyThere(id)) => {
                return Ok(End::Stored(sent, Some(id), LedgerState::Adopted));
            }
            Some(AppendOutcome::Refused { kind, text, pause }) => match kind {
                RefusalKind::Throttled if work.slow_down(item.uid, &text, pause)? => {}
                RefusalKind::Throttled => {
                    work.leaves_for_now(item.uid)?;
                    return Ok(End::Refused(Some(end), text));
                }
                RefusalKind::TooLarge => return Ok(End::TooLarge(text)),
                RefusalKind::Quota | RefusalKind::Permission => return Err(work.no_more(kind, text)),
                RefusalKind::Message | RefusalKind::Neighbour => return Ok(End::Refused(Some(end), text)),
            },
            None => return Err(lost(work, lane, item, None)),
        }
    }
}

/// The connection broke while nothing but this message was under way. It is to blame only if it was the first on this connection.
fn lost(work: &FolderWork<'_>, lane: &Lane, item: &Item, failure: Option<SidedFailure>) -> SidedFailure {
    let failure = failure.unwrap_or_else(|| work.no_answer());
    if failure.is_lost_connection() && !lane.brought {
        work.died_alone(item.uid, &failure);
    }
    failure
}

/// Streams a body straight from the source into the target.
struct Direct<'a> {
    target: &'a mut dyn TargetSession,
    head: AppendHead,
    largest: u64,
    scan: Option<ContentScan>,
    /// The content, or what went wrong at the target.
    end: Option<SyncResult<Content>>,
    /// What came instead of a message that can be appended.
    instead: Option<End>,
    /// How large the source said that the message is.
    announced: u64,
    opening: Opening,
    outcomes: Vec<(AppendKey, AppendOutcome)>,
}

impl Direct<'_> {
    fn append(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.begin_append(bytes)?;
        let Some(scan) = self.scan.as_mut().filter(|_| !bytes.is_empty()) else {
            return ControlFlow::Continue(());
        };
        scan.feed(bytes);
        match self.target.append_chunk(bytes).at_target() {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => self.broken(failure),
        }
    }

    /// Begins to append the body of which these bytes are the first.
    fn begin_append(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        if self.scan.is_some() || self.instead.is_some() {
            return ControlFlow::Continue(());
        }
        if is_placeholder(bytes) {
            self.instead = Some(End::Placeholder);
            return ControlFlow::Continue(());
        }
        self.scan = Some(ContentScan::new());
        match self.target.append_begin(&self.head, &mut self.outcomes).at_target() {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => self.broken(failure),
        }
    }

    fn broken(&mut self, failure: SidedFailure) -> ControlFlow<()> {
        self.end = Some(Err(failure));
        ControlFlow::Break(())
    }
}

impl BodySink for Direct<'_> {
    fn begin(&mut self, head: BodyHead) -> ControlFlow<()> {
        if head.size > self.largest {
            self.instead = Some(End::Oversize(head.size));
        } else if head.size == 0 && self.announced > 0 {
            self.instead = Some(End::NotDelivered);
        }
        self.head.size = head.size;
        ControlFlow::Continue(())
    }

    fn chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        let bytes = self.opening.pass(bytes);
        if bytes.is_empty() { ControlFlow::Continue(()) } else { self.append(&bytes) }
    }

    fn end(&mut self) -> ControlFlow<()> {
        let bytes = self.opening.end();
        self.append(&bytes)?;
        let Some(scan) = self.scan.take() else { return ControlFlow::Continue(()) };
        self.end = Some(Ok(scan.finish()));
        match self.target.append_end(&mut self.outcomes).at_target() {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => self.broken(failure),
        }
    }
}
