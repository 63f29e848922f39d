//! SEARCH and UID SEARCH: the keys that a migration asks for.

use super::items::select_fields;
use super::{Reply, Session, select};
use crate::dates::parse_day;
use crate::sets::{NumberSet, compact, contains};
use crate::store::StoredMessage;
use crate::syntax::{Args, Token};
use crate::wire::Flow;

enum Key {
    All,
    Uid(Vec<(u32, u32)>),
    Numbers(Vec<(u32, u32)>),
    Flag(String, bool),
    Since(i64),
    Before(i64),
    Header(String, String),
    Larger(usize),
    Smaller(usize),
    Modseq(u64),
    Not(Box<Key>),
    Or(Box<Key>, Box<Key>),
    And(Vec<Key>),
}

/// The largest UID and message number, for `*`.
struct Last {
    uid: u32,
    number: u32,
}

/// `RETURN (...)`: what is to be answered, or nothing for a plain SEARCH. `None` if it is not understood.
fn search_options(session: &Session, args: &mut Args) -> Option<Option<Vec<String>>> {
    if !args.take_word("RETURN") {
        return Some(None);
    }
    let mut options: Vec<String> = args.list()?.iter().map(|w| w.to_ascii_uppercase()).collect();
    if options.is_empty() {
        options.push("ALL".into());
    }
    let known = options.iter().all(|o| matches!(o.as_str(), "MIN" | "MAX" | "COUNT" | "ALL"));
    (known && session.shared.personality.has("ESEARCH")).then_some(Some(options))
}

pub(super) fn search(session: &mut Session, args: &mut Args, uid: bool) -> Flow<Reply> {
    let Some(returned) = search_options(session, args) else { return Ok(session.bad_command()) };
    if args.take_word("CHARSET") {
        args.token();
    }
    let Some(selected) = session.selected.take() else { return Ok(session.bad_command()) };
    let last =
        Last { uid: selected.last_uid(), number: u32::try_from(selected.view.len()).unwrap_or(u32::MAX) };
    let mut keys = Vec::new();
    while !args.is_empty() {
        let Some(key) = key(args, &last) else {
            session.selected = Some(selected);
            return Ok(session.bad_command());
        };
        keys.push(key);
    }
    let wanted = Key::And(keys);
    let mut found = Vec::new();
    session.with_account(|a| {
        let Some(mailbox) = a.mailboxes.get(&selected.name) else { return };
        for (i, (id, message_uid)) in selected.view.iter().enumerate() {
            let number = u32::try_from(i + 1).unwrap_or(u32::MAX);
            if mailbox.by_id(*id).is_some_and(|m| wanted.matches(m, number)) {
                found.push(if uid { *message_uid } else { number });
            }
        }
    });
    session.selected = Some(selected);
    let line = match returned {
        Some(options) => extended(&session.tag, uid, &options, &found),
        None => found.iter().fold("* SEARCH".to_owned(), |line, n| format!("{line} {n}")),
    };
    session.wire.send_line(&line)?;
    select::report_changes(session, uid)?;
    Ok(Reply::Ok("SEARCH completed.".into()))
}

/// `* ESEARCH` (RFC 4731) with the requested items; MIN, MAX and ALL are left out if nothing was found.
fn extended(tag: &str, uid: bool, options: &[String], found: &[u32]) -> String {
    let mut line = format!("* ESEARCH (TAG \"{tag}\"){}", if uid { " UID" } else { "" });
    let mut sorted = found.to_vec();
    sorted.sort_unstable();
    for option in options {
        let value = match option.as_str() {
            "COUNT" => Some(found.len().to_string()),
            "MIN" => sorted.first().map(u32::to_string),
            "MAX" => sorted.last().map(u32::to_string),
            _ => (!sorted.is_empty()).then(|| compact(&sorted)),
        };
        if let Some(value) = value {
            line.push_str(&format!(" {option} {value}"));
        }
    }
    line
}

fn key(args: &mut Args, last: &Last) -> Option<Key> {
    if args.take_open() {
        let mut keys = Vec::new();
        while args.peek()? != &Token::Close {
            keys.push(key(args, last)?);
        }
        args.token();
        return Some(Key::And(keys));
    }
    let word = args.text()?.to_ascii_uppercase();
    Some(match word.as_str() {
        "ALL" => Key::All,
        "UID" => Key::Uid(NumberSet::parse(&args.text()?)?.resolve(last.uid)),
        "NOT" => Key::Not(Box::new(key(args, last)?)),
        "OR" => Key::Or(Box::new(key(args, last)?), Box::new(key(args, last)?)),
        "SINCE" => Key::Since(parse_day(&args.text()?)?),
        "BEFORE" => Key::Before(parse_day(&args.text()?)?),
        "HEADER" => Key::Header(args.text()?, args.text()?.to_lowercase()),
        "SUBJECT" | "FROM" | "TO" => Key::Header(word, args.text()?.to_lowercase()),
        "LARGER" => Key::Larger(args.text()?.parse().ok()?),
        "SMALLER" => Key::Smaller(args.text()?.parse().ok()?),
        "MODSEQ" => Key::Modseq(args.text()?.parse().ok()?),
        "KEYWORD" => Key::Flag(args.text()?, true),
        "UNKEYWORD" => Key::Flag(args.text()?, false),
        "SEEN" | "ANSWERED" | "FLAGGED" | "DELETED" | "DRAFT" => {
            Key::Flag(super::append::canonical(&word), true)
        }
        "UNSEEN" | "UNANSWERED" | "UNFLAGGED" | "UNDELETED" | "UNDRAFT" => {
            Key::Flag(super::append::canonical(&word[2..]), false)
        }
        set => Key::Numbers(NumberSet::parse(set)?.resolve(last.number)),
    })
}

impl Key {
    fn matches(&self, m: &StoredMessage, number: u32) -> bool {
        match self {
            Key::All => true,
            Key::Uid(ranges) => contains(ranges, m.uid),
            Key::Numbers(ranges) => contains(ranges, number),
            Key::Flag(flag, wanted) => (m.flags.contains(flag) || m.keywords.contains(flag)) == *wanted,
            Key::Since(day) => m.internal_date >= *day,
            Key::Before(day) => m.internal_date < *day,
            Key::Header(field, text) => {
                let found = select_fields(&m.raw, std::slice::from_ref(field), true);
                let value = String::from_utf8_lossy(&found).to_lowercase();
                value.len() > 2 && value.contains(text.as_str())
            }
            Key::Larger(size) => m.raw.len() > *size,
            Key::Smaller(size) => m.raw.len() < *size,
            Key::Modseq(modseq) => m.modseq >= *modseq,
            Key::Not(key) => !key.matches(m, number),
            Key::Or(a, b) => a.matches(m, number) || b.matches(m, number),
            Key::And(keys) => keys.iter().all(|k| k.matches(m, number)),
        }
    }
}
