//! The one place where tests wait for other processes, which announce nothing: it looks again and again.

use std::time::{Duration, Instant};

/// Short enough for the eye of a test, long enough to leave the machine to those that are waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// Waits until `reached` says so; `false` if that takes longer than `limit`.
pub fn wait_until(limit: Duration, mut reached: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    loop {
        let asked = Instant::now();
        if reached() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        // Looking may be work itself, such as a command of its own: at most half of the time goes there.
        let pause = asked.elapsed().max(LOOK_AGAIN);
        std::thread::sleep(pause.min(end.saturating_duration_since(Instant::now())));
    }
}
