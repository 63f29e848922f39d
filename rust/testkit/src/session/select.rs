//! SELECT, EXAMINE, STATUS, CLOSE, UNSELECT, EXPUNGE, and what a session sees of other sessions' changes.

use super::{Reply, Session, names, qresync};
use crate::sets::{NumberSet, compact, contains};
use crate::store::{MailboxState, StoredMessage};
use crate::syntax::Args;
use crate::wire::Flow;

/// The selected mailbox as this session has announced it.
pub(crate) struct Selected {
    pub(super) name: String,
    pub(super) read_only: bool,
    /// Internal id and UID of each message, by message number.
    pub(super) view: Vec<(u64, u32)>,
    /// Whether UIDs ascend, as they must.
    pub(super) ascending: bool,
    next_id: u64,
    removals: u64,
    pub(super) modseq: u64,
}

impl Selected {
    fn new(name: String, read_only: bool, mailbox: &MailboxState) -> Selected {
        let view: Vec<(u64, u32)> = mailbox.messages.iter().map(|m| (m.id, m.uid)).collect();
        Selected {
            name,
            read_only,
            ascending: view.is_sorted_by(|a, b| a.1 < b.1),
            view,
            next_id: mailbox.next_id,
            removals: mailbox.removals,
            modseq: mailbox.highest_modseq,
        }
    }

    /// The largest UID, for `*`.
    pub(super) fn last_uid(&self) -> u32 {
        if self.ascending {
            return self.view.last().map_or(0, |v| v.1);
        }
        self.view.iter().map(|v| v.1).max().unwrap_or(0)
    }

    /// Message numbers (from 0) that a set names.
    pub(super) fn resolve(&self, set: &NumberSet, uid: bool) -> Vec<usize> {
        if !uid {
            let count = u32::try_from(self.view.len()).unwrap_or(u32::MAX);
            let ranges = set.resolve(count);
            let inside = |n: u32| n >= 1 && n <= count;
            return ranges
                .iter()
                .flat_map(|&(a, b)| a..=b.min(count))
                .filter(|n| inside(*n))
                .map(|n| n as usize - 1)
                .collect();
        }
        let ranges = set.resolve(self.last_uid());
        if !self.ascending {
            return (0..self.view.len()).filter(|&i| contains(&ranges, self.view[i].1)).collect();
        }
        let from = |uid: u32| self.view.partition_point(|v| v.1 < uid);
        let until = |uid: u32| self.view.partition_point(|v| v.1 <= uid);
        ranges.iter().flat_map(|&(a, b)| from(a)..until(b)).collect()
    }
}

pub(super) fn select(session: &mut Session, args: &mut Args, read_only: bool) -> Flow<Reply> {
    let was_open = session.selected.take().is_some();
    let name = match session.mailbox_arg(args) {
        Ok(name) => name,
        Err(reply) => return Ok(reply),
    };
    let known = match qresync::parameters(args) {
        Some(known) if known.is_none() || session.qresync => known,
        _ => return Ok(session.bad_command()),
    };
    let personality = session.shared.personality.clone();
    let condstore = personality.has("CONDSTORE");
    let keeps_keywords = personality.append.keywords == crate::rules::Keywords::Keep;
    let shared = personality.names.shared.as_deref().is_some_and(|s| name.starts_with(s));
    let prepared = session.with_account(|a| {
        let mailbox = a.mailboxes.get(&name).filter(|m| !m.no_select)?;
        let mut lines = select_lines(mailbox, condstore, keeps_keywords, personality.select_uidnext);
        lines.extend(known.iter().flat_map(|k| k.changes(mailbox)));
        Some((lines, Selected::new(name.clone(), read_only || shared, mailbox)))
    });
    let Some((lines, selected)) = prepared.flatten() else {
        return Ok(Reply::No(personality.texts.no_mailbox));
    };
    if was_open && session.qresync {
        session.wire.send_line("* OK [CLOSED] Previous mailbox closed.")?;
    }
    for line in lines {
        session.wire.send_line(&line)?;
    }
    let mode = if selected.read_only { "READ-ONLY" } else { "READ-WRITE" };
    session.selected = Some(selected);
    Ok(Reply::Ok(format!("[{mode}] {} completed.", if read_only { "EXAMINE" } else { "SELECT" })))
}

