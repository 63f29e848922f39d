//! Compares two accounts: as multisets of messages, mailbox by mailbox.
//!
//! Two messages are the same if their bytes are. What is left over is named: lost, doubled, altered, or with other flags or
//! another date. UIDs and the order of messages do not count.

use std::collections::BTreeMap;
use std::fmt;

use crate::{Entry, MailboxPath, Snapshot};

/// What counts when a source and a target are compared. By default everything does, and names are the same on both sides.
pub struct Comparison {
    map: NameMapping,
    flags: bool,
    dates: bool,
    subscriptions: bool,
    more_mailboxes: bool,
}

type NameMapping = Box<dyn Fn(&[String]) -> Option<MailboxPath>>;

impl Default for Comparison {
    fn default() -> Self {
        Self {
            map: Box::new(|path| Some(path.to_vec())),
            flags: true,
            dates: true,
            subscriptions: false,
            more_mailboxes: false,
        }
    }
}

impl fmt::Debug for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Comparison")
            .field("flags", &self.flags)
            .field("dates", &self.dates)
            .finish_non_exhaustive()
    }
}

impl Comparison {
    /// Everything counts.
    pub fn strict() -> Self {
        Self::default()
    }

    /// Where a source mailbox is expected in the target; `None` for one that is not to be there.
    pub fn mapping(mut self, map: impl Fn(&[String]) -> Option<MailboxPath> + 'static) -> Self {
        self.map = Box::new(map);
        self
    }

    /// Flags and keywords do not count.
    pub fn without_flags(mut self) -> Self {
        self.flags = false;
        self
    }

    /// Internal dates do not count.
    pub fn without_dates(mut self) -> Self {
        self.dates = false;
        self
    }

    /// Every subscription of the source must be one in the target.
    pub fn with_subscriptions(mut self) -> Self {
        self.subscriptions = true;
        self
    }

    /// The target may have mailboxes of its own.
    pub fn allowing_more_mailboxes(mut self) -> Self {
        self.more_mailboxes = true;
        self
    }

    /// What the target has otherwise than the source, in words; empty if it is all the same.
    pub fn differences(&self, source: &Snapshot, target: &Snapshot) -> Vec<String> {
        let mut expected: BTreeMap<MailboxPath, Vec<&Entry>> = BTreeMap::new();
        for (path, entries) in &source.mailboxes {
            if let Some(mapped) = (self.map)(path) {
                expected.entry(mapped).or_default().extend(entries);
            }
        }
        let mut differences = Vec::new();
        for (path, entries) in &expected {
            let name = path.join("/");
            match target.mailboxes.get(path) {
                Some(found) => self.compare(&name, entries, found.iter().collect(), &mut differences),
                None => differences
                    .push(format!("{name}: the mailbox is missing, with {} messages", entries.len())),
            }
        }
        if !self.more_mailboxes {
            let extra = target.mailboxes.iter().filter(|(path, _)| !expected.contains_key(*path));
            differences.extend(extra.map(|(path, found)| {
                format!("{}: the source has no such mailbox ({} messages)", path.join("/"), found.len())
            }));
        }
        if self.subscriptions {
            let wanted = source.subscribed.iter().filter_map(|path| (self.map)(path));
            let lost = wanted.filter(|path| !target.subscribed.contains(path));
            differences.extend(lost.map(|path| format!("{}: the subscription is lost", path.join("/"))));
        }
        differences
    }

    fn compare(&self, name: &str, source: &[&Entry], target: Vec<&Entry>, differences: &mut Vec<String>) {
        let mut left: Vec<&Entry> = target;
        let unmatched = take(&mut left, source, |a, b| a.digest == b.digest && self.same_marks(a, b));
        // What remains has other flags or another date, is one too few or many, or has other bytes.
        let mut lost = Vec::new();
        for entry in unmatched {
            match position(&left, |found| found.digest == entry.digest) {
                Some(at) => differences.extend(self.marks(name, entry, left.swap_remove(at))),
                None => lost.push(entry),
            }
        }
        for entry in lost {
            match position(&left, |found| found.title == entry.title && found.date == entry.date) {
                Some(at) => {
                    let found = left.swap_remove(at);
                    differences.push(format!(
                        "{name}: altered: {entry} became {} bytes, UID {}",
                        found.size, found.uid
                    ));
                }
                None => differences.push(format!("{name}: lost: {entry}")),
            }
        }
        for entry in left {
            let word = if source.iter().any(|known| known.digest == entry.digest) {
                "doubled"
            } else {
                "not in the source"
            };
            differences.push(format!("{name}: {word}: {entry}"));
        }
    }

    fn same_marks(&self, a: &Entry, b: &Entry) -> bool {
        (!self.flags || a.flags == b.flags) && (!self.dates || a.date == b.date)
    }

