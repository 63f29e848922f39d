//! What can go wrong while mail moves, with its scope, whether a retry can help, and what the server said.
//!
//! Adapters build a [`Failure`] at the place where they know most; the engine decides by `scope` and `retry` alone
//! and never by reading texts.

mod case;

pub use case::Case;

use crate::secret::hide;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// How much has to be given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// This message only; it becomes a skipped item.
    Message,
    /// This mailbox only; the user's other mailboxes go on.
    Mailbox,
    /// This user; the batch's other users go on.
    User,
    /// Every user of the batch.
    Batch,
}

/// Whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Not before an administrator changed something.
    Never,
    /// On a new connection, with growing pauses between tries.
    Reconnect,
    /// After the time the server stated; shared by all connections to that account or server.
    After(Duration),
}

/// What kind of failure it is. Named in reports, and mapped to PowerShell's error categories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FailureKind {
    /// The host name is unknown, or nothing accepts connections there.
    Unreachable,
    /// No answer within the time allowed.
    TimedOut,
    /// TLS could not be agreed on (a plain port, an old version).
    Tls,
    /// The certificate is not trusted, expired, or for another host.
    Certificate,
    /// STARTTLS was required and is not offered.
    StartTlsMissing,
    /// User name or password (or token) refused.
    LoginRefused,
    /// Signed in, but this mailbox may not be opened.
    PermissionDenied,
    /// Too many connections.
    ConnectionLimit,
    /// The server asked to slow down.
    Throttled,
    /// The target mailbox is full.
    QuotaExceeded,
    /// The message is larger than the target takes.
    TooLarge,
    /// The server refused the command for a reason of its own.
    Refused,
    /// The mailbox, folder or UserRoot does not exist.
    NotFound,
    /// The server said something that is not IMAP.
    Protocol,
    /// The server sends without end or nothing of use, or ends every connection at the same place.
    Broken,
    /// The connection ended.
    Disconnected,
    /// The token could not be obtained (wrong tenant, expired secret, missing grant).
    Token,
    /// The local disk is full.
    DiskFull,
    /// The local file system refused.
    Local,
    /// The state database is locked or damaged.
    State,
    /// Two rows open the same mailbox at the source.
    SameMailbox,
}

impl FailureKind {
    /// Whether a failure of this kind passes by itself. What knows better says so with [`Failure::retry`].
    #[must_use]
    pub const fn retry(self) -> Retry {
        match self {
            Self::Unreachable
            | Self::TimedOut
            | Self::ConnectionLimit
            | Self::Throttled
            | Self::Protocol
            | Self::Broken
            | Self::Disconnected => Retry::Reconnect,
            Self::Tls
            | Self::Certificate
            | Self::StartTlsMissing
            | Self::LoginRefused
            | Self::PermissionDenied
            | Self::QuotaExceeded
            | Self::TooLarge
            | Self::Refused
            | Self::NotFound
            | Self::Token
            | Self::DiskFull
            | Self::Local
            | Self::State
            | Self::SameMailbox => Retry::Never,
        }
    }
}

/// One of the two ends of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Side {
    /// Where mail is read.
    Source,
    /// Where mail is written.
    Target,
}

/// Where a failure happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// At which end.
    pub side: Side,
    /// The server's host and port.
    pub server: Option<String>,
    /// The login that was used there.
    pub login: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.side {
            Side::Source => "source",
            Side::Target => "target",
        })?;
        if let Some(server) = &self.server {
            write!(f, " {server}")?;
        }
        match &self.login {
            Some(login) => write!(f, ", as {}", printable(login.clone())),
            None => Ok(()),
        }
    }
}

/// One failure, or the end of work that was asked to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// How much has to be given up.
    pub scope: Scope,
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// Whether trying again can help.
    pub retry: Retry,
    /// What happened and where, for the administrator. No secrets, and no commands: these are the engine's to name.
    pub message: String,
    /// What the engine has words of its own for.
    pub case: Option<Case>,
    /// Nothing has failed: the work was asked to stop, and gave up its connections.
    pub cancelled: bool,
    /// The server's own words, if any.
    pub server_text: Option<String>,
    /// Where it happened, once that is known.
    pub place: Option<Box<Place>>,
}

impl Failure {
    /// A failure without words of a server. Whether a retry can help follows from its kind.
    #[must_use]
    pub fn new(scope: Scope, kind: FailureKind, message: impl Into<String>) -> Self {
        let message = printable(message.into());
        Self {
            scope,
            kind,
            retry: kind.retry(),
            message,
            case: None,
            cancelled: false,
            server_text: None,
            place: None,
        }
    }

    /// The end of work that was asked to stop. No retry follows.
    #[must_use]
    pub fn cancelled() -> Self {
        let stopped = Self::new(Scope::User, FailureKind::Disconnected, "the work was stopped");
        Self { cancelled: true, retry: Retry::Never, ..stopped }
    }

    /// The failure of work that needs a thread of its own and gets none.
    #[must_use]
    pub fn no_thread(error: &std::io::Error) -> Self {
        Self::new(Scope::User, FailureKind::Local, format!("no thread can be started: {error}"))
            .retry(Retry::Reconnect)
    }

    /// The same failure with another judgement on retrying.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// The same failure as one that the engine has words of its own for.
    #[must_use]
    pub fn case(mut self, case: Case) -> Self {
        self.case = Some(case);
        self
    }

    /// The same failure with what the server said.
    #[must_use]
    pub fn said(mut self, text: impl Into<String>) -> Self {
        self.server_text = Some(printable(hide(text.into())));
        self
    }

    /// The same failure with the place where it happened, unless a more exact one is known.
    #[must_use]
    pub fn at(mut self, place: &Place) -> Self {
        self.place.get_or_insert_with(|| Box::new(place.clone()));
        self
    }

    /// The same failure with another scope.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }
}

/// A text on one line and without what would move a terminal's cursor or change its colours: servers' answers, names of folders.
#[must_use]
pub fn printable(text: String) -> String {
    if !text.chars().any(char::is_control) {
        return text;
    }
    let shown = |c: char| match c {
        '\t' => " ".to_owned(),
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    };
    text.chars().map(shown).collect()
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.server_text {
            Some(text) => {
                let stop = if self.message.ends_with('.') { "" } else { "." };
                write!(f, "{stop} The server said: {text}")
            }
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::{Failure, FailureKind, Scope};

    #[test]
    fn what_a_failure_tells_cannot_drive_a_terminal() {
        let folder = "Ann\u{1b}[2J";

        let failure =
            Failure::new(Scope::Mailbox, FailureKind::Refused, format!("the folder \"{folder}\" is refused"))
                .said("NO\t\u{9b}31m\0");

        assert_eq!(
            failure.to_string(),
            "the folder \"Ann\\u{1b}[2J\" is refused. The server said: NO \\u{9b}31m\\u{0}"
        );
    }
}
