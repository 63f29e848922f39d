//! COPY and MOVE inside one account, with COPYUID.

use super::{Reply, Session, select};
use crate::message::Message;
use crate::sets::{NumberSet, compact};
use crate::syntax::Args;
use crate::wire::Flow;

pub(super) fn copy(session: &mut Session, args: &mut Args, uid: bool, moving: bool) -> Flow<Reply> {
    let Some(set) = args.text().as_deref().and_then(NumberSet::parse) else {
        return Ok(session.bad_command());
    };
    let target = match session.mailbox_arg(args) {
        Ok(name) => name,
        Err(Reply::No(text)) => return Ok(Reply::No(format!("[TRYCREATE] {text}"))),
        Err(reply) => return Ok(reply),
    };
    let Some(selected) = &session.selected else { return Ok(session.bad_command()) };
    if moving && selected.read_only {
        return Ok(Reply::No("[READ-ONLY] Mailbox is read-only.".into()));
    }
    let ids: Vec<u64> = selected.resolve(&set, uid).into_iter().map(|n| selected.view[n].0).collect();
    let source = selected.name.clone();
    let copied = session.with_account(|a| {
        let from = a.mailboxes.get(&source)?;
        let messages: Vec<_> = ids.iter().filter_map(|id| from.by_id(*id)).cloned().collect();
        let to = a.mailboxes.get_mut(&target)?;
        let old: Vec<u32> = messages.iter().map(|m| m.uid).collect();
        let new: Vec<u32> = messages
            .into_iter()
            .map(|m| {
                to.add(Message {
                    raw: m.raw,
                    flags: m.flags,
                    keywords: m.keywords,
                    internal_date: m.internal_date,
                })
            })
            .collect();
        let code = format!("[COPYUID {} {} {}] ", to.uid_validity, compact(&old), compact(&new));
        if moving && let Some(from) = a.mailboxes.get_mut(&source) {
            from.remove(|m| ids.contains(&m.id));
        }
        (!old.is_empty()).then_some(code)
    });
    let code = copied.flatten().filter(|_| session.shared.personality.has("UIDPLUS")).unwrap_or_default();
    if moving && !code.is_empty() {
        session.wire.send_line(&format!("* OK {code}"))?;
        return select::synced(session, "MOVE completed.");
    }
    select::report_changes(session, true)?;
    Ok(Reply::Ok(format!("{code}{} completed.", if moving { "MOVE" } else { "COPY" })))
}
