//! LIST and LSUB as servers answer them. RFC 3501, RFC 5258 (LIST-EXTENDED), RFC 6154 (special-use).

use super::{canonical, list_command};
use crate::answers::{Status, classify};
use crate::capability::Capability;
use crate::command::Command;
use crate::listing::{Listed, as_written};
use crate::session::{LINE_LIMIT, Session, shown};
use crate::wire::reader::broken;
use imapmig_core::failure::{Action, Conduct, Failure, Retry, Scope};
use std::collections::{BTreeSet, HashSet};

/// The most folders that a listing may have.
const FOLDERS_LIMIT: usize = 200_000;
/// Below so many folders at most it is asked for what a listing left out.
const PARENTS_LIMIT: usize = 1000;
/// The most bytes that a listing may have.
const LISTING_LIMIT: usize = 64 * 1024 * 1024;

/// What is known of subscriptions.
pub(super) enum Subscriptions {
    /// The listing contains them.
    Told,
    /// These names are subscribed.
    Names(HashSet<Vec<u8>>),
    /// The server does not report them, so every folder is shown.
    Unknown,
}

/// Asks with LSUB and not LIST (SUBSCRIBED): Courier answers the latter with everything there is. RFC 9051 servers have no LSUB.
pub(super) fn subscriptions(session: &mut Session) -> Result<Subscriptions, Failure> {
    let (names, _, status) = list_any(session, &Command::new("LSUB \"\" *"))?;
    if status.is_ok() {
        return Ok(Subscriptions::Names(names.into_iter().map(|l| canonical(l.name)).collect()));
    }
    let failure = classify(&status, Action::ListSubscriptions, session.host(), Scope::User);
    if failure.retry == Retry::Never { Ok(Subscriptions::Unknown) } else { Err(failure) }
}

/// Runs a LIST and ignores lines that cannot be parsed.
pub(crate) fn list(session: &mut Session, command: &Command, action: Action) -> Result<Vec<Listed>, Failure> {
    let (listed, _, status) = list_any(session, command)?;
    if status.is_ok() { Ok(listed) } else { Err(classify(&status, action, session.host(), Scope::User)) }
}

/// The lines of an answer, and the beginnings of those that cannot be read.
pub(crate) fn list_any(
    session: &mut Session,
    command: &Command,
) -> Result<(Vec<Listed>, Vec<String>, Status), Failure> {
    let mut listed = Vec::new();
    let mut unread = Vec::new();
    let mut bytes = 0;
    let status = session.run_each(command, &mut |line| {
        let is_list = line
            .get(..5)
            .is_some_and(|w| w.eq_ignore_ascii_case(b"LIST ") || w.eq_ignore_ascii_case(b"LSUB "));
        if !is_list {
            return Ok(());
        }
        bytes += line.len();
        if listed.len() + unread.len() >= FOLDERS_LIMIT || bytes > LISTING_LIMIT {
            let (folders, bytes) = (FOLDERS_LIMIT, LISTING_LIMIT);
            return Err(broken(Conduct::ListingTooLong { folders, bytes }));
        }
        match Listed::parse(line) {
            Some(entry) if entry.name.len() <= LINE_LIMIT => listed.push(entry),
            _ => unread.push(format!("the line \"{}\"", shown(line))),
        }
        Ok(())
    })?;
    as_written(&mut listed);
    Ok((listed, unread, status))
}

/// LIST with subscriptions and special uses in one answer where that is offered. Below folders that have children, of which none is
/// listed, it is asked again: some servers list one level at a time.
pub(super) fn list_extended(
    session: &mut Session,
    pattern: &[u8],
) -> Result<(Vec<Listed>, Vec<String>), Failure> {
    let (mut listed, mut unread) = list_once(session, pattern)?;
    let mut asked = HashSet::new();
    loop {
        let mut parents = childless_parents(&listed);
        parents.retain(|below| !asked.contains(below));
        if parents.is_empty() {
            return Ok((listed, unread));
        }
        for below in parents {
            if asked.len() >= PARENTS_LIMIT || listed.len() >= FOLDERS_LIMIT {
                return Ok((listed, unread));
            }
            let (more, unreadable) = list_once(session, &[&below[..], b"*"].concat())?;
            listed.extend(more);
            unread.extend(unreadable);
            asked.insert(below);
        }
    }
}

/// What the names below each folder begin with that says it has children and shows none.
fn childless_parents(listed: &[Listed]) -> Vec<Vec<u8>> {
    let names: BTreeSet<&[u8]> = listed.iter().map(|entry| &entry.name[..]).collect();
    let has_none = |below: &Vec<u8>| !names.range(&below[..]..).next().is_some_and(|n| n.starts_with(below));
    let parents = listed.iter().filter(|entry| entry.has("\\HasChildren") && !entry.name.is_empty());
    let below = |entry: &Listed| Some([&entry.name[..], entry.delimiter?.to_string().as_bytes()].concat());
    parents.filter_map(below).filter(has_none).collect()
}

fn list_once(session: &mut Session, pattern: &[u8]) -> Result<(Vec<Listed>, Vec<String>), Failure> {
    let plain = list_command(pattern, session.utf8);
    if session.has(Capability::ListExtended) {
        let special = if session.has(Capability::SpecialUse) { " SPECIAL-USE" } else { "" };
        let command = plain.clone().text(&format!(" RETURN (SUBSCRIBED{special})"));
        let (listed, unread, status) = list_any(session, &command)?;
        if status.is_ok() {
            return Ok((listed, unread));
        }
    }
    let (listed, unread, status) = list_any(session, &plain)?;
    if status.is_ok() {
        return Ok((listed, unread));
    }
    Err(classify(&status, Action::ListFolders, session.host(), Scope::User))
}
