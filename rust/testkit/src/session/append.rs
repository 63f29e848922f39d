//! APPEND and MULTIAPPEND: literals of every form, refusals, changes, and the faults around the commit.

use super::{Reply, Session, select};
use crate::account::split_flags;
use crate::dates;
use crate::faults::When;
use crate::message::Message;
use crate::rules::Keywords;
use crate::sets::compact;
use crate::syntax::{Args, LiteralMark, Token, literal_mark, tokenize};
use crate::wire::Flow;

/// The arguments in front of one message's literal.
struct Header {
    flags: Vec<String>,
    date: Option<i64>,
}

/// Carries out APPEND. With a refusal, literals that the client sends without waiting are still read.
pub(super) fn append(
    session: &mut Session,
    mut args: Args,
    mark: Option<LiteralMark>,
    mut refusal: Option<Reply>,
) -> Flow<Reply> {
    let Some(mut mark) = mark else { return Ok(session.bad_command()) };
    if !session.allows(mark) {
        return Ok(session.bad_command());
    }
    let mut target = String::new();
    if refusal.is_none() {
        match append_target(session, &mut args) {
            Ok(name) => target = name,
            Err(reply) => refusal = Some(reply),
        }
    }
    let mut messages = Vec::new();
    loop {
        let header = header(&mut args);
        if refusal.is_none() {
            refusal = refused_early(session, mark.length, header.as_ref());
        }
        let misread = session.shared.personality.append.misreads_longer_than.is_some_and(|n| mark.length > n);
        if let Some(reply) = &refusal
            && (!mark.non_sync || misread)
        {
            return Ok(reply.clone());
        }
        let raw = take_message(session, mark, refusal.is_some())?;
        if let (Some(header), None) = (header, &refusal) {
            match received(session, raw, header, mark.binary) {
                Ok(message) => messages.push(message),
                Err(reply) => refusal = Some(reply),
            }
        }
        let line = session.wire.read_line()?;
        match next_message(session, &line) {
            None => break,
            Some((next_args, next_mark)) => (args, mark) = (next_args, next_mark),
        }
    }
    match refusal {
        Some(reply) => Ok(reply),
        None => commit(session, &target, messages),
    }
}

fn append_target(session: &Session, args: &mut Args) -> Result<String, Reply> {
    if session.account.is_none() {
        return Err(session.bad_command());
    }
    if !session.connected {
        return Err(Reply::Bad("User is authenticated but not connected.".into()));
    }
    let name = session.mailbox_arg(args).map_err(|reply| match reply {
        Reply::No(text) => Reply::No(format!("[TRYCREATE] {text}")),
        reply => reply,
    })?;
    let shared = session.shared.personality.names.shared.as_deref();
    if shared.is_some_and(|s| name.starts_with(s)) {
        return Err(Reply::No(format!("Access denied for APPEND on {name} (ACL \"i\" required)")));
    }
    Ok(name)
}

/// Another message in the same command (RFC 3502).
fn next_message(session: &Session, line: &[u8]) -> Option<(Args, LiteralMark)> {
    let (mark, end) = literal_mark(line)?;
    let mut tokens = Vec::new();
    tokenize(&line[..end], &mut tokens)?;
    (session.shared.personality.has("MULTIAPPEND") && session.allows(mark)).then(|| (Args::new(tokens), mark))
}

fn header(args: &mut Args) -> Option<Header> {
    let flags = if args.peek() == Some(&Token::Open) { args.list()? } else { Vec::new() };
    let date = match args.token() {
        Some(Token::Text(text)) => Some(dates::parse_internal_date(std::str::from_utf8(&text).ok()?)?),
        None => None,
        Some(_) => return None,
    };
    args.is_empty().then_some(Header { flags, date })
}

/// Returns the refusal of a message that can be refused before its literal is received.
fn refused_early(session: &Session, length: u64, header: Option<&Header>) -> Option<Reply> {
    let rules = &session.shared.personality.append;
    let Some(header) = header else { return Some(session.bad_command()) };
    let system = ["\\answered", "\\flagged", "\\deleted", "\\seen", "\\draft"];
    for flag in &header.flags {
        if flag.starts_with('\\') && !system.contains(&flag.to_ascii_lowercase().as_str()) {
            return Some(Reply::Bad(format!("Invalid system flag {flag}")));
        }
        if let (Keywords::Refuse(answer), false) = (&rules.keywords, flag.starts_with('\\')) {
            return Some(Reply::Answer(answer.clone()));
        }
    }
    match &rules.max_size {
        Some((max, answer)) if length > *max => Some(Reply::Answer(answer.clone())),
        _ => None,
    }
}

