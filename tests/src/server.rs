//! A server that a script of `tests/servers` started: where it listens, and its end.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::require::scripts;
use crate::{Client, ClientError};

/// The people of the runbook, with their passwords.
pub const PEOPLE: [(&str, &str); 3] =
    [("terry.adams", "1091990"), ("ann.beebe", "2111991"), ("paul.cannon", "3281986")];

/// The mail administrator of the runbook, with the password.
pub const ADMIN: (&str, &str) = ("mailadmin", "P@ssw0rd");

/// The certificate that a server shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Signed by the tests' authority for imap.contoso.com, localhost and 127.0.0.1.
    Good,
    /// The same names, but ended in 2021.
    Expired,
    /// Signed, but for imap.elsewhere.example.
    WrongHost,
    /// The right names, signed by itself.
    SelfSigned,
}

impl Certificate {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Expired => "expired",
            Self::WrongHost => "wrong-host",
            Self::SelfSigned => "self-signed",
        }
    }
}

/// A running server. It ends, and its folder goes, when this is dropped; `IMAPMIG_TEST_KEEP` keeps the folder.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub host: &'static str,
    /// The port without TLS, with STARTTLS.
    pub port: u16,
    /// The port with TLS from the first byte.
    pub tls_port: u16,
    /// The certificate of the authority that a client has to trust.
    pub ca: PathBuf,
    script: PathBuf,
    settings: Settings,
    folder: Option<TempDir>,
}

pub(crate) type Settings = Vec<(&'static str, OsString)>;

impl Server {
    /// Starts `script` with its `settings`, in a folder and on ports of its own.
    pub(crate) fn start(script: &str, settings: Settings) -> Self {
        let base = std::env::var_os("IMAPMIG_TEST_DATA").unwrap_or_else(|| "/tmp".into());
        Self::start_in(Path::new(&base), script, settings)
    }

    /// The same, with the folder below `base`.
    pub(crate) fn start_in(base: &Path, script: &str, settings: Settings) -> Self {
        let folder =
            tempfile::Builder::new().prefix("imapmig-").tempdir_in(base).expect("a folder for the server");
        let mut server = Self {
            host: "127.0.0.1",
            port: 0,
            tls_port: 0,
            ca: PathBuf::new(),
            script: scripts().join(format!("{script}.sh")),
            settings,
            folder: Some(folder),
        };
        // Another program may take a port between its choice and its use.
        let mut failure = String::new();
        for _ in 0..3 {
            match server.run("start", &[]) {
                Ok(line) => {
                    server.note(&line);
                    return server;
                }
                Err(text) => failure = text,
            }
        }
        panic!("{script} does not start: {failure}");
    }

    /// The folder with the server's configuration, logs and mail.
    pub fn folder(&self) -> &Path {
        self.folder.as_ref().expect("only drop takes the folder").path()
    }

    /// The server's first process, under which its others run; nothing once it has ended.
    pub fn process(&self) -> Option<u32> {
        std::fs::read_to_string(self.folder().join("pid")).ok()?.trim().parse().ok()
    }

    /// Ends the server; its mail and its ports are kept for [`Server::start_again`].
    pub fn stop(&self) {
        if let Err(text) = self.run("stop", &[]) {
            panic!("{} does not stop: {text}", self.script.display());
        }
    }

    /// Starts the server again, on the same ports and with the same mail.
    pub fn start_again(&self) {
        let ports =
            [("IMAP_PORT", self.port.to_string().into()), ("IMAPS_PORT", self.tls_port.to_string().into())];
        if let Err(text) = self.run("start", &ports) {
            panic!("{} does not start again: {text}", self.script.display());
        }
    }

    /// A connection that is not signed in.
    ///
    /// # Panics
    ///
    /// If the server does not answer.
    pub fn connect(&self) -> Client {
        Client::connect(self.port).unwrap_or_else(|error| panic!("no connection to the server: {error}"))
    }

    /// A connection signed in with LOGIN.
    pub fn login(&self, user: &str, password: &str) -> Result<Client, ClientError> {
        let mut client = self.connect();
        client.login(user, password)?;
        Ok(client)
    }

    fn note(&mut self, line: &str) {
        let port =
            |key| value(line, key).and_then(|at| at.rsplit(':').next()).and_then(|port| port.parse().ok());
        self.port = port("imap").unwrap_or_else(|| panic!("no port in {line:?}"));
        self.tls_port = port("imaps").unwrap_or_else(|| panic!("no TLS port in {line:?}"));
        self.ca = value(line, "ca").unwrap_or_else(|| panic!("no authority in {line:?}")).into();
    }

    fn run(&self, verb: &str, more: &[(&'static str, OsString)]) -> Result<String, String> {
        let Output { status, stdout, stderr } = Command::new(&self.script)
            .arg(verb)
            .envs(self.settings.iter().chain(more).map(|(name, value)| (name, value)))
            .env("SERVER_DATA", self.folder())
            .env("OWNER", std::process::id().to_string())
            .output()
            .map_err(|error| error.to_string())?;
        if status.success() {
            Ok(String::from_utf8_lossy(&stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&stderr).into_owned())
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let stopped = self.run("stop", &[]);
        let folder = self.folder.take();
        if std::env::var_os("IMAPMIG_TEST_KEEP").is_some() {
            let kept = folder.map(TempDir::keep).unwrap_or_default();
            let _ = writeln!(std::io::stderr(), "kept: {}", kept.display());
        }
        if let Err(text) = stopped
            && !std::thread::panicking()
        {
            panic!("{} does not stop: {text}", self.script.display());
        }
    }
}

/// The value of `key=value` among the words of a script's answer.
fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.split_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
}
