//! What unit tests of this crate share.

use imapmig_core::ports::Clock;
use imapmig_core::time::UnixMs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that tests move.
pub(crate) struct FakeClock(AtomicI64);

impl FakeClock {
    pub(crate) fn at(now: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(now)))
    }

    pub(crate) fn set(&self, now: i64) {
        self.0.store(now, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> UnixMs {
        UnixMs(self.0.load(Ordering::SeqCst))
    }
}
