//! The lanes of a user: which of them does what next, and when another one is opened.
//!
//! Every lane takes the next folder that waits, in the order given; when none waits, it helps with a large one. A lane more is
//! opened while the others work, as long as there is work for it, the servers grant it, the user's share allows it, and the rate grows
//! with it. A lane beyond the share ends after what it is doing.

use crate::sync::UserSync;
use crate::sync::decide::growth::{self, Growth};
use crate::sync::decide::sided_failure::SidedFailure;
use crate::sync::failure::SyncResult;
use crate::sync::lock::lock;
use crate::sync::progress::Progress;
use crate::sync::sessions::{Connectors, Lane};
use crate::sync::steps::round::Round;
use crate::sync::work::{FolderTask, Stop};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How many lanes are opened at the same time for one large folder.
const OPENED_AT_ONCE: usize = 4;
/// How often the rate is looked at, to see whether another lane helps.
const MEASURED_EVERY: Duration = Duration::from_millis(100);
/// How often the user's share is looked at, when there are as many lanes as it allows.
const SHARE_READ_EVERY: Duration = Duration::from_millis(500);

/// What a lane does next.
pub(crate) enum Job<'a> {
    /// Syncs this folder.
    Folder(FolderTask<'a>),
    /// Helps to copy the messages of a folder that another lane syncs.
    Help(Arc<Round<'a>>),
}

/// The lanes of one user and the folders that wait for them.
pub(crate) struct LanePool<'a> {
    sync: &'a UserSync,
    progress: &'a Progress<'a>,
    stop: &'a Stop,
    state: Mutex<State<'a>>,
    changed: Condvar,
    arrivals: Arc<Arrivals>,
}

struct State<'a> {
    waiting: VecDeque<FolderTask<'a>>,
    rounds: Vec<Arc<Round<'a>>>,
    /// Folders under way.
    active: usize,
    /// Lanes that work, and lanes that are being opened.
    lanes: usize,
    opening: usize,
    /// How many lanes help, as far as the servers have shown.
    granted: usize,
    growth: Growth,
    failure: Option<SidedFailure>,
    /// A lane panicked, so its folder never ends.
    panicked: bool,
}

/// Lanes that were opened in the background.
#[derive(Default)]
struct Arrivals {
    state: Mutex<Arrived>,
    changed: Condvar,
}

#[derive(Default)]
struct Arrived {
    lanes: VecDeque<SyncResult<Lane>>,
    ended: bool,
}

impl<'a> LanePool<'a> {
    /// A pool of one lane that took `opening` to open, for these folders. `parallel`: whether several lanes help at all.
    pub(crate) fn new(
        sync: &'a UserSync,
        progress: &'a Progress<'a>,
        stop: &'a Stop,
        waiting: VecDeque<FolderTask<'a>>,
        opening: Duration,
        parallel: bool,
    ) -> Self {
        let state = State {
            waiting,
            rounds: Vec::new(),
            active: 0,
            lanes: 1,
            opening: 0,
            granted: if parallel { usize::MAX } else { 1 },
            growth: Growth::new(opening),
            failure: None,
            panicked: false,
        };
        Self {
            sync,
            progress,
            stop,
            state: Mutex::new(state),
            changed: Condvar::new(),
            arrivals: Arc::default(),
        }
    }

    /// Returns `true` if there may ever be a second lane.
    pub(crate) fn may_grow(&self) -> bool {
        lock(&self.state).granted > 1
    }

    /// How many lanes there may be now.
    fn limit(&self, state: &State<'a>) -> usize {
        state.granted.min(self.sync.lanes.most())
    }

    /// Returns `true` if there are more lanes than the user may have now.
    pub(crate) fn has_too_many(&self) -> bool {
        let state = lock(&self.state);
        state.lanes > self.limit(&state)
    }

