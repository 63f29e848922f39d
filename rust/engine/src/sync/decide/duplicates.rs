//! One message described twice is one message. Servers do that when mail arrives while a folder is listed: an untagged EXISTS
//! between the answers to `UID FETCH n:*` makes the server start the listing again.

/// Keeps the last description of each message, in order of their keys.
pub(crate) fn last_of_each<K: Ord, V>(mut described: Vec<(K, V)>) -> Vec<(K, V)> {
    described.reverse();
    described.sort_by(|a, b| a.0.cmp(&b.0));
    described.dedup_by(|later, first| later.0 == first.0);
    described
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn the_last_description_of_a_message_counts() {
        assert_eq!(last_of_each(vec![(2, "a"), (1, "b"), (2, "c")]), [(1, "b"), (2, "c")]);
    }

    proptest! {
        #[test]
        fn every_message_is_kept_once(described in proptest::collection::vec((0_u8..5, any::<u8>()), 0..20)) {
            let expected: BTreeMap<_, _> = described.iter().copied().collect();

            prop_assert_eq!(last_of_each(described), expected.into_iter().collect::<Vec<_>>());
        }
    }
}
