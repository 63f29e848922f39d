//! Which messages are the newest of an account, when it holds more than the limit.

use crate::sync::decide::item::Item;
use imapmig_core::message::Uid;
use std::cmp::Reverse;

/// Date, then the earlier folder, then the higher UID.
pub(crate) type Age = (i64, Reverse<usize>, Uid);

/// The oldest message that is still taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Newest(Age);

impl Newest {
    /// The oldest of the newest `limit` messages; `None` if there are no more than that.
    pub(crate) fn among(mut ages: Vec<Age>, limit: u64) -> Option<Self> {
        ages.sort_unstable();
        ages.dedup();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if ages.len() <= limit {
            return None;
        }
        // With a limit of nothing, nothing is new enough.
        let never = (i64::MAX, Reverse(0), Uid(u32::MAX));
        Some(Self(if limit == 0 { never } else { ages[ages.len() - limit] }))
    }

    pub(crate) fn takes(&self, folder: usize, item: &Item) -> bool {
        (item.date().unix_seconds, Reverse(folder), item.uid) >= self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_limit_is_met_exactly_also_among_messages_of_the_same_second() {
        let ages = vec![
            (5, Reverse(0), Uid(1)),
            (5, Reverse(0), Uid(2)),
            (5, Reverse(1), Uid(9)),
            (9, Reverse(1), Uid(1)),
        ];

        let newest = Newest::among(ages.clone(), 2).unwrap();

        assert_eq!(ages.into_iter().filter(|a| *a >= newest.0).count(), 2);
        assert_eq!(newest.0, (5, Reverse(0), Uid(2)));
    }

    #[test]
    fn without_too_many_there_is_no_oldest() {
        assert_eq!(Newest::among(vec![(5, Reverse(0), Uid(1))], 1), None);
    }

    proptest! {
        #[test]
        fn as_many_as_the_limit_are_taken_and_none_older_than_one_left_out(
            ages in proptest::collection::btree_set((0_i64..6, 0_usize..3, 1_u32..9), 0..30), limit in 0_u64..20,
        ) {
            let ages: Vec<Age> = ages.into_iter().map(|(at, folder, uid)| (at, Reverse(folder), Uid(uid))).collect();

            let newest = Newest::among(ages.clone(), limit);
            let (taken, left): (Vec<_>, Vec<_>) =
                ages.iter().copied().partition(|age| newest.is_none_or(|newest| *age >= newest.0));

            prop_assert_eq!(taken.len() as u64, limit.min(ages.len() as u64));
            prop_assert!(left.iter().all(|old| taken.iter().all(|new| old < new)));
        }
    }
}