    /// Waits for something to do; `None` when everything is done, something failed, or the lane is one too many.
    pub(crate) fn next(&self) -> Option<Job<'a>> {
        let mut state = lock(&self.state);
        loop {
            if state.failure.is_some() || state.panicked {
                return None;
            }
            let at_work = state.lanes - state.opening;
            if state.lanes > self.limit(&state) && at_work > 1 {
                state.lanes -= 1;
                return None;
            }
            if let Some(task) = state.waiting.pop_front() {
                state.active += 1;
                return Some(Job::Folder(task));
            }
            if let Some(round) = state.rounds.iter().find(|round| round.join()) {
                return Some(Job::Help(Arc::clone(round)));
            }
            if state.active == 0 {
                return None;
            }
            let waited = self.changed.wait_timeout(state, SHARE_READ_EVERY);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Notes that a folder returned by [`Self::next`] is finished.
    pub(crate) fn folder_ended(&self) {
        let mut state = lock(&self.state);
        state.active -= 1;
        let all = state.active == 0 && state.waiting.is_empty();
        drop(state);
        if all {
            self.end();
        }
    }

    /// Offers the messages of a large folder to lanes that have nothing else to do.
    pub(crate) fn offer(&self, round: &Arc<Round<'a>>) {
        if round.is_worth_a_lane() {
            lock(&self.state).rounds.push(Arc::clone(round));
            self.changed.notify_all();
            self.open_more();
        }
    }

    /// No more lanes join the round.
    pub(crate) fn withdraw(&self, round: &Arc<Round<'a>>) {
        lock(&self.state).rounds.retain(|one| !Arc::ptr_eq(one, round));
    }

    /// Ends all lanes soon, because of a failure that is not one folder's.
    pub(crate) fn fail(&self, failure: SidedFailure) {
        self.stop.stop(&failure);
        lock(&self.state).failure.get_or_insert(failure);
        self.end();
    }

    /// Ends all lanes, because one of them panicked.
    pub(crate) fn panicked(&self) {
        lock(&self.state).panicked = true;
        self.end();
    }

    /// The failure that ended the lanes.
    pub(crate) fn into_failure(self) -> Option<SidedFailure> {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).failure
    }

    /// Wakes every lane that waits for something to do or to be opened.
    fn end(&self) {
        lock(&self.arrivals.state).ended = true;
        self.arrivals.changed.notify_all();
        self.changed.notify_all();
    }

    /// Opens more lanes in the background, as many as there is work for and as may be opened now.
    pub(crate) fn open_more(&self) {
        let mut state = lock(&self.state);
        while self.is_one_more_wanted(&mut state) && self.open_one(&mut state) {}
    }

    fn is_one_more_wanted(&self, state: &mut State<'a>) -> bool {
        let load = state.waiting.iter().map(|task| task.load).sum();
        let folders = state.waiting.len() > 2 * state.opening + 1 && growth::is_worth(state.lanes + 1, load);
        let helps = folders
            || (state.opening + 1 < OPENED_AT_ONCE && state.rounds.iter().any(|r| r.is_worth_a_lane()));
        helps
            && state.failure.is_none()
            && state.lanes < self.limit(state)
            && state.growth.allows(state.lanes, self.sync.sides.clock.now(), self.progress.work_done())
    }

    fn open_one(&self, state: &mut State<'a>) -> bool {
        let connectors = Connectors::of(&self.sync.sides);
        let arrivals = Arc::clone(&self.arrivals);
        // Nothing waits for this thread: a connection that is not needed any more must not hold up the end.
        let opening = thread::Builder::new().name("lane".to_owned()).spawn(move || {
            let lane = Lane::open(&connectors);
            let mut arrived = lock(&arrivals.state);
            if !arrived.ended {
                arrived.lanes.push_back(lane);
                arrivals.changed.notify_one();
            }
        });
        if let Err(error) = &opening {
            tracing::debug!(%error, "no thread for a further lane");
            return false;
        }
        state.lanes += 1;
        state.opening += 1;
        true
    }

    /// Waits for another lane that was opened, and opens more of them meanwhile; `None` when the lanes end.
    pub(crate) fn arrived(&self) -> Option<Lane> {
        loop {
            let arrived = self.next_arrival()?;
            let mut state = lock(&self.state);
            state.opening -= 1;
            match arrived {
                Ok(lane) => return Some(lane),
                Err(failure) => fewer(&mut state, &failure.failure),
            }
        }
    }

    /// How often it is to be seen whether there may be another lane.
    fn pace(&self) -> Duration {
        let state = lock(&self.state);
        if state.lanes < self.limit(&state) { MEASURED_EVERY } else { SHARE_READ_EVERY }
    }

    /// A lane that had arrived could not be started.
    pub(crate) fn lane_failed(&self, error: &std::io::Error) {
        fewer(&mut lock(&self.state), error);
    }

    fn next_arrival(&self) -> Option<SyncResult<Lane>> {
        let mut pace = self.pace();
        let mut arrived = lock(&self.arrivals.state);
        loop {
            if arrived.ended {
                return None;
            }
            if let Some(lane) = arrived.lanes.pop_front() {
                return Some(lane);
            }
            let waited = self.arrivals.changed.wait_timeout(arrived, pace);
            let (guard, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            arrived = guard;
            if timeout.timed_out() {
                drop(arrived);
                self.open_more();
                pace = self.pace();
                arrived = lock(&self.arrivals.state);
            }
        }
    }
}

/// Does without a lane that was counted, and without any more: the servers, or this machine, grant no more than there are.
fn fewer(state: &mut State<'_>, why: &dyn std::fmt::Display) {
    state.lanes -= 1;
    state.granted = state.lanes.max(1);
    tracing::debug!(%why, lanes = state.lanes, "no further lane");
}
