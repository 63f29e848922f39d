//! LIST and LSUB: patterns, attributes, and the options of LIST-EXTENDED (RFC 5258, 5819, 6154).

use std::collections::BTreeMap;

use super::names::{has_children, missing_parents};
use super::{Reply, Session, names, select};
use crate::naming::Names;
use crate::store::AccountState;
use crate::syntax::{Args, Token};
use crate::wire::{Flow, Gone};

#[derive(Default)]
struct Options {
    only_subscribed: bool,
    only_special: bool,
    return_subscribed: bool,
    return_special: bool,
    status: Option<Vec<String>>,
}

struct Entry {
    name: String,
    wire: Option<Vec<u8>>,
    attributes: Vec<String>,
    selectable: bool,
}

pub(super) fn list(session: &mut Session, args: &mut Args) -> Flow<Reply> {
    let extended = session.shared.personality.has("LIST-EXTENDED");
    let special = session.shared.personality.has("SPECIAL-USE");
    let mut options = Options { return_special: special && !extended, ..Options::default() };
    if args.peek() == Some(&Token::Open) {
        let Some(selection) = args.list().filter(|_| extended || special) else {
            return Ok(session.bad_command());
        };
        let has = |w: &str| selection.iter().any(|s| s.eq_ignore_ascii_case(w));
        options.only_subscribed = has("SUBSCRIBED");
        options.only_special = has("SPECIAL-USE");
        options.return_special = options.only_special;
    }
    let (Some(reference), Some(patterns)) = (args.astring(), args.list_or_word()) else {
        return Ok(session.bad_command());
    };
    let returned = args.take_word("RETURN");
    if returned && !return_options(session, args, &mut options) {
        return Ok(session.bad_command());
    }
    // RFC 6154 lets a server add the attributes to any LIST; with LIST-EXTENDED this one adds them only on request.
    options.return_special |= special && !returned;
    let reference = String::from_utf8_lossy(&reference).into_owned();
    let names = &session.shared.personality.names;
    if names.utf8_in_name_only && patterns.iter().any(|p| names.decode(p.as_bytes(), false).is_none()) {
        return Ok(Reply::No("[SERVERBUG] Internal server error".into()));
    }
    if patterns.iter().all(String::is_empty) {
        let line = format!("* LIST (\\Noselect) \"{}\" \"\"", session.shared.personality.names.delimiter);
        session.wire.send_line(&line)?;
        return Ok(Reply::Ok("LIST completed.".into()));
    }
    for entry in entries(session, &reference, &patterns, &options) {
        if session.shared.personality.names.fatal.as_ref() == Some(&entry.name) {
            return Err(Gone);
        }
        send_entry(session, "LIST", &entry)?;
        if let (Some(items), true) = (&options.status, entry.selectable)
            && let Some(line) = select::status_line(session, &entry.name, items)
        {
            session.wire.send_answer(&line)?;
        }
    }
    Ok(Reply::Ok("LIST completed.".into()))
}

fn return_options(session: &Session, args: &mut Args, options: &mut Options) -> bool {
    let p = &session.shared.personality;
    if !(p.has("LIST-EXTENDED") || p.has("LIST-STATUS")) || !args.take_open() {
        return false;
    }
    loop {
        let Some(token) = args.token() else { return false };
        match token {
            Token::Close => return true,
            Token::Word(w) => match String::from_utf8_lossy(&w).to_ascii_uppercase().as_str() {
                "SUBSCRIBED" => options.return_subscribed = true,
                "CHILDREN" => {}
                "SPECIAL-USE" if p.has("SPECIAL-USE") => options.return_special = true,
                "STATUS" if p.has("LIST-STATUS") => match args.list() {
                    Some(items) => options.status = Some(items),
                    None => return false,
                },
                _ => return false,
            },
            Token::Open | Token::Text(_) => return false,
        }
    }
}

fn send_entry(session: &mut Session, verb: &str, entry: &Entry) -> Flow<()> {
    let delimiter = session.shared.personality.names.delimiter;
    let head = format!("* {verb} ({}) \"{}\" ", entry.attributes.join(" "), quoted(delimiter));
    let mut line = head.into_bytes();
    names::push_name(session, &mut line, &entry.name, entry.wire.as_deref());
    line.extend_from_slice(b"\r\n");
    session.wire.send_answer(&line)
}

