//! FETCH and UID FETCH. Messages are looked up in portions, bodies go straight from the store to the socket.

use std::borrow::Cow;

use super::items::{Item, Section, parse};
use super::select::Selected;
use super::{Reply, Session, qresync, select};
use crate::dates::format_internal_date;
use crate::faults::When;
use crate::odd_answers::OddAnswer;
use crate::rules::{FetchOrder, Literal8};
use crate::sets::{NumberSet, contains};
use crate::store::StoredMessage;
use crate::syntax::Args;
use crate::wire::{Flow, Gone};

/// How many messages are looked up at a time, so that other sessions can use the store in between.
const PORTION: usize = 500;

pub(super) fn fetch(session: &mut Session, args: &mut Args, uid: bool) -> Flow<Reply> {
    let Some(set) = args.text().as_deref().and_then(NumberSet::parse) else {
        return Ok(session.bad_command());
    };
    let Some(mut items) = args.list_or_word().as_deref().and_then(parse) else {
        return Ok(session.bad_command());
    };
    let condstore = session.shared.personality.has("CONDSTORE");
    let Some(since) = changed_since(args, condstore, uid && session.qresync) else {
        return Ok(session.bad_command());
    };
    let tells_vanished = since.is_some_and(|(_, vanished)| vanished);
    let since = since.map(|(modseq, _)| modseq);
    if uid && !items.contains(&Item::Uid) {
        items.insert(0, Item::Uid);
    }
    if since.is_some() && !items.contains(&Item::Modseq) {
        items.push(Item::Modseq);
    }
    let Some(selected) = session.selected.take() else { return Ok(session.bad_command()) };
    let mut numbers = selected.resolve(&set, uid);
    if session.shared.personality.fetch.order == FetchOrder::Descending {
        numbers.reverse();
    }
    let gone = since.filter(|_| tells_vanished).and_then(|since| earlier(session, &selected, &set, since));
    let sent = gone
        .map_or(Ok(()), |line| session.wire.send_line(&line))
        .and_then(|()| send_all(session, &selected, &numbers, &items, since));
    session.selected = Some(selected);
    sent?;
    select::report_changes(session, uid)?;
    Ok(Reply::Ok("FETCH completed.".into()))
}

/// What vanished of these UIDs before this session selected the mailbox.
fn earlier(session: &Session, selected: &Selected, set: &NumberSet, since: u64) -> Option<String> {
    session
        .with_account(|a| {
            let mailbox = a.mailboxes.get(&selected.name)?;
            let ranges = set.resolve(mailbox.uid_next.saturating_sub(1));
            qresync::vanished(mailbox, since, |uid| contains(&ranges, uid))
        })
        .flatten()
}

fn send_all(
    session: &mut Session,
    selected: &Selected,
    numbers: &[usize],
    items: &[Item],
    since: Option<u64>,
) -> Flow<()> {
    let every = session.shared.personality.fetch.unsolicited_every;
    let mut answered = 0;
    for portion in numbers.chunks(PORTION) {
        for (number, message) in look_up(session, selected, portion, items) {
            if since.is_some_and(|s| message.modseq <= s) {
                continue;
            }
            send_one(session, selected.view[number].1, number, &message, items)?;
            answered += 1;
            if every.is_some_and(|e| answered % e == 0) {
                interrupt(session, selected, answered / every.unwrap_or(1))?;
            }
        }
    }
    Ok(())
}

/// The messages with their numbers (from 0); a body that is not peeked at becomes \Seen.
fn look_up(
    session: &Session,
    selected: &Selected,
    portion: &[usize],
    items: &[Item],
) -> Vec<(usize, StoredMessage)> {
    let reads = items.iter().any(|i| matches!(i, Item::Body { peek: false, .. })) && !selected.read_only;
    session
        .with_account(|a| {
            let mailbox = a.mailboxes.get_mut(&selected.name)?;
            if reads {
                for &number in portion {
                    mailbox.change_flags(selected.view[number].0, |m| {
                        m.flags.insert("\\Seen".into());
                    });
                }
            }
            let find = |&number: &usize| Some((number, mailbox.by_id(selected.view[number].0)?.clone()));
            Some(portion.iter().filter_map(find).collect())
        })
        .flatten()
        .unwrap_or_default()
}

