//! Inputs that are almost right: examples, changed here and there in a way that a seed decides.
//!
//! By default the inputs are the same each time. With `IMAPMIG_FUZZ_SECONDS` new inputs are generated for that long. A failure
//! reports its input, which then becomes a test.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant, SystemTime};

/// For how many seconds new inputs are generated.
const SECONDS: &str = "IMAPMIG_FUZZ_SECONDS";

/// Bytes with a meaning for some parser.
const TELLING: &[u8] = b"\0\t\n\r \"%&()*+,-.0/19:;<=>@A[\\]_{|}~\x7f\x80\xa0\xc3\xff";
const NUMBERS: &[&str] =
    &["0", "1", "-1", "4294967295", "4294967296", "9223372036854775808", "18446744073709551616", "1e9"];

/// Calls `each` with `count` changed examples, or with as many as fit into `IMAPMIG_FUZZ_SECONDS`. `words` are inserted anywhere.
///
/// # Panics
/// If `each` panics; the message holds the input.
pub fn mutated(examples: &[&[u8]], words: &[&str], count: u32, mut each: impl FnMut(&[u8])) {
    let limit = std::env::var(SECONDS).ok().and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let began = Instant::now();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut random = Random(if limit.is_some() { now.as_nanos() as u64 } else { 1 });
    let mut tried = 0;
    while limit.map_or(tried < count, |limit| began.elapsed() < limit) {
        let input = changed(examples, words, &mut random);
        let outcome = catch_unwind(AssertUnwindSafe(|| each(&input)));
        assert!(outcome.is_ok(), "this input makes it fail: b\"{}\"", input.escape_ascii());
        tried += 1;
    }
}

/// One example with a few changes.
fn changed(examples: &[&[u8]], words: &[&str], random: &mut Random) -> Vec<u8> {
    let mut bytes = random.of(examples).to_vec();
    for _ in 0..=random.below(4) {
        let from = random.below(bytes.len() + 1);
        let to = (from + random.below(12)).min(bytes.len());
        match random.below(9) {
            0 if from < to => bytes[from] ^= 1 << random.below(8),
            1 if from < to => bytes[from] = *random.of(TELLING),
            2 => drop(bytes.drain(from..to)),
            3 => bytes.truncate(from),
            4 => insert(&mut bytes, from, &[*random.of(TELLING)]),
            5 if !words.is_empty() => insert(&mut bytes, from, random.of(words).as_bytes()),
            6 => {
                let again = bytes[from..to].repeat(1 + random.below(300));
                insert(&mut bytes, from, &again);
            }
            7 => number(&mut bytes, from, NUMBERS[random.below(NUMBERS.len())]),
            _ => {
                let other = *random.of(examples);
                let begin = random.below(other.len() + 1);
                let end = (begin + random.below(80)).min(other.len());
                insert(&mut bytes, from, &other[begin..end]);
            }
        }
    }
    bytes
}

fn insert(bytes: &mut Vec<u8>, at: usize, new: &[u8]) {
    drop(bytes.splice(at..at, new.iter().copied()));
}

/// Replaces the first number from here on.
fn number(bytes: &mut Vec<u8>, from: usize, new: &str) {
    if let Some(begin) = bytes[from..].iter().position(u8::is_ascii_digit) {
        let begin = from + begin;
        let length = bytes[begin..].iter().take_while(|b| b.is_ascii_digit()).count();
        drop(bytes.splice(begin..begin + length, new.bytes()));
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    fn of<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.below(among.len())]
    }
}
