//! A listing that survives lost connections, including a message whose metadata ends the connection every time.
//!
//! UIDs are requested in ranges, one command at a time. A range over which the connection ended is halved. A single UID over which it
//! ended [`ALONE`] times, each time as the first thing asked of a connection, is left out; the mailbox then counts a message that is
//! not described, which is reported.

use super::Each;
use super::scanner::Scanner;
use crate::bulk::{Bulk, is_lost};
use crate::select::{self, Access, Opened};
use crate::wire::sets::Ranges;
use imapmig_core::failure::{Conduct, Failure};
use imapmig_core::folder::WireName;
use imapmig_core::message::{MessageMeta, Uid, UidValidity};
use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often the connection may end over one UID before that message is left out.
const ALONE: u32 = 3;
/// How often in a row the connection may end without any progress. Halving all UIDs takes 32.
const IDLE: u32 = 40;
/// Maximum number of messages left out of a mailbox. Beyond that, the messages are not to blame.
const LEFT_OUT: usize = 50;
/// How long the server may be silent: it has fallen silent over this mailbox before.
const SILENCE: Duration = Duration::from_secs(30);

/// Messages over whose metadata connections ended, by mailbox; shared by an account's connections.
#[derive(Debug, Default)]
pub(crate) struct Unlistable(Mutex<HashMap<WireName, (UidValidity, BTreeSet<u32>)>>);

impl Unlistable {
    /// Returns `true` if the mailbox has such messages.
    pub(crate) fn has(&self, name: &WireName) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(name)
    }

    pub(crate) fn of(&self, name: &WireName, validity: UidValidity) -> BTreeSet<u32> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(name).filter(|(v, _)| *v == validity).map(|(_, uids)| uids.clone()).unwrap_or_default()
    }

    fn add(&self, name: &WireName, validity: UidValidity, uid: u32) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = known.entry(name.clone()).or_insert_with(|| (validity, BTreeSet::new()));
        if entry.0 != validity {
            *entry = (validity, BTreeSet::new());
        }
        entry.1.insert(uid);
    }
}

/// What is listed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) name: &'a WireName,
    pub(crate) access: Access,
    /// The first and the last UID.
    pub(crate) uids: (u32, u32),
}

impl<'a> Wanted<'a> {
    /// A whole mailbox, for reading.
    pub(crate) fn whole(name: &'a WireName) -> Self {
        Self { name, access: Access::Read, uids: (1, u32::MAX) }
    }
}

/// Lists on as many connections as it takes. `lost` is why the one before ended, if one did.
pub(crate) fn list(
    bulk: &mut Bulk,
    reopen: &dyn Fn() -> Result<Bulk, Failure>,
    Wanted { name, access, uids }: Wanted<'_>,
    (unlistable, lost): (&Unlistable, Option<Failure>),
    each: Each<'_>,
) -> Result<Opened, Failure> {
    let mut search: Option<Search> = None;
    let mut first: Option<Opened> = None;
    let mut last_failure = lost;
    loop {
        if let Some(lost) = bulk.usable().err().or(last_failure) {
            // Some servers grant one connection only.
            bulk.close_at_once(lost);
            *bulk = reopen()?;
        }
        bulk.limit_silence(SILENCE);
        let opened = select::open(bulk, name, access)?;
        if first.as_ref().is_some_and(|first| first.validity != opened.validity) {
            return Err(bulk.session().protocol(Conduct::NewUidValidity));
        }
        let bad = unlistable.of(name, opened.validity);
        let search = search.get_or_insert_with(|| Search::new(&opened, uids, &bad));
        let first = first.get_or_insert(opened);
        match search.go_on(bulk, each) {
            Ok(()) => {
                bulk.limit_silence_as_usual();
                return Ok(first.clone());
            }
            Err(failure) if is_lost(&failure) => {
                tracing::debug!(%failure, "listed in parts");
                if let Some(uid) = search.ended(&failure)? {
                    unlistable.add(name, first.validity, uid);
                }
                last_failure = Some(failure);
            }
            Err(failure) => return Err(failure),
        }
    }
}

/// UIDs that are still to be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    first: u32,
    last: u32,
    /// How often the connection ended over this one UID.
    alone: u32,
}

#[derive(Debug)]
struct Search {
    /// The next one last.
    todo: Vec<Range>,
    passed: Ranges,
    /// How many messages had been passed on when the connection ended last, and how often it has ended since.
    idle: (u64, u32),
    left_out: usize,
    /// Where messages probably end. What ends the connection behind that is not looked for.
    end: u32,
}

