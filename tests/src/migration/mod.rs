//! Drives the product as its users do: the program `imapmig`, with a state directory of its own.
//!
//! Knows the command line and its JSON, and nothing of what is behind them. The state directory and whatever worker is at
//! work in it go when the [`Migration`] does.

mod accounts;
mod answer;
mod batch;
mod kills;
mod reported;
mod rows;
mod slow;
mod statistics;
mod tenant;
mod tokens;
mod worker;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub use accounts::{EMAILS, account, assert_same, held, people, whole};
pub use answer::{Answer, Refusal};
pub use kills::{Chance, count, kill, kill_again_and_again, kill_at_full_speed, kills, until_read};
pub use reported::assert_same_but_reported;
pub use rows::Row;
pub use slow::SlowPath;
pub use statistics::{Item, Statistics};
pub use tenant::Tenant;
pub use tokens::{Credential, TokenRequest, TokenServer};
pub use worker::{Worker, peak_memory};

/// A state directory, and the program to use it with.
#[derive(Debug)]
pub struct Migration {
    home: PathBuf,
    desk: TempDir,
    environment: Vec<(&'static str, OsString)>,
}

impl Default for Migration {
    fn default() -> Self {
        Self::new()
    }
}

impl Migration {
    /// An empty state directory.
    ///
    /// # Panics
    ///
    /// If the program was not built, or no folder can be made.
    pub fn new() -> Self {
        let base = std::env::var_os("IMAPMIG_TEST_DATA").unwrap_or_else(|| "/tmp".into());
        let base = if Path::new(&base).is_dir() { PathBuf::from(base) } else { std::env::temp_dir() };
        let desk =
            tempfile::Builder::new().prefix("imapmig-run-").tempdir_in(base).expect("a folder to work in");
        assert!(program().is_file(), "{} is missing: cargo build -p imapmig-cli", program().display());
        Self { home: desk.path().join("home"), desk, environment: Vec::new() }
    }

    /// The same with its state directory at `home`, which the caller made: a small disk, for example.
    pub fn at(mut self, home: &Path) -> Self {
        self.home = home.to_owned();
        self
    }

    /// Certificates signed by these authorities (PEM) are trusted, as an administrator arranges it.
    pub fn trusting(self, authorities: &[&str]) -> Self {
        let made = private_folder(&self.home)
            .and_then(|()| std::fs::write(self.home.join("trusted-ca.pem"), authorities.join("\n")));
        made.expect("the folder is the test's own");
        self
    }

    /// The program and its worker see this variable.
    pub fn with_environment(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// The state directory.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Where the default target `Local` keeps mail, a folder for each EmailAddress.
    pub fn mailboxes(&self) -> PathBuf {
        self.home.join("mailboxes")
    }

    /// A file of the administrator's, outside the state directory.
    pub fn write_file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.desk.path().join(name);
        std::fs::write(&path, bytes).expect("the folder is the test's own");
        path
    }

    /// The program with this state directory; arguments are to be added.
    pub fn command(&self) -> Command {
        let mut command = Command::new(program());
        command
            .env("IMAPMIGRATION_HOME", &self.home)
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null());
        for proxy in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env_remove(proxy);
        }
        command
    }

    /// Runs a command and gives whatever it answered.
    pub fn run(&self, arguments: &[&str]) -> Answer {
        let output = self.command().args(arguments).output().expect("the program is there");
        Answer::of(arguments, output)
    }

    /// Runs a command with `input` at its standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Answer {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program is there");
        // A program that does not read its input is none of our concern.
        let _ = child.stdin.take().expect("it was asked for").write_all(input);
        Answer::of(arguments, child.wait_with_output().expect("it was started"))
    }

    /// Runs a command with `--json` and gives its reply.
    ///
    /// # Panics
    ///
    /// If the command fails.
    pub fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--json"]].concat()).reply()
    }

    /// Runs a command that must fail, and gives its error.
    ///
    /// # Panics
    ///
    /// If the command works.
    pub fn refused(&self, arguments: &[&str]) -> Refusal {
        self.run(&[arguments, &["--json"]].concat()).refusal()
    }

    /// Makes an IMAP endpoint without encryption on 127.0.0.1; `more` are further options.
    pub fn endpoint(&self, name: &str, port: u16, more: &[&str]) -> Value {
        let port = port.to_string();
        let plain = ["endpoint", "new", "--name", name, "--remote-server", "127.0.0.1", "--port", &port];
        self.json(&[&plain, ["--security", "None"].as_slice(), more].concat())
    }

    /// Makes an IMAP endpoint whose users are opened by `administrator`; without a login format by authorization identity.
    pub fn administered(
        &self,
        name: &str,
        port: u16,
        administrator: (&str, &str),
        format: Option<&str>,
    ) -> Value {
        let file = self.write_file(&format!("{name}.password"), administrator.1.as_bytes());
        let mut options = vec!["--administrator-user-name", administrator.0, "--administrator-password-file"];
        options.push(file.to_str().expect("our own names are UTF-8"));
        if let Some(format) = format {
            options.extend(["--login-format", format]);
        }
        self.endpoint(name, port, &options)
    }
}

impl Drop for Migration {
    fn drop(&mut self) {
        self.kill_workers();
        if std::thread::panicking() && std::env::var_os("IMAPMIG_TEST_KEEP").is_some() {
            self.desk.disable_cleanup(true);
            let _ = writeln!(std::io::stderr(), "kept: {}", self.desk.path().display());
        }
    }
}

#[cfg(unix)]
fn private_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;

    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn private_folder(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(path)
}

/// The program, as `cargo test` built it: beside the folder of the test's own executable.
pub fn program() -> PathBuf {
    let own = std::env::current_exe().expect("a test has an executable");
    let folder = own.ancestors().nth(2).map(Path::to_owned).unwrap_or_default();
    folder.join(format!("imapmig{}", std::env::consts::EXE_SUFFIX))
}
