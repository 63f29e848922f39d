//! How many lanes a user may have: the users at work share them, and each share changes whenever one of them begins or ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The most lanes of one user.
const MOST: usize = 8;
/// The most lanes of all users together, unless there are more users than that: each has one.
const ALL: usize = 16;

/// Shares out lanes among the users at work.
#[derive(Clone, Debug, Default)]
pub struct LaneShares(Arc<AtomicUsize>);

/// How many lanes one user may have now.
#[derive(Debug)]
pub struct LaneShare(Share);

#[derive(Debug)]
enum Share {
    Fixed(usize),
    /// One share of this many.
    Equal(Arc<AtomicUsize>),
}

impl LaneShares {
    /// Returns a share for one more user, which ends when it is dropped.
    #[must_use]
    pub fn join(&self) -> LaneShare {
        self.0.fetch_add(1, Ordering::AcqRel);
        LaneShare(Share::Equal(Arc::clone(&self.0)))
    }
}

impl LaneShare {
    /// A share that never changes.
    #[must_use]
    pub fn fixed(lanes: usize) -> Self {
        Self(Share::Fixed(lanes))
    }

    /// The most lanes at this moment, at least one.
    #[must_use]
    pub fn most(&self) -> usize {
        match &self.0 {
            Share::Fixed(lanes) => (*lanes).max(1),
            Share::Equal(users) => (ALL / users.load(Ordering::Acquire).max(1)).clamp(1, MOST),
        }
    }
}

impl Drop for LaneShare {
    fn drop(&mut self) {
        if let Share::Equal(users) = &self.0 {
            users.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shares_shrink_when_users_begin_and_grow_when_users_end() {
        let shares = LaneShares::default();
        let first = shares.join();
        let alone = first.most();
        let others: Vec<_> = (0..3).map(|_| shares.join()).collect();
        let among_four = first.most();
        drop(others);

        assert_eq!([alone, among_four, first.most()], [8, 4, 8]);
    }

    proptest! {
        #[test]
        fn all_shares_together_are_no_more_than_there_are_unless_each_is_one(users in 1_usize..400) {
            let shares = LaneShares::default();
            let all: Vec<_> = (0..users).map(|_| shares.join()).collect();
            let sum: usize = all.iter().map(LaneShare::most).sum();

            prop_assert!(all.iter().all(|share| (1..=MOST).contains(&share.most())));
            prop_assert!(sum <= ALL.max(users));
        }
    }
}
