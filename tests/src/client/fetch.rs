//! SELECT and EXAMINE, UID FETCH of whole messages, UID STORE.

use super::wire::{Response, Word};
use super::{Client, ClientError, Result};
use crate::date;

/// A message as the server gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Its UID.
    pub uid: u32,
    /// Its flags and keywords, as written by the server.
    pub flags: Vec<String>,
    /// INTERNALDATE, in seconds since 1970 UTC.
    pub date: i64,
    /// BODY[].
    pub bytes: Vec<u8>,
}

/// What SELECT or EXAMINE told of a mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    /// How many messages there are.
    pub exists: u32,
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// PERMANENTFLAGS.
    pub permanent_flags: Vec<String>,
}

impl Client {
    /// SELECT by path.
    pub fn select(&mut self, path: &[String]) -> Result<Selected> {
        let name = self.wire_name(path)?;
        self.open("SELECT", &name)
    }

    /// EXAMINE by path.
    pub fn examine(&mut self, path: &[String]) -> Result<Selected> {
        let name = self.wire_name(path)?;
        self.open("EXAMINE", &name)
    }

    /// SELECT or EXAMINE by the name on the wire.
    pub fn open(&mut self, command: &str, wire_name: &str) -> Result<Selected> {
        let line = [command.as_bytes(), b" ", &self.mailbox(wire_name)?].concat();
        let mut selected = Selected::default();
        for answer in self.command_bytes(command, &line)? {
            let text = answer.text();
            if let Some(number) = text.strip_prefix("* ").and_then(|rest| rest.strip_suffix(" EXISTS")) {
                selected.exists = number.parse().map_err(|_| ClientError::Protocol(text.clone()))?;
            } else if let Some(code) = code(&text, "UIDVALIDITY ") {
                selected.uid_validity = code.parse().map_err(|_| ClientError::Protocol(text.clone()))?;
            } else if let Some(code) = code(&text, "PERMANENTFLAGS (") {
                selected.permanent_flags =
                    code.trim_end_matches(')').split_whitespace().map(str::to_owned).collect();
            }
        }
        Ok(selected)
    }

    /// All messages of the open mailbox, in the order of their UIDs.
    pub fn fetch_all(&mut self) -> Result<Vec<Fetched>> {
        let mut all = Vec::new();
        self.fetch_each("1:*", |message| all.push(message))?;
        all.sort_by_key(|message| message.uid);
        Ok(all)
    }

    /// The messages of the open mailbox with these UIDs, one at a time.
    pub fn fetch_each(&mut self, uids: &str, mut each: impl FnMut(Fetched)) -> Result<()> {
        let tag =
            self.send_command(format!("UID FETCH {uids} (UID FLAGS INTERNALDATE BODY.PEEK[])").as_bytes())?;
        loop {
            let response = self.wire.read_response()?;
            if response.is_tagged(&tag) {
                return super::outcome("UID FETCH", &tag, &response);
            }
            if let Some(message) = fetched(&response)? {
                each(message);
            }
        }
    }

    /// UID STORE, such as `+FLAGS` with `\Seen $Forwarded`.
    pub fn store(&mut self, uids: &str, action: &str, flags: &str) -> Result<()> {
        self.command_bytes("UID STORE", format!("UID STORE {uids} {action} ({flags})").as_bytes()).map(drop)
    }

    /// Removes these messages of the selected mailbox for good.
    pub fn expunge(&mut self, uids: &str) -> Result<()> {
        self.store(uids, "+FLAGS.SILENT", "\\Deleted")?;
        self.command("EXPUNGE").map(drop)
    }
}

/// The argument of a response code in an untagged OK.
fn code<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let rest = text.strip_prefix("* OK [")?.strip_prefix(name)?;
    rest.split(']').next()
}

/// The message in a FETCH response; flag changes told by the way are none.
fn fetched(response: &Response) -> Result<Option<Fetched>> {
    let words = match response.words() {
        Ok(words) if words.get(2).and_then(Word::atom) == Some("FETCH") => words,
        _ => return Ok(None),
    };
    let fields = words.get(3).and_then(Word::list).unwrap_or_default();
    let field = |name: &str| {
        fields.iter().position(|word| word.atom() == Some(name)).and_then(|at| fields.get(at + 1))
    };
    let Some(body) = field("BODY[]") else { return Ok(None) };
    let bytes = match body {
        Word::Bytes(bytes) => bytes.clone(),
        // NIL is what some servers say for no bytes at all.
        _ => Vec::new(),
    };
    let parts = field("UID")
        .and_then(|word| word.atom()?.parse().ok())
        .zip(field("FLAGS").and_then(Word::list))
        .zip(field("INTERNALDATE").and_then(|word| date::read(&word.string()?)));
    let Some(((uid, flags), date)) = parts else { return Err(ClientError::Protocol(response.text())) };
    let flags = flags.iter().filter_map(Word::atom).map(str::to_owned).collect();
    Ok(Some(Fetched { uid, flags, date, bytes }))
}
