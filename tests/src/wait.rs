//! The one place where tests wait for other processes, which announce nothing: it looks again and again.

use std::time::{Duration, Instant};

/// Short enough for the eye of a test, long enough to leave the machine to those that are waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(2);
/// From here on looking is work itself, such as a command of its own.
const COSTLY: Duration = Duration::from_millis(8);
/// What long has to be waited for is seen this much later at most.
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Waits until `reached` says so; `false` if that takes longer than `limit`.
pub fn wait_until(limit: Duration, mut reached: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    let end = began + limit;
    loop {
        let asked = Instant::now();
        if reached() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        let looked = asked.elapsed();
        let mut pause = looked.max(LOOK_AGAIN);
        if looked >= COSTLY {
            // The longer it takes, the less of the machine goes into looking: half of a processor at first, later a tenth.
            pause = pause.max((began.elapsed() / 10).min(LONGEST_PAUSE));
        }
        std::thread::sleep(pause.min(end.saturating_duration_since(Instant::now())));
    }
}
