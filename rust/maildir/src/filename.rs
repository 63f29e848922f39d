//! How messages are named: `<seconds>.I<digest of the origin>.imapmig,S=<size>,W=<size with CRLF>:2,<flags>`.
//!
//! The name up to the flags (the base) follows from where the message came from, so a repeat finds it. Letters of flags and
//! the `S=` and `W=` fields are read and written as Dovecot does. See docs/adr/0004-maildir-names.md.

use crate::keywords::KeywordTable;
use imapmig_core::message::{Flags, InternalDate, SystemFlag};

/// The separator of base and flags; a Windows file name cannot contain a colon.
pub(crate) const SEPARATOR: char = if cfg!(windows) { ';' } else { ':' };

/// The letters of the system flags, sorted as they stand in a name.
const LETTERS: [(char, SystemFlag); 5] = [
    ('D', SystemFlag::Draft),
    ('F', SystemFlag::Flagged),
    ('R', SystemFlag::Answered),
    ('S', SystemFlag::Seen),
    ('T', SystemFlag::Deleted),
];

/// The file name up to the flags.
pub(crate) fn base(name: &str) -> &str {
    name.split_once(SEPARATOR).map_or(name, |(base, _)| base)
}

/// The letters behind the base; empty where there are none.
fn letters(name: &str) -> &str {
    let info = name.split_once(SEPARATOR).and_then(|(_, info)| info.strip_prefix("2,")).unwrap_or_default();
    info.split(',').next().unwrap_or_default()
}

/// Returns the flags that a file name stands for.
pub(crate) fn flags(name: &str, keywords: &KeywordTable) -> Flags {
    let mut flags = Flags::default();
    for letter in letters(name).chars() {
        if let Some((_, flag)) = LETTERS.iter().find(|(l, _)| *l == letter) {
            flags.set(*flag);
        } else if let Some(keyword) = keywords.name(letter) {
            flags.add_keyword(keyword);
        }
    }
    flags
}

/// Returns `true` if the name has the letter that other programs use for a forwarded message.
pub(crate) fn is_passed(name: &str) -> bool {
    letters(name).contains('P')
}

/// The name of a message with these flags; keywords without a letter are left out. Letters of other programs in
/// `before` (such as `P`) stay.
pub(crate) fn with_flags(base: &str, flags: &Flags, keywords: &KeywordTable, before: &str) -> String {
    let system = LETTERS.iter().filter(|(_, f)| flags.has(*f)).map(|(l, _)| *l);
    let foreign =
        letters(before).chars().filter(|c| c.is_ascii_uppercase() && LETTERS.iter().all(|(l, _)| l != c));
    let custom = flags.keywords().filter_map(|k| keywords.letter(k));
    let mut all: Vec<char> = system.chain(foreign).chain(custom).collect();
    all.sort_unstable();
    all.dedup();
    format!("{base}{SEPARATOR}2,{}", all.into_iter().collect::<String>())
}

/// The part of the base that follows from the origin. `attempt` numbers different messages of one origin.
pub(crate) fn stem(date: InternalDate, origin: &str, attempt: u32) -> String {
    // Dovecot assigns UIDs in the order of the leading seconds, so that they ascend with the dates.
    let seconds = date.unix_seconds.max(0);
    let digest = blake3::hash(origin.as_bytes()).to_hex();
    let number = if attempt == 0 { String::new() } else { format!("-{attempt}") };
    format!("{seconds}.I{}{number}.imapmig", &digest[..32])
}

/// Returns the base for a message of `size` bytes, `bare_lf` of whose line feeds have no carriage return.
pub(crate) fn sized(stem: &str, size: u64, bare_lf: u64) -> String {
    format!("{stem},S={size},W={}", size + bare_lf)
}

/// Returns the size with CRLF line ends, where the name states it.
pub(crate) fn wire_size(base: &str) -> Option<u64> {
    base.split(',').skip(1).find_map(|field| field.strip_prefix("W=")).and_then(|n| n.parse().ok())
}

