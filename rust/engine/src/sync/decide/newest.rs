//! Which messages are the newest of an account, when it holds more than the limit.

use crate::sync::decide::item::Item;
use crate::sync::failure::{Done, OnSide};
use crate::sync::steps::append_pipeline::Lane;
use imapmig_core::folder::WireName;
use imapmig_core::message::Uid;
use imapmig_core::ports::source::Scan;
use std::cmp::Reverse;
use std::ops::ControlFlow;

/// Date, then the earlier folder, then the higher UID.
type Age = (i64, Reverse<usize>, Uid);

/// The oldest message that is still taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Newest(Age);

impl Newest {
    /// Looks at every message's date, in the folders by their numbers.
    pub(crate) fn of(lane: &mut Lane, folders: &[(usize, WireName)], limit: u64) -> Done<Option<Self>> {
        let mut ages = Vec::new();
        lane.opened = None;
        for (number, wire) in folders {
            lane.source.open(wire).at_source()?;
            let each = &mut |meta: imapmig_core::message::MessageMeta| {
                ages.push((meta.internal_date.unix_seconds, Reverse(*number), meta.uid));
                ControlFlow::Continue(())
            };
            lane.source.scan(Scan::All, each).at_source()?;
        }
        Ok(Self::among(ages, limit))
    }

    fn among(mut ages: Vec<Age>, limit: u64) -> Option<Self> {
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
}
