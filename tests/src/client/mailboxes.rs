//! Mailboxes by their Unicode paths: namespace, LIST, CREATE, SUBSCRIBE.

use super::wire::{Response, Word};
use super::{Client, ClientError, Result};
use crate::{MailboxPath, mutf7};

/// A mailbox as LIST or LSUB shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where it is in the account.
    pub path: MailboxPath,
    /// Its name as the server writes it.
    pub wire_name: String,
    /// Such as `\Noselect`, in small letters.
    pub attributes: Vec<String>,
}

impl Listed {
    /// Whether it can hold messages.
    pub fn is_selectable(&self) -> bool {
        !self.attributes.iter().any(|attribute| attribute == "\\noselect" || attribute == "\\nonexistent")
    }
}

impl Client {
    /// All mailboxes of the personal namespace.
    pub fn list(&mut self) -> Result<Vec<Listed>> {
        self.list_with("LIST \"\" \"*\"")
    }

    /// All subscribed mailboxes.
    pub fn subscribed(&mut self) -> Result<Vec<Listed>> {
        self.list_with("LSUB \"\" \"*\"")
    }

    /// What `command`, a LIST or LSUB as it is, shows.
    pub fn list_with(&mut self, command: &str) -> Result<Vec<Listed>> {
        let (prefix, _) = self.namespace()?;
        let name = command.split_whitespace().next().unwrap_or_default().to_owned();
        let answers = self.command_bytes(&name, command.as_bytes())?;
        answers.iter().filter(|answer| is_listing(answer)).map(|answer| listed(answer, &prefix)).collect()
    }

    /// The personal namespace: its prefix and separator.
    pub fn namespace(&mut self) -> Result<(String, char)> {
        if let Some(known) = &self.namespace {
            return Ok(known.clone());
        }
        let answers = match self.command_bytes("NAMESPACE", b"NAMESPACE") {
            // RFC 2342 is an extension; without it there is no prefix, and LIST shows the separator.
            Err(ClientError::Refused { .. }) => {
                let namespace = (String::new(), self.separator()?);
                self.namespace = Some(namespace.clone());
                return Ok(namespace);
            }
            answers => answers?,
        };
        let found = answers.iter().find_map(|answer| {
            let words = answer.words().ok()?;
            let personal = words.get(2)?.list()?.first()?.list()?;
            (words.get(1)?.atom()? == "NAMESPACE")
                .then(|| Some((personal.first()?.string()?, personal.get(1)?.string()?.chars().next()?)))?
        });
        let namespace = found.ok_or_else(|| ClientError::Protocol("no personal namespace".into()))?;
        self.namespace = Some(namespace.clone());
        Ok(namespace)
    }

    fn separator(&mut self) -> Result<char> {
        let answers = self.command_bytes("LIST", b"LIST \"\" \"\"")?;
        let found = answers
            .iter()
            .filter(|answer| is_listing(answer))
            .find_map(|answer| answer.words().ok()?.get(3)?.string()?.chars().next());
        found.ok_or_else(|| ClientError::Protocol("LIST shows no separator".into()))
    }

    /// The name on the wire of the mailbox at `path`.
    pub fn wire_name(&mut self, path: &[String]) -> Result<String> {
        if let [only] = path
            && only.eq_ignore_ascii_case("INBOX")
        {
            return Ok("INBOX".into());
        }
        let (prefix, separator) = self.namespace()?;
        let names: Vec<String> = path.iter().map(|name| mutf7::encode(name)).collect();
        Ok(prefix + &names.join(&separator.to_string()))
    }

    /// CREATE; a mailbox that is there already is fine.
    pub fn create(&mut self, path: &[String]) -> Result<()> {
        match self.on_mailbox("CREATE", path) {
            Err(ClientError::Refused { answer, .. }) if answer.to_ascii_lowercase().contains("exist") => {
                Ok(())
            }
            other => other,
        }
    }

    /// DELETE.
    pub fn delete(&mut self, path: &[String]) -> Result<()> {
        self.on_mailbox("DELETE", path)
    }

    /// SUBSCRIBE.
    pub fn subscribe(&mut self, path: &[String]) -> Result<()> {
        self.on_mailbox("SUBSCRIBE", path)
    }

    /// The number that STATUS gives for `item`, such as MESSAGES or UIDNEXT.
    pub fn status(&mut self, path: &[String], item: &str) -> Result<u64> {
        let name = self.wire_name(path)?;
        let line = [b"STATUS ".as_slice(), &self.mailbox(&name)?, format!(" ({item})").as_bytes()].concat();
        let answers = self.command_bytes("STATUS", &line)?;
        let number = answers.iter().find_map(|answer| {
            let words = answer.words().ok()?;
            let items = words.get(3)?.list()?;
            let at = items.iter().position(|word| word.atom() == Some(item))?;
            items.get(at + 1)?.atom()?.parse().ok()
        });
        number.ok_or_else(|| ClientError::Protocol(format!("no {item} in the answer to STATUS")))
    }

    fn on_mailbox(&mut self, command: &str, path: &[String]) -> Result<()> {
        let name = self.wire_name(path)?;
        let line = [command.as_bytes(), b" ", &self.mailbox(&name)?].concat();
        self.command_bytes(command, &line).map(drop)
    }
}

fn is_listing(answer: &Response) -> bool {
    let text = answer.text();
    text.starts_with("* LIST ") || text.starts_with("* LSUB ")
}

/// The name in a line of LIST whose quotes are not escaped as they must be, as it stands there.
fn unescaped_name(line: &str) -> Option<String> {
    let (_, rest) = line.split_once(") ")?;
    let (_, name) = rest.split_once(' ')?;
    let inside = name.strip_prefix('"')?.strip_suffix('"')?;
    let mut rest = inside.chars();
    while let Some(c) = rest.next() {
        let is_right = match c {
            '\\' => matches!(rest.next(), Some('\\' | '"')),
            c => c != '"',
        };
        if !is_right {
            return Some(inside.to_owned());
        }
    }
    None
}

fn listed(answer: &Response, prefix: &str) -> Result<Listed> {
    if let Some(name) = unescaped_name(&answer.text()) {
        let path =
            name.split('.').map(|part| mutf7::decode(part).unwrap_or_else(|| part.to_owned())).collect();
        return Ok(Listed { path, wire_name: name, attributes: Vec::new() });
    }
    let words = answer.words()?;
    let [_, _, Word::List(attributes), separator, name] = words.as_slice() else {
        return Err(ClientError::Protocol(answer.text()));
    };
    let wire_name = name.string().ok_or_else(|| ClientError::Protocol(answer.text()))?;
    let inside = wire_name.strip_prefix(prefix).unwrap_or(&wire_name);
    let names: Vec<&str> = match separator {
        Word::Bytes(separator) => inside.split(|c: char| separator.contains(&(c as u8))).collect(),
        // NIL: the mailbox has no levels.
        _ => vec![inside],
    };
    let mut path = MailboxPath::new();
    for name in names.into_iter().filter(|name| !name.is_empty()) {
        path.push(mutf7::decode(name).ok_or_else(|| ClientError::Protocol(answer.text()))?);
    }
    // Some servers write INBOX in other letters, also above its children.
    if let Some(first) = path.first_mut()
        && inside.get(..first.len()).is_some_and(|start| start.eq_ignore_ascii_case("INBOX"))
    {
        *first = "INBOX".into();
    }
    let attributes = attributes.iter().filter_map(|word| Some(word.atom()?.to_ascii_lowercase())).collect();
    Ok(Listed { path, wire_name, attributes })
}
