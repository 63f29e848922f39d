//! Puts members of two sides into classes of equal keys. Pure, and blind to what the keys mean.

use std::collections::{BTreeSet, HashSet};

/// Members of both sides with the same key; neither side is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Class<W, F> {
    pub(crate) wanted: Vec<W>,
    pub(crate) found: Vec<F>,
}

/// The classes of all keys that are on both sides; the members of each side keep their order.
pub(crate) fn classes<K: Ord, W, F>(mut wanted: Vec<(K, W)>, mut found: Vec<(K, F)>) -> Vec<Class<W, F>> {
    wanted.sort_by(|a, b| a.0.cmp(&b.0));
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let mut classes = Vec::new();
    let mut wanted = wanted.into_iter().peekable();
    let mut found = found.into_iter().peekable();
    while let (Some((w, _)), Some((f, _))) = (wanted.peek(), found.peek()) {
        if w < f {
            wanted.next();
        } else if w > f {
            found.next();
        } else {
            let mut class = Class { wanted: Vec::new(), found: Vec::new() };
            let Some((key, first)) = found.next() else { break };
            class.found.push(first);
            while let Some((_, member)) = found.next_if(|(k, _)| *k == key) {
                class.found.push(member);
            }
            while let Some((_, member)) = wanted.next_if(|(k, _)| *k == key) {
                class.wanted.push(member);
            }
            classes.push(class);
        }
    }
    classes
}

/// Pairs of members with equal keys, one of each side; what is left over stays alone.
pub(crate) fn pairs<K: Ord, W, F>(wanted: Vec<(K, W)>, found: Vec<(K, F)>) -> Vec<(W, F)> {
    classes(wanted, found).into_iter().flat_map(|class| class.wanted.into_iter().zip(class.found)).collect()
}

/// Pairs of members with equal keys, each found one with the wanted one whose number is nearest; what is left over stays alone.
pub(crate) fn nearest_pairs<K: Ord>(
    wanted: Vec<(K, (i64, usize))>,
    found: Vec<(K, (i64, usize))>,
) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for class in classes(wanted, found) {
        let mut open: BTreeSet<_> = class.wanted.into_iter().collect();
        for (number, found) in class.found {
            let before = open.range(..=(number, usize::MAX)).next_back();
            let after = open.range((number, usize::MAX)..).next();
            let near = before.into_iter().chain(after).min_by_key(|(n, _)| n.abs_diff(number));
            // Of those with the same number, the first.
            let first = near.and_then(|(n, _)| open.range((*n, 0)..).next()).copied();
            if let Some(wanted) = first {
                open.remove(&wanted);
                pairs.push((wanted.1, found));
            }
        }
    }
    pairs
}

/// Pairs members that agree in the first key, then of the rest those that agree in the second, and so on. Returns their places.
pub(crate) fn pairs_in_turn<K: Ord + Clone>(
    wanted: &[Vec<Option<K>>],
    found: &[Vec<Option<K>>],
) -> Vec<(usize, usize)> {
    let mut paired = Vec::new();
    let mut open: (Vec<_>, Vec<_>) = ((0..wanted.len()).collect(), (0..found.len()).collect());
    let turns = wanted.iter().chain(found).map(Vec::len).max().unwrap_or(0);
    for turn in 0..turns {
        let keyed = |side: &[Vec<Option<K>>], open: &[usize]| -> Vec<(K, usize)> {
            open.iter().filter_map(|at| Some((side[*at].get(turn)?.clone()?, *at))).collect()
        };
        let matched = pairs(keyed(wanted, &open.0), keyed(found, &open.1));
        let (here, there): (HashSet<_>, HashSet<_>) = matched.iter().copied().unzip();
        open.0.retain(|at| !here.contains(at));
        open.1.retain(|at| !there.contains(at));
        paired.extend(matched);
    }
    paired
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn two_equal_messages_need_two_partners() {
        assert_eq!(pairs(vec![("a", 1), ("a", 2)], vec![("a", 10)]), [(1, 10)]);
        assert_eq!(pairs(vec![("a", 1), ("a", 2)], vec![("a", 10), ("a", 11)]), [(1, 10), (2, 11)]);
    }

    #[test]
    fn the_nearest_are_paired_however_many_are_missing() {
        let wanted = |numbers: &[i64]| numbers.iter().copied().zip(1_usize..).map(|w| ("a", w)).collect();
        let found = |numbers: &[i64]| numbers.iter().copied().zip(10_usize..).map(|f| ("a", f)).collect();

        assert_eq!(nearest_pairs(wanted(&[0, 3600]), found(&[3630])), [(2, 10)]);
        assert_eq!(nearest_pairs(wanted(&[3600, 0]), found(&[30, 3630])), [(2, 10), (1, 11)]);
        assert_eq!(nearest_pairs(wanted(&[5, 5]), found(&[5])), [(1, 10)]);
        assert_eq!(nearest_pairs(wanted(&[5]), found(&[i64::MIN, 5])), [(1, 10)]);
    }

    #[test]
    fn keys_on_one_side_only_make_no_class() {
        assert_eq!(classes(vec![(1, 'w')], vec![(2, 'f')]), []);
        assert_eq!(classes(vec![(1, 'a'), (2, 'b')], vec![(2, 'f'), (3, 'g')]).len(), 1);
    }

    #[test]
    fn what_the_first_key_pairs_is_not_paired_by_the_second() {
        let keys = |first, second| vec![first, second];
        let wanted = [keys(Some(1), Some(9)), keys(Some(2), Some(9))];
        let found = [keys(Some(2), Some(9)), keys(None, Some(9))];

        assert_eq!(pairs_in_turn(&wanted, &found), [(1, 0), (0, 1)]);
    }

    proptest! {
        #[test]
        fn nothing_is_paired_twice_and_every_key_as_often_as_both_sides_have_it(
            wanted in proptest::collection::vec(0_u8..5, 0..20),
            found in proptest::collection::vec(0_u8..5, 0..20),
        ) {
            let number = |side: &[u8]| side.iter().copied().zip(0_usize..).collect::<Vec<_>>();

            let paired = pairs(number(&wanted), number(&found));

            for key in 0..5 {
                let of = |side: &[u8]| side.iter().filter(|k| **k == key).count();
                let both = paired.iter().filter(|(w, _)| wanted[*w] == key).count();
                prop_assert_eq!(both, of(&wanted).min(of(&found)));
            }
            prop_assert!(paired.iter().all(|(w, f)| wanted[*w] == found[*f]));
        }
    }
}