impl Search {
    fn new(opened: &Opened, (from, to): (u32, u32), bad: &BTreeSet<u32>) -> Self {
        let mut todo = Vec::new();
        let mut next = from;
        for &uid in bad.range(from..=to) {
            push(&mut todo, next, uid - 1, 0);
            next = uid.saturating_add(1);
        }
        // UIDNEXT is a hint too.
        let end = opened.uid_next.map_or(u32::MAX, |uid| uid.0.max(next));
        push(&mut todo, next, to.min(end - 1), 0);
        push(&mut todo, end, to, 0);
        todo.reverse();
        Self { todo, passed: Ranges::default(), idle: (0, 0), left_out: bad.len(), end }
    }

    /// Asks for one range after the other.
    fn go_on(&mut self, bulk: &mut Bulk, each: Each<'_>) -> Result<(), Failure> {
        while let Some(range) = self.todo.last().copied() {
            let passed = &mut self.passed;
            let mut once = |message: MessageMeta| {
                let asked_for = (range.first..=range.last).contains(&message.uid.0);
                if asked_for && passed.insert(message.uid.0) {
                    each(message)
                } else {
                    ControlFlow::Continue(())
                }
            };
            if bulk.exists > 0 {
                scan_range(bulk, range, &mut once)?;
            }
            self.todo.pop();
        }
        Ok(())
    }

    /// The connection ended over the range that was asked for last. Returns the UID that is left out, if this was once too often.
    fn ended(&mut self, failure: &Failure) -> Result<Option<u32>, Failure> {
        let Some(range) = self.todo.pop() else { return Err(failure.clone()) };
        if range.first >= self.end {
            return Ok(None);
        }
        self.idle = if self.passed.len() > self.idle.0 {
            (self.passed.len(), 1)
        } else {
            (self.idle.0, self.idle.1 + 1)
        };
        if self.idle.1 > IDLE {
            return Err(failure.clone());
        }
        if range.first < range.last {
            let middle = range.first + (range.last - range.first) / 2;
            push(&mut self.todo, middle + 1, range.last, 0);
            push(&mut self.todo, range.first, middle, 0);
            return Ok(None);
        }
        if range.alone + 1 < ALONE {
            self.todo.push(Range { alone: range.alone + 1, ..range });
            return Ok(None);
        }
        self.left_out += 1;
        if self.left_out > LEFT_OUT { Err(failure.clone()) } else { Ok(Some(range.first)) }
    }
}

fn push(todo: &mut Vec<Range>, first: u32, last: u32, alone: u32) {
    if first <= last {
        todo.push(Range { first, last, alone });
    }
}

fn scan_range(bulk: &mut Bulk, range: Range, each: Each<'_>) -> Result<(), Failure> {
    bulk.drain()?;
    let mut scanner = Scanner::new(bulk, each, false);
    scanner.from = Uid(range.first);
    let command = format!("UID FETCH {}:{} {}", range.first, range.last, scanner.items());
    scanner.run(std::iter::once(command))?;
    scanner.complete()?;
    // What a refusal leaves undescribed is counted and reported.
    scanner.date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use imapmig_core::failure::{Conduct, FailureKind, Retry, Scope};
    use imapmig_core::message::Keywords;
    use proptest::prelude::*;

    fn opened(uid_next: u32) -> Opened {
        Opened {
            validity: UidValidity(1),
            exists: 1,
            uid_next: Some(Uid(uid_next)),
            highest_modseq: None,
            keywords: Keywords::Only(Vec::new()),
            id: None,
        }
    }

    /// Plays a server whose connection ends over each of these UIDs, and after `life` others.
    fn played(top: u32, bad: &BTreeSet<u32>, life: u64) -> (BTreeSet<u32>, BTreeSet<u32>) {
        let failure =
            Failure::new(Scope::User, FailureKind::Disconnected, Conduct::Closed).retry(Retry::Reconnect);
        let mut search = Search::new(&opened(top + 1), (1, u32::MAX), &BTreeSet::new());
        let mut left_out = BTreeSet::new();
        'connection: loop {
            let before = search.passed.len();
            while let Some(range) = search.todo.last().copied() {
                for uid in range.first..=range.last.min(top) {
                    if bad.contains(&uid) || search.passed.len() - before >= life {
                        left_out.extend(search.ended(&failure).unwrap());
                        continue 'connection;
                    }
                    search.passed.insert(uid);
                }
                search.todo.pop();
            }
            break;
        }
        ((1..=top).filter(|uid| search.passed.contains(*uid)).collect(), left_out)
    }

    proptest! {
        #[test]
        fn all_but_those_that_end_the_connection_are_listed_however_short_its_life(
            top in 1_u32..400,
            bad in proptest::collection::btree_set(1_u32..400, 0..6),
            life in 1_u64..50,
        ) {
            let bad: BTreeSet<u32> = bad.into_iter().filter(|uid| *uid <= top).collect();

            let (listed, left_out) = played(top, &bad, life);

            prop_assert_eq!(&left_out, &bad);
            prop_assert_eq!(listed.len() + bad.len(), top as usize);
        }
    }
}
