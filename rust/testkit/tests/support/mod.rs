//! A client that speaks line by line, so that tests read like transcripts.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use imapmig_testkit::RunningServer;

/// A connection to a server under test.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    tags: u32,
}

#[allow(dead_code, reason = "each test file uses its part")]
impl Client {
    /// Connects and reads the greeting.
    pub(crate) fn new(server: &RunningServer) -> Client {
        let mut client = Client::silent(server);
        assert!(client.line().starts_with("* "));
        client
    }

    /// Connects and reads nothing.
    pub(crate) fn silent(server: &RunningServer) -> Client {
        let stream = TcpStream::connect(server.addr()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Client { stream: BufReader::new(stream), tags: 0 }
    }

    /// Connects and signs in.
    pub(crate) fn signed_in(server: &RunningServer, user: &str, password: &str) -> Client {
        let mut client = Client::new(server);
        let answer = client.run(&format!("LOGIN \"{user}\" \"{password}\""));
        assert!(answer.contains(" OK "), "{answer}");
        client
    }

    /// Sends bytes.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    /// Reads a line without its end; empty at the end of the stream.
    pub(crate) fn line(&mut self) -> String {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).unwrap();
        String::from_utf8_lossy(&line).trim_end().to_owned()
    }

    /// Reads everything to the end of the stream.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).unwrap();
        rest
    }

    /// Reads exactly so many bytes.
    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// Sends a command and reads up to its tagged answer; the lines are joined with `\n`.
    pub(crate) fn run(&mut self, command: &str) -> String {
        self.tags += 1;
        let tag = format!("t{}", self.tags);
        self.send(format!("{tag} {command}\r\n"));
        self.until(&tag)
    }

    /// Reads up to the answer with this tag.
    pub(crate) fn until(&mut self, tag: &str) -> String {
        let mut lines = Vec::new();
        loop {
            let line = self.line();
            let last = line.is_empty() || line.starts_with(&format!("{tag} "));
            lines.push(line);
            if last && lines.last().is_some_and(|l| !l.is_empty()) {
                return lines.join("\n");
            }
            assert!(lines.len() < 100_000, "no end of {tag}");
        }
    }

    /// APPEND with a synchronizing literal.
    pub(crate) fn append(&mut self, arguments: &str, message: &[u8]) -> String {
        self.tags += 1;
        let tag = format!("t{}", self.tags);
        self.send(format!("{tag} APPEND {arguments} {{{}}}\r\n", message.len()));
        let answer = self.line();
        if !answer.starts_with('+') {
            return answer;
        }
        self.send(message);
        self.send("\r\n");
        self.until(&tag)
    }
}
