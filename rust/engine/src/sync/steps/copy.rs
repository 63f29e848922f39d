//! Copies the pending messages of one folder, newest first, over as many lanes as help and are granted.
//!
//! A round lets the lanes take windows until the queue is empty or something stops them; what needs a second look (refused,
//! altered, stored without an id, not delivered) is left to the round and dealt with afterwards, on the first lane alone.

use crate::sync::decide::item::{FlagSets, Item};
use crate::sync::decide::poison::Patience;
use crate::sync::failure::{Done, Side, Trouble};
use crate::sync::progress::lock;
use crate::sync::skipped::Note;
use crate::sync::steps::append_pipeline::Lane;
use crate::sync::steps::append_single::{self, NotTaken};
use crate::sync::work::FolderWork;
use imapmig_core::failure::{Failure, FailureKind, Retry, Scope};
use imapmig_core::fingerprint::Content;
use imapmig_core::message::Uid;
use imapmig_core::ports::target::RefusalKind;
use imapmig_core::user::{LedgerState, SkippedKind, TargetId};
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// The most messages of a window.
const WINDOW: usize = 256;
/// The most bytes of a window, unless its first message alone is larger.
const WINDOW_BYTES: u64 = 8 * 1024 * 1024;
/// With more messages than this left, another lane helps.
const WORTH_A_LANE: usize = 200;
/// And with more bytes than this.
const BYTES_WORTH_A_LANE: u64 = 64 * 1024 * 1024;
/// So many messages are stored without an id before they are looked for.
const UNPLACED: usize = 1_000;
/// With so many messages refused and none stored, the target is looked at more closely.
const SUSPICIOUS: usize = 10;
/// The pause when a server asks to slow down without saying for how long.
const UNSTATED_PAUSE: Duration = Duration::from_secs(30);

/// A message that was appended, and what its bytes came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flying {
    pub(crate) item: Item,
    pub(crate) content: Content,
}

/// A message that the target stored otherwise than it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Altered {
    pub(crate) item: Item,
    pub(crate) sent: Option<Content>,
    /// What the target shows; absent when it shows nothing.
    pub(crate) now: Option<Content>,
    pub(crate) id: TargetId,
}

/// A message that was refused, with what is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) item: Item,
    pub(crate) content: Option<Content>,
    pub(crate) text: String,
}

/// What the lanes leave behind.
#[derive(Default)]
pub(crate) struct Left {
    pub(crate) refused: Vec<Refused>,
    /// Refused beside another one that was refused.
    pub(crate) neighbours: Vec<Item>,
    /// Not taken because of a pause; certainly not stored.
    pub(crate) postponed: Vec<Item>,
    pub(crate) too_large: Vec<(Item, String)>,
    /// Larger than the limit, as was seen when the body began.
    pub(crate) oversize: Vec<(Item, u64)>,
    /// Asked for and not delivered.
    pub(crate) missing: Vec<Item>,
    /// Stored, with an id that nobody told.
    pub(crate) unplaced: Vec<Flying>,
    pub(crate) altered: Vec<Altered>,
}

/// One run of the lanes over the queue.
pub(crate) struct Round<'a> {
    pub(crate) work: &'a FolderWork<'a>,
    pub(crate) flags: &'a FlagSets,
    queue: Mutex<VecDeque<Item>>,
    left: Mutex<Left>,
    trouble: Mutex<Option<Trouble>>,
    /// No more windows are given out.
    stopped: AtomicBool,
    /// The window that is under way is broken off too.
    halted: AtomicBool,
}

impl<'a> Round<'a> {
    fn new(work: &'a FolderWork<'a>, flags: &'a FlagSets, queue: VecDeque<Item>) -> Self {
        Self {
            work,
            flags,
            queue: Mutex::new(queue),
            left: Mutex::default(),
            trouble: Mutex::default(),
            stopped: AtomicBool::new(false),
            halted: AtomicBool::new(false),
        }
    }