pub(super) fn status(session: &mut Session, args: &mut Args) -> Flow<Reply> {
    let name = match session.mailbox_arg(args) {
        Ok(name) => name,
        Err(reply) => return Ok(reply),
    };
    let Some(items) = args.list() else { return Ok(session.bad_command()) };
    match status_line(session, &name, &items) {
        Some(line) => {
            session.wire.send_answer(&line)?;
            Ok(Reply::Ok("STATUS completed.".into()))
        }
        None => Ok(Reply::No(session.shared.personality.texts.no_mailbox.clone())),
    }
}

/// The account's one quota root, in whole units of 1024 octets (RFC 9208).
pub(super) fn quota_root(session: &mut Session, args: &mut Args) -> Flow<Reply> {
    let name = match session.mailbox_arg(args) {
        Ok(name) => name,
        Err(reply) => return Ok(reply),
    };
    session.wire.send_line(&format!("* QUOTAROOT {name} \"User quota\""))?;
    if let Some(limit) = session.shared.personality.append.quota {
        let used = session.with_account(|a| a.size()).unwrap_or(0).div_ceil(1024);
        session.wire.send_line(&format!("* QUOTA \"User quota\" (STORAGE {used} {})", limit / 1024))?;
    }
    Ok(Reply::Ok("Getquotaroot completed.".into()))
}

/// `* STATUS name (...)`; unknown items are left out.
pub(super) fn status_line(session: &Session, name: &str, items: &[String]) -> Option<Vec<u8>> {
    let condstore = session.shared.personality.has("CONDSTORE");
    let (wire, values) = session
        .with_account(|a| {
            let mailbox = a.mailboxes.get(name).filter(|m| !m.no_select)?;
            Some((mailbox.wire.clone(), status_values(mailbox, items, condstore)))
        })
        .flatten()?;
    let mut line = b"* STATUS ".to_vec();
    names::push_name(session, &mut line, name, wire.as_deref());
    line.extend_from_slice(format!(" ({})\r\n", values.join(" ")).as_bytes());
    Some(line)
}

pub(super) fn close(session: &mut Session) -> Flow<Reply> {
    if let Some(selected) = session.selected.take()
        && !selected.read_only
    {
        session.with_account(|a| {
            if let Some(m) = a.mailboxes.get_mut(&selected.name) {
                m.remove(|m| m.flags.contains("\\Deleted"));
            }
        });
    }
    Ok(Reply::Ok("CLOSE completed.".into()))
}

pub(super) fn unselect(session: &mut Session) -> Flow<Reply> {
    session.selected = None;
    Ok(Reply::Ok("UNSELECT completed.".into()))
}

pub(super) fn uid_expunge(session: &mut Session, args: &mut Args) -> Flow<Reply> {
    match args.text().as_deref().and_then(NumberSet::parse) {
        Some(set) => expunge(session, Some(&set)),
        None => Ok(session.bad_command()),
    }
}

pub(super) fn expunge(session: &mut Session, uids: Option<&NumberSet>) -> Flow<Reply> {
    let Some(selected) = &session.selected else { return Ok(session.bad_command()) };
    if selected.read_only {
        return Ok(Reply::No("[READ-ONLY] Mailbox is read-only.".into()));
    }
    let ranges = uids.map(|set| set.resolve(selected.last_uid()));
    let chosen = |m: &StoredMessage| ranges.as_ref().is_none_or(|r| contains(r, m.uid));
    session.with_account(|a| {
        if let Some(m) = a.mailboxes.get_mut(&selected.name) {
            m.remove(|m| m.flags.contains("\\Deleted") && chosen(m));
        }
    });
    synced(session, "EXPUNGE completed.")
}

/// Reports what other sessions changed, then answers OK.
pub(super) fn synced(session: &mut Session, text: &str) -> Flow<Reply> {
    report_changes(session, true)?;
    Ok(Reply::Ok(text.to_owned()))
}

/// Reports new messages and changed flags, and removals where message numbers may change.
pub(super) fn report_changes(session: &mut Session, removals: bool) -> Flow<()> {
    let Some(mut selected) = session.selected.take() else { return Ok(()) };
    let lines = session
        .with_account(|a| {
            let mailbox = a.mailboxes.get(&selected.name)?;
            Some(changes(&mut selected, mailbox, removals, session.qresync))
        })
        .flatten()
        .unwrap_or_default();
    session.selected = Some(selected);
    lines.iter().try_for_each(|line| session.wire.send_line(line))
}

