//! Sets of UIDs: written for commands, read from APPENDUID. RFC 3501 sequence-set, RFC 4315 uid-set.

use imapmig_core::message::Uid;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Length limit of the set of one command. Courier ends the connection at 16385 bytes.
const MAX_SET_TEXT: usize = 8000;

/// Splits UIDs into sets for one command each, in the given order. Neighbours become ranges.
pub(crate) fn commands(uids: &[Uid], most: usize) -> Vec<(String, &[Uid])> {
    let mut commands = Vec::new();
    let mut rest = uids;
    while !rest.is_empty() {
        let (text, count) = one_command(rest, most.max(1));
        let (here, later) = rest.split_at(count);
        commands.push((text, here));
        rest = later;
    }
    commands
}

/// A set for one command and how many of the UIDs it holds.
pub(crate) fn one_command(uids: &[Uid], most: usize) -> (String, usize) {
    let mut text = String::new();
    let mut count = 0;
    while count < uids.len().min(most) && text.len() < MAX_SET_TEXT {
        let (first, run) = run_of(&uids[count..uids.len().min(most)]);
        let last = uids[count + run - 1].0;
        let separator = if text.is_empty() { "" } else { "," };
        let _ = match run {
            1 => write!(text, "{separator}{first}"),
            _ => write!(text, "{separator}{}:{}", first.min(last), first.max(last)),
        };
        count += run;
    }
    (text, count)
}

/// Returns how many UIDs from the first on are consecutive, ascending or descending.
fn run_of(uids: &[Uid]) -> (u32, usize) {
    let first = uids[0].0;
    let steps = |up: bool| {
        let next = |uid: u32| if up { uid.checked_add(1) } else { uid.checked_sub(1) };
        1 + uids.windows(2).take_while(|pair| next(pair[0].0) == Some(pair[1].0)).count()
    };
    (first, steps(true).max(steps(false)))
}

/// Reads a set such as `304:319,3955`, whose ranges may run either way. Returns `None` unless it holds exactly `count` UIDs.
pub(crate) fn parse_exactly(text: &str, count: usize) -> Option<Vec<Uid>> {
    let mut uids = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once(':').unwrap_or((part, part));
        let (first, last): (u32, u32) = (number(first)?, number(last)?);
        if usize::try_from(first.abs_diff(last)).ok()? >= count - uids.len().min(count) {
            return None;
        }
        if first <= last {
            uids.extend((first..=last).map(Uid));
        } else {
            uids.extend((last..=first).rev().map(Uid));
        }
    }
    (uids.len() == count).then_some(uids)
}

fn number(text: &str) -> Option<u32> {
    let only_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    only_digits.then(|| text.parse().ok()).flatten().filter(|n| *n != 0)
}

/// Numbers kept as ranges, so that half a million neighbours take little memory.
#[derive(Debug, Default)]
pub(crate) struct Ranges {
    /// First to last, neither touching nor overlapping.
    ranges: BTreeMap<u32, u32>,
    count: u64,
}

impl Ranges {
    /// Adds a number. Returns `false` if it was there already.
    pub(crate) fn insert(&mut self, number: u32) -> bool {
        let below = self.ranges.range(..=number).next_back().map(|(first, last)| (*first, *last));
        if below.is_some_and(|(_, last)| last >= number) {
            return false;
        }
        self.count += 1;
        let first = match below {
            Some((first, last)) if last.checked_add(1) == Some(number) => first,
            _ => number,
        };
        let above = number.checked_add(1).and_then(|next| self.ranges.remove(&next));
        self.ranges.insert(first, above.unwrap_or(number));
        true
    }

    /// Returns `true` if the set holds the number.
    pub(crate) fn contains(&self, number: u32) -> bool {
        self.ranges.range(..=number).next_back().is_some_and(|(_, last)| *last >= number)
    }

    /// Returns how many numbers there are.
    pub(crate) fn len(&self) -> u64 {
        self.count
    }

    /// Returns the smallest number.
    pub(crate) fn first(&self) -> Option<u32> {
        self.ranges.keys().next().copied()
    }

