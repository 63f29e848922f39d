//! IMAP as a source and as a target.
//!
//! [`connect`] returns a signed-in [`session::Session`]: [`dial`] connects, [`tls`] encrypts, [`login`] signs in, and
//! [`capability`] holds what the server offers. [`folders`] and [`userroot`] read the hierarchy, [`oauth`] obtains tokens, and
//! [`answers`] classifies refusals.

#![forbid(unsafe_code)]

mod along;
pub mod answers;
mod append;
pub mod authzid_check;
pub mod availability;
mod bulk;
pub mod capability;
pub mod command;
pub mod connectors;
mod create;
mod dial;
mod expunge;
mod fetch;
mod flag_stores;
pub mod folders;
pub mod greeting;
mod hidden;
mod listing;
mod literal_trial;
pub mod literals;
pub mod login;
mod made_names;
pub mod oauth;
mod optional;
mod pipeline;
mod pipelining;
mod prepare;
mod profile;
mod quota;
mod scan;
mod select;
pub mod session;
pub mod source;
mod statuses;
mod stream;
pub mod target;
mod tls;
mod tls_facts;
pub mod transport;
mod trust;
pub mod userroot;
pub mod waits;
mod wire;

use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::Security;
use imapmig_core::failure::Failure;
use imapmig_core::secret::Secret;
use session::Session;
use std::sync::Arc;

/// A server and how it is reached.
#[derive(Clone, Debug)]
pub struct ImapServer {
    /// Its host name or address; certificates are checked against it.
    pub host: String,
    /// Its TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Accepts any certificate.
    pub accept_untrusted_certificates: bool,
    /// Certificates of authorities that are trusted beside the system's, as PEM.
    pub extra_ca_pem: Option<Arc<Vec<u8>>>,
}

/// A source of access tokens.
pub trait Tokens: Send + Sync {
    /// Returns a token that is valid for some minutes at least.
    ///
    /// # Errors
    /// `Token` with the remedy; `Unreachable` or `TimedOut` when the authority cannot be asked.
    fn token(&self, cancel: &Cancel) -> Result<Secret, Failure>;

    /// Discards this token because a server refused it, so that the next one is new.
    fn invalidate(&self, token: &Secret);
}

/// Who signs in.
#[derive(Clone)]
pub enum Login {
    /// LOGIN, or AUTHENTICATE PLAIN where LOGIN is disabled. The name is sent verbatim.
    Password {
        /// The login name.
        user_name: String,
        /// The password.
        password: Secret,
    },
    /// AUTHENTICATE PLAIN, to work on one account's mail with another account's password.
    Plain {
        /// Whose mail (the authorization identity).
        authorization: String,
        /// Who signs in (the authentication identity).
        authentication: String,
        /// The password of the authentication identity.
        password: Secret,
    },
    /// AUTHENTICATE XOAUTH2.
    OAuth {
        /// Whose mail.
        user_name: String,
        /// Where tokens come from.
        tokens: Arc<dyn Tokens>,
    },
}

impl Login {
    /// Returns the name of the account that is opened.
    #[must_use]
    pub fn user_name(&self) -> &str {
        match self {
            Self::Password { user_name, .. } | Self::OAuth { user_name, .. } => user_name,
            Self::Plain { authorization, .. } => authorization,
        }
    }

    /// Describes who signs in and how, without a secret.
    pub(crate) fn described(&self) -> String {
        match self {
            Self::Password { user_name, .. } => format!("as {user_name} with a password"),
            Self::Plain { authorization, authentication, .. } => {
                format!("as {authentication} with a password, for the mailbox of {authorization}")
            }
            Self::OAuth { user_name, .. } => format!("with a token, for the mailbox of {user_name}"),
        }
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("user_name", &self.user_name()).finish_non_exhaustive()
    }
}

/// Connects and signs in.
///
/// # Errors
/// Scope `User`: the server cannot be reached or trusted, or refuses the account.
pub fn connect(server: &ImapServer, login: &Login, cancel: &Cancel) -> Result<Session, Failure> {
    let (mut session, preauthenticated) = signed_in(server, login, cancel)?;
    if !preauthenticated {
        login::introduce(&mut session)?;
        login::enable_utf8(&mut session)?;
    }
    Ok(session)
}

/// Connects and signs in, without the commands that a session can do without. Returns whether the greeting signed in.
fn signed_in(server: &ImapServer, login: &Login, cancel: &Cancel) -> Result<(Session, bool), Failure> {
    let hidden = hidden::login(login);
    let (mut session, preauthenticated) = greeting::open(server, cancel)?;
    session.secrets.extend(hidden);
    session.account = format!("{}:{} {}", server.host, server.port, login.user_name());
    if preauthenticated {
        session.ask_capabilities()?;
    } else {
        login::sign_in(&mut session, login)?;
    }
    Ok((session, preauthenticated))
}
