//! What was learnt in this run: how many lanes are granted, and which messages were under way when a connection broke.
//!
//! Some servers break the connection over one message. One that was under way twice goes alone from then on; one that broke
//! the connection three times while it was alone is given up, so that it does not hold up the others for ever.

use super::progress::lock;
use super::trouble::{Side, Trouble};
use imapmig_core::folder::FolderPath;
use imapmig_core::message::Uid;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So often among others, before a message goes alone.
const TOGETHER: u32 = 2;
/// So often alone, before a message is given up.
const ALONE: u32 = 3;

/// What was learnt about one user's servers and messages.
#[derive(Debug)]
pub(super) struct Lessons {
    lanes: AtomicUsize,
    deaths: Mutex<HashMap<(FolderPath, Uid), Deaths>>,
}

#[derive(Clone, Debug, Default)]
struct Deaths {
    together: u32,
    alone: u32,
    last: Option<(Side, String)>,
}

impl Lessons {
    /// Nothing yet, but that there are to be no more lanes than this.
    pub(super) fn new(lanes: usize) -> Self {
        Self { lanes: AtomicUsize::new(lanes.max(1)), deaths: Mutex::default() }
    }

    pub(super) fn lanes(&self) -> usize {
        self.lanes.load(Ordering::Acquire)
    }

    /// No more lanes than this are granted.
    pub(super) fn set_lanes(&self, lanes: usize) {
        self.lanes.fetch_min(lanes.max(1), Ordering::AcqRel);
    }

    pub(super) fn under_way(&self, folder: &FolderPath, uids: impl Iterator<Item = Uid>) {
        let mut deaths = lock(&self.deaths);
        for uid in uids {
            deaths.entry((folder.clone(), uid)).or_default().together += 1;
        }
    }

    pub(super) fn alone(&self, folder: &FolderPath, uid: Uid, trouble: &Trouble) {
        let mut deaths = lock(&self.deaths);
        let entry = deaths.entry((folder.clone(), uid)).or_default();
        entry.together = TOGETHER;
        entry.alone += 1;
        entry.last = Some((trouble.side, trouble.failure.to_string()));
    }

    pub(super) fn goes_alone(&self, folder: &FolderPath, uid: Uid) -> bool {
        lock(&self.deaths).get(&(folder.clone(), uid)).is_some_and(|d| d.together >= TOGETHER)
    }

    /// The side that broke and the words of its last failure, when the message is to be given up.
    pub(super) fn given_up(&self, folder: &FolderPath, uid: Uid) -> Option<(Side, String)> {
        lock(&self.deaths)
            .get(&(folder.clone(), uid))
            .filter(|d| d.alone >= ALONE)
            .and_then(|d| d.last.clone())
    }
}
