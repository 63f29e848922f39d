//! When a user whose sync failed is queued again, and when it is given up: [`crate::retry`], at most for a day.
//!
//! Pure: knows instants, not clocks.

use crate::messages::{failures, reports};
use crate::retry::{self, Next, Retries};
use imapmig_core::failure::{Failure, FailureKind};
use imapmig_core::ids::UserId;
use imapmig_core::time::UnixMs;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// How long a user's failures may follow each other without progress.
const LONGEST_TIME: Duration = Duration::from_hours(24);

/// The same for a server that breaks at the same place each time, the first job included.
const LONGEST_BROKEN: Duration = Duration::from_secs(150);

/// What follows for a user after a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is tried again, not before this instant.
    Again { at: UnixMs, failures: u32 },
    /// It has failed, with this error and its summary.
    GiveUp { error: String, summary: String },
}

/// The transient failures of one user since it last got on.
#[derive(Clone, Debug)]
pub(super) struct Failures {
    since: UnixMs,
    count: u32,
    kinds: HashMap<FailureKind, u32>,
    items: u64,
}

impl Failures {
    /// Begins with the job that fails first.
    pub(super) fn new(job_began: UnixMs) -> Self {
        Self { since: job_began, count: 0, kinds: HashMap::new(), items: 0 }
    }

    /// Judges one more failure of a user that has `items` messages dealt with.
    pub(super) fn judge(&mut self, user: UserId, failure: &Failure, items: u64, now: UnixMs) -> Verdict {
        let again = |at, failures| Verdict::Again { at, failures };
        if items > self.items {
            *self = Self { items, ..Self::new(now) };
        }
        let before = match failure.kind {
            // Has fewer tries, which others must not use up.
            FailureKind::Broken | FailureKind::Protocol | FailureKind::Refused => {
                self.kinds.get(&failure.kind).copied().unwrap_or(0)
            }
            _ => self.count,
        };
        let next = retry::next(failure, before + 1, &Retries::OF_A_USER);
        if matches!(next, Next::TryAgain(_) | Next::UsedUp) {
            self.count += 1;
            *self.kinds.entry(failure.kind).or_default() += 1;
        }
        let longest = if failure.kind == FailureKind::Broken { LONGEST_BROKEN } else { LONGEST_TIME };
        match next {
            Next::Stop => again(now, self.count),
            Next::GiveUp => {
                let (error, summary) = failures::of_user(failure);
                Verdict::GiveUp { error, summary }
            }
            Next::StatedPause(span) => again(now.after(span), self.count),
            Next::TryAgain(pause) if now.since(self.since) <= longest => {
                again(now.after(apart(user, self.count, pause)), self.count)
            }
            Next::TryAgain(_) | Next::UsedUp => self.too_many(failure),
        }
    }

    fn too_many(&self, failure: &Failure) -> Verdict {
        let most = self.kinds.iter().max_by_key(|(kind, count)| (**count, failures::exception(**kind)));
        let (kind, hits) = most.map_or((failure.kind, 1), |(kind, count)| (*kind, *count));
        let (error, summary) = reports::given_up(self.count, failures::exception(kind), hits, failure);
        Verdict::GiveUp { error, summary }
    }
}

/// The pause after the `count`th failure, a fifth more or less so that users do not come back all at once.
fn apart(user: UserId, count: u32, pause: Duration) -> Duration {
    let mut hasher = DefaultHasher::new();
    (user, count).hash(&mut hasher);
    let percent = 80 + u32::try_from(hasher.finish() % 41).unwrap_or(20);
    pause * percent / 100
}

#[cfg(test)]
mod tests {
    use super::*;
    use imapmig_core::failure::{Conduct, Retry, Scope, SignIn};

    fn lost() -> Failure {
        Failure::new(Scope::User, FailureKind::Disconnected, Conduct::Closed)
    }

    #[test]
    fn pauses_grow_from_about_a_second_to_about_five_minutes() {
        let user = UserId::new();
        let mut failures = Failures::new(UnixMs(0));

        let pauses: Vec<_> = (1..=20)
            .map(|_| match failures.judge(user, &lost(), 0, UnixMs(0)) {
                Verdict::Again { at, .. } => at.0,
                given_up => panic!("{given_up:?}"),
            })
            .collect();

        assert!((800..=1200).contains(&pauses[0]), "{pauses:?}");
        assert!((6400..=9600).contains(&pauses[3]), "{pauses:?}");
        assert!((240_000..=360_000).contains(&pauses[19]), "{pauses:?}");
    }

