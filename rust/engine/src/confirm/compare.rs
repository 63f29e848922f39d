//! Lays the messages of a folder on both sides beside each other as multisets. Pure: plain data in, plain data out.
//!
//! Messages are paired by what they have in common, the strongest first: content, date and flags; then without one or the
//! other; then the header, the identifying header fields, and last size and date. UIDs and the ledger play no part, so that a
//! message which was moved to the wrong place cannot look right because the ledger says so.

use crate::sync::decide::flag_delta::lacking;
use crate::sync::decide::item::FlagSets;
use crate::sync::decide::matching::{Class, classes, pairs};
use imapmig_core::message::{Digest, InternalDate};
use std::collections::{BTreeMap, HashSet};

/// What is known of one message on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// Its size in bytes.
    pub(super) size: u64,
    /// Its internal date; [`InternalDate::UNKNOWN`] agrees with every other.
    pub(super) date: InternalDate,
    /// Its flags, as a number of the folder's [`FlagSets`].
    pub(super) flags: u32,
    /// The digest of what has to be the same: the bytes, or the header with the size. Absent when it could not be read.
    pub(super) content: Option<Digest>,
    /// The digest of the header, where there is one.
    pub(super) header: Option<Digest>,
    /// The digest of the fields that identify a message.
    pub(super) key: Option<Digest>,
}

/// One message on both sides that is not the same there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    /// Its place at the source.
    pub(super) source: usize,
    /// Its place at the target.
    pub(super) target: usize,
    /// The contents differ, or could not be read.
    pub(super) content: bool,
    /// Which side, source or target, did not deliver the message.
    pub(super) undelivered: (bool, bool),
    /// The dates differ.
    pub(super) date: bool,
    /// The target lacks flags.
    pub(super) flags: bool,
}

impl Pair {
    /// Whether anything differs.
    pub(super) const fn differs(&self) -> bool {
        self.content || self.date || self.flags
    }
}

/// How both sides of a folder compare. Every message of either side is in exactly one part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    /// How many pairs are the same; the target may have more flags.
    pub(super) matched: u64,
    /// The pairs that differ.
    pub(super) altered: Vec<Pair>,
    /// Places of source messages that the target does not have.
    pub(super) missing: Vec<usize>,
    /// Places of target messages that are one more copy of a source message.
    pub(super) doubled: Vec<usize>,
    /// Places of target messages that the source does not have.
    pub(super) foreign: Vec<usize>,
    /// Flags that the target has and the source does not, with the number of their messages.
    pub(super) flags_added: BTreeMap<String, u64>,
}

/// Compares both sides of a folder.
pub(super) fn compare(source: &[Facts], target: &[Facts], flags: &FlagSets) -> Comparison {
    let mut open = Open {
        source: (0..source.len()).collect(),
        target: (0..target.len()).collect(),
        pairs: Vec::with_capacity(source.len()),
        sides: (source, target),
    };
    let date = |look: &Facts| (look.date != InternalDate::UNKNOWN).then_some(look.date.unix_seconds);
    open.pair_by(|look| Some((look.content?, date(look)?, look.flags)));
    open.pair_by_flags(flags, |look| Some((look.content?, date(look)?)));
    open.pair_by(|look| Some((look.content?, look.flags)));
    open.pair_by(|look| Some((look.content?, date(look)?)));
    open.pair_by_flags(flags, |look| look.content);
    open.pair_by(|look| look.content);
    open.pair_by(|look| Some((look.header?, date(look)?, look.flags)));
    open.pair_by(|look| Some((look.header?, date(look)?)));
    open.pair_by(|look| look.header);
    open.pair_by(|look| Some((look.key?, date(look)?)));
    open.pair_by(|look| look.key);
    open.pair_by(|look| Some((look.size, date(look)?, look.flags)));
    open.pair_by(|look| Some((look.size, date(look)?)));
    open.finish(flags)
}

/// What is not paired yet.
struct Open<'a> {
    source: Vec<usize>,
    target: Vec<usize>,
    pairs: Vec<(usize, usize)>,
    sides: (&'a [Facts], &'a [Facts]),
}

