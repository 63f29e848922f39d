//! How many bytes of bodies may be on their way from sources to targets at once.
//!
//! One [`ByteBudget`] caps the process; each lane has a share with a cap of its own. A lane that holds nothing is always granted
//! one chunk, so that no number of lanes can keep one from moving. Knows nothing of messages.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The most that one lane holds.
const LANE_BYTES: usize = 4 * 1024 * 1024;
/// How long a wait lasts before the share is looked at again.
const SLICE: Duration = Duration::from_millis(200);

/// The bytes that all lanes of the process together may hold.
#[derive(Debug)]
pub struct ByteBudget {
    total: usize,
    used: Mutex<usize>,
    freed: Condvar,
}

impl ByteBudget {
    /// A budget of `total` bytes; each lane may exceed it by one chunk (64 kB).
    #[must_use]
    pub fn new(total: usize) -> Self {
        Self { total, used: Mutex::new(0), freed: Condvar::new() }
    }

    /// How many bytes are held now.
    #[must_use]
    pub fn used(&self) -> usize {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 64 MiB.
impl Default for ByteBudget {
    fn default() -> Self {
        Self::new(64 * 1024 * 1024)
    }
}

/// One lane's share of the budget.
#[derive(Clone, Debug)]
pub(crate) struct LaneBudget {
    global: Arc<ByteBudget>,
    used: Arc<AtomicUsize>,
    closed: Arc<AtomicBool>,
}

impl LaneBudget {
    pub(crate) fn new(global: &Arc<ByteBudget>) -> Self {
        Self { global: Arc::clone(global), used: Arc::default(), closed: Arc::default() }
    }

    /// Ends all waits; nothing more is granted.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.global.freed.notify_all();
    }

    /// Waits for room; `None` when the share was closed meanwhile.
    pub(crate) fn take(&self, bytes: usize) -> Option<Grant> {
        let mut global = self.global.used.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.closed.load(Ordering::Acquire) {
                return None;
            }
            if self.has_room(*global, bytes) {
                break;
            }
            let waited = self.global.freed.wait_timeout(global, SLICE);
            global = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *global += bytes;
        self.used.fetch_add(bytes, Ordering::AcqRel);
        Some(Grant { share: self.clone(), bytes })
    }

    /// Whether this number of bytes can be granted while the process holds `global`.
    fn has_room(&self, global: usize, bytes: usize) -> bool {
        let own = self.used.load(Ordering::Acquire);
        own == 0 || (own + bytes <= LANE_BYTES && global + bytes <= self.global.total)
    }
}

/// Bytes that were granted; given back when dropped.
#[derive(Debug)]
pub(crate) struct Grant {
    share: LaneBudget,
    bytes: usize,
}

impl Drop for Grant {
    fn drop(&mut self) {
        let mut global = self.share.global.used.lock().unwrap_or_else(PoisonError::into_inner);
        *global -= self.bytes;
        self.share.used.fetch_sub(self.bytes, Ordering::AcqRel);
        drop(global);
        self.share.global.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_lanes_over_a_budget_of_one_chunk_all_get_one_chunk() {
        let budget = Arc::new(ByteBudget::new(100));

        let grants: Vec<_> = (0..50).map(|_| LaneBudget::new(&budget).take(100)).collect();

        assert!(grants.iter().all(Option::is_some));
        assert_eq!(budget.used(), 5_000);
    }

    #[test]
    fn a_lane_waits_for_its_second_chunk_until_there_is_room() {
        let budget = Arc::new(ByteBudget::new(100));
        let (mine, other) = (LaneBudget::new(&budget), LaneBudget::new(&budget));
        let first = mine.take(60);
        let theirs = other.take(40);
        assert!(!mine.has_room(budget.used(), 30));

        let given_back = AtomicBool::new(false);
        let (begun, begins) = std::sync::mpsc::channel();
        let second = std::thread::scope(|s| {
            let waiting = s.spawn(|| {
                begun.send(()).unwrap();
                (mine.take(30), given_back.load(Ordering::SeqCst))
            });
            begins.recv().unwrap();
            // A lane that did not wait would be granted its chunk here.
            let end = std::time::Instant::now() + std::time::Duration::from_millis(50);
            while budget.used() == 100 && std::time::Instant::now() < end {
                std::thread::yield_now();
            }
            given_back.store(true, Ordering::SeqCst);
            drop(theirs);
            waiting.join().unwrap()
        });

        assert!(second.0.is_some() && second.1, "it was granted before there was room");
        drop((first, second));
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn a_lane_holds_no_more_than_its_share_however_large_the_budget_is() {
        let budget = Arc::new(ByteBudget::new(10 * LANE_BYTES));
        let (mine, other) = (LaneBudget::new(&budget), LaneBudget::new(&budget));
        let _held = (mine.take(LANE_BYTES - 1), other.take(1));

        assert!(mine.has_room(budget.used(), 1) && !mine.has_room(budget.used(), 2));
        assert!(other.has_room(budget.used(), 2));
    }

    #[test]
    fn a_closed_share_grants_nothing_and_ends_the_wait() {
        let budget = Arc::new(ByteBudget::new(10));
        let share = LaneBudget::new(&budget);
        let held = share.take(10);

        let end = std::thread::scope(|s| {
            let waiting = s.spawn(|| share.take(10));
            share.close();
            waiting.join().unwrap()
        });

        assert!(end.is_none());
        drop(held);
    }
}
