//! What is said about failures: Exchange's exception names, PowerShell's categories, and the sentence with the remedy.

use super::common::sentence;
use super::happened;
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_core::failure::{Failure, FailureKind, Retry};

/// The error of a call that a failure ended.
pub(crate) fn api_error(failure: &Failure) -> ApiError {
    if failure.is_cancelled() {
        return super::common::stopped();
    }
    let error = ApiError::new(exception(failure.kind), category(failure.kind), told(failure));
    if failure.retry == Retry::Never { error } else { error.retryable() }
}

/// PowerShell's category for a kind of failure.
pub(crate) const fn category(kind: FailureKind) -> ErrorCategory {
    match kind {
        FailureKind::Unreachable
        | FailureKind::Tls
        | FailureKind::Certificate
        | FailureKind::StartTlsMissing
        | FailureKind::ConnectionLimit
        | FailureKind::Protocol
        | FailureKind::Broken
        | FailureKind::Disconnected => ErrorCategory::ConnectionError,
        FailureKind::TimedOut => ErrorCategory::OperationTimeout,
        FailureKind::LoginRefused | FailureKind::Token => ErrorCategory::AuthenticationError,
        FailureKind::PermissionDenied => ErrorCategory::PermissionDenied,
        FailureKind::Throttled | FailureKind::QuotaExceeded | FailureKind::TooLarge => {
            ErrorCategory::LimitsExceeded
        }
        FailureKind::Refused => ErrorCategory::InvalidOperation,
        FailureKind::NotFound => ErrorCategory::ObjectNotFound,
        FailureKind::DiskFull | FailureKind::Local => ErrorCategory::WriteError,
        FailureKind::State => ErrorCategory::ResourceBusy,
        FailureKind::SameMailbox => ErrorCategory::InvalidData,
    }
}

/// The exception's name for a kind of failure, Exchange's where it has one.
pub(crate) const fn exception(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Unreachable | FailureKind::Disconnected => "RemoteNetworkErrorTransientException",
        FailureKind::TimedOut => "MigrationServerConnectionTimeoutException",
        FailureKind::Tls => "SslStreamFailureException",
        FailureKind::Certificate => "CertificateValidationException",
        FailureKind::StartTlsMissing => "StartTlsNotOfferedException",
        FailureKind::LoginRefused => "AuthenticationErrorException",
        FailureKind::PermissionDenied => "MailboxPermissionException",
        FailureKind::ConnectionLimit => "TooManyConnectionsTransientException",
        FailureKind::Throttled => "ServerThrottledTransientException",
        FailureKind::QuotaExceeded => "QuotaExceededException",
        FailureKind::TooLarge => "MessageSizeLimitExceededException",
        FailureKind::Refused => "RemoteServerRefusedException",
        FailureKind::NotFound => "MailboxNotFoundException",
        FailureKind::Protocol | FailureKind::Broken => "ProtocolErrorException",
        FailureKind::Token => "AccessTokenException",
        FailureKind::DiskFull => "DiskFullException",
        FailureKind::Local => "LocalStoreException",
        FailureKind::State => "StateDatabaseException",
        FailureKind::SameMailbox => "UserDuplicateMailboxException",
    }
}

/// A failed user's `Error`, with the exception's name in front, and `ErrorSummary`, the bare sentence.
pub(crate) fn of_user(failure: &Failure) -> (String, String) {
    (format!("{}: {}", exception(failure.kind), told(failure)), summary(failure))
}

/// What happened and what can be done, as a sentence.
pub(crate) fn summary(failure: &Failure) -> String {
    sentence(&what(failure)) + &signed_in_at(failure)
}

/// The same, and what the server said about it.
pub(crate) fn told(failure: &Failure) -> String {
    summary(failure) + &happened::answer(failure)
}

/// The same for the middle of a sentence.
pub(crate) fn words(failure: &Failure) -> String {
    happened::with_answer(&what(failure), failure)
}

/// What happened, in neutral words and without the remedy, and what the server said about it.
pub(crate) fn plain(failure: &Failure) -> String {
    happened::plain(failure)
}