fn take_message(session: &mut Session, mark: LiteralMark, discard: bool) -> Flow<Vec<u8>> {
    if !mark.non_sync {
        session.wire.send_continuation("OK")?;
    }
    let faults = session.shared.faults.watch(session.account.as_deref(), |w| match w {
        When::InAppendLiteral(n) => Some((*n).min(mark.length)),
        _ => None,
    });
    session.watched.extend(faults.iter().map(|p| p.id));
    session.wire.watch_literal(faults);
    let capacity = if discard { 0 } else { usize::try_from(mark.length).unwrap_or(0).min(1 << 26) };
    let mut raw = Vec::with_capacity(capacity);
    session.wire.read_literal(mark.length, |piece| {
        if !discard {
            raw.extend_from_slice(piece);
        }
    })?;
    Ok(raw)
}

/// The message as it will be kept, or its refusal.
fn received(session: &Session, raw: Vec<u8>, header: Header, binary: bool) -> Result<Message, Reply> {
    let rules = &session.shared.personality.append;
    let (mut flags, mut keywords) = split_flags(header.flags);
    flags = flags.iter().map(|f| canonical(f)).collect();
    let date = header.date.unwrap_or_else(dates::now);
    let mut message =
        Message { raw: raw.into(), flags: flags.clone(), keywords: keywords.clone(), internal_date: date };
    if let Some(answer) = rules.refusals.iter().find_map(|rule| rule(&message)) {
        return Err(Reply::Answer(answer));
    }
    if rules.drops_flags {
        flags.clear();
    }
    if rules.drops_keywords || rules.keywords == Keywords::Drop {
        keywords.clear();
    }
    let raw = std::sync::Arc::unwrap_or_clone(std::mem::take(&mut message.raw));
    let raw = rules.changes.apply(raw, binary).map_err(Reply::Answer)?;
    Ok(Message { raw: raw.into(), flags, keywords, internal_date: date })
}

fn commit(session: &mut Session, target: &str, messages: Vec<Message>) -> Flow<Reply> {
    let account = session.account.clone();
    let faults = session.shared.faults.clone();
    let before =
        faults.strike(account.as_deref(), |w| *w == When::BeforeCommit || w.is_before("APPEND", target));
    if let Some(reply) = session.struck(before)? {
        return Ok(reply);
    }
    let personality = &session.shared.personality;
    let quota = personality.append.quota;
    let stored = session.with_account(|a| {
        let added: u64 = messages.iter().map(|m| m.raw.len() as u64).sum();
        if quota.is_some_and(|q| a.size() + added > q) {
            return Err(Reply::No(personality.texts.over_quota.clone()));
        }
        let gone = || Reply::No(format!("[TRYCREATE] {}", personality.texts.no_mailbox));
        let mailbox = a.mailboxes.get_mut(target).filter(|m| !m.no_select).ok_or_else(gone)?;
        let uids: Vec<u32> = messages.into_iter().map(|m| mailbox.add(m)).collect();
        Ok((mailbox.uid_validity, uids))
    });
    let (validity, uids) = match stored {
        Some(Ok(stored)) => stored,
        Some(Err(reply)) => return Ok(reply),
        None => return Ok(session.bad_command()),
    };
    if let Some(what) = faults.strike(account.as_deref(), |w| *w == When::AfterCommit) {
        session.wire.act(what)?;
    }
    let replies = faults.watch(account.as_deref(), |w| match w {
        When::InAppendReply(n) => Some(*n),
        _ => None,
    });
    session.watched.extend(replies.iter().map(|p| p.id));
    session.wire.watch_replies(replies);
    select::report_changes(session, true)?;
    let code = if session.shared.personality.has("UIDPLUS") {
        format!("[APPENDUID {validity} {}] ", compact(&uids))
    } else {
        String::new()
    };
    Ok(Reply::Ok(format!("{code}{}", session.shared.personality.texts.append_ok)))
}

/// `\seen` is `\Seen`.
pub(super) fn canonical(flag: &str) -> String {
    let mut letters = flag.trim_start_matches('\\').to_ascii_lowercase();
    if let Some(first) = letters.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    format!("\\{letters}")
}
