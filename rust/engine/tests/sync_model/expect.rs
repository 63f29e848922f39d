//! What must be at the target, as a multiset of (folder, bytes, date, flags), kept beside the run without looking at the engine.
//!
//! Exact wherever the promise is: a message that the source holds after an undisturbed sync is at the target once, with its own date
//! and flags. What is allowed to vary is written down as such: a message that vanished from the source while a sync broke off
//! may have been copied or not, one that a user put there may serve as the copy of an equal one, and what a user removed or
//! flagged at the target stays so, except where a new UIDVALIDITY makes the engine compare anew.

use super::mail::{Account, BREAKING, Bits, Mail, is_poison};
use super::steps::{EndsOver, Hints};
use super::world::Deed;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Not copied yet.
    No,
    /// A sync that broke off may have copied it.
    Maybe,
    Yes,
}

/// One flag of one copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bit {
    /// What the source had when its flag was carried last; absent where a sync broke off meanwhile.
    base: Option<bool>,
    /// What the copy must have; absent where either is right.
    target: Option<bool>,
    /// A user changed it at one side while `base` was unknown.
    intervened: bool,
}

const UNKNOWN: Bit = Bit { base: None, target: None, intervened: false };

/// One message of the source.
#[derive(Clone, Debug)]
struct Instance {
    folder: &'static str,
    bytes: Vec<u8>,
    date: i64,
    source: Bits,
    in_source: bool,
    state: State,
    bits: [Bit; 3],
}

/// What else is known of the messages of the same bytes in the same folder.
#[derive(Clone, Debug, Default)]
struct Class {
    /// Put there by others, or copied from messages that are forgotten; at least so many.
    least_foreign: usize,
    /// At most so many: one of them may serve as the copy of an equal message.
    most_foreign: usize,
    /// Perhaps copied from messages that are forgotten.
    maybe: usize,
    /// Removed by a user.
    removed: usize,
    /// Flags and dates are not compared: it is not known whose they are.
    loose: bool,
}

