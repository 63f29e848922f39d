//! Probes an account, to find out whether two logins open the same mailbox (`decide::same_mailbox`).
//!
//! Some servers ignore the user that an administrator asks for and open the administrator's own mailbox. A probe holds
//! what was opened: the first folders, and their first and last messages.

use crate::sync::decide::same_mailbox::{AccountProbe, ENDS, FolderProbe, MessageProbe};
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Failure, Scope};
use imapmig_core::message::Uid;
use imapmig_core::ports::source::{SourceConnector, SourceSession};
use imapmig_core::time::UnixMs;

/// How many folders are opened, the INBOX first.
const FOLDERS: usize = 5;
/// Of how many of them that hold anything the messages are read.
const FILLED: usize = 2;

/// Probes the account; `None` when it has no folder at all. `now`: the time of the probe.
///
/// # Errors
/// What connecting, signing in and reading give.
pub fn probe(
    source: &dyn SourceConnector,
    now: UnixMs,
    cancel: &Cancel,
) -> Result<Option<AccountProbe>, Failure> {
    let mut session = source.connect(cancel)?;
    let mut listed = session.folders()?;
    listed.retain(|folder| folder.selectable);
    listed.sort_by(|a, b| (!a.path.is_inbox(), &a.path).cmp(&(!b.path.is_inbox(), &b.path)));
    let mut folders = Vec::new();
    let mut filled = 0;
    for folder in listed.into_iter().take(FOLDERS) {
        let open = match session.open(&folder.wire) {
            Ok(open) => open,
            // What cannot be opened fails when its turn comes.
            Err(failure) if failure.scope <= Scope::Mailbox => continue,
            Err(failure) => return Err(failure),
        };
        let reads = open.exists == 0 || filled < FILLED;
        let messages = if reads { Some(messages(session.as_mut())?) } else { None };
        filled += usize::from(open.exists > 0);
        let above_last = || messages.iter().flatten().last().map_or(1, |m| m.uid.0.saturating_add(1));
        folders.push(FolderProbe {
            path: folder.path,
            id: open.id,
            validity: open.validity,
            uid_next: open.uid_next.unwrap_or_else(|| Uid(above_last())),
            all: messages.as_ref().is_some_and(|m| m.len() == open.exists as usize),
            messages,
        });
    }
    Ok((!folders.is_empty()).then_some(AccountProbe { at: now, folders }))
}

/// The first and the last messages of the open folder.
fn messages(session: &mut dyn SourceSession) -> Result<Vec<MessageProbe>, Failure> {
    let mut messages = Vec::new();
    session.ends(ENDS, &mut |meta| {
        let header = [0; 32];
        messages.push(MessageProbe { uid: meta.uid, size: meta.size, date: meta.internal_date, header });
    })?;
    messages.sort_unstable();
    messages.dedup_by_key(|message| message.uid);
    if !messages.is_empty() {
        let uids: Vec<_> = messages.iter().map(|message| message.uid).collect();
        session.headers(&uids, &mut |uid, header| {
            if let Ok(at) = messages.binary_search_by_key(&uid, |message| message.uid) {
                messages[at].header = *blake3::hash(header).as_bytes();
            }
        })?;
    }
    Ok(messages)
}