    /// The next messages to copy, their intents durable; `None` when there are none, or the round was stopped.
    pub(crate) fn next_window(&self) -> Done<Option<Vec<Item>>> {
        self.work.progress.wait_for(Side::Source)?;
        self.work.progress.wait_for(Side::Target)?;
        if self.stopped.load(Ordering::Acquire) {
            return Ok(None);
        }
        let mut window: Vec<Item> = Vec::new();
        {
            let mut queue = lock(&self.queue);
            let mut bytes = 0;
            while let Some(item) = queue.front() {
                bytes += item.size;
                if !window.is_empty() && (window.len() >= WINDOW || bytes > WINDOW_BYTES) {
                    break;
                }
                window.extend(queue.pop_front());
            }
        }
        if window.is_empty() {
            return Ok(None);
        }
        self.work.intend(&window, self.flags)?;
        Ok(Some(window))
    }

    pub(crate) fn is_halted(&self) -> bool {
        self.halted.load(Ordering::Acquire) || self.work.sync.cancel.is_cancelled()
    }

    pub(crate) fn leave(&self, what: impl FnOnce(&mut Left)) {
        let mut left = lock(&self.left);
        what(&mut left);
        if left.unplaced.len() >= UNPLACED {
            self.stopped.store(true, Ordering::Release);
        }
    }

    /// Sorts a refusal: what concerns the whole account or folder is an error.
    pub(crate) fn refused(
        &self,
        flying: Flying,
        kind: RefusalKind,
        text: String,
        pause: Option<Duration>,
    ) -> Done {
        let Flying { item, content } = flying;
        match kind {
            RefusalKind::Message => {
                self.leave(|left| left.refused.push(Refused { item, content: Some(content), text }));
                if !self.work.has_stored() && lock(&self.left).refused.len() >= SUSPICIOUS {
                    self.stopped.store(true, Ordering::Release);
                }
            }
            RefusalKind::Neighbour => self.leave(|left| left.neighbours.push(item)),
            RefusalKind::TooLarge => self.leave(|left| left.too_large.push((item, text))),
            RefusalKind::Throttled if self.work.slow_down(item.uid, &text, pause)? => {
                self.leave(|left| left.postponed.push(item));
            }
            RefusalKind::Throttled => {
                self.leave(|left| left.refused.push(Refused { item, content: Some(content), text }));
            }
            RefusalKind::Quota | RefusalKind::Permission => return Err(no_more(self.work, kind, text)),
        }
        Ok(())
    }

    fn fail(&self, trouble: Trouble) {
        self.stopped.store(true, Ordering::Release);
        if !trouble.is_a_lost_connection() {
            self.halted.store(true, Ordering::Release);
        }
        lock(&self.trouble).get_or_insert(trouble);
    }

    fn is_worth_a_lane(&self) -> bool {
        let queue = lock(&self.queue);
        let many =
            queue.len() > WORTH_A_LANE || queue.iter().map(|i| i.size).sum::<u64>() > BYTES_WORTH_A_LANE;
        many && !self.stopped.load(Ordering::Acquire)
    }

    /// Runs the lanes there are, and more while they help and are granted. Lanes that failed are dropped.
    fn run(self, lanes: &mut Vec<Lane>) -> Done<(VecDeque<Item>, Left)> {
        let returned = Mutex::new(Vec::new());
        let this = &self;
        let drive = |mut lane: Lane| match lane.copy(this) {
            Ok(()) => lock(&returned).push(lane),
            Err(trouble) => this.fail(trouble),
        };
        let drive = &drive;
        thread::scope(|scope| {
            let mut running = 0;
            let mut rest = std::mem::take(lanes).into_iter();
            loop {
                let helps = running == 0
                    || (this.work.profile.parallel
                        && running < this.work.lane_limit()
                        && this.is_worth_a_lane());
                if !helps {
                    break;
                }
                let lane = match rest.next() {
                    Some(lane) => lane,
                    None => match Lane::connect(this.work.sync) {
                        Ok(lane) => lane,
                        Err(trouble) => {
                            this.work.lanes_granted(running);
                            tracing::debug!(failure = %trouble.failure, running, "no further lane");
                            break;
                        }
                    },
                };
                scope.spawn(move || drive(lane));
                running += 1;
            }
            lock(&returned).extend(rest);
        });
        *lanes = returned.into_inner().unwrap_or_default();
        let Self { queue, left, trouble, .. } = self;
        match lock(&trouble).take() {
            Some(trouble) => Err(trouble),
            None => Ok((queue.into_inner().unwrap_or_default(), left.into_inner().unwrap_or_default())),
        }
    }
}

