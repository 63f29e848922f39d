//! Courier with its shared folders, and Cyrus with its namespaces and proxy sign-in.

use std::ffi::OsString;

use crate::server::Settings;
use crate::{Certificate, Server};

/// Courier: a source whose administrator sees everybody's folders below a shared namespace.
#[derive(Debug)]
pub struct Courier;

/// Cyrus: a source whose administrator signs in with an authorization identity.
#[derive(Debug)]
pub struct Cyrus;

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