/// Which server refused which login: the message alone leaves open which of the two ends it was.
fn signed_in_at(failure: &Failure) -> String {
    let concerns_a_login = matches!(
        failure.kind,
        FailureKind::LoginRefused | FailureKind::PermissionDenied | FailureKind::Token
    );
    match &failure.place {
        Some(place) if concerns_a_login && place.server.is_some() => format!(" ({place})"),
        _ => String::new(),
    }
}

/// What happened, in Exchange's words where it has some, and what can be done.
pub(crate) fn what(failure: &Failure) -> String {
    happened::said(&failure.case).whole()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::terms::spoken;
    use imapmig_core::api::engine::Face;
    use imapmig_core::failure::{
        Action, Conduct, Connecting, NotConnected, Place, Scope, Side, SignIn, Token,
    };

    #[test]
    fn a_users_error_has_the_exception_in_front_and_the_servers_words_behind() {
        let case = Conduct::Refused(Action::ListFolders).of("x");
        let failure = Failure::new(Scope::User, FailureKind::Refused, case).said("NO no");

        let (error, summary) = of_user(&failure);

        assert_eq!(
            error,
            "RemoteServerRefusedException: The server x refused to list folders. The server said: NO no"
        );
        assert_eq!(summary, "The server x refused to list folders.");
    }

    #[test]
    fn a_refused_login_names_side_server_and_login_and_a_later_place_does_not_replace_it() {
        let place = Place {
            side: Side::Target,
            server: Some("imap.fabrikam.com:993".to_owned()),
            login: Some("annb@contoso.edu".to_owned()),
        };
        let failure = Failure::new(Scope::User, FailureKind::LoginRefused, SignIn::MailboxNotPermitted)
            .said("NO no")
            .at(&place)
            .at(&Place { side: Side::Source, server: None, login: None });

        let (error, summary) = of_user(&failure);

        let named =
            format!("{} (target imap.fabrikam.com:993, as annb@contoso.edu)", sentence(&what(&failure)));
        assert_eq!(summary, named);
        assert_eq!(error, format!("AuthenticationErrorException: {named} The server said: NO no"));
    }

    #[test]
    fn what_can_be_done_is_said_in_the_words_of_each_face() {
        let expired = Token::ClientSecretExpired("app".to_owned());
        let text = told(&Failure::new(Scope::Batch, FailureKind::Token, expired));

        let happened = "No access token: the client secret of the application \"app\" has expired";
        assert_eq!(
            spoken(&text, Face::PowerShell),
            format!("{happened}; make a new one and set it with Set-MigrationEndpoint -ClientSecret.")
        );
        assert_eq!(
            spoken(&text, Face::CommandLine),
            format!("{happened}; make a new one and set it with imapmig endpoint set --client-secret-file.")
        );
    }

    #[test]
    fn a_refused_token_names_the_grants_that_may_be_missing() {
        let refused = SignIn::TokenRefused { host: "x".to_owned(), user_name: "ann@contoso.edu".to_owned() };
        let failure = Failure::new(Scope::User, FailureKind::LoginRefused, refused);

        for words in
            ["IMAP.AccessAsApp", "admin consent", "New-ServicePrincipal", "-Identity ann@contoso.edu"]
        {
            assert!(told(&failure).contains(words), "{words}");
        }
    }

    #[test]
    fn exchanges_sentences_stand_as_exchange_writes_them() {
        let of = |case| what(&Failure::new(Scope::User, FailureKind::TimedOut, case));
        let host = || "x".to_owned();

        assert_eq!(
            of(Connecting::TimedOut { host: host(), seconds: 15 }),
            "The connection to the server `x` timed out after 00:00:15."
        );
        assert_eq!(
            of(Connecting::NotConnected {
                host: host(),
                why: NotConnected::NotReached(143, "no route".to_owned())
            }),
            "The connection to the server 'x' could not be completed. Port 143 could not be reached (no route)."
        );
    }

    #[test]
    fn a_name_cannot_drive_a_terminal_or_pass_for_a_term() {
        let folder = Action::OpenFolder("Ann\u{1b}[2J\u{e}SetBatch\u{f}".to_owned());
        let failure = Failure::new(Scope::Mailbox, FailureKind::Refused, Conduct::Refused(folder));

        assert_eq!(
            spoken(&told(&failure), Face::PowerShell),
            "The server refused to open the folder \"Ann\\u{1b}[2J\\u{e}SetBatch\\u{f}\"."
        );
    }
}