fn send_one(
    session: &mut Session,
    uid: u32,
    number: usize,
    message: &StoredMessage,
    items: &[Item],
) -> Flow<()> {
    let shared = std::sync::Arc::clone(&session.shared);
    let odd = shared.personality.fetch.odd.get(&uid);
    match odd.filter(|_| !items.iter().any(|item| matches!(item, Item::Body { .. }))) {
        Some(OddAnswer::MetadataEnds) => return Err(Gone),
        Some(OddAnswer::Metadata(bytes)) => return session.wire.send(bytes),
        _ => {}
    }
    let mut line = format!("* {} FETCH (", number + 1);
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            line.push(' ');
        }
        let text = match item {
            Item::Uid => format!("UID {uid}"),
            Item::Flags => format!("FLAGS ({})", message.flag_list()),
            Item::InternalDate if matches!(odd, Some(OddAnswer::Date(_))) => match odd {
                Some(OddAnswer::Date(date)) if !date.is_empty() => format!("INTERNALDATE {date}"),
                _ => "X-NONE NIL".to_owned(),
            },
            Item::InternalDate => {
                format!("INTERNALDATE \"{}\"", format_internal_date(message.internal_date))
            }
            Item::Size => {
                let size = message.raw.len() as i64 + session.shared.personality.fetch.size_error;
                format!("RFC822.SIZE {}", size.max(0))
            }
            Item::Modseq => format!("MODSEQ ({})", message.modseq),
            Item::Body { label, section, partial, .. } => {
                send_body(session, &format!("{line}{label}"), section, *partial, &message.raw)?;
                line.clear();
                continue;
            }
        };
        line.push_str(&text);
    }
    line.push_str(")\r\n");
    session.wire.send_text(&line)
}

fn send_body(
    session: &mut Session,
    before: &str,
    section: &Section,
    partial: Option<(usize, usize)>,
    raw: &[u8],
) -> Flow<()> {
    let mut bytes: Cow<'_, [u8]> = section.cut(raw);
    if let Some((from, length)) = partial {
        let from = from.min(bytes.len());
        let to = from.saturating_add(length).min(bytes.len());
        bytes = bytes[from..to].to_vec().into();
    }
    let binary = match session.shared.personality.fetch.literal8 {
        Literal8::Never => false,
        Literal8::WithNul => bytes.contains(&0),
        Literal8::Always => true,
    };
    let mark = if binary { "~" } else { "" };
    session.wire.send_text(&format!("{before} {mark}{{{}}}\r\n", bytes.len()))?;
    let faults = session.shared.faults.watch(session.account.as_deref(), |w| match w {
        When::InFetchLiteral(n) => Some((*n).min(bytes.len() as u64)),
        _ => None,
    });
    session.wire.watch_replies(faults);
    session.wire.send(&bytes)
}

/// Unsolicited responses between two answers, in turn.
fn interrupt(session: &mut Session, selected: &Selected, turn: usize) -> Flow<()> {
    let first = look_up(session, selected, if selected.view.is_empty() { &[] } else { &[0] }, &[]);
    let line = match (turn % 3, first.first()) {
        (0, Some((_, m))) => format!("* 1 FETCH (FLAGS ({}))", m.flag_list()),
        (1, _) => format!("* {} EXISTS", selected.view.len()),
        _ => "* OK [ALERT] Maintenance at 10 pm".to_owned(),
    };
    session.wire.send_line(&line)
}

/// `(CHANGEDSINCE n [VANISHED])` as the number and whether the word follows; `None` if it is not understood.
fn changed_since(args: &mut Args, condstore: bool, qresync: bool) -> Option<Option<(u64, bool)>> {
    if args.is_empty() {
        return Some(None);
    }
    let words = args.list()?;
    match &words[..] {
        [key, value] if condstore && key.eq_ignore_ascii_case("CHANGEDSINCE") => {
            Some(Some((value.parse().ok()?, false)))
        }
        [key, value, word] if qresync && key.eq_ignore_ascii_case("CHANGEDSINCE") => {
            let modseq = value.parse().ok()?;
            word.eq_ignore_ascii_case("VANISHED").then_some(Some((modseq, true)))
        }
        _ => None,
    }
}
