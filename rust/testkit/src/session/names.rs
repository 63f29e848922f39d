//! CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE and NAMESPACE.

use super::{Reply, Session};
use crate::naming::Names;
use crate::store::{AccountState, MailboxState};
use crate::syntax::{Args, push_string};
use crate::wire::Flow;
use imapmig_core::mutf7;

/// Writes a mailbox name as this session reads it.
pub(super) fn push_name(session: &Session, out: &mut Vec<u8>, name: &str, wire: Option<&[u8]>) {
    match wire {
        Some(wire) => push_string(out, wire),
        None if session.utf8 => push_string(out, name.as_bytes()),
        None => push_string(out, mutf7::encode(name).as_bytes()),
    }
}

pub(super) fn namespace(session: &mut Session) -> Flow<Reply> {
    let names = &session.shared.personality.names;
    let entry = |prefix: &str| format!("((\"{prefix}\" \"{}\"))", names.delimiter);
    let shared = names.shared.as_deref().map_or("NIL".to_owned(), entry);
    let line = format!("* NAMESPACE {} NIL {shared}", entry(&names.prefix));
    session.wire.send_line(&line)?;
    Ok(Reply::Ok("NAMESPACE completed.".into()))
}

/// The name of a mailbox to be made, checked against the server's rules.
fn new_name(session: &Session, args: &mut Args) -> Result<String, Reply> {
    let p = &session.shared.personality;
    let refused = || Reply::No(p.texts.bad_name.clone());
    let wire = args.astring().ok_or_else(|| session.bad_command())?;
    let name = p.names.decode(&wire, session.utf8).ok_or_else(refused)?;
    let name = p.names.normal(name.strip_suffix(p.names.delimiter).unwrap_or(&name));
    let names = &p.names;
    let same = |a: &str, b: &str| if names.case_insensitive { a.eq_ignore_ascii_case(b) } else { a == b };
    let allowed = !name.is_empty()
        && name.starts_with(&names.prefix)
        && !name.chars().any(|c| names.forbidden.contains(c) || c.is_control())
        && !names.reserved.iter().any(|r| same(r, &name))
        && names.max_length.is_none_or(|max| name.chars().count() <= max)
        && !name.split(names.delimiter).any(str::is_empty);
    if allowed { Ok(name) } else { Err(refused()) }
}

pub(super) fn create(session: &mut Session, args: &mut Args) -> Flow<Reply> {
    let name = match new_name(session, args) {
        Ok(name) => name,
        Err(reply) => return Ok(reply),
    };
    let special_use = args.list().and_then(|words| words.into_iter().nth(1));
    let name = match session.shared.personality.names.makes {
        Some((made, _)) => made.of(&name),
        None => name,
    };
    let p = session.shared.personality.clone();
    let validity = session.store().fresh_validity();
    let reply = session.with_account(|a| {
        if let Some(existing) = a.resolve(&p.names, &name)
            && !a.mailboxes[&existing].no_select
        {
            return Reply::No(p.texts.exists.clone());
        }
        let taken = special_use.is_some() && a.mailboxes.values().any(|m| m.special_use == special_use);
        if taken {
            return Reply::No("[USEATTR] SPECIAL-USE flag conflict".into());
        }
        let mut mailbox = MailboxState::new(validity);
        mailbox.special_use = special_use;
        a.mailboxes.insert(name, mailbox);
        Reply::Ok("CREATE completed.".into())
    });
    Ok(reply.unwrap_or_else(|| session.bad_command()))
}

pub(super) fn delete(session: &mut Session, args: &mut Args) -> Flow<Reply> {
    let name = match session.mailbox_arg(args) {
        Ok(name) if name == "INBOX" => return Ok(Reply::No("[CANNOT] INBOX can't be deleted".into())),
        Ok(name) => name,
        Err(reply) => return Ok(reply),
    };
    let delimiter = session.shared.personality.names.delimiter;
    session.with_account(|a| {
        if has_children(a, &name, delimiter) {
            if let Some(m) = a.mailboxes.get_mut(&name) {
                m.remove(|_| true);
                m.no_select = true;
            }
        } else {
            a.mailboxes.remove(&name);
        }
    });
    Ok(Reply::Ok("DELETE completed.".into()))
}

pub(super) fn rename(session: &mut Session, args: &mut Args) -> Flow<Reply> {
    let (from, to) = match (session.mailbox_arg(args), new_name(session, args)) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(reply), _) | (_, Err(reply)) => return Ok(reply),
    };
    let p = session.shared.personality.clone();
    let reply = session.with_account(|a| {
        if a.resolve(&p.names, &to).is_some_and(|existing| existing != from) {
            return Reply::No(p.texts.exists.clone());
        }
        let inside = format!("{from}{}", p.names.delimiter);
        let moved: Vec<String> =
            a.mailboxes.keys().filter(|k| **k == from || k.starts_with(&inside)).cloned().collect();
        for old in moved {
            if let Some(mailbox) = a.mailboxes.remove(&old) {
                a.mailboxes.insert(format!("{to}{}", &old[from.len()..]), mailbox);
            }
        }
        Reply::Ok("RENAME completed.".into())
    });
    Ok(reply.unwrap_or_else(|| session.bad_command()))
}

pub(super) fn subscribe(session: &mut Session, args: &mut Args, on: bool) -> Flow<Reply> {
    let Some(wire) = args.astring() else { return Ok(session.bad_command()) };
    let p = &session.shared.personality;
    let name = session
        .with_account(|a| a.resolve_wire(&p.names, &wire, session.utf8))
        .flatten()
        .or_else(|| p.names.decode(&wire, session.utf8));
    let Some(name) = name else { return Ok(Reply::No(p.texts.no_mailbox.clone())) };
    let exists = session.with_account(|a| {
        let exists = a.mailboxes.contains_key(&name);
        if !on {
            a.subscribed.remove(&name);
        } else if exists {
            a.subscribed.insert(name);
        }
        exists
    });
    if on && exists != Some(true) {
        return Ok(Reply::No(p.texts.no_mailbox.clone()));
    }
    Ok(Reply::Ok(format!("{} completed.", if on { "SUBSCRIBE" } else { "UNSUBSCRIBE" })))
}

/// Whether mailboxes lie below a name.
pub(super) fn has_children(account: &AccountState, name: &str, delimiter: char) -> bool {
    let inside = format!("{name}{delimiter}");
    account.mailboxes.range(inside.clone()..).next().is_some_and(|(k, _)| k.starts_with(&inside))
}

/// The parents of a name that are no mailboxes themselves.
pub(super) fn missing_parents(account: &AccountState, names: &Names, name: &str) -> Vec<String> {
    name.char_indices()
        .filter(|(_, c)| *c == names.delimiter)
        .map(|(i, _)| name[..i].to_owned())
        .filter(|parent| !parent.is_empty() && !account.mailboxes.contains_key(parent))
        .collect()
}
