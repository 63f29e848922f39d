//! What can go wrong while mail moves, with its scope, whether a retry can help, and what the server said.
//!
//! Adapters build a [`Failure`] at the place where they know most, from data: the [`Case`] names what happened and who is involved. The
//! engine decides by `scope` and `retry` alone, never by reading texts, and makes the sentence.

mod connecting;
mod disk;
mod server;
mod sign_in;
mod token;
mod work;

pub use connecting::{CertificateFault, Connecting, NotConnected, TlsRefusal};
pub use disk::{BadName, Disk, DiskError, Doing};
pub use server::{Action, Conduct, GivenUp, Misuse};
pub use sign_in::{SignIn, Unsendable};
pub use token::{BadCertificate, PfxFault, Token};
pub use work::{Row, Work};

use crate::ports::store::StoreError;
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

/// What happened, as data: one enum for each place where failures arise. Variants name what is involved (hosts, folders, paths, the
/// system's own error texts) and hold no sentences: the engine makes those (`engine/src/messages/happened/`), and adds Exchange's
/// wording and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Case {
    /// No usable connection to a server came about.
    Connecting(Connecting),
    /// A server refused, ended the connection, or broke the protocol.
    Server {
        /// The server's host name, where it is known.
        host: Option<String>,
        /// What the server did.
        conduct: Conduct,
    },
    /// A user or administrator could not sign in, or opened the wrong mailbox.
    SignIn(SignIn),
    /// No access token could be obtained.
    Token(Token),
    /// A local directory or file could not be used.
    Disk(Disk),
    /// The engine itself found the failure.
    Work(Work),
    /// A call of the state database failed.
    Store(StoreError),
}

macro_rules! cases {
    ($($group:ident = $of:ty;)*) => {
        $(impl From<$of> for Case {
            fn from(case: $of) -> Self {
                Self::$group(case)
            }
        })*
    };
}

cases! {
    Connecting = Connecting;
    SignIn = SignIn;
    Token = Token;
    Disk = Disk;
    Work = Work;
    Store = StoreError;
}

impl From<Conduct> for Case {
    fn from(conduct: Conduct) -> Self {
        Self::Server { host: None, conduct }
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
    /// What happened, and who is involved. Holds no secrets.
    pub case: Box<Case>,
    /// The server's own words, if any.
    pub server_text: Option<String>,
    /// Where it happened, once that is known.
    pub place: Option<Box<Place>>,
}

impl Failure {
    /// A failure without words of a server. Whether a retry can help follows from its kind.
    #[must_use]
    pub fn new(scope: Scope, kind: FailureKind, case: impl Into<Case>) -> Self {
        Self { scope, kind, retry: kind.retry(), case: Box::new(case.into()), server_text: None, place: None }
    }

    /// The end of work that was asked to stop. No retry follows.
    #[must_use]
    pub fn cancelled() -> Self {
        Self::new(Scope::User, FailureKind::Disconnected, Work::Stopped).retry(Retry::Never)
    }

    /// Returns `true` if nothing has failed: the work was asked to stop, and gave up its connections.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(*self.case, Case::Work(Work::Stopped))
    }

    /// The failure of work that needs a thread of its own and gets none.
    #[must_use]
    pub fn no_thread(error: &std::io::Error) -> Self {
        Self::new(Scope::User, FailureKind::Local, Work::NoThread(error.to_string())).retry(Retry::Reconnect)
    }

    /// The same failure with another judgement on retrying.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// The same failure as another kind of it, which says more. Whether a retry can help is judged as before.
    #[must_use]
    pub fn known_as(mut self, kind: FailureKind, case: impl Into<Case>) -> Self {
        self.kind = kind;
        self.case = Box::new(case.into());
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

/// For logs and tests: the data as they are. Users read the engine's sentence.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {:?}", self.kind, self.case)?;
        match &self.server_text {
            Some(text) => write!(f, ". The server said: {text}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::{Action, Conduct, Failure, FailureKind, Scope};

    #[test]
    fn a_failure_in_a_log_cannot_drive_a_terminal() {
        let refused = Conduct::Refused(Action::OpenFolder("Ann\u{1b}[2J".to_owned()));

        let failure = Failure::new(Scope::Mailbox, FailureKind::Refused, refused).said("NO\t\u{9b}31m\0");

        let text = failure.to_string();
        assert!(text.contains("Ann\\u{1b}[2J") && text.ends_with("NO \\u{9b}31m\\u{0}"), "{text}");
    }
}
