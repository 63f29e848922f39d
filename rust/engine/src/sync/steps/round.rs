//! One run of a folder's queue of messages: lanes take windows from it and leave behind what needs a closer look.

use crate::sync::decide::item::{FlagSets, Item};
use crate::sync::decide::sided_failure::{Side, SidedFailure};
use crate::sync::failure::SyncResult;
use crate::sync::lock::lock;
use crate::sync::outcome::{Leftovers, Refused, Sent};
use crate::sync::work::FolderWork;
use imapmig_core::ports::target::RefusalKind;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The most messages of a window.
const WINDOW: usize = 256;
/// The most bytes of a window, unless its first message alone is larger.
const WINDOW_BYTES: u64 = 8 * 1024 * 1024;
/// With more messages than this left, another lane helps.
const WORTH_A_LANE: usize = 200;
/// And with more bytes than this.
const BYTES_WORTH_A_LANE: u64 = 64 * 1024 * 1024;
/// Maximum number of messages stored without a known id before they are located.
const UNPLACED: usize = 1_000;
/// How many messages may be refused, with none stored, before they go one by one.
pub(crate) const SUSPICIOUS: usize = 10;

/// The messages of one folder that are being copied.
pub(crate) struct Round<'a> {
    pub(crate) work: Arc<FolderWork<'a>>,
    pub(crate) flags: FlagSets,
    state: Mutex<State>,
    /// A helping lane has left.
    left: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Item>,
    leftovers: Leftovers,
    failure: Option<SidedFailure>,
    /// How many lanes help the one whose folder it is.
    helpers: usize,
    /// No more windows are given out.
    stopped: bool,
    /// The windows that are under way are broken off too.
    halted: bool,
}

impl<'a> Round<'a> {
    pub(crate) fn new(work: Arc<FolderWork<'a>>, flags: FlagSets, queue: VecDeque<Item>) -> Self {
        let state = State { queue, ..State::default() };
        Self { work, flags, state: Mutex::new(state), left: Condvar::new() }
    }

    /// Takes the next messages to copy, with durable intents; `None` if there are none, or the round was stopped.
    pub(crate) fn next_window(&self) -> SyncResult<Option<Vec<Item>>> {
        self.work.progress.wait_for(Side::Source)?;
        self.work.progress.wait_for(Side::Target)?;
        let mut window: Vec<Item> = Vec::new();
        {
            let mut state = lock(&self.state);
            if state.stopped || self.work.stop.is_stopped() {
                return Ok(None);
            }
            let mut bytes = 0;
            while let Some(item) = state.queue.front() {
                bytes += item.size.min(self.work.largest());
                if !window.is_empty() && (window.len() >= WINDOW || bytes > WINDOW_BYTES) {
                    break;
                }
                window.extend(state.queue.pop_front());
            }
        }
        if window.is_empty() {
            return Ok(None);
        }
        self.work.ledger.intend(&window, &self.flags)?;
        Ok(Some(window))
    }

    /// Returns `true` if what is under way is to be broken off.
    pub(crate) fn is_halted(&self) -> bool {
        lock(&self.state).halted || self.work.stop.is_halted() || self.work.sync.sides.cancel.is_cancelled()
    }

    /// Leaves something behind for a closer look.
    pub(crate) fn leave(&self, what: impl FnOnce(&mut Leftovers)) {
        let mut state = lock(&self.state);
        what(&mut state.leftovers);
        state.stopped |= state.leftovers.unplaced.len() >= UNPLACED;
    }

    /// Sorts a refusal. Fails if it concerns the whole account or folder.
    pub(crate) fn refused(
        &self,
        sent: Sent,
        kind: RefusalKind,
        text: String,
        pause: Option<Duration>,
    ) -> SyncResult {
        let Sent { item, content } = sent;
        match kind {
            RefusalKind::Message => {
                self.leave(|left| left.refused.push(Refused { item, content: Some(content), text }));
                let mut state = lock(&self.state);
                state.stopped |= !self.work.has_stored() && state.leftovers.refused.len() >= SUSPICIOUS;
            }
            RefusalKind::Neighbour => self.leave(|left| left.neighbours.push(item)),
            RefusalKind::TooLarge => self.leave(|left| left.too_large.push((item, text))),
            RefusalKind::Throttled if self.work.slow_down(item.uid, &text, pause)? => {
                self.leave(|left| left.postponed.push(item));
            }
            RefusalKind::Throttled => {
                self.leave(|left| left.refused.push(Refused { item, content: Some(content), text }));
            }
            RefusalKind::Quota | RefusalKind::Permission => return Err(self.work.no_more(kind, text)),
        }
        Ok(())
    }

    /// Ends the round because of a failure: windows under way are completed if only a connection was lost.
    pub(crate) fn fail(&self, failure: SidedFailure) {
        let mut state = lock(&self.state);
        state.stopped = true;
        state.halted |= !failure.is_lost_connection();
        state.failure.get_or_insert(failure);
    }

    /// Joins the round as a helper, if one more lane is worth it. Every helper leaves by [`Self::leave_helper`].
    pub(crate) fn join(&self) -> bool {
        let mut state = lock(&self.state);
        let worth = is_worth_a_lane(&state);
        state.helpers += usize::from(worth);
        worth
    }

    /// Returns `true` if one more lane is worth it.
    pub(crate) fn is_worth_a_lane(&self) -> bool {
        is_worth_a_lane(&lock(&self.state))
    }

    /// Leaves the round, after the last window was brought to its end.
    pub(crate) fn leave_helper(&self) {
        lock(&self.state).helpers -= 1;
        self.left.notify_all();
    }

    /// Waits until no lane helps any more, and returns what is left of the queue and what was left behind.
    pub(crate) fn end(&self) -> SyncResult<(VecDeque<Item>, Leftovers)> {
        let mut state = lock(&self.state);
        while state.helpers > 0 {
            state = self.left.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        match state.failure.take() {
            Some(failure) => Err(failure),
            None => Ok((std::mem::take(&mut state.queue), std::mem::take(&mut state.leftovers))),
        }
    }
}

fn is_worth_a_lane(state: &State) -> bool {
    let many = state.queue.len() > WORTH_A_LANE
        || state.queue.iter().map(|i| i.size).sum::<u64>() > BYTES_WORTH_A_LANE;
    many && !state.stopped
}