/// Counts line feeds without a carriage return while bytes stream past.
#[derive(Debug, Default)]
pub(crate) struct BareLf {
    count: u64,
    after_cr: bool,
}

impl BareLf {
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        for at in memchr::memchr_iter(b'\n', bytes) {
            let after_cr = if at == 0 { self.after_cr } else { bytes[at - 1] == b'\r' };
            self.count += u64::from(!after_cr);
        }
        if let Some(last) = bytes.last() {
            self.after_cr = *last == b'\r';
        }
    }

    pub(crate) const fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table() -> KeywordTable {
        let mut table = KeywordTable::default();
        for name in ["$Forwarded", "NonJunk", "Label1"] {
            assert!(table.assign(name));
        }
        table
    }

    #[test]
    fn a_new_name_is_spelled_out() {
        let flags = Flags::from_wire(["\\Seen", "\\Answered", "\\Flagged", "Label1", "$Forwarded"]);
        let base = sized(&stem(InternalDate::utc(1_600_000_000), "a b 1 2", 0), 10, 2);

        let name = with_flags(&base, &flags, &table(), "");

        let digest = &blake3::hash(b"a b 1 2").to_hex()[..32];
        assert_eq!(name, format!("1600000000.I{digest}.imapmig,S=10,W=12{SEPARATOR}2,FRSac"));
    }

    #[test]
    fn letters_of_other_programs_stay_where_flags_change() {
        let before = format!("1.x{SEPARATOR}2,FPSa");

        let name = with_flags(base(&before), &Flags::from_wire(["\\Deleted"]), &table(), &before);

        assert_eq!(name, format!("1.x{SEPARATOR}2,PT"));
        assert!(is_passed(&name));
    }

    #[test]
    fn names_without_flags_or_with_unknown_ones_are_read() {
        for (name, expected) in [
            ("1.x", ""),
            ("1.x:2,", ""),
            ("1.x:1,S", ""),
            ("1.x:2,Sz", "\\Seen"),
            ("1.x:2,S,a", "\\Seen"),
            ("1.x,S=3:2,FS", "\\Seen \\Flagged"),
        ] {
            let name = name.replace(':', &SEPARATOR.to_string());

            assert_eq!(flags(&name, &table()).to_string(), expected, "{name}");
        }
    }

    #[test]
    fn dates_before_1970_and_repeats_of_an_origin_have_names() {
        let first = stem(InternalDate::utc(-5), "o", 0);
        let second = stem(InternalDate::utc(-5), "o", 1);

        assert!(first.starts_with("0.I"));
        assert_eq!(second, first.replace(".imapmig", "-1.imapmig"));
    }

    #[test]
    fn the_size_with_crlf_is_read_from_a_name() {
        assert_eq!(wire_size("1.x,S=3,W=4"), Some(4));
        assert_eq!(wire_size("1.x,S=3"), None);
        assert_eq!(wire_size("W=4"), None);
    }

    proptest! {
        #[test]
        fn flags_come_back_from_the_name(picked in prop::sample::subsequence(
            vec!["\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "$Forwarded", "NonJunk", "Label1"], 0..8)
        ) {
            let wanted = Flags::from_wire(picked);

            let name = with_flags("1.x", &wanted, &table(), "");

            prop_assert_eq!(base(&name), "1.x");
            prop_assert_eq!(flags(&name, &table()), wanted);
        }

        #[test]
        fn bare_line_feeds_are_counted_across_chunks(bytes in "[\\r\\na]{0,30}", cut in 0usize..30) {
            let bytes = bytes.as_bytes();
            let cut = cut.min(bytes.len());
            let mut counted = BareLf::default();

            counted.feed(&bytes[..cut]);
            counted.feed(&bytes[cut..]);

            let expected = (0..bytes.len()).filter(|&i| bytes[i] == b'\n' && (i == 0 || bytes[i - 1] != b'\r')).count();
            prop_assert_eq!(counted.count(), expected as u64);
        }
    }
}