    /// Returns the missing numbers from `from` to `to`, as sets for one command each.
    pub(crate) fn gaps(&self, from: u32, to: u32) -> Vec<String> {
        let mut sets = Vec::new();
        let mut set = String::new();
        let mut add = |first: u32, last: u32| {
            let separator = if set.is_empty() { "" } else { "," };
            let _ = match first == last {
                true => write!(set, "{separator}{first}"),
                false => write!(set, "{separator}{first}:{last}"),
            };
            if set.len() >= MAX_SET_TEXT {
                sets.push(std::mem::take(&mut set));
            }
        };
        let mut next = Some(from);
        for (&first, &last) in &self.ranges {
            match next {
                Some(missing) if first > to => {
                    if missing <= to {
                        add(missing, to);
                    }
                    next = None;
                    break;
                }
                Some(missing) if missing < first => add(missing, first - 1),
                None => break,
                Some(_) => {}
            }
            next = last.checked_add(1).map(|after| after.max(next.unwrap_or(after)));
        }
        if let Some(missing) = next.filter(|missing| *missing <= to) {
            add(missing, to);
        }
        if !set.is_empty() {
            sets.push(set);
        }
        sets
    }
}

#[cfg(test)]
mod tests {
    use super::{Ranges, commands, parse_exactly};
    use imapmig_core::message::Uid;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
    use std::collections::BTreeSet;

    fn uids(numbers: &[u32]) -> Vec<Uid> {
        numbers.iter().copied().map(Uid).collect()
    }

    #[test]
    fn neighbours_become_ranges_up_and_down() {
        let uids = uids(&[9, 8, 7, 5, 1, 2, 3]);

        let commands = commands(&uids, 100);

        assert_eq!(commands.len(), 1);
        assert_eq!(commands[0].0, "7:9,5,1:3");
    }

    #[test]
    fn a_command_is_bounded_in_messages_and_in_text() {
        let scattered: Vec<Uid> = (0..20_000).map(|n| Uid(1_000_000_000 + 2 * n)).collect();

        let by_text = commands(&scattered, usize::MAX);
        let by_count = commands(&scattered, 7);

        assert!(by_text.iter().all(|(text, _)| text.len() < 8100));
        assert_eq!(by_text.iter().map(|(_, part)| part.len()).sum::<usize>(), 20_000);
        assert!(by_count.iter().all(|(_, part)| part.len() <= 7));
    }

    #[test]
    fn an_appenduid_set_is_told_in_order() {
        assert_eq!(parse_exactly("304:306,3955", 4), Some(uids(&[304, 305, 306, 3955])));
        assert_eq!(parse_exactly("7", 1), Some(uids(&[7])));
    }

    #[test]
    fn a_set_of_another_size_is_none_and_takes_no_room() {
        for text in ["1:4294967295", "1:3", "1,2,3", "", "0", "1:", "4294967296", "*", "1,,2"] {
            assert_eq!(parse_exactly(text, 2), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn ranges_know_what_is_missing(numbers: BTreeSet<u8>, from in 1_u32..20, to in 20_u32..300) {
            let mut ranges = Ranges::default();
            for number in &numbers {
                prop_assert!(ranges.insert(u32::from(*number)));
                prop_assert!(!ranges.insert(u32::from(*number)));
            }

            let gaps = ranges.gaps(from, to).join(",");

            let missing: Vec<Uid> =
                (from..=to).filter(|n| u8::try_from(*n).is_err() || !numbers.contains(&(*n as u8))).map(Uid).collect();
            let told = if gaps.is_empty() { Some(Vec::new()) } else { parse_exactly(&gaps, missing.len()) };
            prop_assert_eq!(told, Some(missing));
            prop_assert_eq!(ranges.len(), numbers.len() as u64);
        }

        #[test]
        fn commands_leave_nothing_out(numbers: Vec<u16>, most in 1_usize..50) {
            let wanted: Vec<Uid> = numbers.iter().map(|n| Uid(u32::from(*n) + 1)).collect();

            let commands = commands(&wanted, most);

            let told: Vec<Uid> = commands.iter().flat_map(|(_, part)| part.to_vec()).collect();
            prop_assert_eq!(&told, &wanted);
            for (text, part) in commands {
                let set: BTreeSet<Uid> = text.split(',').flat_map(|t| {
                    let (a, b) = t.split_once(':').unwrap_or((t, t));
                    (a.parse::<u32>().unwrap()..=b.parse().unwrap()).map(Uid)
                }).collect();
                prop_assert_eq!(set, part.iter().copied().collect::<BTreeSet<_>>());
            }
        }
    }
}
