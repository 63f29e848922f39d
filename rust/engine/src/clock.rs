//! The machine's clock.

use imapmig_core::ports::Clock;
use imapmig_core::time::UnixMs;
use std::time::{SystemTime, UNIX_EPOCH};

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixMs {
        UnixMs::default().after(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
    }
}