    #[test]
    fn the_sixty_first_failure_without_progress_is_the_last() {
        let user = UserId::new();
        let mut failures = Failures::new(UnixMs(0));

        let last = (0..61).map(|_| failures.judge(user, &lost(), 0, UnixMs(1))).last();

        let Some(Verdict::GiveUp { error, .. }) = last else { panic!("tried again: {last:?}") };
        assert!(error.starts_with("TooManyTransientFailureRetriesPermanentException: The job encountered too many transient failures (61) and is quitting. The most common failure is RemoteNetworkErrorTransientException with the hit count 61. --> "), "{error}");
    }

    #[test]
    fn a_server_that_floods_is_given_up_after_a_few_tries_of_its_own() {
        let user = UserId::new();
        let mut failures = Failures::new(UnixMs(0));
        let flood = Failure::new(Scope::User, FailureKind::Broken, Conduct::EndlessAnswers);
        for _ in 0..10 {
            failures.judge(user, &lost(), 0, UnixMs(1));
        }

        let verdicts: Vec<_> = (0..7).map(|_| failures.judge(user, &flood, 0, UnixMs(1))).collect();

        assert!(verdicts[..6].iter().all(|verdict| matches!(verdict, Verdict::Again { .. })), "{verdicts:?}");
        assert!(matches!(&verdicts[6], Verdict::GiveUp { error, .. } if error.contains("goes on sending")));
    }

    #[test]
    fn progress_starts_the_count_anew() {
        let user = UserId::new();
        let mut failures = Failures::new(UnixMs(0));
        for _ in 0..60 {
            failures.judge(user, &lost(), 5, UnixMs(1));
        }

        let after_progress = failures.judge(user, &lost(), 6, UnixMs(1));

        assert!(matches!(after_progress, Verdict::Again { failures: 1, .. }), "{after_progress:?}");
    }

    #[test]
    fn a_day_of_failures_is_enough() {
        let user = UserId::new();
        let mut failures = Failures::new(UnixMs(0));
        failures.judge(user, &lost(), 0, UnixMs(0));

        let verdict = failures.judge(user, &lost(), 0, UnixMs(24 * 3_600_000 + 1));

        assert!(matches!(verdict, Verdict::GiveUp { .. }), "{verdict:?}");
    }

    #[test]
    fn a_server_that_takes_minutes_to_break_is_given_up_after_the_first_job() {
        let drip =
            Failure::new(Scope::User, FailureKind::Broken, Conduct::NothingOfUse(Duration::from_secs(120)));
        let verdict =
            |seconds: i64| Failures::new(UnixMs(0)).judge(UserId::new(), &drip, 0, UnixMs(seconds * 1000));

        assert!(matches!(verdict(30), Verdict::Again { .. }));
        assert!(matches!(verdict(180), Verdict::GiveUp { .. }));
    }

    #[test]
    fn a_stated_pause_is_obeyed_and_not_counted() {
        let mut failures = Failures::new(UnixMs(0));
        let throttled = lost().retry(Retry::After(Duration::from_secs(90)));

        let verdict = failures.judge(UserId::new(), &throttled, 0, UnixMs(1_000));

        assert_eq!(verdict, Verdict::Again { at: UnixMs(91_000), failures: 0 });
    }

    #[test]
    fn a_stated_pause_of_no_time_is_a_failure_like_others() {
        let throttled = lost().retry(Retry::After(Duration::ZERO));

        let verdict = Failures::new(UnixMs(0)).judge(UserId::new(), &throttled, 0, UnixMs(0));

        assert!(matches!(verdict, Verdict::Again { at, failures: 1 } if at > UnixMs(0)), "{verdict:?}");
    }

    #[test]
    fn a_refused_login_is_given_up_at_once() {
        let refused = Failure::new(Scope::User, FailureKind::LoginRefused, SignIn::MailboxNotPermitted);

        let verdict = Failures::new(UnixMs(0)).judge(UserId::new(), &refused, 0, UnixMs(0));

        assert!(matches!(verdict, Verdict::GiveUp { .. }), "{verdict:?}");
    }
}
