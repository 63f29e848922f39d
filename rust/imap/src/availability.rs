//! Tests a server: reaches it, checks its certificate, talks to it, and signs in where a login is given.
//!
//! Says what went wrong as Exchange does: a sentence, and a chain of named causes below it.

use crate::answers::classify;
use crate::command::Command;
use crate::{ImapServer, Login, connect, greeting};
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::Security;
use imapmig_core::failure::{Failure, FailureKind, Scope};

/// Why a server cannot be used, for `Message` and `ErrorDetail`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// One or two sentences.
    pub message: String,
    /// The chain of causes, one `Name: sentence` a line.
    pub detail: String,
}

/// Tests a server; with a login, that its INBOX can be opened too.
///
/// # Errors
/// As [`connect`].
pub fn test(server: &ImapServer, login: Option<&Login>, cancel: &Cancel) -> Result<(), Failure> {
    let session = match login {
        Some(login) => {
            let mut session = connect(server, login, cancel)?;
            // Exchange accepts a token for a mailbox that it then refuses to open.
            let reply = session.run(&Command::new("EXAMINE INBOX"))?;
            if !reply.status.is_ok() {
                return Err(classify(&reply.status, "open the INBOX", session.host(), Scope::User));
            }
            session
        }
        None => greeting::open(server, cancel)?.0,
    };
    session.leave();
    Ok(())
}

/// Puts a failure into Exchange's words.
#[must_use]
pub fn explain(server: &ImapServer, failure: &Failure) -> Explanation {
    let host = &server.host;
    let sentence = format!("The connection to the server '{host}' could not be completed.");
    let cause = sentence_of(&failure.to_string());
    let unreachable = "RemoteNetworkErrorTransientException: We were unable to reach your email provider. Please check your server settings, or try again later.".to_owned();
    let top = format!("MigrationServerConnectionFailedException: {sentence}");
    let (message, chain) = match failure.kind {
        FailureKind::TimedOut => {
            let mut chain =
                vec![format!("MigrationServerConnectionTimeoutException: {}", failure.message), unreachable];
            chain.extend(silent_hint(server));
            (failure.message.clone(), chain)
        }
        FailureKind::Unreachable => {
            (failure.message.clone(), vec![top, unreachable, format!("SocketException: {cause}")])
        }
        FailureKind::Tls | FailureKind::Certificate | FailureKind::StartTlsMissing => (
            format!("{sentence} {}", sentence_of(&failure.message)),
            vec![
                top,
                unreachable,
                "SslStreamFailureException: TLS negotiation failed.".to_owned(),
                format!("AuthenticationException: {cause}"),
            ],
        ),
        FailureKind::LoginRefused
        | FailureKind::PermissionDenied
        | FailureKind::SameMailbox
        | FailureKind::Token => {
            (sentence_of(&failure.message), vec![top, format!("ImapAuthenticationException: {cause}")])
        }
        _ => (
            format!("{sentence} {}", sentence_of(&failure.message)),
            vec![top, format!("ImapConnectionException: {cause}")],
        ),
    };
    Explanation { message, detail: chain.join("\n ---> ") }
}

/// A server that waits for a TLS hello says nothing at all to a client that waits for its greeting.
fn silent_hint(server: &ImapServer) -> Option<String> {
    (server.security != Security::Ssl).then(|| {
        format!(
            "ImapConnectionException: Nothing was heard on port {}. If the server speaks TLS there from the first byte, use Security Ssl.",
            server.port
        )
    })
}

/// A message with a capital letter and a full stop.
fn sentence_of(text: &str) -> String {
    let mut characters = text.chars();
    let begin: String = characters.next().map(char::to_uppercase).into_iter().flatten().collect();
    let stop = if text.ends_with('.') { "" } else { "." };
    format!("{begin}{}{stop}", characters.as_str())
}
