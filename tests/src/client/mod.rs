//! A small IMAP client of the tests' own: blocking, without TLS, on loopback.
//!
//! It shares no code with the product, so that the two cannot agree on the same mistake. RFC 3501, RFC 7888 (LITERAL+),
//! RFC 4616 (PLAIN).

mod append;
mod fetch;
mod mailboxes;
mod wire;

use std::net::TcpStream;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub use fetch::{Fetched, Selected};
pub use mailboxes::Listed;
use wire::{Response, Wire};

/// What went wrong between the tests' client and a server.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The connection broke or timed out.
    #[error("connection: {0}")]
    Io(#[from] std::io::Error),
    /// The server answered NO or BAD.
    #[error("{command}: {answer}")]
    Refused {
        /// The command, without its arguments.
        command: String,
        /// The answer from NO or BAD on.
        answer: String,
    },
    /// The server said something that this client does not understand.
    #[error("not understood: {0}")]
    Protocol(String),
}

pub(crate) type Result<T> = std::result::Result<T, ClientError>;

/// A connection to an IMAP server.
#[derive(Debug)]
pub struct Client {
    wire: Wire,
    next_tag: u32,
    capabilities: Option<Vec<String>>,
    namespace: Option<(String, char)>,
}

impl Client {
    /// Connects to a port of 127.0.0.1 and reads the greeting.
    pub fn connect(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        stream.set_nodelay(true)?;
        let mut wire = Wire::new(stream)?;
        let greeting = wire.read_response()?;
        if !greeting.text().starts_with("* OK") {
            return Err(ClientError::Protocol(greeting.text()));
        }
        Ok(Self { wire, next_tag: 0, capabilities: None, namespace: None })
    }

    /// LOGIN with name and password as they are.
    pub fn login(&mut self, user: &str, password: &str) -> Result<()> {
        let line = [b"LOGIN ".as_slice(), &quoted(user), b" ", &quoted(password)].concat();
        self.command_bytes("LOGIN", &line)?;
        self.capabilities = None;
        Ok(())
    }

    /// AUTHENTICATE PLAIN; `acting_for` is the authorization identity, empty for none.
    pub fn authenticate_plain(&mut self, acting_for: &str, user: &str, password: &str) -> Result<()> {
        self.authenticate("PLAIN", &format!("{acting_for}\0{user}\0{password}"))
    }

    /// AUTHENTICATE XOAUTH2 with a bearer token.
    pub fn authenticate_xoauth2(&mut self, user: &str, token: &str) -> Result<()> {
        self.authenticate("XOAUTH2", &format!("user={user}\x01auth=Bearer {token}\x01\x01"))
    }

    /// What the server announces now, in capitals.
    pub fn capabilities(&mut self) -> Result<&[String]> {
        if self.capabilities.is_none() {
            let answers = self.command("CAPABILITY")?;
            let words = answers
                .iter()
                .filter_map(|line| line.strip_prefix("* CAPABILITY "))
                .flat_map(str::split_whitespace)
                .map(str::to_ascii_uppercase)
                .collect();
            self.capabilities = Some(words);
        }
        Ok(self.capabilities.as_deref().unwrap_or_default())
    }

    /// Whether the server announces `word` now.
    pub fn offers(&mut self, word: &str) -> Result<bool> {
        Ok(self.capabilities()?.iter().any(|known| known == word))
    }

    /// Sends one command as it is (without literals) and gives all its answers, the last one tagged OK.
    pub fn command(&mut self, line: &str) -> Result<Vec<String>> {
        let name = line.split_whitespace().next().unwrap_or_default().to_owned();
        let answers = self.command_bytes(&name, line.as_bytes())?;
        Ok(answers.iter().map(Response::text).collect())
    }

    /// LOGOUT.
    pub fn logout(mut self) -> Result<()> {
        self.command("LOGOUT").map(drop)
    }

    fn authenticate(&mut self, mechanism: &str, message: &str) -> Result<()> {
        let tag = self.tag();
        self.wire.send(format!("{tag} AUTHENTICATE {mechanism}\r\n").as_bytes())?;
        let mut answers = vec![format!("{}\r\n", STANDARD.encode(message)), "\r\n".to_owned()].into_iter();
        loop {
            let response = self.wire.read_response()?;
            if response.is_continuation() {
                // The second question is the server's error; an empty line acknowledges it.
                let answer = answers.next().ok_or_else(|| ClientError::Protocol(response.text()))?;
                self.wire.send(answer.as_bytes())?;
            } else if response.is_tagged(&tag) {
                self.capabilities = None;
                return outcome("AUTHENTICATE", &tag, &response);
            }
        }
    }

    fn command_bytes(&mut self, name: &str, line: &[u8]) -> Result<Vec<Response>> {
        let tag = self.send_command(line)?;
        let mut answers = Vec::new();
        loop {
            let response = self.wire.read_response()?;
            let last = response.is_tagged(&tag);
            if last {
                outcome(name, &tag, &response)?;
            }
            answers.push(response);
            if last {
                return Ok(answers);
            }
        }
    }

    fn send_command(&mut self, line: &[u8]) -> Result<String> {
        let tag = self.tag();
        self.wire.send(&[tag.as_bytes(), b" ", line, b"\r\n"].concat())?;
        Ok(tag)
    }

    /// A mailbox name, quoted; with quotes or backslashes as a literal where that can be sent at once, because not every server
    /// reads escapes (mox).
    fn mailbox(&mut self, name: &str) -> Result<Vec<u8>> {
        if name.contains(['"', '\\']) && self.offers("LITERAL+")? {
            return Ok(format!("{{{}+}}\r\n{name}", name.len()).into_bytes());
        }
        Ok(quoted(name))
    }

    fn tag(&mut self) -> String {
        self.next_tag += 1;
        format!("t{}", self.next_tag)
    }
}

fn outcome(command: &str, tag: &str, response: &Response) -> Result<()> {
    let text = response.text();
    let answer = text.strip_prefix(tag).unwrap_or(&text).trim().to_owned();
    if answer.starts_with("OK") {
        Ok(())
    } else {
        Err(ClientError::Refused { command: command.to_owned(), answer })
    }
}

/// A quoted string. 8-bit bytes go through as they are, which the servers here take.
fn quoted(text: &str) -> Vec<u8> {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")).into_bytes()
}
