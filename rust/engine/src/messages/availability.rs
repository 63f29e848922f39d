//! Why a server cannot be used, as Exchange says it: a sentence, and a chain of named causes below it.

use super::common::sentence;
use super::failures::{plain, told, what};
use super::terms::Term;
use imapmig_core::endpoint::{EndpointSettings, Security};
use imapmig_core::failure::{Failure, FailureKind};

/// Stands between a failure and its cause.
const BELOW: &str = "\n ---> ";

/// Why a server cannot be used, for `Message` and `ErrorDetail`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Explanation {
    /// One or two sentences.
    pub(crate) message: String,
    /// The chain of causes, one `Name: sentence` a line.
    pub(crate) detail: String,
}

/// Explains a failure in Exchange's words.
pub(crate) fn explain(settings: &EndpointSettings, failure: &Failure) -> Explanation {
    let host = &settings.remote_server;
    let failed = format!("The connection to the server '{host}' could not be completed.");
    let cause = told(failure);
    let unreachable = "RemoteNetworkErrorTransientException: We were unable to reach your email provider. Please check your server settings, or try again later.".to_owned();
    let top = format!("MigrationServerConnectionFailedException: {failed}");
    let (message, chain) = match failure.kind {
        FailureKind::TimedOut => {
            let timed_out = sentence(&what(failure));
            let mut chain =
                vec![format!("MigrationServerConnectionTimeoutException: {timed_out}"), unreachable];
            let Some(hint) = silent_hint(settings) else {
                return Explanation { message: timed_out, detail: chain.join(BELOW) };
            };
            chain.push(format!("ImapConnectionException: {hint}"));
            (format!("{timed_out} {hint}"), chain)
        }
        FailureKind::Unreachable => {
            let cause = sentence(&plain(failure));
            (sentence(&what(failure)), vec![top, unreachable, format!("SocketException: {cause}")])
        }
        FailureKind::Tls | FailureKind::Certificate | FailureKind::StartTlsMissing => (
            format!("{failed} {}", sentence(&what(failure))),
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
            (sentence(&what(failure)), vec![top, format!("ImapAuthenticationException: {cause}")])
        }
        _ => (
            format!("{failed} {}", sentence(&what(failure))),
            vec![top, format!("ImapConnectionException: {cause}")],
        ),
    };
    Explanation { message, detail: chain.join(BELOW) }
}

/// A server that waits for a TLS hello says nothing at all to a client that waits for its greeting.
fn silent_hint(settings: &EndpointSettings) -> Option<String> {
    (settings.security != Security::Ssl).then(|| {
        format!(
            "Nothing was heard on port {}. If the server speaks TLS there from the first byte, use {} Ssl.",
            settings.port,
            Term::Security
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use imapmig_core::failure::{Case, Conduct, Connecting, Scope, SignIn};

    fn explained(kind: FailureKind, case: impl Into<Case>) -> Explanation {
        let settings = EndpointSettings {
            remote_server: "imap.contoso.com".to_owned(),
            port: 143,
            security: Security::None,
            ..EndpointSettings::default()
        };
        explain(&settings, &Failure::new(Scope::User, kind, case))
    }

    #[test]
    fn the_chain_of_causes_has_exchanges_names() {
        let detail = explained(FailureKind::Unreachable, Conduct::Closed).detail;

        let lines: Vec<_> =
            detail.split("\n ---> ").map(|line| line.split(':').next().unwrap_or("")).collect();
        assert_eq!(
            lines,
            [
                "MigrationServerConnectionFailedException",
                "RemoteNetworkErrorTransientException",
                "SocketException"
            ]
        );
    }

    #[test]
    fn a_failed_tls_negotiation_is_in_the_chain() {
        let explanation = explained(FailureKind::Tls, Conduct::Closed);

        assert!(explanation.detail.contains("SslStreamFailureException: TLS negotiation failed."));
        assert_eq!(
            explanation.message,
            "The connection to the server 'imap.contoso.com' could not be completed. The server closed the connection."
        );
    }

    #[test]
    fn a_refused_login_is_the_message_itself() {
        let refused = SignIn::Refused { host: "imap.contoso.com".to_owned() };

        let message = explained(FailureKind::LoginRefused, refused).message;

        assert!(message.starts_with("We had trouble signing in to this account."), "{message}");
    }

    #[test]
    fn a_silent_server_may_be_waiting_for_a_tls_hello() {
        let timed_out = Connecting::TimedOut { host: "imap.contoso.com".to_owned(), seconds: 15 };
        let Explanation { message, detail } = explained(FailureKind::TimedOut, timed_out);

        assert!(detail.contains("ImapConnectionException: Nothing was heard on port 143"), "{detail}");
        assert!(message.contains(" timed out after 00:00:15. Nothing was heard on port 143."), "{message}");
        assert!(message.ends_with(&format!("use {} Ssl.", Term::Security)), "{message}");
    }
}
