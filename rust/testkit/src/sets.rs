//! Sequence sets: `1:3,7,20:*` (RFC 3501).

/// A parsed set of message numbers or UIDs.
#[derive(Debug, Clone)]
pub(crate) struct NumberSet {
    ranges: Vec<(Bound, Bound)>,
}

#[derive(Debug, Clone, Copy)]
enum Bound {
    At(u32),
    Last,
}

impl NumberSet {
    /// Reads a set; `None` if it is not one.
    pub(crate) fn parse(text: &str) -> Option<NumberSet> {
        let bound = |s: &str| match s {
            "*" => Some(Bound::Last),
            _ => s.parse().ok().filter(|n| *n > 0).map(Bound::At),
        };
        let range = |s: &str| match s.split_once(':') {
            Some((a, b)) => Some((bound(a)?, bound(b)?)),
            None => bound(s).map(|b| (b, b)),
        };
        text.split(',').map(range).collect::<Option<Vec<_>>>().map(|ranges| NumberSet { ranges })
    }

    /// The set as sorted, disjoint, inclusive ranges, with `*` standing for `last`.
    pub(crate) fn resolve(&self, last: u32) -> Vec<(u32, u32)> {
        let number = |b: Bound| match b {
            Bound::At(n) => n,
            Bound::Last => last,
        };
        let mut all: Vec<(u32, u32)> =
            self.ranges.iter().map(|&(a, b)| (number(a).min(number(b)), number(a).max(number(b)))).collect();
        all.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(all.len());
        for (from, to) in all {
            match merged.last_mut() {
                Some((_, end)) if from <= end.saturating_add(1) => *end = to.max(*end),
                _ => merged.push((from, to)),
            }
        }
        merged
    }
}

/// Whether sorted, disjoint ranges hold a number.
pub(crate) fn contains(ranges: &[(u32, u32)], number: u32) -> bool {
    let at = ranges.partition_point(|&(from, _)| from <= number);
    at > 0 && ranges[at - 1].1 >= number
}

/// Writes numbers as a set with ranges: `1:3,7`.
pub(crate) fn compact(numbers: &[u32]) -> String {
    let mut out = String::new();
    let mut i = 0;
    while i < numbers.len() {
        let start = numbers[i];
        let mut end = start;
        while numbers.get(i + 1) == Some(&end.wrapping_add(1)) {
            end += 1;
            i += 1;
        }
        if !out.is_empty() {
            out.push(',');
        }
        out.push_str(&start.to_string());
        if end > start {
            out.push_str(&format!(":{end}"));
        }
        i += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_merged_and_star_is_the_last() {
        let set = NumberSet::parse("7,1:3,4,20:*").unwrap();

        let ranges = set.resolve(15);

        assert_eq!(ranges, [(1, 4), (7, 7), (15, 20)]);
        assert!(contains(&ranges, 2) && contains(&ranges, 17) && !contains(&ranges, 5));
    }

    #[test]
    fn nonsense_is_no_set() {
        for text in ["", "0", "a", "1:", "1,,2", "99999999999"] {
            assert!(NumberSet::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn numbers_are_written_with_ranges() {
        assert_eq!(compact(&[1, 2, 3, 7]), "1:3,7");
        assert_eq!(compact(&[]), "");
    }
}
