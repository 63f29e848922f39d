//! Courier with its shared folders, Cyrus with its namespaces and proxy sign-in, and servers with other manners:
//! GreenMail, mox and the memory server of go-imap.

use std::ffi::OsString;

use crate::server::Settings;
use crate::{Certificate, Server};

/// Courier: a source whose administrator sees everybody's folders below a shared namespace.
#[derive(Debug)]
pub struct Courier;

/// Cyrus: a source whose administrator signs in with an authorization identity.
#[derive(Debug)]
pub struct Cyrus;

/// A server that others wrote and that no package has; each behaves in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Other {
    /// GreenMail, in Java and in memory: the size of a message is that of its body, dates lose half a day.
    GreenMail,
    /// mox: IMAP4rev2, adds keywords of its own, refuses escaped names.
    Mox,
    /// go-imap's memory server: IMAP4rev2 with LITERAL-, loses what it cannot parse.
    MemoryServer,
}

impl Other {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::GreenMail, Self::Mox, Self::MemoryServer];

    /// The name for [`crate::require!`], which is also that of its script.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GreenMail => "greenmail",
            Self::Mox => "mox",
            Self::MemoryServer => "imapmemserver",
        }
    }

    /// Its one account, empty at the start: name and password.
    pub const fn account(self) -> (&'static str, &'static str) {
        match self {
            Self::GreenMail => ("terry.adams", "1091990"),
            Self::Mox => ("mox@localhost", "moxmoxmox"),
            Self::MemoryServer => ("user", "user"),
        }
    }

    /// Starts it. Panics with the server's words if that fails.
    pub fn start(self) -> Server {
        Server::start(self.name(), Settings::new())
    }
}

/// A Courier or Cyrus about to be started.
#[derive(Clone, Debug)]
pub struct Builder {
    script: &'static str,
    settings: Settings,
}

impl Courier {
    /// [`crate::PEOPLE`], whose folders [`crate::ADMIN`] sees; `.option("MUNGE", "1")` and others as in `courier.sh`.
    pub fn shared_folders() -> Builder {
        Builder { script: "courier", settings: Settings::new() }
    }

    /// The name on the wire, without MUNGE, of a user's INBOX as the administrator sees it: dots become spaces.
    pub fn shared_name(user: &str) -> String {
        format!("#shared.users.{}", user.replace('.', " "))
    }
}

impl Cyrus {
    /// [`crate::PEOPLE`] and `terry` (password 1091990), who has no dot in his name: without `unix_separator` Cyrus lists
    /// nothing for the others. With `alternative_namespace` folders lie beside INBOX, else below it.
    pub fn variant(alternative_namespace: bool, unix_separator: bool) -> Builder {
        let word = |yes| if yes { "yes" } else { "no" };
        Builder { script: "cyrus", settings: Settings::new() }
            .option("ALTNAMESPACE", word(alternative_namespace))
            .option("UNIXSEP", word(unix_separator))
    }
}

impl Builder {
    /// Starts it. Panics with the server's words if that fails.
    pub fn start(self) -> Server {
        Server::start(self.script, self.settings)
    }

    /// Sets an option of the server's script.
    pub fn option(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.settings.push((name, value.into()));
        self
    }

    /// The certificate it shows.
    pub fn certificate(self, certificate: Certificate) -> Self {
        self.option("CERT", certificate.name())
    }
}