/// The error that a refusal for every message means.
pub(crate) fn no_more(work: &FolderWork<'_>, kind: RefusalKind, text: String) -> Trouble {
    let user = &work.sync.user.email_address;
    let failure = if kind == RefusalKind::Quota {
        let words =
            format!("the target mailbox of {user} is full; give it more room, then start the batch again");
        Failure::new(Scope::User, FailureKind::QuotaExceeded, words)
    } else {
        let words = format!("the target does not permit writing into \"{}\" of {user}", work.mapping.target);
        Failure::new(Scope::Mailbox, FailureKind::PermissionDenied, words)
    };
    Trouble::target(failure.said(text))
}

impl FolderWork<'_> {
    /// Obeys a server that asked to slow down, and says so in the report. Tells whether the message is to be tried again.
    pub(crate) fn slow_down(&self, uid: Uid, text: &str, pause: Option<Duration>) -> Done<bool> {
        // No time at all is as good as none that was stated.
        let pause = pause.filter(|span| !span.is_zero());
        let patience = if pause.is_some() { Patience::Again } else { self.put_off(uid) };
        match patience {
            Patience::Refused => return Ok(false),
            Patience::Over => {
                let words = "the target stores nothing at the moment and does not say until when";
                let failure = Failure::new(Scope::User, FailureKind::Throttled, words).said(text);
                return Err(Trouble::target(failure.retry(Retry::Reconnect)));
            }
            Patience::Again => {}
        }
        // The lanes are told the same at about the same time; the first one is enough for the report.
        if self.progress.pause(Side::Target, pause.unwrap_or(UNSTATED_PAUSE)) {
            let seconds = pause.unwrap_or(UNSTATED_PAUSE).as_secs_f64();
            self.progress.report(&format!("The target asked for a pause of {seconds} seconds: {text}"))?;
        }
        Ok(true)
    }
}

/// Copies the queue. The first of `lanes` has the folder open on both sides; it is there again at the end.
pub(crate) fn copy(work: &FolderWork<'_>, flags: &FlagSets, items: Vec<Item>, lanes: &mut Vec<Lane>) -> Done {
    let (suspects, items): (Vec<_>, Vec<_>) = items.into_iter().partition(|i| work.is_suspect(i.uid));
    let mut queue = VecDeque::from(items);
    let mut alone: Vec<_> = suspects.into_iter().map(Refused::of_suspect).collect();
    let mut second_time = false;
    while !queue.is_empty() {
        let (rest, left) = Round::new(work, flags, queue).run(lanes)?;
        queue = rest;
        queue.extend(left.postponed);
        // Without the one that was refused, its neighbours go through together; if not, each has to go alone.
        if second_time {
            alone.extend(left.neighbours.into_iter().map(Refused::of_suspect));
        } else {
            second_time = !left.neighbours.is_empty();
            queue.extend(left.neighbours);
        }
        alone.extend(left.refused);
        let lane = first(work, lanes)?;
        let not_shown = work.locate(flags, lane, left.unplaced)?;
        work.sends_again(&not_shown)?;
        alone.extend(not_shown.into_iter().map(|f| Refused {
            item: f.item,
            content: Some(f.content),
            text: String::new(),
        }));
        work.note_altered(lane, flags, left.altered, LedgerState::Copied)?;
        let limit = work.largest();
        let larger = |size| format!("the message has {size} bytes, and the limit is {limit}");
        let oversize = left.oversize.iter().map(|(item, size)| work.large(item, *size, larger(*size), None));
        work.skip(lane, flags, oversize.collect())?;
        let mut refused = Vec::new();
        for (item, text) in left.too_large {
            let kept = work.keep(lane, item.uid)?;
            refused.push(work.large(
                &item,
                item.size,
                format!("the target refused it as too large: {text}"),
                kept,
            ));
        }
        work.skip(lane, flags, refused)?;
        alone.extend(work.still_there(lane, left.missing)?.into_iter().map(Refused::of_suspect));
        if alone.len() >= SUSPICIOUS && !work.has_stored() {
            one_by_one(work, flags, std::mem::take(&mut alone), lanes)?;
        }
    }
    one_by_one(work, flags, alone, lanes)
}

