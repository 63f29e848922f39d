//! The machine's clock, and waiting by a clock.

use imapmig_core::cancel::Cancel;
use imapmig_core::failure::Failure;
use imapmig_core::ports::Clock;
use imapmig_core::time::UnixMs;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How often a wait looks at the clock and at the request to stop.
const SLICE: Duration = Duration::from_millis(100);

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixMs {
        UnixMs::default().after(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
    }
}

/// Waits for this long by the clock.
///
/// # Errors
/// Stopping was asked for.
pub(crate) fn wait(clock: &dyn Clock, span: Duration, cancel: &Cancel) -> Result<(), Failure> {
    let until = clock.now().after(span);
    loop {
        if cancel.is_cancelled() {
            return Err(Failure::cancelled());
        }
        let left = until.since(clock.now());
        if left.is_zero() {
            return Ok(());
        }
        thread::sleep(left.min(SLICE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::FakeClock;

    #[test]
    fn a_wait_ends_by_the_clock_or_at_once_when_stopping_is_asked_for() {
        let clock = FakeClock::at(0);
        let cancel = Cancel::new();
        assert_eq!(wait(clock.as_ref(), Duration::ZERO, &cancel), Ok(()));

        cancel.cancel();

        assert_eq!(wait(clock.as_ref(), Duration::from_secs(5), &cancel), Err(Failure::cancelled()));
    }
}
