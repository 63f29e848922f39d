//! How many lanes a user gets: more while the rate grows with them. Pure.

use imapmig_core::time::UnixMs;
use std::time::Duration;

/// How many lanes are opened without a measurement.
const WITHOUT_MEASURE: usize = 4;
/// The same where the servers are far, so that lanes mostly wait.
const WITHOUT_MEASURE_FAR: usize = 8;
/// Servers are far if connecting and signing in, some six round trips, takes this long.
const FAR: Duration = Duration::from_millis(100);
/// A lane has to have so much to do that opening it pays: half a dozen round trips, and two processes at the servers.
const LOAD_WORTH_A_LANE: u64 = 300;
/// What a folder costs beside its messages, in messages.
const FOLDER: u64 = 25;
/// How long the lanes that there are have been measured before the next one is opened.
const MEASURED: Duration = Duration::from_millis(250);
/// By how much in a thousand one more lane has to raise the rate.
const WORTH: u64 = 30;

/// The rates that were measured with different numbers of lanes.
#[derive(Clone, Debug)]
pub(crate) struct Growth {
    /// How many lanes are opened without a measurement.
    unmeasured: usize,
    /// When the present number of lanes began to be measured, and what had been done then.
    begun: Option<(UnixMs, u64)>,
    lanes: usize,
    /// The rate with one lane less, in units a second.
    before: u64,
    /// One more lane did not help.
    over: bool,
}

/// The load that a folder with this number of messages is.
pub(crate) fn load(messages: u64) -> u64 {
    messages.saturating_add(FOLDER)
}

/// Returns `true` if folders of this load keep this number of lanes busy.
pub(crate) fn is_worth(lanes: usize, load: u64) -> bool {
    load / LOAD_WORTH_A_LANE >= lanes as u64
}

impl Growth {
    /// `opening`: how long it took to open the first lane.
    pub(crate) fn new(opening: Duration) -> Self {
        let unmeasured = if opening < FAR { WITHOUT_MEASURE } else { WITHOUT_MEASURE_FAR };
        Self { unmeasured, begun: None, lanes: 0, before: 0, over: false }
    }

    /// Returns `true` if one more lane than `lanes` may be opened. `done` grows with what was copied.
    pub(crate) fn allows(&mut self, lanes: usize, now: UnixMs, done: u64) -> bool {
        if lanes < self.unmeasured {
            return true;
        }
        if self.over {
            return false;
        }
        let (since, at_begin) = match self.begun {
            Some(begun) if self.lanes == lanes => begun,
            _ => {
                self.lanes = lanes;
                self.begun = Some((now, done));
                return false;
            }
        };
        let span = now.since(since);
        if span < MEASURED {
            return false;
        }
        let rate = done.saturating_sub(at_begin).saturating_mul(1000) / (span.as_millis() as u64).max(1);
        self.over = self.before > 0 && rate < self.before + self.before / 1000 * WORTH;
        self.before = rate;
        self.begun = None;
        !self.over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The number of lanes when the rate with `n` lanes is `rate(n)`.
    fn lanes_for(rate: impl Fn(usize) -> u64) -> usize {
        let (mut growth, mut lanes, mut done) = (Growth::new(Duration::ZERO), 1, 0);
        for tick in 0..2_000 {
            done += rate(lanes);
            if lanes < 8 && growth.allows(lanes, UnixMs(tick * 10), done) {
                lanes += 1;
            }
        }
        lanes
    }

    #[test]
    fn lanes_grow_to_the_most_when_each_one_helps() {
        assert_eq!(lanes_for(|lanes| 1_000_000 * lanes as u64), 8);
    }

    #[test]
    fn lanes_stop_growing_when_one_did_not_help() {
        assert_eq!(lanes_for(|lanes| 1_000_000 * lanes.min(4) as u64), 5);
    }

    #[test]
    fn lanes_to_far_servers_are_not_measured() {
        let mut growth = Growth::new(Duration::from_millis(240));

        assert!((1..8).all(|lanes| growth.allows(lanes, UnixMs(0), 0)));
        assert!(!growth.allows(8, UnixMs(0), 0));
    }

    #[test]
    fn small_mailboxes_have_one_lane_and_many_folders_many() {
        let lanes =
            |folders: u64, messages: u64| (1..=8).rev().find(|n| is_worth(*n, folders * load(messages)));

        assert_eq!(
            [lanes(4, 100), lanes(10, 5), lanes(60, 3), lanes(300, 10)],
            [Some(1), Some(1), Some(5), Some(8)]
        );
        assert_eq!(lanes(2, 10_000), Some(8));
    }

    proptest! {
        #[test]
        fn one_lane_beyond_those_that_help_is_the_most(useful in 4_usize..8) {
            prop_assert_eq!(lanes_for(|lanes| 1_000_000 * lanes.min(useful) as u64), (useful + 1).min(8));
        }
    }
}