    fn marks(&self, name: &str, source: &Entry, target: &Entry) -> Vec<String> {
        let mut found = Vec::new();
        if self.flags && source.flags != target.flags {
            let list = |entry: &Entry| entry.flags.iter().cloned().collect::<Vec<_>>().join(" ");
            found.push(format!("{name}: flags: {source} had ({}), has ({})", list(source), list(target)));
        }
        if self.dates && source.date != target.date {
            found.push(format!("{name}: date: {source} had {}, has {}", source.date, target.date));
        }
        found
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" (UID {}, {} bytes)", self.title, self.uid, self.size)
    }
}

/// Takes out of `left` one partner for each of `wanted`, and gives those that found none.
fn take<'a>(
    left: &mut Vec<&'a Entry>,
    wanted: &[&'a Entry],
    same: impl Fn(&Entry, &Entry) -> bool,
) -> Vec<&'a Entry> {
    let mut by_digest: BTreeMap<[u8; 32], Vec<&'a Entry>> = BTreeMap::new();
    for entry in left.drain(..) {
        by_digest.entry(*entry.digest.as_bytes()).or_default().push(entry);
    }
    let mut unmatched = Vec::new();
    for entry in wanted {
        let candidates = by_digest.entry(*entry.digest.as_bytes()).or_default();
        match position(candidates, |found| same(entry, found)) {
            Some(at) => drop(candidates.swap_remove(at)),
            None => unmatched.push(*entry),
        }
    }
    left.extend(by_digest.into_values().flatten());
    left.sort_by_key(|entry| entry.uid);
    unmatched
}

fn position(entries: &[&Entry], wanted: impl Fn(&Entry) -> bool) -> Option<usize> {
    entries.iter().position(|entry| wanted(entry))
}

#[cfg(test)]
mod tests {
    use super::Comparison;
    use crate::{Entry, Snapshot, path};

    fn entry(uid: u32, text: &str, flags: &[&str], date: i64) -> Entry {
        Entry {
            uid,
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            date,
            size: text.len(),
            digest: blake3::hash(text.as_bytes()),
            title: text.chars().take(3).collect(),
        }
    }

    fn inbox(entries: Vec<Entry>) -> Snapshot {
        Snapshot { mailboxes: [(path("INBOX"), entries)].into(), ..Snapshot::default() }
    }

    #[test]
    fn order_and_uids_do_not_count() {
        let source = inbox(vec![entry(1, "one", &["a"], 5), entry(2, "two", &[], 6)]);
        let target = inbox(vec![entry(8, "two", &[], 6), entry(9, "one", &["a"], 5)]);

        assert_eq!(Comparison::strict().differences(&source, &target), Vec::<String>::new());
    }

    #[test]
    fn each_kind_of_difference_is_named() {
        let source = inbox(vec![
            entry(1, "one", &["a"], 5),
            entry(2, "two", &[], 6),
            entry(3, "three", &[], 7),
            entry(4, "four", &[], 8),
            entry(5, "five", &[], 9),
        ]);
        let target = inbox(vec![
            entry(1, "one", &["b"], 5),
            entry(2, "two", &[], 66),
            entry(3, "three", &[], 7),
            entry(4, "three", &[], 7),
            entry(5, "four!", &[], 8),
        ]);

        let differences = Comparison::strict().differences(&source, &target);

        let kinds: Vec<&str> = differences.iter().map(|line| line.split(": ").nth(1).unwrap()).collect();
        assert_eq!(kinds, ["flags", "date", "altered", "lost", "doubled"], "{differences:#?}");
    }

    #[test]
    fn true_duplicates_are_counted() {
        let source = inbox(vec![entry(1, "one", &[], 5), entry(2, "one", &[], 5)]);
        let target = inbox(vec![entry(1, "one", &[], 5)]);

        assert_eq!(
            Comparison::strict().differences(&source, &target),
            ["INBOX: lost: \"one\" (UID 2, 3 bytes)"]
        );
    }

    #[test]
    fn mapped_mailboxes_are_looked_for_where_they_belong() {
        let source = Snapshot {
            mailboxes: [(path("INBOX/Sub"), vec![entry(1, "one", &[], 5)])].into(),
            ..Snapshot::default()
        };
        let target = Snapshot {
            mailboxes: [(path("Sub"), vec![entry(1, "one", &[], 5)])].into(),
            ..Snapshot::default()
        };

        let mapped = Comparison::strict().mapping(|path| Some(path[1..].to_vec()));

        assert!(mapped.differences(&source, &target).is_empty());
        assert_eq!(Comparison::strict().differences(&source, &target).len(), 2);
    }
}
