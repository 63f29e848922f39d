//! The one retry policy: what follows a failure. Pure.
//!
//! | the failure | what follows |
//! |---|---|
//! | a request to stop ([`Failure::cancelled`]) | the work ends, and nothing has failed |
//! | does not pass by itself (a refused login, a full mailbox, a certificate) | given up at once |
//! | the server stated a pause | tried again after it; does not count as a try |
//! | passes by itself (a lost connection, a server that is down or busy) | tried again after a pause that doubles, until the tries are used up |
//! | rarely passes by itself (a server that floods, breaks at the same place each time, or speaks no IMAP) | the same with fewer tries |
//!
//! Which kinds pass by themselves is [`FailureKind::retry`]. Progress between two failures resets the count. Tries are made on
//! two levels with the same table: a job connects again a few times while it keeps its slot and what it knows
//! ([`Retries::OF_A_JOB`]); then the user waits in the queue, and others have their turn ([`Retries::OF_A_USER`]).

use imapmig_core::failure::{Failure, FailureKind, Retry};
use std::time::Duration;

/// How often a server that refuses something for the moment is tried again.
const REFUSED: u32 = 6;

/// How often a failure that passes by itself is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// How many failures in a row without any progress between them.
    pub attempts: u32,
    /// The same for a server that breaks at the same place each time.
    pub broken: u32,
    /// The pause after the first; each further one is twice as long.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Retries {
    /// Connecting again within a job.
    pub const OF_A_JOB: Self = Self {
        attempts: 4,
        broken: 3,
        first_pause: Duration::from_millis(500),
        longest_pause: Duration::from_secs(4),
    };
    /// The same for a job that no queue brings back.
    pub const OF_A_CONFIRMATION: Self = Self {
        attempts: 9,
        broken: 3,
        first_pause: Duration::from_millis(500),
        longest_pause: Duration::from_mins(1),
    };
    /// Starting a user's job again. Exchange gives up after about sixty transient failures. A proxy that takes sign-ins while what is
    /// behind it restarts breaks at the same place too, for two minutes or so.
    pub const OF_A_USER: Self = Self {
        attempts: 60,
        broken: 6,
        first_pause: Duration::from_secs(1),
        longest_pause: Duration::from_mins(5),
    };

    /// How often a failure of this kind is tried again.
    const fn attempts(&self, kind: FailureKind) -> u32 {
        let most = match kind {
            FailureKind::Broken | FailureKind::Protocol => self.broken,
            FailureKind::Refused => REFUSED,
            _ => return self.attempts,
        };
        if most < self.attempts { most } else { self.attempts }
    }

    /// The pause after the `failures`th failure.
    fn pause(&self, failures: u32) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first_pause.saturating_mul(doubled).min(self.longest_pause)
    }
}

/// What follows a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The work was asked to stop.
    Stop,
    /// No retry helps.
    GiveUp,
    /// It was tried often enough.
    UsedUp,
    /// The server stated a pause.
    StatedPause(Duration),
    /// Another try after this pause.
    TryAgain(Duration),
}

/// Decides what follows a failure, the `failures`th in a row without any progress between them.
pub(crate) fn next(failure: &Failure, failures: u32, rule: &Retries) -> Next {
    match failure.retry {
        _ if failure.is_cancelled() => Next::Stop,
        Retry::Never => Next::GiveUp,
        Retry::After(span) if !span.is_zero() => Next::StatedPause(span),
        Retry::After(_) | Retry::Reconnect if failures > rule.attempts(failure.kind) => Next::UsedUp,
        Retry::After(_) | Retry::Reconnect => Next::TryAgain(rule.pause(failures)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imapmig_core::failure::{Conduct, Scope};
    use proptest::prelude::*;

    fn failure(kind: FailureKind) -> Failure {
        Failure::new(Scope::User, kind, Conduct::Closed)
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pause = |n| Retries::OF_A_USER.pause(n).as_secs();

        assert_eq!([1, 2, 3, 9, 10, 40].map(pause), [1, 2, 4, 256, 300, 300]);
    }

    #[test]
    fn each_row_of_the_table_has_its_end() {
        let throttled = failure(FailureKind::Throttled).retry(Retry::After(Duration::from_secs(300)));
        let of = |failure: &Failure, failures| next(failure, failures, &Retries::OF_A_JOB);

        assert_eq!(of(&Failure::cancelled(), 1), Next::Stop);
        assert_eq!(of(&failure(FailureKind::LoginRefused), 1), Next::GiveUp);
        assert_eq!(of(&throttled, 99), Next::StatedPause(Duration::from_secs(300)));
        assert_eq!(of(&failure(FailureKind::Disconnected), 4), Next::TryAgain(Duration::from_secs(4)));
        assert_eq!(of(&failure(FailureKind::Disconnected), 5), Next::UsedUp);
    }

    #[test]
    fn what_rarely_passes_by_itself_is_given_up_sooner() {
        let after = |kind, failures| {
            let failure = failure(kind).retry(Retry::Reconnect);
            next(&failure, failures, &Retries::OF_A_USER)
        };

        let kinds = [
            (FailureKind::Broken, 6),
            (FailureKind::Protocol, 6),
            (FailureKind::Refused, 6),
            (FailureKind::TimedOut, 60),
        ];
        for (kind, most) in kinds {
            assert!(matches!(after(kind, most), Next::TryAgain(_)), "{kind:?}");
            assert_eq!(after(kind, most + 1), Next::UsedUp, "{kind:?}");
        }
    }

    #[test]
    fn a_stated_pause_of_no_time_is_a_failure_like_others() {
        let throttled = failure(FailureKind::Throttled).retry(Retry::After(Duration::ZERO));

        assert!(matches!(next(&throttled, 1, &Retries::OF_A_JOB), Next::TryAgain(pause) if !pause.is_zero()));
    }

    proptest! {
        #[test]
        fn no_pause_is_longer_than_the_longest_and_the_tries_end(failures in 1_u32..1000) {
            for rule in [Retries::OF_A_JOB, Retries::OF_A_CONFIRMATION, Retries::OF_A_USER] {
                match next(&failure(FailureKind::Disconnected), failures, &rule) {
                    Next::TryAgain(pause) => {
                        prop_assert!(pause <= rule.longest_pause && failures <= rule.attempts);
                    }
                    end => prop_assert_eq!((end, failures > rule.attempts), (Next::UsedUp, true)),
                }
            }
        }
    }
}