impl Open<'_> {
    fn keyed<K>(side: &[Facts], open: &[usize], key: impl Fn(&Facts) -> Option<K>) -> Vec<(K, usize)> {
        open.iter().filter_map(|at| Some((key(&side[*at])?, *at))).collect()
    }

    /// Pairs messages with equal keys.
    fn pair_by<K: Ord>(&mut self, key: impl Fn(&Facts) -> Option<K>) {
        if self.source.is_empty() || self.target.is_empty() {
            return;
        }
        let wanted = Self::keyed(self.sides.0, &self.source, &key);
        let found = Self::keyed(self.sides.1, &self.target, &key);
        self.take(pairs(wanted, found));
    }

    /// Pairs messages with equal keys where the target has all flags of the source and perhaps more.
    fn pair_by_flags<K: Ord>(&mut self, flags: &FlagSets, key: impl Fn(&Facts) -> Option<K>) {
        if self.source.is_empty() || self.target.is_empty() {
            return;
        }
        let wanted = Self::keyed(self.sides.0, &self.source, &key);
        let found = Self::keyed(self.sides.1, &self.target, &key);
        let paired = classes(wanted, found).into_iter().flat_map(|class| self.with_more_flags(flags, class));
        let paired = paired.collect();
        self.take(paired);
    }

    /// Those with the most flags choose first, and choose what has the fewest beyond theirs.
    fn with_more_flags(&self, flags: &FlagSets, class: Class<usize, usize>) -> Vec<(usize, usize)> {
        let number = |number: u32| flags.set(number).wire().count();
        let mut wanted = class.wanted;
        wanted.sort_by_key(|at| std::cmp::Reverse(number(self.sides.0[*at].flags)));
        let mut found: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for at in class.found.into_iter().rev() {
            found.entry(self.sides.1[at].flags).or_default().push(at);
        }
        let mut paired = Vec::new();
        for at in wanted {
            let own = flags.set(self.sides.0[at].flags);
            let fits = found.keys().copied().filter(|there| lacking(own, flags.set(*there)).is_empty());
            let Some(there) = fits.min_by_key(|there| number(*there)) else { continue };
            let Some(members) = found.get_mut(&there) else { continue };
            paired.extend(members.pop().map(|other| (at, other)));
            if members.is_empty() {
                found.remove(&there);
            }
        }
        paired
    }

    fn take(&mut self, paired: Vec<(usize, usize)>) {
        let (here, there): (HashSet<_>, HashSet<_>) = paired.iter().copied().unzip();
        self.source.retain(|at| !here.contains(at));
        self.target.retain(|at| !there.contains(at));
        self.pairs.extend(paired);
    }

    fn finish(self, flags: &FlagSets) -> Comparison {
        let (source, target) = self.sides;
        let mut comparison = Comparison { missing: self.source, ..Comparison::default() };
        for (here, there) in self.pairs {
            let (one, other) = (&source[here], &target[there]);
            let (own, its) = (flags.set(one.flags), flags.set(other.flags));
            let pair = Pair {
                source: here,
                target: there,
                content: one.content.is_none() || one.content != other.content,
                undelivered: (one.content.is_none(), other.content.is_none()),
                date: one.date != InternalDate::UNKNOWN && one.date.unix_seconds != other.date.unix_seconds,
                flags: one.flags != other.flags && !lacking(own, its).is_empty(),
            };
            if one.flags != other.flags {
                for flag in lacking(its, own).wire() {
                    *comparison.flags_added.entry(flag.to_owned()).or_default() += 1;
                }
            }
            if pair.differs() {
                comparison.altered.push(pair);
            } else {
                comparison.matched += 1;
            }
        }
        comparison.altered.sort_by_key(|pair| pair.source);
        let traces = |look: &Facts| [look.content, look.header, look.key].into_iter().flatten();
        let known: HashSet<Digest> =
            if self.target.is_empty() { HashSet::new() } else { source.iter().flat_map(traces).collect() };
        (comparison.doubled, comparison.foreign) =
            self.target.into_iter().partition(|at| traces(&target[*at]).any(|trace| known.contains(&trace)));
        comparison
    }
}

#[cfg(test)]
mod tests;
