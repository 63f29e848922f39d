//! When a user's sync connects again after a failure. Pure.

use crate::sync::decide::sided_failure::{Side, SidedFailure};
use imapmig_core::failure::{FailureKind, Retry};
use std::time::Duration;

/// A target that fell silent may still store what it was sent; it gets this long before its folders are searched.
const SETTLING: Duration = Duration::from_secs(30);

/// How often a lost connection is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// How many failures in a row without any progress between them.
    pub attempts: u32,
    /// The pause after the first; each further one is twice as long.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self { attempts: 8, first_pause: Duration::from_secs(1), longest_pause: Duration::from_secs(60) }
    }
}

/// What follows a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The sync fails.
    GiveUp,
    /// The server stated a pause.
    StatedPause(Duration),
    /// Another try after this pause.
    TryAgain(Duration),
}

/// Decides what follows a failure, the `failures`th in a row without any progress between them.
pub(crate) fn next(failure: &SidedFailure, failures: u32, rule: &Retries) -> Next {
    match failure.failure.retry {
        Retry::Never => Next::GiveUp,
        Retry::After(span) if !span.is_zero() => Next::StatedPause(span),
        Retry::After(_) | Retry::Reconnect if failures > rule.attempts => Next::GiveUp,
        Retry::After(_) | Retry::Reconnect => {
            let pause = pause_after(failures, rule.first_pause, rule.longest_pause);
            let silent = failure.side == Side::Target && failure.failure.kind == FailureKind::TimedOut;
            Next::TryAgain(if silent { pause.max(SETTLING) } else { pause })
        }
    }
}

/// Twice as long after each failure.
fn pause_after(failures: u32, first: Duration, longest: Duration) -> Duration {
    let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    first.saturating_mul(doubled).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use imapmig_core::failure::{Failure, Scope};
    use proptest::prelude::*;

    fn lost(side: Side, kind: FailureKind, retry: Retry) -> SidedFailure {
        SidedFailure { side, failure: Failure::new(Scope::User, kind, "lost").retry(retry) }
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pause = |n| pause_after(n, Duration::from_secs(1), Duration::from_secs(60)).as_secs();

        assert_eq!([1, 2, 3, 7, 40].map(pause), [1, 2, 4, 60, 60]);
    }

    #[test]
    fn a_silent_target_gets_time_to_store_what_it_was_sent() {
        let silent = lost(Side::Target, FailureKind::TimedOut, Retry::Reconnect);

        assert_eq!(next(&silent, 1, &Retries::default()), Next::TryAgain(SETTLING));
    }

    #[test]
    fn a_stated_pause_is_kept_however_many_failures_there_were() {
        let pause = Duration::from_secs(300);
        let throttled = lost(Side::Source, FailureKind::Throttled, Retry::After(pause));

        assert_eq!(next(&throttled, 99, &Retries::default()), Next::StatedPause(pause));
    }

    proptest! {
        #[test]
        fn no_pause_is_longer_than_the_longest_and_the_tries_come_to_an_end(failures in 1_u32..1000) {
            let rule = Retries::default();
            let failure = lost(Side::Source, FailureKind::Disconnected, Retry::Reconnect);

            match next(&failure, failures, &rule) {
                Next::TryAgain(pause) => prop_assert!(pause <= rule.longest_pause && failures <= rule.attempts),
                end => prop_assert_eq!((end, failures > rule.attempts), (Next::GiveUp, true)),
            }
        }
    }
}
