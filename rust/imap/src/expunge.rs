//! Removes single messages of the open mailbox, and no others. RFC 3501 section 6.4.3, RFC 4315.
//!
//! With UIDPLUS, UID EXPUNGE removes exactly these messages. Without it, EXPUNGE removes every message marked as deleted, so it is
//! sent only when the server has just reported that no other message is. Marks set by other clients are never set, cleared or
//! expunged knowingly.

use crate::bulk::Bulk;
use crate::scan;
use crate::wire::reader::Response;
use crate::wire::sets;
use imapmig_core::failure::{Action, Failure, Retry, Scope};
use imapmig_core::message::Uid;
use imapmig_core::ports::target::Removal;

/// How many messages one command names.
const AT_ONCE: usize = 1000;

/// Removes these messages, or leaves all of them unmarked.
pub(crate) fn remove(bulk: &mut Bulk, uids: &[Uid], by_uid: bool) -> Result<Removal, Failure> {
    let mut uids = uids.to_vec();
    uids.sort_unstable();
    uids.dedup();
    let removed = if by_uid { one_by_one(bulk, &uids) } else { together(bulk, &uids) };
    match removed {
        // A server that refuses for good leaves them where they are; one that asks to wait is asked again.
        Err(failure) if is_final(&failure) => match mark(bulk, &uids, '-') {
            Err(lost) if !is_final(&lost) => Err(lost),
            _ => Ok(Removal::Left(failure.to_string())),
        },
        removed => removed,
    }
}

fn is_final(failure: &Failure) -> bool {
    failure.scope <= Scope::Mailbox && failure.retry == Retry::Never
}

fn one_by_one(bulk: &mut Bulk, uids: &[Uid]) -> Result<Removal, Failure> {
    mark(bulk, uids, '+')?;
    for set in sets(uids) {
        run(bulk, &format!("UID EXPUNGE {set}"))?;
    }
    Ok(Removal::Removed)
}

/// Between the last look and EXPUNGE nothing else is sent: another program has the time of one answer to mark a message as
/// deleted, and then to see it removed sooner than it had asked for.
fn together(bulk: &mut Bulk, uids: &[Uid]) -> Result<Removal, Failure> {
    // The first look is before anything is marked: where others are marked for good, ours are not to come and go.
    for mark_first in [false, true] {
        if mark_first {
            mark(bulk, uids, '+')?;
        }
        let (ours, others) = marked(bulk, uids)?;
        if others > 0 {
            mark(bulk, &ours, '-')?;
            let why = format!("{others} other messages of the folder are marked as deleted and would go too");
            return Ok(Removal::Left(why));
        }
        if mark_first && ours != uids {
            // Some have gone by themselves, or the search does not find everything, and so maybe not what others marked.
            mark(bulk, uids, '-')?;
            let why = "the server does not tell of every message that it is marked as deleted";
            return Ok(Removal::Left(why.to_owned()));
        }
    }
    run(bulk, "EXPUNGE")?;
    let mut kept = Vec::new();
    scan::flags(bulk, uids, &mut |uid, _| kept.push(uid))?;
    if kept.is_empty() {
        return Ok(Removal::Removed);
    }
    kept.sort_unstable();
    mark(bulk, &kept, '-')?;
    Ok(Removal::Left("the server did not remove what was to be expunged".to_owned()))
}

/// Which of these are marked as deleted, and how many others. What other sessions did is known after a NOOP everywhere.
fn marked(bulk: &mut Bulk, uids: &[Uid]) -> Result<(Vec<Uid>, usize), Failure> {
    run(bulk, "NOOP")?;
    let found = run(bulk, "UID SEARCH DELETED")?.into_iter().map(Uid);
    let (mut ours, others): (Vec<_>, Vec<_>) = found.partition(|uid| uids.binary_search(uid).is_ok());
    ours.sort_unstable();
    Ok((ours, others.len()))
}

fn mark(bulk: &mut Bulk, uids: &[Uid], sign: char) -> Result<(), Failure> {
    for set in sets(uids) {
        run(bulk, &format!("UID STORE {set} {sign}FLAGS.SILENT (\\Deleted)"))?;
    }
    Ok(())
}

fn sets(uids: &[Uid]) -> Vec<String> {
    sets::commands(uids, AT_ONCE).into_iter().map(|(set, _)| set).collect()
}

/// Runs a command, and gives what a search found.
fn run(bulk: &mut Bulk, command: &str) -> Result<Vec<u32>, Failure> {
    bulk.drain()?;
    bulk.send(command)?;
    let mut found = Vec::new();
    loop {
        match bulk.next()? {
            Response::Search(numbers) => found.extend(numbers),
            Response::Tagged { status, .. } if status.is_ok() => return Ok(found),
            Response::Tagged { status, .. } => {
                return Err(bulk.judge(&status, Action::RemoveMessage, Scope::Mailbox));
            }
            _ => {}
        }
    }
}