/// Appends messages that need to go alone. A target that takes none at all, and says the same words each time, does not refuse
/// the messages: the user stops, and nothing is left out.
fn one_by_one(work: &FolderWork<'_>, flags: &FlagSets, alone: Vec<Refused>, lanes: &mut [Lane]) -> Done {
    let mut not_taken: Vec<NotTaken> = Vec::new();
    for refused in alone {
        let lane = first(work, lanes)?;
        not_taken.extend(append_single::copy(work, flags, lane, refused)?);
        let same = not_taken.iter().all(|one| one.words == not_taken[0].words);
        if work.has_stored() || !same {
            leave_out(work, flags, lane, std::mem::take(&mut not_taken))?;
        } else if not_taken.len() >= SUSPICIOUS {
            return Err(takes_nothing(work, &not_taken[0].words));
        }
    }
    match &not_taken[..] {
        [] => Ok(()),
        [_, _, third, ..] => Err(takes_nothing(work, &third.words)),
        _ => leave_out(work, flags, first(work, lanes)?, not_taken),
    }
}

fn leave_out(work: &FolderWork<'_>, flags: &FlagSets, lane: &mut Lane, not_taken: Vec<NotTaken>) -> Done {
    work.skip(lane, flags, not_taken.into_iter().map(|one| (one.item, one.note)).collect())
}

fn takes_nothing(work: &FolderWork<'_>, words: &str) -> Trouble {
    let user = &work.sync.user.email_address;
    let text =
        format!("the target takes no message of {user}; ask its administrator, then start the batch again");
    Trouble::target(Failure::new(Scope::User, FailureKind::Refused, text).said(words))
}

fn first<'l>(work: &FolderWork<'_>, lanes: &'l mut [Lane]) -> Done<&'l mut Lane> {
    lanes.first_mut().ok_or_else(|| {
        let text = format!("the connections of {} were lost", work.sync.user.email_address);
        Trouble::own(Failure::new(Scope::User, FailureKind::Disconnected, text).retry(Retry::Reconnect))
    })
}

impl Refused {
    /// A message that nobody refused, and that has to be appended alone all the same.
    fn of_suspect(item: Item) -> Self {
        Self { item, content: None, text: String::new() }
    }
}

impl FolderWork<'_> {
    pub(crate) fn large(&self, item: &Item, size: u64, reason: String, kept: Option<String>) -> (Item, Note) {
        let kind = SkippedKind::LargeItem;
        let note = Note { uid: item.uid, kind, size, internal_date: item.date(), reason, kept_file: kept };
        (*item, note)
    }

    /// Writes down that these messages are left out.
    pub(crate) fn skip(&self, lane: &mut Lane, flags: &FlagSets, skipped: Vec<(Item, Note)>) -> Done {
        for skipped in skipped.chunks(500) {
            let notes = skipped.iter().map(|(_, note)| note.clone()).collect();
            self.note(lane, notes)?;
            self.finish(
                flags,
                skipped.iter().map(|(item, _)| (*item, LedgerState::Skipped, None, None)).collect(),
            )?;
        }
        Ok(())
    }
}