pub type Key = (&'static str, Vec<u8>);

#[derive(Default)]
pub struct Expectation {
    instances: BTreeMap<u32, Instance>,
    classes: BTreeMap<Key, Class>,
    validities: BTreeMap<&'static str, u32>,
    /// Messages about which an item says that the target shows another one instead.
    reported: BTreeSet<Key>,
    /// Folders with a new UIDVALIDITY since the last undisturbed sync.
    anew: BTreeSet<&'static str>,
    /// The target holds or lacks something that the engine may have to report.
    pub reports: bool,
    /// A ledger was forgotten, so that what vanished from the source is not counted any more.
    pub forgotten: bool,
    /// A folder of the source that is never copied.
    passed_over: Option<&'static str>,
    /// Messages that the source cannot deliver are never copied either.
    source_ends: EndsOver,
}

impl Bit {
    fn source_becomes(&mut self) {
        self.intervened |= self.base.is_none();
    }

    fn broken_off(&mut self, source: bool) {
        if self.base != Some(source) {
            self.base = None;
            self.target = self.target.filter(|t| *t == source);
        }
    }

    fn synced(&mut self, source: bool) {
        match self.base {
            Some(base) if base != source => self.target = Some(source),
            Some(_) => {}
            None if self.intervened => self.target = self.target.filter(|t| *t == source),
            None => self.target = Some(source),
        }
        (self.base, self.intervened) = (Some(source), false);
    }
}

fn is_readable(bytes: &[u8], source_ends: EndsOver) -> bool {
    source_ends == EndsOver::Nothing || !is_poison(bytes)
}

impl Instance {
    fn of(folder: &'static str, mail: &Mail) -> Self {
        Self {
            folder,
            bytes: mail.bytes.clone(),
            date: mail.date,
            source: mail.bits,
            in_source: true,
            state: State::No,
            bits: [UNKNOWN; 3],
        }
    }

    fn accepts(&self, mail: &Mail) -> bool {
        let bit = |at: usize| self.bits[at].target.is_none_or(|bit| bit == mail.bits[at]);
        self.date == mail.date && (0..3).all(bit)
    }

    fn is_exact(&self) -> bool {
        self.state == State::Yes && (0..3).all(|at| self.bits[at].target == Some(self.source[at]))
    }
}

impl Expectation {
    /// Expects nothing of what breaks the source's connections.
    pub fn of(hints: Hints) -> Self {
        let passed_over = hints.breaking.map(|_| BREAKING);
        Self { passed_over, source_ends: hints.source_ends, ..Self::default() }
    }

    fn class(&mut self, folder: &'static str, bytes: &[u8]) -> &mut Class {
        self.classes.entry((folder, bytes.to_vec())).or_default()
    }

    fn members(&self, folder: &str, bytes: &[u8]) -> impl Iterator<Item = &Instance> {
        self.instances.values().filter(move |i| i.folder == folder && i.bytes == bytes)
    }

    /// Notes what the source holds now.
    pub fn observe(&mut self, source: &Account) {
        let passed_over = self.passed_over;
        let copied = source.folders.iter().filter(|(folder, _)| passed_over != Some(**folder));
        for (folder, mailbox) in copied {
            let before = self.validities.insert(folder, mailbox.validity);
            let there: BTreeSet<_> = mailbox.mails.iter().map(|m| m.serial).collect();
            let of_folder = self.instances.iter_mut().filter(|(_, i)| i.folder == *folder);
            of_folder.for_each(|(serial, i)| i.in_source = there.contains(serial));
            if before.is_some_and(|before| before != mailbox.validity) {
                self.anew.insert(folder);
            }
            for mail in &mailbox.mails {
                self.observe_mail(folder, mail);
            }
        }
        let gone = |folder: &str| !source.folders.contains_key(folder);
        self.instances.values_mut().filter(|i| gone(i.folder)).for_each(|i| i.in_source = false);
        self.instances.retain(|_, i| i.in_source || i.state != State::No);
        self.reports |= self.instances.values().any(|i| !i.in_source && i.state == State::Maybe);
    }

    fn observe_mail(&mut self, folder: &'static str, mail: &Mail) {
        let twins = self.members(folder, &mail.bytes).count() > 1;
        let instance = self.instances.entry(mail.serial).or_insert_with(|| Instance::of(folder, mail));
        let mut unknown = false;
        for at in 0..3 {
            if instance.source[at] != mail.bits[at] {
                unknown |= instance.bits[at].base.is_none() && instance.bits[at].intervened;
                instance.bits[at].source_becomes();
            }
        }
        instance.source = mail.bits;
        if unknown && twins {
            self.class(folder, &mail.bytes).loose = true;
        }
    }

    /// A new UIDVALIDITY: the ledger of the folder is forgotten, and what is at the target is found by content.
    fn compare_anew(&mut self, folder: &'static str) {
        self.forgotten = true;
        let of_folder: Vec<_> =
            self.instances.iter().filter(|(_, i)| i.folder == folder).map(|(s, i)| (*s, i.clone())).collect();
        let mut left: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        for (serial, instance) in of_folder {
            let twins = self.members(folder, &instance.bytes).count() > 1;
            let class = self.class(folder, &instance.bytes);
            match instance.state {
                State::No => continue,
                State::Yes if !instance.in_source => *left.entry(instance.bytes.clone()).or_default() += 1,
                State::Maybe if !instance.in_source => class.maybe += 1,
                State::Yes | State::Maybe => {}
            }
            class.loose |= !instance.in_source || (twins && !instance.is_exact());
            if !instance.in_source {
                self.reports = true;
                self.instances.remove(&serial);
            } else if let Some(instance) = self.instances.get_mut(&serial) {
                for at in 0..3 {
                    let target = instance.bits[at].target.filter(|t| *t == instance.source[at]);
                    instance.bits[at] = Bit { base: None, target, intervened: true };
                }
            }
        }
        for (bytes, copies) in left {
            let class = self.class(folder, &bytes);
            class.least_foreign = class.least_foreign.max(copies);
            class.most_foreign += copies;
        }
    }

    /// A sync during which something happened.
    pub fn broken_off(&mut self) {
        self.anew.clone().into_iter().for_each(|folder| self.compare_anew(folder));
        let source_ends = self.source_ends;
        for instance in self.instances.values_mut() {
            if instance.state == State::No && is_readable(&instance.bytes, source_ends) {
                (instance.state, instance.bits) = (State::Maybe, [UNKNOWN; 3]);
            }
            for at in 0..3 {
                instance.bits[at].broken_off(instance.source[at]);
            }
        }
    }

    /// A sync during which nothing happened.
    pub fn synced(&mut self) {
        std::mem::take(&mut self.anew).into_iter().for_each(|folder| self.compare_anew(folder));
        let source_ends = self.source_ends;
        for instance in
            self.instances.values_mut().filter(|i| i.in_source && is_readable(&i.bytes, source_ends))
        {
            instance.state = State::Yes;
            for at in 0..3 {
                instance.bits[at].synced(instance.source[at]);
            }
        }
    }

    /// Something that others did at the target, perhaps while a sync was under way.
    pub fn done_at_target(&mut self, deed: &Deed, under_way: bool) {
        self.reports = true;
        match deed {
            Deed::Arrived { folder, bytes } => {
                let class = self.class(folder, bytes);
                (class.least_foreign, class.most_foreign) = (class.least_foreign + 1, class.most_foreign + 1);
            }
            Deed::Removed { folder, bytes } => {
                let none = self.members(folder, bytes).next().is_none();
                let class = self.class(folder, bytes);
                if none && class.maybe == 0 {
                    class.least_foreign = class.least_foreign.saturating_sub(1);
                    class.most_foreign -= 1;
                } else {
                    (class.removed, class.loose) = (class.removed + 1, true);
                }
            }
            Deed::RemovedFolder { folder } => {
                self.forgotten = true;
                let keys: BTreeSet<_> =
                    self.instances.values().map(|i| (i.folder, i.bytes.clone())).collect();
                self.classes.retain(|key, _| key.0 != *folder || keys.contains(key));
                for (_, bytes) in keys.into_iter().filter(|key| key.0 == *folder) {
                    let there = self.members(folder, &bytes).count();
                    let class = self.class(folder, &bytes);
                    (class.least_foreign, class.most_foreign) = (0, 0);
                    (class.maybe, class.loose) = (0, true);
                    class.removed += there;
                }
            }
            Deed::Renumbered { folder } => {
                self.anew.insert(folder);
            }
            Deed::Flagged { folder, bytes, bit, copies } => {
                self.flagged(folder, bytes, bit, *copies, under_way)
            }
        }
    }

    fn flagged(
        &mut self,
        folder: &'static str,
        bytes: &[u8],
        bit: &[Option<bool>; 3],
        copies: usize,
        under_way: bool,
    ) {
        let class = self.class(folder, bytes);
        let foreign = class.most_foreign + class.maybe > 0;
        let mut members: Vec<_> =
            self.instances.values_mut().filter(|i| i.folder == folder && i.bytes == bytes).collect();
        let [one] = &mut members[..] else {
            self.class(folder, bytes).loose = true;
            return;
        };
        let pending = (0..3).any(|at| one.bits[at].base != Some(one.source[at]));
        for (at, set) in bit.iter().enumerate() {
            // The engine sets all flags of a message at once, so that one set at the same moment may be lost.
            if under_way && pending {
                (one.bits[at].target, one.bits[at].intervened) = (None, true);
            } else if let Some(set) = set {
                one.bits[at].target = Some(*set);
                one.bits[at].intervened = one.bits[at].base.is_none();
            }
        }
        if foreign || copies != 1 {
            self.class(folder, bytes).loose = true;
        }
    }

    /// How few and how many messages the folders of the source may count.
    pub fn totals(&self, source: &Account) -> (u64, u64) {
        let counted = |i: &&Instance| source.folders.contains_key(i.folder);
        let of = |state| self.instances.values().filter(counted).filter(|i| i.state == state).count() as u64;
        (of(State::Yes), of(State::Yes) + of(State::Maybe))
    }

    /// Panics unless the target holds what it must and nothing else.
    pub fn check(&mut self, target: &Account, reported: Vec<Key>, hints: Hints) {
        self.reported.extend(reported);
        let mut found: BTreeMap<Key, Vec<&Mail>> = BTreeMap::new();
        for (folder, mailbox) in &target.folders {
            for mail in &mailbox.mails {
                found.entry((folder, mail.bytes.clone())).or_default().push(mail);
            }
        }
        let mut keys: BTreeSet<Key> = found.keys().chain(self.classes.keys()).cloned().collect();
        keys.extend(self.instances.values().map(|i| (i.folder, i.bytes.clone())));
        for key in keys {
            let mails = found.get(&key).map_or(&[][..], Vec::as_slice);
            self.check_class(&key, mails, hints.target_ends != EndsOver::Nothing && is_poison(&key.1));
        }
    }

    /// What cannot be read at the target must not be lost, and may be there twice, with the flags and dates of an equal one. One that
    /// cannot be read at the source is not copied; its flags may be given to what is taken for it.
    fn check_class(&self, key: &Key, mails: &[&Mail], unreadable: bool) {
        let class = self.classes.get(key).cloned().unwrap_or_default();
        let members: Vec<_> = self.members(key.0, &key.1).filter(|i| i.state != State::No).collect();
        let sure = members.iter().filter(|i| i.state == State::Yes).count();
        let least = sure.max(class.least_foreign).saturating_sub(class.removed);
        let least = least.saturating_sub(usize::from(self.reported.contains(key)));
        let most = if unreadable { usize::MAX } else { members.len() + class.most_foreign + class.maybe };
        let what = || format!("{:?} in {}", String::from_utf8_lossy(&key.1), key.0);
        assert!(
            (least..=most).contains(&mails.len()),
            "{} is at the target {} times instead of {least} to {most} times",
            what(),
            mails.len()
        );
        let instead = members.is_empty() && self.reported.iter().any(|(folder, _)| *folder == key.0);
        // A copy that a vanished message left behind may serve an equal one, with the flags of both.
        let may_vary = unreadable || !is_readable(&key.1, self.source_ends);
        if may_vary || class.loose || class.maybe > 0 || sure < members.len() || instead {
            return;
        }
        let shown: Vec<_> = mails.iter().map(|m| (m.date, m.bits)).collect();
        if members.is_empty() {
            assert!(
                shown.iter().all(|m| m.1 == [false; 3]),
                "others' flags were changed: {}: {shown:?}",
                what()
            );
        } else if class.most_foreign == 0 {
            assert!(
                matches(mails, &members),
                "{} has other dates or flags than its messages: {shown:?} instead of {:?}",
                what(),
                members.iter().map(|m| (m.date, m.bits.map(|b| b.target))).collect::<Vec<_>>()
            );
        }
    }
}

/// Whether every message is one member's.
fn matches(mails: &[&Mail], members: &[&Instance]) -> bool {
    let Some((first, rest)) = mails.split_first() else { return true };
    (0..members.len()).any(|at| {
        let mut others = members.to_vec();
        others.remove(at).accepts(first) && matches(rest, &others)
    })
}
