//! Lists the folders of an account around one whose LIST line ends the connection every time.
//!
//! Names are requested by ever longer prefixes until only the faulty name itself ends the connection. It is reported as
//! unreadable, and all others are listed.

use super::answers::{Subscriptions, list_any, subscriptions};
use super::{Layout, Listing, decoded, list_command};
use crate::bulk::{Bulk, is_lost};
use crate::listing::Listed;
use imapmig_core::failure::{Failure, Retry};
use std::collections::HashSet;

/// How often the connection may end in one listing.
const ENDS: u32 = 200;
/// How often it may end before any answer. Beyond that, no folder is to blame.
const ENDS_AT_ONCE: u32 = 5;
/// How many prefixes are requested in one listing.
const ASKED: u32 = 20_000;
/// Longest prefix of a name that is requested.
const LONGEST: usize = 120;

/// Lists an account whose listing ended the connection because of `lost`.
pub(crate) fn listing(
    layout: &Layout,
    bulk: &mut Bulk,
    reopen: &dyn Fn() -> Result<Bulk, Failure>,
    lost: &Failure,
) -> Result<Listing, Failure> {
    let mut parts =
        Parts { bulk, reopen, ends: 0, asked: 0, answered: 0, listed: Vec::new(), unreadable: Vec::new() };
    parts.reopen()?;
    if parts.bulk.session().utf8 {
        // Prefixes are enumerated in modified UTF-7 only, which is printable ASCII.
        return Err(lost.clone());
    }
    let (base, names) = beginning(layout);
    for name in names {
        parts.ask(&name)?;
    }
    parts.all(base)?;
    let Parts { bulk, listed, unreadable, .. } = parts;
    if bulk.usable().is_err() {
        *bulk = reopen()?;
    }
    let subscribed = match bulk.control(subscriptions) {
        Ok(subscribed) => subscribed,
        Err(failure) if failure.retry == Retry::Reconnect => {
            *bulk = reopen()?;
            Subscriptions::Unknown
        }
        Err(failure) => return Err(failure),
    };
    bulk.control(|session| layout.completed(session, layout.built(listed, unreadable, &subscribed, false)))
}

/// What all names that count begin with, and names that are asked for beside.
fn beginning(layout: &Layout) -> (Vec<u8>, Vec<Vec<u8>>) {
    let Some(root) = &layout.root else { return (Vec::new(), Vec::new()) };
    let below = layout.delimiter.map(String::from).unwrap_or_default();
    ([root, below.as_bytes()].concat(), vec![root.clone()])
}

struct Parts<'a> {
    bulk: &'a mut Bulk,
    reopen: &'a dyn Fn() -> Result<Bulk, Failure>,
    ends: u32,
    asked: u32,
    answered: u32,
    listed: Vec<Listed>,
    unreadable: Vec<String>,
}

impl Parts<'_> {
    fn reopen(&mut self) -> Result<(), Failure> {
        if let Err(lost) = self.bulk.usable() {
            // Some servers grant one connection only.
            self.bulk.close_at_once(lost);
        }
        *self.bulk = (self.reopen)()?;
        Ok(())
    }

    /// Lists all names with this beginning.
    fn all(&mut self, base: Vec<u8>) -> Result<(), Failure> {
        let mut todo = vec![base.clone()];
        let mut halted: HashSet<Vec<u8>> = HashSet::new();
        while let Some(beginning) = todo.pop() {
            let pattern = [&beginning[..], b"*"].concat();
            if self.ask(&pattern)? {
                continue;
            }
            // A case-insensitive server ends the connection over both spellings.
            let is_new = halted.insert(beginning.to_ascii_lowercase());
            if !is_new {
                continue;
            }
            if beginning.len() > base.len() + LONGEST || self.asked > ASKED {
                let name = decoded(&beginning, false);
                self.unreadable
                    .push(format!("names that begin with \"{name}\", over one of which the connection ends"));
                continue;
            }
            if beginning != base && !self.ask(&beginning)? {
                let name = decoded(&beginning, false);
                self.unreadable.push(format!("the folder \"{name}\", over which the connection ends"));
            }
            let next = (b' '..=b'~').rev().filter(|byte| !matches!(byte, b'*' | b'%'));
            todo.extend(next.map(|byte| [&beginning[..], &[byte]].concat()));
        }
        Ok(())
    }

    fn ends_allowed(&self) -> u32 {
        if self.answered == 0 { ENDS_AT_ONCE } else { ENDS }
    }

    /// Lists what fits a pattern. Returns `false` if the connection ended over it.
    fn ask(&mut self, pattern: &[u8]) -> Result<bool, Failure> {
        if self.bulk.usable().is_err() {
            self.reopen()?;
        }
        self.asked += 1;
        match self.bulk.control(|session| list_any(session, &list_command(pattern, false))) {
            Ok((listed, unreadable, _)) => {
                self.answered += 1;
                self.listed.extend(listed);
                self.unreadable.extend(unreadable);
                Ok(true)
            }
            Err(failure) if is_lost(&failure) && self.ends < self.ends_allowed() => {
                self.ends += 1;
                Ok(false)
            }
            Err(failure) => Err(failure),
        }
    }
}
