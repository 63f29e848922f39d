//! When a user's sync connects again after a failure: [`crate::retry`], and a pause for a target that fell silent. Pure.

use crate::retry::{self, Next, Retries};
use crate::sync::decide::sided_failure::{Side, SidedFailure};
use imapmig_core::failure::FailureKind;
use std::time::Duration;

/// A target that fell silent may still store what it was sent; it gets this long before its folders are searched.
const SILENCE: Duration = Duration::from_secs(30);

/// Decides what follows a failure, the `failures`th in a row without any progress between them.
pub(crate) fn next(failure: &SidedFailure, failures: u32, rule: &Retries) -> Next {
    let is_silent = failure.side == Side::Target && failure.failure.kind == FailureKind::TimedOut;
    match retry::next(&failure.failure, failures, rule) {
        Next::TryAgain(pause) if is_silent => Next::TryAgain(pause.max(SILENCE)),
        next => next,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imapmig_core::failure::{Conduct, Failure, Scope};
    use proptest::prelude::*;

    #[test]
    fn a_silent_target_gets_time_to_store_what_it_was_sent() {
        let silent = |side| {
            let failure = Failure::new(Scope::User, FailureKind::TimedOut, Conduct::Closed);
            next(&SidedFailure { side, failure }, 1, &Retries::OF_A_JOB)
        };

        assert_eq!(silent(Side::Target), Next::TryAgain(SILENCE));
        assert_eq!(silent(Side::Source), Next::TryAgain(Retries::OF_A_JOB.first_pause));
    }

    proptest! {
        #[test]
        fn only_a_silent_target_waits_longer_than_the_policy_says(failures in 1_u32..20, silent: bool, side in 0..3) {
            let kind = if silent { FailureKind::TimedOut } else { FailureKind::Disconnected };
            let side = [Side::Source, Side::Target, Side::Own][side as usize];
            let failure = SidedFailure { side, failure: Failure::new(Scope::User, kind, Conduct::Closed) };

            let policy = retry::next(&failure.failure, failures, &Retries::OF_A_JOB);
            let decided = next(&failure, failures, &Retries::OF_A_JOB);

            match (policy, decided) {
                (Next::TryAgain(_), Next::TryAgain(pause)) if silent && side == Side::Target => {
                    prop_assert!(pause >= SILENCE);
                }
                (policy, decided) => prop_assert_eq!(policy, decided),
            }
        }
    }
}
