//! APPEND: one by one with synchronizing literals, or many in flight where the server offers LITERAL+.

use super::{Client, ClientError, Result, outcome};
use crate::{Corpus, Message, date};

/// How many APPENDs are sent before the first answer is read; their answers fit any socket buffer.
const IN_FLIGHT: usize = 32;

impl Client {
    /// Makes the corpus' mailboxes and puts its messages in.
    ///
    /// # Errors
    ///
    /// At the first mailbox or message that the server refuses.
    pub fn seed(&mut self, corpus: &Corpus) -> Result<()> {
        self.seed_what_it_takes(corpus)?.into_iter().next().map_or(Ok(()), Err)
    }

    /// As [`Client::seed`], but gives what the server refused instead of failing at it.
    ///
    /// # Errors
    ///
    /// If the connection breaks.
    pub fn seed_what_it_takes(&mut self, corpus: &Corpus) -> Result<Vec<ClientError>> {
        let mut refused = Vec::new();
        for (path, messages) in &corpus.mailboxes {
            if *path != ["INBOX"] {
                match self.create(path) {
                    Err(error @ ClientError::Refused { .. }) => {
                        refused.push(error);
                        continue;
                    }
                    other => other?,
                }
            }
            refused.extend(self.append_all(path, messages)?);
        }
        for path in &corpus.subscribed {
            self.subscribe(path)?;
        }
        Ok(refused)
    }

    /// Appends all messages in their order and gives the refusals.
    ///
    /// # Errors
    ///
    /// If the connection breaks.
    pub fn append_all(&mut self, path: &[String], messages: &[Message]) -> Result<Vec<ClientError>> {
        let name = self.wire_name(path)?;
        let name = self.mailbox(&name)?;
        if !self.offers("LITERAL+")? {
            return messages
                .iter()
                .filter_map(|message| self.append_slowly(&name, message).transpose())
                .collect();
        }
        let mut refused = Vec::new();
        for some in messages.chunks(IN_FLIGHT) {
            let mut tags = Vec::new();
            for message in some {
                let tag = self.tag();
                let head = [format!("{tag} ").as_bytes(), &head(&name, message, "+")].concat();
                self.wire.send(&head)?;
                self.wire.send(&message.bytes)?;
                self.wire.send(b"\r\n")?;
                tags.push(tag);
            }
            for tag in tags {
                refused.extend(self.append_answer(&tag)?);
            }
        }
        Ok(refused)
    }

    fn append_slowly(&mut self, name: &[u8], message: &Message) -> Result<Option<ClientError>> {
        let tag = self.tag();
        self.wire.send(&[format!("{tag} ").as_bytes(), &head(name, message, "")].concat())?;
        loop {
            let response = self.wire.read_response()?;
            if response.is_continuation() {
                self.wire.send(&message.bytes)?;
                self.wire.send(b"\r\n")?;
                return self.append_answer(&tag);
            }
            if response.is_tagged(&tag) {
                return Ok(outcome("APPEND", &tag, &response).err());
            }
        }
    }

    fn append_answer(&mut self, tag: &str) -> Result<Option<ClientError>> {
        loop {
            let response = self.wire.read_response()?;
            if response.is_tagged(tag) {
                return Ok(outcome("APPEND", tag, &response).err());
            }
            if response.text().starts_with("* BYE") {
                return Err(ClientError::Protocol(response.text()));
            }
        }
    }
}

fn head(name: &[u8], message: &Message, plus: &str) -> Vec<u8> {
    let flags = message.flags.join(" ");
    let rest = format!(" ({flags}) \"{}\" {{{}{plus}}}\r\n", date::write(message.date), message.bytes.len());
    [b"APPEND ".as_slice(), name, rest.as_bytes()].concat()
}