fn entries(session: &Session, reference: &str, patterns: &[String], options: &Options) -> Vec<Entry> {
    let names = &session.shared.personality.names;
    let patterns: Vec<Pattern> =
        patterns.iter().map(|p| Pattern::new(&format!("{reference}{p}"), names, session.utf8)).collect();
    let hidden = |name: &str| {
        let Some(shared) = names.shared.as_deref() else { return false };
        let root = shared.trim_end_matches(names.delimiter);
        // Courier shows other users' mailboxes only to a pattern that begins with their prefix.
        let asked = reference.is_empty() && patterns.iter().any(|p| p.text.starts_with(shared));
        name == root || (name.starts_with(shared) && !asked)
    };
    session
        .with_account(|account| {
            let mut found: BTreeMap<String, Entry> = BTreeMap::new();
            for name in account.mailboxes.keys() {
                for parent in missing_parents(account, names, name) {
                    found.insert(parent.clone(), absent(account, parent, names, options));
                }
                found.insert(name.clone(), present(account, name, names, options));
            }
            if options.only_subscribed {
                for name in account.subscribed.iter().filter(|n| !account.mailboxes.contains_key(*n)) {
                    found.insert(name.clone(), absent(account, name.clone(), names, options));
                }
            }
            found
                .into_values()
                .filter(|e| {
                    let asked = !options.only_subscribed || account.subscribed.contains(&e.name);
                    let special = !options.only_special
                        || account.mailboxes.get(&e.name).is_some_and(|m| m.special_use.is_some());
                    asked && special && !hidden(&e.name) && patterns.iter().any(|p| p.matches(&e.name))
                })
                .collect()
        })
        .unwrap_or_default()
}

pub(super) fn lsub(session: &mut Session, args: &mut Args) -> Flow<Reply> {
    let (Some(reference), Some(pattern)) = (args.text(), args.text()) else {
        return Ok(session.bad_command());
    };
    let names = &session.shared.personality.names;
    let pattern = Pattern::new(&format!("{reference}{pattern}"), names, session.utf8);
    let subscribed = session.with_account(|a| a.subscribed.clone()).unwrap_or_default();
    for name in subscribed.into_iter().filter(|n| pattern.matches(n)) {
        let wire = session.with_account(|a| a.mailboxes.get(&name).and_then(|m| m.wire.clone())).flatten();
        send_entry(session, "LSUB", &Entry { name, wire, attributes: Vec::new(), selectable: true })?;
    }
    Ok(Reply::Ok("LSUB completed.".into()))
}

fn quoted(delimiter: char) -> String {
    if matches!(delimiter, '"' | '\\') { format!("\\{delimiter}") } else { delimiter.to_string() }
}

fn present(account: &AccountState, name: &str, names: &Names, options: &Options) -> Entry {
    let mailbox = &account.mailboxes[name];
    let mut attributes = Vec::new();
    if mailbox.no_select {
        attributes.push("\\Noselect".to_owned());
    }
    let children = has_children(account, name, names.delimiter);
    attributes.push(if children { "\\HasChildren" } else { "\\HasNoChildren" }.to_owned());
    if options.return_special {
        attributes.extend(mailbox.special_use.clone());
    }
    if (options.return_subscribed || options.only_subscribed) && account.subscribed.contains(name) {
        attributes.push("\\Subscribed".to_owned());
    }
    Entry { name: name.to_owned(), wire: mailbox.wire.clone(), attributes, selectable: !mailbox.no_select }
}

/// A parent without a mailbox, or a subscription to nothing.
fn absent(account: &AccountState, name: String, names: &Names, options: &Options) -> Entry {
    let children = has_children(account, &name, names.delimiter);
    let mut attributes = vec!["\\Noselect".to_owned()];
    attributes.push(if children { "\\HasChildren" } else { "\\NonExistent" }.to_owned());
    if options.only_subscribed && account.subscribed.contains(&name) {
        attributes.push("\\Subscribed".to_owned());
    }
    Entry { name, wire: None, attributes, selectable: false }
}

/// A LIST pattern: `*` stands for anything, `%` for anything but the delimiter.
struct Pattern {
    text: String,
    delimiter: char,
    fold: bool,
}

impl Pattern {
    fn new(wire: &str, names: &Names, utf8: bool) -> Pattern {
        let text = names.decode(wire.as_bytes(), utf8).unwrap_or_else(|| wire.to_owned());
        Pattern { text: names.normal(&text), delimiter: names.delimiter, fold: names.case_insensitive }
    }

    fn matches(&self, name: &str) -> bool {
        let chars = |s: &str| -> Vec<char> {
            if self.fold { s.to_lowercase().chars().collect() } else { s.chars().collect() }
        };
        let (pattern, name) = (chars(&self.text), chars(name));
        // reached[i]: the pattern so far can match the first i characters.
        let mut reached = vec![false; name.len() + 1];
        reached[0] = true;
        for p in pattern {
            match p {
                '*' | '%' => {
                    for i in 0..name.len() {
                        reached[i + 1] |= reached[i] && (p == '*' || name[i] != self.delimiter);
                    }
                }
                _ => {
                    for i in (0..name.len()).rev() {
                        reached[i + 1] = reached[i] && name[i] == p;
                    }
                    reached[0] = false;
                }
            }
        }
        reached[name.len()]
    }
}
