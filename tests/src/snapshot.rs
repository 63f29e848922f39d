//! A whole account as a server shows it: every mailbox, every message with flags, date, size and digest.

use std::collections::{BTreeMap, BTreeSet};

use crate::client::{Fetched, Result};
use crate::{Client, Corpus, MailboxPath, Message, mutf7, path};

/// A message in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its UID.
    pub uid: u32,
    /// Flags and keywords without `\Recent`; system flags in small letters.
    pub flags: BTreeSet<String>,
    /// The internal date, in seconds since 1970 UTC.
    pub date: i64,
    /// How many bytes BODY[] has.
    pub size: usize,
    /// The digest of those bytes.
    pub digest: blake3::Hash,
    /// The subject, or the start of the message, for people.
    pub title: String,
}

/// All that an account holds, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The mailboxes that can hold messages, and their messages in the order of UIDs.
    pub mailboxes: BTreeMap<MailboxPath, Vec<Entry>>,
    /// The subscribed mailboxes.
    pub subscribed: BTreeSet<MailboxPath>,
}

impl Snapshot {
    /// Reads every mailbox of the personal namespace.
    ///
    /// # Errors
    ///
    /// If the server refuses something or the connection breaks.
    pub fn of(client: &mut Client) -> Result<Self> {
        let mut snapshot = Self::default();
        for listed in client.list()?.into_iter().filter(|listed| listed.is_selectable()) {
            let entries = entries(client, &listed.wire_name)?;
            snapshot.mailboxes.insert(listed.path, entries);
        }
        snapshot.subscribed = client.subscribed()?.into_iter().map(|listed| listed.path).collect();
        Ok(snapshot)
    }

    /// Reads the mailbox that the server calls `root`, as INBOX, and those below it, as their names from there on: a user's
    /// mail in a shared namespace.
    ///
    /// # Errors
    ///
    /// If the server refuses something or the connection breaks.
    pub fn below(client: &mut Client, root: &str, separator: char) -> Result<Self> {
        let mut snapshot = Self::default();
        for listed in client
            .list_with(&format!("LIST \"\" \"{root}*\""))?
            .iter()
            .filter(|listed| listed.is_selectable())
        {
            let path = match listed.wire_name.strip_prefix(root) {
                Some("") => path("INBOX"),
                Some(below) if below.starts_with(separator) => {
                    below.split(separator).skip(1).filter_map(mutf7::decode).collect()
                }
                _ => continue,
            };
            snapshot.mailboxes.insert(path, entries(client, &listed.wire_name)?);
        }
        Ok(snapshot)
    }

    /// How many messages there are.
    pub fn messages(&self) -> usize {
        self.mailboxes.values().map(Vec::len).sum()
    }
}

fn entries(client: &mut Client, wire_name: &str) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    if client.open("EXAMINE", wire_name)?.exists > 0 {
        client.fetch_each("1:*", |message| entries.push(Entry::from(message)))?;
    }
    entries.sort_by_key(|entry| entry.uid);
    Ok(entries)
}

/// What a server that alters nothing shows of a corpus; UIDs are counted from 1.
impl From<&Corpus> for Snapshot {
    fn from(corpus: &Corpus) -> Self {
        let mailboxes = corpus.mailboxes.iter().map(|(path, messages)| {
            let entries = (1..).zip(messages).map(|(uid, message)| {
                let Message { bytes, flags, date } = message.clone();
                Entry::from(Fetched { uid, flags, date, bytes })
            });
            (path.clone(), entries.collect())
        });
        Self { mailboxes: mailboxes.collect(), subscribed: corpus.subscribed.iter().cloned().collect() }
    }
}

impl From<Fetched> for Entry {
    fn from(message: Fetched) -> Self {
        let flags = message.flags.into_iter().filter(|flag| !flag.eq_ignore_ascii_case("\\Recent"));
        Self {
            uid: message.uid,
            // Keywords are compared as they are written, system flags know no case.
            flags: flags
                .map(|flag| if flag.starts_with('\\') { flag.to_ascii_lowercase() } else { flag })
                .collect(),
            date: message.date,
            size: message.bytes.len(),
            digest: blake3::hash(&message.bytes),
            title: title(&message.bytes),
        }
    }
}

fn title(message: &[u8]) -> String {
    let text = String::from_utf8_lossy(&message[..message.len().min(20_000)]).into_owned();
    let header = text.split("\r\n\r\n").next().unwrap_or_default();
    let subject = header.lines().find(|line| line.to_ascii_lowercase().starts_with("subject:"));
    let line =
        subject.map_or_else(|| text.trim().lines().next().unwrap_or("(empty)"), |line| line[8..].trim());
    line.chars().take(60).collect()
}
