//! Servers of the testkit as this crate reaches them, and scripted peers for what no server of ours says.
#![allow(dead_code, reason = "each test file uses its part")]

use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::Security;
use imapmig_core::failure::Failure;
use imapmig_core::secret::Secret;
use imapmig_imap::session::Session;
use imapmig_imap::{ImapServer, Login};
use imapmig_testkit::RunningServer;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

/// The server without TLS.
pub(crate) fn plain(server: &RunningServer) -> ImapServer {
    at("127.0.0.1", server.port(), Security::None)
}

/// A server that trusts nothing beyond the system.
pub(crate) fn at(host: &str, port: u16, security: Security) -> ImapServer {
    ImapServer {
        host: host.to_owned(),
        port,
        security,
        accept_untrusted_certificates: false,
        extra_ca_pem: None,
    }
}

/// LOGIN with these.
pub(crate) fn password(user_name: &str, password: &str) -> Login {
    Login::Password { user_name: user_name.to_owned(), password: Secret::from(password) }
}

/// Connects and signs in.
pub(crate) fn connect(server: &ImapServer, login: &Login) -> Result<Session, Failure> {
    imapmig_imap::connect(server, login, &Cancel::new())
}

/// A peer that sends and expects what a script says: lines beginning `S: ` are sent, lines beginning `C: ` are awaited. The script
/// counts tags from A1; the client's own ones have another beginning each time.
pub(crate) struct Scripted {
    pub(crate) port: u16,
    thread: Option<JoinHandle<()>>,
}

impl Scripted {
    pub(crate) fn new(script: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let thread = std::thread::spawn(move || {
            let (socket, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(socket);
            let mut prefix = String::from("A");
            for line in script.lines().map(str::trim_start).filter(|l| !l.is_empty()) {
                if let Some(text) = line.strip_prefix("S: ") {
                    let tagged =
                        text.strip_prefix('A').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
                    let text = tagged.map_or(text.to_owned(), |rest| format!("{prefix}{rest}"));
                    reader.get_mut().write_all(text.as_bytes()).unwrap();
                    reader.get_mut().write_all(b"\r\n").unwrap();
                } else if let Some(expected) = line.strip_prefix("C: ") {
                    let mut said = String::new();
                    reader.read_line(&mut said).unwrap();
                    if expected.starts_with("A1 ") {
                        prefix = said.split("1 ").next().unwrap().to_owned();
                    }
                    let said = said.trim_end();
                    assert_eq!(
                        said.strip_prefix(&prefix).map_or(said.to_owned(), |rest| format!("A{rest}")),
                        expected
                    );
                }
            }
        });
        Self { port, thread: Some(thread) }
    }

    /// Waits for the end of the script; fails when the client did not keep to it.
    pub(crate) fn finish(mut self) {
        self.thread.take().unwrap().join().unwrap();
    }
}