fn changes(selected: &mut Selected, mailbox: &MailboxState, removals: bool, qresync: bool) -> Vec<String> {
    let mut lines = Vec::new();
    if removals && mailbox.removals != selected.removals {
        let mut vanished = Vec::new();
        for i in (0..selected.view.len()).rev() {
            if mailbox.by_id(selected.view[i].0).is_none() {
                vanished.push(selected.view.remove(i).1);
                lines.push(format!("* {} EXPUNGE", i + 1));
            }
        }
        if qresync && !vanished.is_empty() {
            vanished.sort_unstable();
            lines = vec![format!("* VANISHED {}", compact(&vanished))];
        }
        selected.removals = mailbox.removals;
    }
    if mailbox.flags_modseq > selected.modseq {
        for (i, (id, uid)) in selected.view.iter().enumerate() {
            if let Some(m) = mailbox.by_id(*id).filter(|m| m.modseq > selected.modseq) {
                let modseq = if qresync { format!(" MODSEQ ({})", m.modseq) } else { String::new() };
                lines.push(format!("* {} FETCH (UID {uid} FLAGS ({}){modseq})", i + 1, m.flag_list()));
            }
        }
    }
    selected.modseq = mailbox.highest_modseq;
    if mailbox.next_id != selected.next_id {
        let from = mailbox.messages.partition_point(|m| m.id < selected.next_id);
        let known = selected.view.len().saturating_sub(1);
        selected.view.extend(mailbox.messages[from..].iter().map(|m| (m.id, m.uid)));
        selected.ascending &= selected.view[known..].is_sorted_by(|a, b| a.1 < b.1);
        selected.next_id = mailbox.next_id;
        lines.push(format!("* {} EXISTS", selected.view.len()));
    }
    lines
}

fn select_lines(mailbox: &MailboxState, condstore: bool, keywords: bool, uidnext: bool) -> Vec<String> {
    let system = "\\Answered \\Flagged \\Deleted \\Seen \\Draft";
    let mut known: Vec<&str> =
        mailbox.messages.iter().flat_map(|m| &m.keywords).map(String::as_str).collect();
    known.sort_unstable();
    known.dedup();
    let flags = known.iter().fold(system.to_owned(), |list, keyword| list + " " + keyword);
    let permanent = if keywords { format!("{flags} \\*") } else { system.to_owned() };
    let mut lines = vec![
        format!("* FLAGS ({flags})"),
        format!("* OK [PERMANENTFLAGS ({permanent})] Flags permitted."),
        format!("* {} EXISTS", mailbox.messages.len()),
        "* 0 RECENT".to_owned(),
        format!("* OK [UIDVALIDITY {}] UIDs valid", mailbox.uid_validity),
    ];
    if let Some(first) = mailbox.messages.iter().position(|m| !m.flags.contains("\\Seen")) {
        lines.push(format!("* OK [UNSEEN {}] First unseen.", first + 1));
    }
    if uidnext {
        lines.push(format!("* OK [UIDNEXT {}] Predicted next UID", mailbox.uid_next));
    }
    if condstore {
        lines.push(format!("* OK [HIGHESTMODSEQ {}] Highest", mailbox.highest_modseq));
    }
    lines
}

fn status_values(mailbox: &MailboxState, items: &[String], condstore: bool) -> Vec<String> {
    let value = |item: &String| {
        let item = item.to_ascii_uppercase();
        let number = match item.as_str() {
            "MESSAGES" => mailbox.messages.len() as u64,
            "RECENT" => 0,
            "UIDNEXT" => u64::from(mailbox.uid_next),
            "UIDVALIDITY" => u64::from(mailbox.uid_validity),
            "UNSEEN" => mailbox.unseen() as u64,
            "SIZE" => mailbox.size,
            "HIGHESTMODSEQ" if condstore => mailbox.highest_modseq,
            _ => return None,
        };
        Some(format!("{item} {number}"))
    };
    items.iter().filter_map(value).collect()
}
