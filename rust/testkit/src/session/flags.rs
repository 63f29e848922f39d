//! STORE and UID STORE (RFC 3501; UNCHANGEDSINCE of RFC 7162).

use std::collections::BTreeSet;

use super::append::canonical;
use super::{Reply, Session};
use crate::account::split_flags;
use crate::rules::Keywords;
use crate::sets::{NumberSet, compact};
use crate::store::StoredMessage;
use crate::syntax::Args;
use crate::wire::Flow;

#[derive(Clone, Copy)]
enum Change {
    Replace,
    Add,
    Remove,
}

pub(super) fn store_flags(session: &mut Session, args: &mut Args, uid: bool) -> Flow<Reply> {
    let Some(set) = args.text().as_deref().and_then(NumberSet::parse) else {
        return Ok(session.bad_command());
    };
    let unchanged_since = match args.list() {
        Some(words) if words.len() == 2 && words[0].eq_ignore_ascii_case("UNCHANGEDSINCE") => {
            words[1].parse::<u64>().ok()
        }
        Some(_) => return Ok(session.bad_command()),
        None => None,
    };
    let Some((change, silent)) = args.text().as_deref().and_then(change) else {
        return Ok(session.bad_command());
    };
    let mut words = Vec::new();
    if let Some(list) = args.list() {
        words = list;
    } else {
        while let Some(word) = args.text() {
            words.push(word);
        }
    }
    let (system, mut keywords) = split_flags(words);
    match &session.shared.personality.append.keywords {
        Keywords::Keep => {}
        Keywords::Drop => keywords.clear(),
        Keywords::Refuse(answer) if !keywords.is_empty() => return Ok(Reply::Answer(answer.clone())),
        Keywords::Refuse(_) => {}
    }
    let system: BTreeSet<String> = system.iter().map(|f| canonical(f)).collect();
    let apply = |m: &mut StoredMessage| match change {
        Change::Replace => (m.flags, m.keywords) = (system.clone(), keywords.clone()),
        Change::Add => {
            m.flags.extend(system.iter().cloned());
            m.keywords.extend(keywords.iter().cloned());
        }
        Change::Remove => {
            m.flags.retain(|f: &String| !system.contains(f));
            m.keywords.retain(|k| !keywords.contains(k));
        }
    };
    apply_flags(session, &set, uid, unchanged_since, silent, apply)
}

fn apply_flags(
    session: &mut Session,
    set: &NumberSet,
    uid: bool,
    unchanged_since: Option<u64>,
    silent: bool,
    apply: impl Fn(&mut StoredMessage),
) -> Flow<Reply> {
    let Some(mut selected) = session.selected.take() else { return Ok(session.bad_command()) };
    if selected.read_only {
        session.selected = Some(selected);
        return Ok(Reply::No("[READ-ONLY] Mailbox is read-only.".into()));
    }
    let condstore = session.shared.personality.has("CONDSTORE");
    let numbers = selected.resolve(set, uid);
    let mut lines = Vec::new();
    let mut modified = Vec::new();
    session.with_account(|a| {
        let Some(mailbox) = a.mailboxes.get_mut(&selected.name) else { return };
        let nothing_else = mailbox.highest_modseq == selected.modseq;
        for number in numbers {
            let (id, message_uid) = selected.view[number];
            let Some(before) = mailbox.by_id(id).map(|m| m.modseq) else { continue };
            let label = u32::try_from(number + 1).unwrap_or(u32::MAX);
            if unchanged_since.is_some_and(|limit| before > limit) {
                modified.push(if uid { message_uid } else { label });
                continue;
            }
            mailbox.change_flags(id, &apply);
            let Some(message) = mailbox.by_id(id) else { continue };
            let mut items = Vec::new();
            if uid {
                items.push(format!("UID {message_uid}"));
            }
            if !silent {
                items.push(format!("FLAGS ({})", message.flag_list()));
            }
            if condstore {
                items.push(format!("MODSEQ ({})", message.modseq));
            }
            if !silent || unchanged_since.is_some() {
                lines.push(format!("* {label} FETCH ({})", items.join(" ")));
            }
        }
        if nothing_else {
            selected.modseq = mailbox.highest_modseq;
        }
    });
    session.selected = Some(selected);
    lines.iter().try_for_each(|line| session.wire.send_line(line))?;
    if modified.is_empty() {
        return Ok(Reply::Ok("STORE completed.".into()));
    }
    Ok(Reply::Ok(format!("[MODIFIED {}] Conditional STORE failed for some", compact(&modified))))
}

/// `+FLAGS.SILENT` as a change and whether to be silent.
fn change(word: &str) -> Option<(Change, bool)> {
    let upper = word.to_ascii_uppercase();
    let (change, rest) = match upper.as_bytes().first()? {
        b'+' => (Change::Add, &upper[1..]),
        b'-' => (Change::Remove, &upper[1..]),
        _ => (Change::Replace, upper.as_str()),
    };
    match rest {
        "FLAGS" => Some((change, false)),
        "FLAGS.SILENT" => Some((change, true)),
        _ => None,
    }
}
